//! What may not, or should not, be together at one name.

use super::{RECORDS_PER_TYPE, Report, TYPES_PER_NAME, has, hostname, of_type};
use crate::zone::Zone;
use crate::zone::records::Head;
use crate::{Name, RecordType};
use alloc::format;
use alloc::vec::Vec;

impl Zone {
    pub(super) fn check_node(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        if let [only] = node
            && only.record_type() == RecordType::A
        {
            return self.check_owner(node, owner, report);
        }
        self.check_owner(node, owner, report);
        self.check_alias(node, owner, report);
        if owner != self.apex() {
            for soa in of_type(node, RecordType::SOA) {
                let message = format!("a SOA record at {owner}, which is not the zone's apex");
                report.error(self.location(soa), message, "RFC 1035 §5.2: exactly one, at the apex");
            }
        }
        for association in node.iter().filter(|head| is_association(head.record_type())) {
            self.check_association(association, report);
        }
        let mut types = 0;
        for set in node.chunk_by(|one, other| one.record_type() == other.record_type()) {
            self.check_set(set, owner, report);
            types += 1;
        }
        if let Some(first) = node.first().filter(|_| types > TYPES_PER_NAME) {
            let message = format!("{owner} has records of {types} types");
            report.warning(
                self.location(first),
                message,
                "BIND refuses more than 100 by default (`max-types-per-name`)",
            );
        }
    }

    /// A certificate's digest has the length that its matching type gives it (RFC 6698 §2.1.3).
    fn check_association(&self, head: &Head, report: &mut Report) {
        let record = self.record(head);
        let expected = match record.data.get(2) {
            Some(1) => 32,
            Some(2) => 64,
            _ => return,
        };
        let found = record.data.len().saturating_sub(3);
        if found != expected {
            let message = format!("the digest has {found} octets, and its matching type {expected}");
            report.warning(self.location(head), message, "RFC 6698 §2.1.3: 1 is SHA-256, 2 is SHA-512");
        }
    }

    /// An alias stands alone, but for what signs it.
    fn check_alias(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        for record_type in [RecordType::CNAME, RecordType::DNAME] {
            let mut several = of_type(node, record_type);
            let Some(first) = several.next() else { continue };
            for other in several.filter(|other| !self.is_same_data(first, other)) {
                let message = format!("{owner} has more than one {record_type} record");
                report.error(self.location(other), message, "RFC 2181 §10.1, RFC 6672 §2.4: one at most");
            }
        }
        if has(node, RecordType::CNAME) {
            for other in node.iter().filter(|head| !may_be_beside_alias(head.record_type())) {
                let message =
                    format!("{owner} has a CNAME record, and here one of type {}", other.record_type());
                report.error(
                    self.location(other),
                    message,
                    "RFC 1034 §3.6.2, RFC 2181 §10.1: an alias has no other data",
                );
            }
        }
        if let Some(alias) = of_type(node, RecordType::DNAME).next()
            && has(node, RecordType::NS)
            && owner != self.apex()
        {
            let message = format!("{owner} has a DNAME record and is delegated");
            report.error(self.location(alias), message, "RFC 6672 §2.3: beside NS records only at the apex");
        }
    }

    /// The records of one type: no two the same, one TTL, not too many.
    fn check_set(&self, set: &[Head], owner: Name<'_>, report: &mut Report) {
        let Some((first, others)) = set.split_first() else { return };
        let record_type = first.record_type();
        if others.is_empty() || matches!(record_type, RecordType::RRSIG | RecordType::SIG) {
            return;
        }
        let ttl = self.record(first).ttl;
        if let Some(other) = others.iter().find(|other| self.record(other).ttl != ttl) {
            let message = format!(
                "the {record_type} records of {owner} have different TTLs, {ttl} and here {}",
                self.record(other).ttl
            );
            report.warning(
                self.location(other),
                message,
                "RFC 2181 §5.2: an RRset has one TTL; all are served with the lowest",
            );
        }
        if set.len() > RECORDS_PER_TYPE {
            let message = format!("{owner} has {} records of type {record_type}", set.len());
            report.warning(
                self.location(first),
                message,
                "BIND refuses more than 100 by default (`max-records-per-type`)",
            );
        }
        let mut by_data: Vec<&Head> = set.iter().collect();
        by_data.sort_by(|one, other| self.record(one).data.cmp(self.record(other).data));
        for pair in by_data.windows(2).filter(|pair| self.is_same_data(pair[0], pair[1])) {
            let message = format!("{owner} {record_type} is here a second time with the same data");
            report.warning(self.location(pair[1]), message, "RFC 2181 §5: it is served once");
        }
    }

    fn is_same_data(&self, one: &Head, other: &Head) -> bool {
        self.record(one).data == self.record(other).data
    }

    /// What names should not look like.
    fn check_owner(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        let of_host =
            |head: &&Head| matches!(head.record_type(), RecordType::A | RecordType::AAAA | RecordType::MX);
        if let Some(head) = node.iter().find(of_host)
            && !hostname::is_owner(owner)
        {
            let message = format!("{owner} has {} records and is no host's name", head.record_type());
            report.warning(
                self.location(head),
                message,
                "RFC 1123 §2.1: letters, digits and hyphens (check-names in BIND)",
            );
        }
        let Some(first) = node.first() else { return };
        if owner.labels().skip(1).any(|label| label == b"*") {
            let message = format!("the asterisk in {owner} is not its first label, and no wildcard");
            report.warning(self.location(first), message, "RFC 4592 §2.1.1: only a first label makes one");
        }
        if owner.is_wildcard() {
            self.check_wildcard(node, owner, report);
        }
    }

    /// BIND refuses a wildcard that is delegated.
    fn check_wildcard(&self, node: &[Head], owner: Name<'_>, report: &mut Report) {
        if let Some(head) = of_type(node, RecordType::NS).next() {
            let message = format!("the wildcard {owner} is delegated");
            report.error(self.location(head), message, "RFC 4592 §4.2: what it means is not defined");
        }
        if let Some(head) = of_type(node, RecordType::DNAME).next() {
            let message = format!("a DNAME record at the wildcard {owner}");
            report.warning(self.location(head), message, "RFC 4592 §4.4: what it means is not defined");
        }
    }
}

const fn is_association(record_type: RecordType) -> bool {
    matches!(record_type, RecordType::TLSA | RecordType::SMIMEA)
}

/// What signs, or denies for, an alias (RFC 4034 §3, §4; RFC 2535 for the obsolete ones).
const fn may_be_beside_alias(record_type: RecordType) -> bool {
    matches!(
        record_type,
        RecordType::CNAME
            | RecordType::RRSIG
            | RecordType::NSEC
            | RecordType::SIG
            | RecordType::KEY
            | RecordType::NXT
    )
}
