//! Segments that are about to be sent: their headers, and what they are for.

use crate::tcp::connection::Connection;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::options::{SACK_BLOCKS, Written};
use crate::tcp::segment::{Flags, Header};
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use moment::Instant;

/// A segment that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    pub(crate) header: Header,
    pub(crate) options: Written,
    /// Octets of data, from the header's sequence number on.
    pub(crate) length: u32,
    /// The most of them in one segment: a device cuts what is longer.
    pub(crate) segment: u16,
    pub(crate) purpose: Purpose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A SYN, or its answer.
    Synchronise,
    /// What was lost.
    Repetition,
    /// What was not sent before.
    Fresh,
    /// Nothing but a header: an acknowledgement, or a probe.
    Empty,
    Reset,
}

impl Planned {
    /// How much of the sequence space it takes.
    pub(super) fn span(&self) -> u32 {
        self.length + u32::from(self.header.flags.has(Flags::FIN))
    }

    /// Whether routers may mark its packet instead of dropping it (RFC 3168 §6.1.5: not what is sent again).
    pub(crate) fn is_markable(&self) -> bool {
        self.purpose == Purpose::Fresh && self.length > 0
    }

    /// No more than one segment of it.
    pub(crate) fn shorten(&mut self) {
        if self.length > self.segment.into() {
            self.length = self.segment.into();
            self.header.flags = self.header.flags.without(Flags::FIN);
        }
    }
}

impl Connection {
    /// RFC 9293 §3.8.3, RFC 3168 §6.1.1.
    pub(super) fn plan_synchronise(&mut self, now: Instant) -> Planned {
        let is_answer = self.state == State::SynReceived;
        // RFC 3168 §6.1.1.1: a host that is put off by the flags is asked without.
        let notifies = self.notification.is_agreed && self.tries < 2;
        let flags = Flags::SYN
            .with(Flags::ACK, is_answer)
            .with(Flags::ECE, notifies)
            .with(Flags::CWR, notifies && !is_answer);
        let mut options = Written::new();
        options.maximum_segment_size(self.segment_without_options());
        if self.is_sack_permitted {
            options.sack_permitted();
        }
        if let Some(timestamping) = &self.timestamping {
            options.timestamps(timestamping.stamp(now));
        }
        if let Some(shift) = self.receive_window.shift() {
            options.window_scale(shift);
        }
        let next = self.buffer.next();
        let acknowledgement = if is_answer { next } else { Sequence(0) };
        let header = Header {
            source_port: self.tuple.local_port,
            destination_port: self.tuple.remote_port,
            sequence: self.next - 1,
            acknowledgement,
            flags,
            window: self.receive_window.announce_first(next),
        };
        Planned { header, options, length: 0, segment: self.segment, purpose: Purpose::Synchronise }
    }

    /// What we take: what the link carries, options and all (RFC 9293 §3.7.1).
    fn segment_without_options(&self) -> u16 {
        self.link_segment.min(limits::SEGMENT_MOST)
    }

    pub(super) fn plan_reset(&self) -> Planned {
        // RFC 9293 §3.10.5: from where the peer waits for more.
        let header = Header {
            source_port: self.tuple.local_port,
            destination_port: self.tuple.remote_port,
            sequence: self.next,
            acknowledgement: self.buffer.next(),
            flags: Flags::RST | Flags::ACK,
            window: 0,
        };
        let options = Written::new();
        Planned { header, options, length: 0, segment: self.segment, purpose: Purpose::Reset }
    }

    /// A segment of a synchronised connection: it tells how far we are, whatever else it carries.
    #[inline]
    pub(super) fn plan(
        &mut self,
        sequence: Sequence,
        length: u32,
        flags: Flags,
        purpose: Purpose,
        memory: &mut Memory,
        now: Instant,
    ) -> Planned {
        let mut options = Written::new();
        if let Some(timestamping) = &self.timestamping {
            options.timestamps(timestamping.stamp(now));
        }
        let mut segment = self.segment;
        if self.is_sack_permitted {
            let before = options.length();
            self.write_blocks(&mut options, memory);
            segment = segment.saturating_sub((options.length() - before) as u16);
        }
        let next = self.buffer.next();
        let (unread, own) = (self.buffer.length(), self.segment.into());
        let header = Header {
            source_port: self.tuple.local_port,
            destination_port: self.tuple.remote_port,
            sequence,
            acknowledgement: next,
            flags: flags.with(Flags::ECE, self.notification.echoes),
            window: self.receive_window.announce(next, unread, own, &memory.pool),
        };
        Planned { header, options, length, segment, purpose }
    }

    /// RFC 2018 §4, RFC 2883 §4.
    #[inline]
    fn write_blocks(&mut self, options: &mut Written, memory: &Memory) {
        let duplicate = self.acknowledging.take_duplicate();
        if duplicate.is_none() && !self.buffer.has_islands() {
            return;
        }
        let (blocks, count) = self.buffer.blocks(&memory.islands);
        match duplicate {
            None => options.sack(&blocks[..count]),
            Some(duplicate) => {
                let mut all = [duplicate; SACK_BLOCKS];
                let others = count.min(SACK_BLOCKS - 1);
                all[1..=others].copy_from_slice(&blocks[..others]);
                options.sack(&all[..=others]);
            }
        }
    }
}
