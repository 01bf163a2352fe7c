//! When something is to be done for connections though no segment comes.

use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::news::News;
use crate::tcp::rows::List;
use crate::tcp::state::State;
use moment::Instant;

impl Connections {
    /// Does what is due, of at most so many connections as one turn sees to.
    pub(crate) fn on_time(&mut self, now: Instant) {
        for _ in 0..limits::TIMERS_PER_TURN {
            let Some(number) = self.wheel.take_due(now) else { break };
            self.rows.forget_timer(number);
            let Some(connection) = self.connections.get_mut(number) else { continue };
            // What it was set for may have been put off since.
            let deadline = connection.next_deadline();
            if deadline.is_none_or(|deadline| deadline > now) {
                self.set_timer(number, deadline);
                continue;
            }
            let was_half_open = connection.is_half_open();
            connection.on_time(&mut self.memory, &mut self.counts, now);
            if was_half_open && !connection.is_half_open() {
                self.half_open -= 1;
            }
            if !connection.news.is_empty() {
                self.rows.push(List::Telling, number);
            }
            self.rows.push(List::Sending, number);
        }
        for _ in 0..limits::TIMERS_PER_TURN {
            let is_due = self.time_wait.deadline().is_some_and(|until| until <= now);
            let Some(place) = self.time_wait.first().filter(|_| is_due) else { break };
            self.forget_remains(place);
        }
    }

    /// When [`Connections::on_time`] is to be called though nothing comes, or what waits to be told or sent is to be seen to.
    #[inline]
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if !self.rows.is_empty(List::Telling) {
            return Some(now);
        }
        // What is left to be sent lacks a buffer.
        let retry = (!self.rows.is_empty(List::Sending)).then(|| now + limits::RETRY);
        // A machine with nothing else to do forgets what it may forget once in a while.
        let remains = self.time_wait.deadline().map(|until| until + limits::FORGETTING);
        let timers = [self.wheel.next(), remains, retry];
        timers.into_iter().flatten().min()
    }

    /// A connection was told of and sent for: its timer is set, or it is forgotten.
    #[inline]
    pub(super) fn settle(&mut self, number: u32, now: Instant) {
        let Some(connection) = self.connections.get_mut(number) else { return };
        if let Some(flight) = &mut connection.flight {
            flight.queue.give_back_room(&mut self.memory.pool);
        }
        connection.end_flight(&mut self.memory.flights);
        // The peer's FIN is still to be acknowledged, or the peer to be told that all is over.
        let owes = connection.state == State::TimeWait && connection.acknowledging.is_due();
        if connection.is_over() && !connection.urgent.reset && !owes {
            if connection.news.has(News::CLOSED) && connection.is_known {
                self.rows.push(List::Telling, number);
            } else {
                self.forget(number, now);
            }
            return;
        }
        let deadline = connection.next_deadline();
        self.set_timer(number, deadline);
    }

    /// A timer that was set for sooner is left as it is: it goes off in vain once, and then is set for what there is.
    #[inline]
    fn set_timer(&mut self, number: u32, deadline: Option<Instant>) {
        if let Some(deadline) = deadline
            && self.rows.hasten_timer(number, deadline)
        {
            self.wheel.set(number, deadline);
        }
    }
}
