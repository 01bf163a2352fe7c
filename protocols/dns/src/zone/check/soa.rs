//! The apex: SOA and NS.

use super::{Report, has, of_type};
use crate::RecordType;
use crate::data::embedded_names;
use crate::zone::Zone;
use crate::zone::records::Head;
use alloc::format;

/// The longest that a negative answer should be cached, in seconds (RFC 2308 §5).
const LONGEST_MINIMUM: u32 = 86_400;

/// The numbers of a SOA record (RFC 1035 §3.3.13).
#[derive(Clone, Copy, Debug)]
struct Numbers {
    serial: u32,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
}

impl Numbers {
    /// They are the last twenty octets.
    fn of(data: &[u8]) -> Option<Self> {
        let octets = data.last_chunk::<20>()?;
        let [serial, refresh, retry, expire, minimum] = *octets.as_chunks::<4>().0 else { return None };
        let [serial, refresh, retry, expire, minimum] =
            [serial, refresh, retry, expire, minimum].map(u32::from_be_bytes);
        Some(Self { serial, refresh, retry, expire, minimum })
    }
}

impl Zone {
    pub(super) fn check_apex(&self, report: &mut Report) {
        let apex = self.node(self.apex());
        let name = self.apex();
        let first = self.heads().first().map(|head| self.location(head));
        if !has(apex, RecordType::SOA) {
            report.error(
                first.clone(),
                format!("the zone {name} has no SOA record"),
                "RFC 1035 §5.2: exactly one, at the apex",
            );
        }
        if !has(apex, RecordType::NS) {
            report.error(
                first,
                format!("the zone {name} has no NS records"),
                "RFC 1034 §4.2.1: the apex names the zone's servers",
            );
        }
        let mut several = of_type(apex, RecordType::SOA);
        if let Some(soa) = several.next() {
            self.check_soa(soa, report);
            let data = self.record(soa).data;
            for other in several.filter(|other| self.record(other).data != data) {
                let message = format!("a second SOA record of the zone {name}");
                report.error(self.location(other), message, "RFC 1035 §5.2: exactly one, at the apex");
            }
        }
    }

    fn check_soa(&self, soa: &Head, report: &mut Report) {
        let record = self.record(soa);
        let Some(Numbers { serial, refresh, retry, expire, minimum }) = Numbers::of(record.data) else {
            return;
        };
        let mut warn = |message, help| report.warning(self.location(soa), message, help);
        if serial == 0 {
            warn(
                "the serial is 0".into(),
                "RFC 2136 §4.2: some secondaries take it for none; begin at 1 or at the date",
            );
        }
        if retry >= refresh {
            let message = format!(
                "the retry interval of {retry} s is not shorter than the refresh interval of {refresh} s"
            );
            warn(message, "RFC 1912 §2.2: retry is a fraction of refresh");
        }
        if u64::from(expire) <= u64::from(refresh) + u64::from(retry) {
            let message = format!(
                "the zone expires after {expire} s, before a failed refresh after {refresh} s was retried after {retry} s"
            );
            warn(message, "RFC 1912 §2.2: two to four weeks are usual");
        }
        if minimum > LONGEST_MINIMUM {
            let message = format!("negative answers are to be cached for {minimum} s");
            warn(message, "RFC 2308 §5: one to three hours are good, more than a day is trouble");
        }
        let mailbox = embedded_names(record.record_type, record.data).nth(1).map(|mailbox| mailbox.name);
        if mailbox.and_then(|mailbox| mailbox.labels().next()).is_some_and(|label| label.contains(&b'@')) {
            warn(
                "the mailbox of the SOA record has an `@` in its first label".into(),
                "RFC 1035 §8: a dot stands for it, as in `hostmaster.example.com.`",
            );
        }
    }
}
