//! Delegations, and what is below them and below aliases.

use super::{Report, has, of_type};
use crate::data::embedded_names;
use crate::zone::Zone;
use crate::zone::records::Head;
use crate::{Name, RecordType};
use alloc::format;

impl Zone {
    /// A delegation's servers can be found, and nothing is beside it that is never served.
    pub(super) fn check_delegation(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        let delegated = has(node, RecordType::NS) && owner != self.apex();
        if !delegated {
            return self.check_orphan(node, owner, report);
        }
        for server in of_type(node, RecordType::NS) {
            let record = self.record(server);
            let Some(target) = embedded_names(record.record_type, record.data).next() else { continue };
            if target.name.is_at_or_below(owner) && !self.has_address(target.name) {
                let message = format!("{owner} is delegated to {}, which has no glue", target.name);
                report.error(
                    self.location(server),
                    message,
                    "RFC 1034 §4.2.1: a server below its own delegation needs its address beside it",
                );
            }
        }
        for other in node.iter().filter(|head| !may_be_beside_cut(head.record_type())) {
            let message =
                format!("{owner} is delegated, so its {} record is never served", other.record_type());
            report.warning(self.location(other), message, "RFC 1034 §4.2.1: it belongs into the child zone");
        }
    }

    /// Records that only a parent has, at a name that is not delegated.
    fn check_orphan(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        if let Some(head) = of_type(node, RecordType::DS).next() {
            let message = format!("{owner} has a DS record and no NS records");
            report.warning(self.location(head), message, "RFC 4035 §2.4: DS records are at delegations");
        }
    }

    /// What is below a delegation is glue or is never served.
    pub(super) fn check_occluded(&self, node: &[Head], cut: Name<'_>, report: &mut Report) {
        for head in node.iter().filter(|head| !may_be_glue(head.record_type())) {
            let owner = self.owner(head);
            let message =
                format!("{owner} {} is below the delegation of {cut} and never served", head.record_type());
            report.warning(self.location(head), message, "RFC 1034 §4.2.1: it belongs into the child zone");
        }
    }

    pub(super) fn check_below_alias(&self, first: &Head, alias: Name<'_>, report: &mut Report) {
        let message = format!("{} is below {alias}, which has a DNAME record", self.owner(first));
        report.error(self.location(first), message, "RFC 6672 §2.4: no records may be below a DNAME's owner");
    }

    pub(super) fn has_address(&self, name: Name<'_>) -> bool {
        let node = self.node(name);
        has(node, RecordType::A) || has(node, RecordType::AAAA)
    }
}

const fn may_be_glue(record_type: RecordType) -> bool {
    matches!(
        record_type,
        RecordType::A | RecordType::AAAA | RecordType::RRSIG | RecordType::NSEC | RecordType::NSEC3
    )
}

/// What a parent has to say of a delegation; addresses if the delegated name is its own server.
const fn may_be_beside_cut(record_type: RecordType) -> bool {
    may_be_glue(record_type) || matches!(record_type, RecordType::NS | RecordType::DS | RecordType::DNAME)
}
