//! Multicast listener discovery (RFC 3810, RFC 2710): switches pass us our groups only if we say that we listen.

use crate::counters::Counter;
use crate::frame::{Answer, IPV6, write_ethernet};
use crate::ipv6::UNSPECIFIED;
use crate::limits;
use crate::neighbours::{Recipient, write_checksum};
use crate::reception::Reception;
use crate::station::Station;
use crate::version::{ICMPV6, V6, Version, ipv6_addresses, write_ipv6};
use appliance::Appliance;
use core::ops::Range;
use core::time::Duration;

/// Every router that understands version 2 (RFC 3810 §5.2.14).
const ALL_ROUTERS: u128 = 0xff02_0000_0000_0000_0000_0000_0000_0016;
/// Hop-by-hop options: a router alert for multicast listener discovery (RFC 2711 §2.1), padded.
const ROUTER_ALERT: [u8; 8] = [ICMPV6, 0, 5, 2, 0, 0, 1, 0];
const QUERY_V1: usize = 24;
const QUERY_V2: usize = 28;
const REPORT_HEADER: usize = 8;
const RECORD: usize = 20;

/// Why groups are reported (RFC 3810 §5.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// They were queried: `MODE_IS_EXCLUDE`.
    Current = 2,
    /// We have just begun to listen: `CHANGE_TO_EXCLUDE_MODE`.
    Change = 4,
}

/// What somebody who asks for groups understands; the older is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Querier {
    /// RFC 2710: one report for each group.
    Version1,
    /// RFC 3810.
    Version2,
}

impl<A: Appliance> Reception<'_, A> {
    /// RFC 3810 §5.1.14, §6.2: answered with all our groups, after a time drawn at random.
    pub(crate) fn on_listener_query(
        &mut self,
        frame: &[u8],
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let (source, _) = ipv6_addresses(frame);
        let message = &frame[payload];
        let Some(&[_, _, _, _, high, low, _, _, ref group @ ..]) = message.first_chunk::<QUERY_V1>() else {
            return Err(Counter::ListenerIgnored);
        };
        let group = u128::from_be_bytes(*group);
        let is_link_local = source >> 118 == 0xfe80 >> 6;
        let is_ours = group == UNSPECIFIED || self.station.groups.contains(&group);
        if frame[21] != 1 || !is_link_local || !is_ours {
            return Err(Counter::ListenerIgnored);
        }
        let code = u16::from_be_bytes([high, low]);
        // RFC 3810 §8.1: the length tells the versions apart; nothing is between them.
        let (querier, delay) = match message.len() {
            QUERY_V1 => (Querier::Version1, Duration::from_millis(code.into())),
            QUERY_V2.. => (Querier::Version2, maximum_response_delay(code)),
            _ => return Err(Counter::ListenerIgnored),
        };
        self.station.announcements.on_query(querier, delay, self.now.instant);
        Err(Counter::ListenerQueried)
    }
}

/// RFC 3810 §5.1.3.
fn maximum_response_delay(code: u16) -> Duration {
    let milliseconds = if code < 0x8000 {
        u32::from(code)
    } else {
        let (exponent, mantissa) = (u32::from(code >> 12 & 7), u32::from(code & 0xfff));
        (mantissa | 0x1000) << (exponent + 3)
    };
    Duration::from_millis(milliseconds.into())
}

/// Writes a report of a part of the station's groups, which it has; returns the frame's length.
pub(crate) fn write_report(frame: &mut [u8], station: &Station, groups: &[u128], report: Report) -> usize {
    let start = V6::PAYLOAD + ROUTER_ALERT.len();
    let length = REPORT_HEADER + groups.len() * RECORD;
    let [count_high, count_low] = (groups.len() as u16).to_be_bytes();
    frame[start..start + REPORT_HEADER].copy_from_slice(&[143, 0, 0, 0, 0, 0, count_high, count_low]);
    let records = &mut frame[start + REPORT_HEADER..start + length];
    for (record, group) in records.chunks_exact_mut(RECORD).zip(groups) {
        record[..4].copy_from_slice(&[report as u8, 0, 0, 0]);
        record[4..].copy_from_slice(&group.to_be_bytes());
    }
    write_around(frame, station, ALL_ROUTERS, length)
}

/// Writes a report of one group for queriers of version 1 (RFC 2710 §3); returns the frame's length.
pub(crate) fn write_report_v1(frame: &mut [u8], station: &Station, group: u128) -> usize {
    let start = V6::PAYLOAD + ROUTER_ALERT.len();
    frame[start..start + 8].copy_from_slice(&[131, 0, 0, 0, 0, 0, 0, 0]);
    frame[start + 8..start + QUERY_V1].copy_from_slice(&group.to_be_bytes());
    write_around(frame, station, group, QUERY_V1)
}

/// Writes everything in front of a report of `length` octets that goes to a group, and its checksum.
fn write_around(frame: &mut [u8], station: &Station, group: u128, length: usize) -> usize {
    let start = V6::PAYLOAD + ROUTER_ALERT.len();
    let to = Recipient::group(group);
    let own = station.ipv6.first().copied().unwrap_or(UNSPECIFIED);
    write_ethernet(frame, to.station, station.address, IPV6);
    write_ipv6(frame, own, to.address, HOP_BY_HOP, 1, ROUTER_ALERT.len() + length);
    frame[V6::PAYLOAD..start].copy_from_slice(&ROUTER_ALERT);
    write_checksum(frame, start, length)
}

const HOP_BY_HOP: u8 = 0;

/// How many reports all groups of a station take.
pub(crate) fn report_count(station: &Station) -> usize {
    station.groups.len().div_ceil(limits::GROUPS_PER_REPORT)
}

#[cfg(test)]
mod tests;
