//! The names that NS, MX and SRV records lead to.

use super::{Report, has, hostname};
use crate::data::embedded_names;
use crate::zone::Zone;
use crate::zone::records::Head;
use crate::{Name, NameBuffer, RecordType};
use alloc::format;
use alloc::vec::Vec;

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// Out of the zone, or delegated: another zone has to know.
    Elsewhere,
    /// A host.
    Address,
    /// An alias.
    Alias,
    /// Data, but no address.
    NoAddress,
    /// Nothing.
    Nothing,
}

/// Looks targets up, and remembers the last: many records have the same.
pub(super) struct Targets<'z> {
    zone: &'z Zone,
    last: Option<(NameBuffer, Found)>,
}

impl<'z> Targets<'z> {
    pub(super) const fn new(zone: &'z Zone) -> Self {
        Self { zone, last: None }
    }

    fn find(&mut self, target: Name<'_>) -> Found {
        if let Some((last, found)) = &self.last
            && last.as_name() == target
        {
            return *found;
        }
        let found = self.zone.find_target(target);
        self.last = Some((target.into(), found));
        found
    }
}

impl Zone {
    /// Every NS, MX and SRV record of a node that is served leads to a host, as far as this zone can tell.
    pub(super) fn check_targets(
        &self,
        node: &[Head],
        owner: Name<'_>,
        targets: &mut Targets<'_>,
        report: &mut Report,
    ) {
        for head in node {
            let record_type = head.record_type();
            if !matches!(record_type, RecordType::NS | RecordType::MX | RecordType::SRV) {
                continue;
            }
            let record = self.record(head);
            let Some(target) = embedded_names(record_type, record.data).next().map(|target| target.name)
            else {
                continue;
            };
            // "No service" (RFC 7505, RFC 2782).
            if target.is_root() && record_type != RecordType::NS {
                continue;
            }
            let mut warn = |message, help| report.warning(self.location(head), message, help);
            if hostname::is_like_address(target) {
                warn(
                    format!("{record_type} of {owner} leads to {target}, which looks like an address"),
                    "RFC 1035 §3.3: it takes a host's name",
                );
            } else if !hostname::is_hostname(target) {
                warn(
                    format!("{record_type} of {owner} leads to {target}, which is no host's name"),
                    "RFC 1123 §2.1: letters, digits and hyphens (check-names in BIND)",
                );
            }
            match targets.find(target) {
                Found::Elsewhere | Found::Address => {}
                Found::Alias => {
                    warn(
                        format!("{record_type} of {owner} leads to {target}, which is an alias"),
                        "RFC 2181 §10.3, RFC 2782: to a name with an address of its own",
                    );
                }
                Found::NoAddress => {
                    warn(
                        format!(
                            "{record_type} of {owner} leads to {target}, which has no A and no AAAA record"
                        ),
                        "RFC 2181 §10.3: the name of a host",
                    );
                }
                Found::Nothing => {
                    warn(
                        format!("{record_type} of {owner} leads to {target}, which does not exist"),
                        "RFC 2181 §10.3: the name of a host; a missing final dot?",
                    );
                }
            }
        }
    }

    fn find_target(&self, target: Name<'_>) -> Found {
        if !target.is_at_or_below(self.apex()) {
            return Found::Elsewhere;
        }
        // From the apex down, as a server goes.
        let below = target.label_count() - self.apex().label_count();
        let path: Vec<Name<'_>> =
            core::iter::successors(Some(target), |name| name.parent()).take(below + 1).collect();
        for (depth, name) in path.iter().rev().enumerate() {
            let node = self.node(*name);
            if depth > 0 && has(node, RecordType::NS) {
                return Found::Elsewhere;
            }
            if depth < below && has(node, RecordType::DNAME) {
                return Found::Alias;
            }
        }
        if self.exists(target) {
            return found_at(self.node(target));
        }
        // The wildcard below the closest encloser (RFC 4592 §3.3.1).
        let encloser = path.iter().skip(1).find(|name| self.exists(**name));
        let wildcard = encloser.and_then(|encloser| NameBuffer::join(b"\x01*", *encloser).ok());
        match wildcard.map(|wildcard| self.node(wildcard.as_name())) {
            None | Some([]) => Found::Nothing,
            Some(node) => found_at(node),
        }
    }
}

fn found_at(node: &[Head]) -> Found {
    if has(node, RecordType::A) || has(node, RecordType::AAAA) {
        Found::Address
    } else if has(node, RecordType::CNAME) {
        Found::Alias
    } else {
        Found::NoAddress
    }
}
