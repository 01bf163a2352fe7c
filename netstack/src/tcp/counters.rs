//! What happened on streams, in plain memory; reading it is the outside's job.

use operator::Statistic;

/// The counts since the start.
#[derive(Clone, Debug)]
pub(crate) struct Counts([u64; Count::COUNT]);

impl Counts {
    pub(crate) const fn new() -> Self {
        Self([0; Count::COUNT])
    }

    #[inline]
    pub(crate) fn add(&mut self, count: Count) {
        self.add_many(count, 1);
    }

    #[inline]
    pub(crate) fn add_many(&mut self, count: Count, number: u64) {
        let place = &mut self.0[count as usize];
        *place = place.wrapping_add(number);
    }

    pub(crate) fn statistics(&self) -> impl Iterator<Item = Statistic> {
        Count::NAMES.into_iter().zip(self.0).map(|(name, value)| Statistic { name, value })
    }
}

macro_rules! counts {
    ($($(#[$documentation:meta])+ $name:ident $statistic:literal,)+) => {
        /// What can happen on streams.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Count {
            $($(#[$documentation])+ $name,)+
        }

        impl Count {
            const COUNT: usize = Self::NAMES.len();
            /// What an operator knows them by.
            const NAMES: [&str; [$(Self::$name),+].len()] = [$($statistic),+];
        }
    };
}

counts! {
    /// A stream was opened, by a peer or by us.
    Opened "network_streams_opened_total",
    /// A SYN was answered with a cookie.
    CookieGiven "network_stream_cookies_given_total",
    /// A cookie came back, and its stream was opened.
    CookieTaken "network_stream_cookies_taken_total",
    /// A SYN was dropped: its source has as many streams as it may.
    SourceLimit "network_streams_refused_total{reason=\"source\"}",
    /// A SYN was dropped: there are as many streams as there may be, all of them lively.
    Full "network_streams_refused_total{reason=\"full\"}",
    /// A stream ended in order.
    Finished "network_streams_closed_total{end=\"finished\"}",
    /// A stream was reset by its peer.
    Reset "network_streams_closed_total{end=\"reset\"}",
    /// A stream was reset by the appliance.
    Aborted "network_streams_closed_total{end=\"aborted\"}",
    /// A stream's peer fell silent.
    TimedOut "network_streams_closed_total{end=\"timed-out\"}",
    /// A stream's peer could not be reached.
    Unreachable "network_streams_closed_total{end=\"unreachable\"}",
    /// A stream was given up for want of memory or room.
    Shed "network_streams_closed_total{end=\"shed\"}",

    /// Segments were sent, ...
    SegmentSent "network_segments_sent_total",
    /// ... of these, again.
    Repeated "network_segments_repeated_total",
    /// Octets of data were sent, again or not.
    OctetsSent "network_stream_bytes_total{direction=\"sent\"}",
    /// Octets of data came, in order or not.
    OctetsReceived "network_stream_bytes_total{direction=\"received\"}",
    /// A loss was found by what arrived after it (RFC 8985).
    Recovery "network_stream_losses_total{found=\"recovery\"}",
    /// A loss was found because nothing arrived (RFC 6298).
    Timeout "network_stream_losses_total{found=\"timeout\"}",
    /// A loss was repaired by the probe of a tail (RFC 8985 §7.4).
    ProbeRepaired "network_stream_losses_total{found=\"tail_probe\"}",
    /// A loss was none (RFC 3522).
    Spurious "network_stream_losses_spurious_total",
    /// A tail was probed (RFC 8985 §7.3).
    TailProbe "network_stream_probes_total{of=\"tail\"}",
    /// A closed window was probed (RFC 9293 §3.8.6.1).
    WindowProbe "network_stream_probes_total{of=\"window\"}",
    /// A silent peer was probed (RFC 9293 §3.8.4).
    KeepAliveProbe "network_stream_probes_total{of=\"peer\"}",
    /// Full segments were suspected to fall into a hole (RFC 4821 §7.7).
    BlackHole "network_stream_black_holes_total",
    /// A segment's timestamp was older than its stream's (RFC 7323 §5).
    TimestampOld "network_stream_timestamps_old_total",
    /// Data found no memory, and was dropped.
    NoMemory "network_segments_without_memory_total",
    /// A buffer to send from was waited for.
    NoBuffer "network_stream_buffers_awaited_total",
}
