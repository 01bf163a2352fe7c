//! Who is given up for others, when room or memory runs short.

use crate::tcp::connection::Connection;
use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::memory::Store;
use crate::tcp::rows::List;
use crate::tcp::state::State;
use appliance::End;
use moment::Instant;

impl Connections {
    /// Places that are kept for those who have shown that they are where they say, while others make room for the next.
    pub(super) fn reserve(&self) -> usize {
        (self.connections.capacity() / limits::RESERVE_DIVISOR).min(limits::RESERVE)
    }

    /// Whether there is a place for one more connection, which is there already. When few are left, the one goes that has not got on for
    /// longest, if that is long enough.
    pub(super) fn make_place(&mut self, now: Instant) -> bool {
        if self.connections.vacant() <= self.reserve() {
            let is_idle = |number: &u32| {
                self.connections.get(*number).is_some_and(|connection| {
                    let is_over = matches!(connection.state, State::Closed(_));
                    !is_over && now.since(connection.heard_at) >= limits::IDLE_BEFORE_SHED
                })
            };
            let idle = self.liveliness.oldest_first().take(limits::SHED_LOOKS).find(is_idle);
            if let Some(number) = idle {
                self.shed(number);
            }
        }
        !self.connections.is_full()
    }

    /// While little memory is left, those give theirs back that have not got on for longest.
    pub(crate) fn relieve(&mut self, now: Instant) {
        let Some(store) = self.memory.shortage(self.connections.capacity()) else { return };
        let holds = |number: &u32| {
            self.connections.get(*number).is_some_and(|connection| {
                connection.holds(store) && now.since(connection.progress_at) >= limits::STALLED_BEFORE_SHED
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

impl Connection {
    /// Whether some of this would be left by it.
    fn holds(&self, store: Store) -> bool {
        let flight = self.flight.as_ref();
        match store {
            Store::Buffers => flight.is_some() || self.buffer.holds_memory(),
            Store::Flights => flight.is_some(),
            Store::Ranges => !self.is_all_acknowledged(),
            Store::Islands => self.buffer.has_islands(),
            Store::Regions => flight.is_some_and(|flight| flight.queue.has_regions()),
        }
    }
}
