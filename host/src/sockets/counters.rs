//! What happened to datagrams and streams, beside what the appliance counts.

use appliance::End;
use operator::Statistic;

/// The counts since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Rounds of the loop.
    pub(super) turns: u64,
    /// Datagrams that the system handed over.
    pub(super) received: u64,
    /// Those of them that the appliance answered, or met with silence; the others were longer than there is room for, or came
    /// from nowhere.
    pub(super) answered: u64,
    pub(super) unanswered: u64,
    /// How often the system had no file or memory for one more connection, or there were as many as may be.
    pub(super) rests: u64,
    pub(super) streams: StreamCounters,
}

/// The counts of streams.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamCounters {
    /// How they began.
    pub(super) accepted: u64,
    pub(super) dialled: u64,
    /// How they ended.
    finished: u64,
    reset: u64,
    timed_out: u64,
    unreachable: u64,
    shed: u64,
    /// Those that the appliance gave up.
    pub(super) aborted: u64,
    /// Octets that came, and that the system took.
    pub(super) octets_received: u64,
    pub(super) octets_sent: u64,
}

impl StreamCounters {
    /// A stream is over.
    pub(super) fn count(&mut self, end: End) {
        *match end {
            End::Finished => &mut self.finished,
            End::Reset => &mut self.reset,
            End::TimedOut => &mut self.timed_out,
            End::Unreachable => &mut self.unreachable,
            End::Shed => &mut self.shed,
        } += 1;
    }
}

impl Counters {
    /// The same, for an operator.
    pub(super) fn statistics(self) -> impl Iterator<Item = Statistic> {
        let Self { turns, received, answered, unanswered, rests, streams } = self;
        let StreamCounters { finished, reset, timed_out, unreachable, shed, aborted, .. } = streams;
        let begun = streams.accepted + streams.dialled;
        [
            ("host_turns_total", turns),
            ("host_datagrams_total{fate=\"answered\"}", answered),
            ("host_datagrams_total{fate=\"unanswered\"}", unanswered),
            ("host_datagrams_total{fate=\"unusable\"}", received - answered - unanswered),
            ("host_streams", begun - finished - reset - timed_out - unreachable - shed - aborted),
            ("host_streams_total{origin=\"accepted\"}", streams.accepted),
            ("host_streams_total{origin=\"dialled\"}", streams.dialled),
            ("host_streams_closed_total{end=\"finished\"}", finished),
            ("host_streams_closed_total{end=\"reset\"}", reset),
            ("host_streams_closed_total{end=\"timed-out\"}", timed_out),
            ("host_streams_closed_total{end=\"unreachable\"}", unreachable),
            ("host_streams_closed_total{end=\"shed\"}", shed),
            ("host_streams_closed_total{end=\"aborted\"}", aborted),
            ("host_stream_bytes_total{direction=\"received\"}", streams.octets_received),
            ("host_stream_bytes_total{direction=\"sent\"}", streams.octets_sent),
            ("host_listeners_rested_total", rests),
        ]
        .into_iter()
        .map(|(name, value)| Statistic { name, value })
    }
}
