//! What a server serves: its zones and settings, immutable, shared by its workers.

use crate::counters::{Count, Counters};
use crate::edns::Edns;
use crate::limits::{STREAM_MESSAGE, UDP_PAYLOAD_LEAST};
use crate::message::{Authority, Completeness, HEADER, Verdict, write_header};
use crate::prepare::{COMPILED_ZONES, SETTINGS};
use crate::query::{Query, Refusal, Rejection};
use crate::reply::Reply;
use crate::settings::Settings;
use crate::transport::Transport;
use crate::zone::{Corrupt, Labels, Sought, Zone, Zones};
use crate::{answer, chaos};
use alloc::vec::Vec;
use bytes::Bytes;
use configuration::{Archive, Unusable};
use core::time::Duration;
use dns_protocol::{Class, Rcode};

/// What a server serves.
#[derive(Debug)]
pub(crate) struct Snapshot {
    zones: Zones,
    settings: Settings,
}

impl Snapshot {
    /// Takes up an archive that [`prepare`](crate::prepare) made.
    pub(crate) fn load(archive: &Archive) -> Result<Self, Unusable> {
        let settings = archive.value(SETTINGS)?;
        let compiled = archive.file(COMPILED_ZONES).ok_or(Unusable::Missing(COMPILED_ZONES))?;
        let zones = load_zones(&compiled).map_err(|Corrupt| Unusable::Malformed(COMPILED_ZONES))?;
        Ok(Self { zones, settings })
    }

    /// A server of these compiled zones, all else as it is by default.
    #[cfg(test)]
    pub(crate) fn of(compiled: &Bytes) -> Self {
        Self { zones: load_zones(compiled).expect("sound zones"), settings: Settings::default() }
    }

    /// The port, of UDP and TCP.
    pub(crate) fn port(&self) -> u16 {
        self.settings.port
    }

    /// How many streams are served at once, and how many of one client.
    pub(crate) fn connections(&self) -> (u16, u16) {
        (self.settings.tcp_connections, self.settings.tcp_connections_per_client)
    }

    /// How long a stream may be open without a query.
    pub(crate) fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.settings.tcp_idle_timeout.into())
    }

    /// Writes the reply to the request in the first `length` octets of `buffer` over it; `None` if it gets none.
    #[inline]
    pub(crate) fn reply(
        &self,
        buffer: &mut [u8],
        length: usize,
        transport: Transport,
        counters: &mut Counters,
    ) -> Option<usize> {
        let mut name = Labels::ROOT;
        match Query::parse(buffer.get(..length)?, transport, &mut name) {
            Ok(query) => {
                let length = self.answer(&query, &name, buffer, transport, counters);
                if length.is_none() {
                    counters.add(Count::NoRoom);
                }
                length
            }
            Err(Rejection::Silence { reason }) => {
                counters.add(reason);
                None
            }
            Err(Rejection::Refusal(refusal)) => Some(self.refuse(&refusal, buffer, transport, counters)),
        }
    }

    fn refuse(
        &self,
        refusal: &Refusal,
        buffer: &mut [u8],
        transport: Transport,
        counters: &mut Counters,
    ) -> usize {
        let Refusal { reason, rcode, end, edns, signature } = *refusal;
        let limit = self.limit(edns.map(|edns| edns.payload), transport).min(buffer.len());
        let edns_length = edns.map_or(0, |edns| edns.reply_length(&self.settings));
        // The signature first: it lies where EDNS is going to.
        let signed = signature
            .and_then(|signature| signature.write_unknown_key(buffer.get_mut(..limit)?, end + edns_length));
        let room = buffer.get_mut(..limit).and_then(|buffer| buffer.get_mut(end..end + edns_length));
        let written = edns.map_or(0, |edns| edns.write(room, &self.settings, rcode));
        let additionals = u16::from(written > 0) + u16::from(signed.is_some());
        let questions = u16::from(end > HEADER);
        write_header(buffer, Verdict::rcode(rcode), questions, [0, 0, additionals]);
        if matches!(reason, Count::Notify | Count::Update | Count::OtherOpcode) {
            counters.add(Count::Opcode);
        }
        counters.add(reason);
        counters.add(rcode.into());
        count_edns(edns.as_ref(), counters);
        signed.unwrap_or(end + written)
    }

    #[inline]
    fn answer(
        &self,
        query: &Query,
        name: &Labels,
        buffer: &mut [u8],
        transport: Transport,
        counters: &mut Counters,
    ) -> Option<usize> {
        let limit = self.limit(query.edns.map(|edns| edns.payload), transport).min(buffer.len());
        let reserve = query.edns.map_or(0, |edns| edns.reply_length(&self.settings));
        let (front, room) = buffer.get_mut(..limit)?.split_at_mut_checked(query.end)?;
        let records = room.len().saturating_sub(reserve);
        let mut reply = Reply::new(room.get_mut(..records)?, query.end);
        let name = Sought::new(front.get(HEADER..)?, name)?;
        let verdict = match query.class {
            Class::IN => answer::solve(&self.zones, query.record_type, &name, &mut reply),
            Class::CH => Ok(chaos::solve(&self.settings, query.record_type, &name, &mut reply)),
            _ => Ok(Verdict::rcode(Rcode::REFUSED)),
        };
        let verdict = verdict.unwrap_or_else(|Corrupt| {
            reply.clear();
            Verdict::rcode(Rcode::SERVFAIL)
        });
        let (length, [answers, authorities, mut additionals]) = (reply.length(), reply.counts());
        let mut end = query.end + length;
        if let Some(edns) = &query.edns {
            let written = edns.write(room.get_mut(length..length + reserve), &self.settings, verdict.rcode);
            additionals += u16::from(written > 0);
            end += written;
        }
        write_header(front, verdict, 1, [answers, authorities, additionals]);
        count(query, transport, verdict, answers, counters);
        Some(end)
    }

    /// The most octets of a reply to a requestor that announces `payload`, if any, which speaks of UDP alone (RFC 6891 §6.2.3,
    /// §6.2.5).
    #[inline]
    fn limit(&self, payload: Option<u16>, transport: Transport) -> usize {
        let payload = payload.unwrap_or(UDP_PAYLOAD_LEAST).max(UDP_PAYLOAD_LEAST);
        match transport {
            Transport::Datagram => usize::from(payload.min(self.settings.udp_payload)),
            Transport::Stream => STREAM_MESSAGE,
        }
    }
}

/// Counts a query that was understood, and its response.
#[inline]
fn count(query: &Query, transport: Transport, verdict: Verdict, answers: u16, counters: &mut Counters) {
    counters.add(query.record_type.into());
    count_edns(query.edns.as_ref(), counters);
    let response = match verdict.rcode {
        Rcode::NOERROR if verdict.authority == Authority::NotAuthoritative => Count::Referral,
        Rcode::NOERROR if answers == 0 && verdict.completeness == Completeness::Complete => Count::NoData,
        Rcode::NOERROR => Count::Answer,
        rcode => rcode.into(),
    };
    counters.add(response);
    if verdict.completeness == Completeness::Truncated {
        counters.add(match transport {
            Transport::Datagram => Count::TruncatedDatagram,
            Transport::Stream => Count::TruncatedStream,
        });
    }
}

#[inline]
fn count_edns(edns: Option<&Edns>, counters: &mut Counters) {
    let Some(edns) = edns else { return };
    counters.add(Count::Edns);
    if edns.is_dnssec_ok() {
        counters.add(Count::DnssecOk);
    }
}

/// The compiled zones that lie one behind the other in `octets`.
fn load_zones(octets: &Bytes) -> Result<Zones, Corrupt> {
    let mut zones = Vec::new();
    let mut rest = octets.clone();
    while !rest.is_empty() {
        let zone = Zone::load(&rest)?;
        rest = rest.slice(zone.length()..);
        zones.push(zone);
    }
    Zones::new(zones)
}
