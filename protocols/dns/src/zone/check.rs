//! What is wrong with a zone as a whole, as named-checkzone tells it: errors, with which it is not served, and warnings.
//!
//! Three choices of ours. What is not in the zone is an error, where BIND warns and leaves it out: a final dot was forgotten,
//! and the operator should know before the server answers without the record. A delegation to a server of its own names without
//! glue is an error: it can't be followed. A server's name that has no address elsewhere in the zone is a warning, as NSD
//! serves it, too. Signatures and NSEC3 records are left alone.

mod delegation;
mod hostname;
mod node;
mod soa;
mod target;

use super::Zone;
use super::records::Head;
use crate::{Name, RecordType};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use configuration::{Diagnostic, Diagnostics, Location, Severity};

/// How many errors, and how many warnings, of a zone are reported.
pub const FINDINGS: usize = 100;

/// Beyond so many records of one type at a name, BIND refuses a zone by default (`max-records-per-type`).
pub const RECORDS_PER_TYPE: usize = 100;

/// Beyond so many types at a name, BIND refuses a zone by default (`max-types-per-name`).
pub const TYPES_PER_NAME: usize = 100;

impl Zone {
    /// Reports what is wrong with the zone, in the order of its text. It can be served if no error is among it.
    pub fn check(&self, diagnostics: &mut Diagnostics) {
        let mut report = Report::default();
        self.check_all(&mut report);
        report.hand_over(diagnostics);
    }

    fn check_all(&self, report: &mut Report) {
        for stranger in self.strangers() {
            report.add(
                Severity::Error,
                Some(stranger.location.clone()),
                stranger.message.clone(),
                stranger.help,
            );
        }
        self.check_apex(report);
        let mut targets = target::Targets::new(self);
        let mut above = Above::Nothing;
        for node in self.nodes() {
            let Some(first) = node.first() else { continue };
            let owner = self.owner(first);
            if above.is_left_by(owner) {
                above = Above::Nothing;
            }
            self.check_node(node, owner, report);
            match above {
                Above::Cut(cut) => self.check_occluded(node, cut, report),
                Above::Alias(alias) => self.check_below_alias(first, alias, report),
                Above::Nothing => {
                    self.check_delegation(node, owner, report);
                    self.check_targets(node, owner, &mut targets, report);
                    above = self.what_begins(node, owner);
                }
            }
        }
    }

    /// What is true of everything below `owner`.
    fn what_begins<'z>(&self, node: &[Head], owner: Name<'z>) -> Above<'z> {
        if has(node, RecordType::NS) && owner != self.apex() {
            Above::Cut(owner)
        } else if has(node, RecordType::DNAME) {
            Above::Alias(owner)
        } else {
            Above::Nothing
        }
    }
}

/// What is above the node that is looked at: in canonical order all that is below a name comes right behind it.
#[derive(Clone, Copy, Debug)]
enum Above<'z> {
    Nothing,
    /// A delegation.
    Cut(Name<'z>),
    /// A DNAME record.
    Alias(Name<'z>),
}

impl Above<'_> {
    fn is_left_by(&self, owner: Name<'_>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Cut(name) | Self::Alias(name) => !owner.is_at_or_below(*name),
        }
    }
}

/// Whether a node has records of a type.
fn has(node: &[Head], record_type: RecordType) -> bool {
    of_type(node, record_type).next().is_some()
}

/// A node's records of a type.
fn of_type(node: &[Head], record_type: RecordType) -> impl Iterator<Item = &Head> {
    node.iter().filter(move |head| head.record_type() == record_type)
}

/// What was found, within bounds; errors don't give way to warnings.
#[derive(Debug, Default)]
struct Report {
    found: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Report {
    fn error(&mut self, location: impl Into<Option<Location>>, message: impl Into<String>, help: &str) {
        self.add(Severity::Error, location.into(), message.into(), help);
    }

    fn warning(&mut self, location: impl Into<Option<Location>>, message: impl Into<String>, help: &str) {
        self.add(Severity::Warning, location.into(), message.into(), help);
    }

    fn add(&mut self, severity: Severity, location: Option<Location>, message: String, help: &str) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        let (location, message, help) = match count.checked_sub(FINDINGS) {
            Some(1) => {
                (None, format!("more than {FINDINGS} of the kind in this zone: the rest is not shown"), None)
            }
            Some(2..) => return,
            Some(0) | None => (location, message, Some(help.into())),
        };
        self.found.push(Diagnostic { severity, location, message, help });
    }

    /// What has no place comes last.
    fn hand_over(self, diagnostics: &mut Diagnostics) {
        let mut found = self.found;
        found.sort_by_key(|found| {
            let place = found.location.as_ref().map(|location| (location.source, location.span.start));
            (place.is_none(), place)
        });
        found.into_iter().for_each(|found| diagnostics.add(found));
    }
}

#[cfg(test)]
mod tests;
