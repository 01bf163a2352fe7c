//! What happened to frames between Linux and the network stack, beside what that counts.

use operator::Statistic;

/// The counts of one link since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Frames that Linux did not cut, each way.
    pub(super) long_received: u64,
    pub(super) long_sent: u64,
    /// Frames that Linux did not take.
    pub(super) lost: u64,
    /// What came and was no frame.
    pub(super) senseless: u64,
}

/// The same of all links, and how often the machine slept, for an operator.
pub(super) fn statistics(
    counts: impl Iterator<Item = Counts>,
    sleeps: u64,
) -> impl Iterator<Item = Statistic> {
    let sum = counts.fold(Counts::default(), |sum, link| Counts {
        long_received: sum.long_received + link.long_received,
        long_sent: sum.long_sent + link.long_sent,
        lost: sum.lost + link.lost,
        senseless: sum.senseless + link.senseless,
    });
    [
        ("host_sleeps_total", sleeps),
        ("host_long_frames_total{direction=\"received\"}", sum.long_received),
        ("host_long_frames_total{direction=\"sent\"}", sum.long_sent),
        ("host_frames_lost_total", sum.lost),
        ("host_frames_senseless_total", sum.senseless),
    ]
    .into_iter()
    .map(|(name, value)| Statistic { name, value })
}
