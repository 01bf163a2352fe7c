//! What happened to datagrams, beside what the appliance counts.

use operator::Statistic;

/// The counts since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Rounds of the loop, one for each socket that had something.
    pub(super) turns: u64,
    /// Datagrams that the system handed over.
    pub(super) received: u64,
    /// Those of them that the appliance answered, or met with silence; the others were longer than there is room for, or came
    /// from nowhere.
    pub(super) answered: u64,
    pub(super) unanswered: u64,
}

impl Counters {
    /// The same, for an operator.
    pub(super) fn statistics(self) -> impl Iterator<Item = Statistic> {
        let Self { turns, received, answered, unanswered } = self;
        [
            ("host_turns_total", turns),
            ("host_datagrams_total{fate=\"answered\"}", answered),
            ("host_datagrams_total{fate=\"unanswered\"}", unanswered),
            ("host_datagrams_total{fate=\"unusable\"}", received - answered - unanswered),
        ]
        .into_iter()
        .map(|(name, value)| Statistic { name, value })
    }
}
