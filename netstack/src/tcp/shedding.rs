//! Who is given up for others, when room or memory runs short.

use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::rows::List;
use crate::tcp::state::State;
use appliance::End;
use moment::Instant;

impl Connections {
    /// Makes room, if it can be made, for one more connection: the one goes that has not got on for longest, if that is long
    /// enough.
    pub(super) fn make_place(&mut self, now: Instant) -> bool {
        if !self.connections.is_full() {
            return true;
        }
        let oldest = self.liveliness.oldest_first().next();
        let is_idle = |number: &u32| {
            self.connections
                .get(*number)
                .is_some_and(|connection| now.since(connection.heard_at) >= limits::IDLE_BEFORE_SHED)
        };
        if let Some(number) = oldest.filter(is_idle) {
            self.shed(number);
        }
        false
    }

    /// While little memory is left, those give theirs back that have not got on for longest.
    pub(crate) fn relieve(&mut self, now: Instant) {
        if !self.memory.is_short(self.connections.capacity()) {
            return;
        }
        let holds = |number: &u32| {
            self.connections.get(*number).is_some_and(|connection| {
                (connection.flight.is_some() || connection.buffer.holds_memory())
                    && now.since(connection.progress_at) >= limits::STALLED_BEFORE_SHED
            })
        };
        let oldest = self.liveliness.oldest_first().take(limits::SHED_LOOKS).find(holds);
        // Any number of idle ones, which hold nothing, may be older than those that do: all are looked at in turn.
        let places = self.connections.capacity();
        let stalled = oldest.or_else(|| {
            let from = self.looked_at;
            self.looked_at = (from + limits::SHED_LOOKS) % places.max(1);
            (from..from + limits::SHED_LOOKS.min(places)).map(|place| (place % places) as u32).find(holds)
        });
        if let Some(number) = stalled {
            self.shed(number);
        }
    }

    /// Resets a connection for want of memory or room.
    fn shed(&mut self, number: u32) {
        let connection = &mut self.connections[number];
        if connection.is_half_open() {
            self.half_open -= 1;
        }
        // Who has not heard of it, or has finished, is not reset.
        let is_open = !matches!(connection.state, State::SynSent | State::TimeWait | State::Closed(_));
        connection.close(End::Shed, &mut self.memory);
        connection.urgent.reset |= is_open;
        self.rows.push(List::Telling, number);
        self.rows.push(List::Sending, number);
    }
}
