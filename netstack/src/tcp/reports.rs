//! What becomes of a connection whose segment is reported not to have arrived (RFC 5927, RFC 9293 §3.9.2.2).

use crate::tcp::connection::Connection;
use crate::tcp::connections::Connections;
use crate::tcp::flight::TailProbe;
use crate::tcp::memory::Memory;
use crate::tcp::rows::List;
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use crate::tcp::timers::LossTimer;
use crate::tcp::tuple::Tuple;
use appliance::End;

impl Connections {
    /// Whether a segment that begins with this number is on its way: nobody but those on the way knows (RFC 5927 §4).
    pub(crate) fn has_sent(&self, tuple: &Tuple, sequence: Sequence) -> bool {
        let connection = self.number_of(tuple).and_then(|number| self.connections.get(number));
        connection.is_some_and(|connection| {
            sequence.is_at_least(connection.unacknowledged) && sequence.is_before(connection.next)
        })
    }

    /// Segments of a connection may have at most so many octets, options included, and what was longer did not arrive.
    pub(crate) fn on_too_long(&mut self, tuple: &Tuple, segment_most: u16) {
        let Some(number) = self.number_of(tuple) else { return };
        let Some(connection) = self.connections.get_mut(number) else { return };
        connection.on_too_long(segment_most, &mut self.memory);
        self.rows.push(List::Sending, number);
    }

    /// Nobody takes a segment that begins with this number. RFC 5461 §4.1, RFC 5927 §5.2: that ends what is not open yet; a stream
    /// that was is ended by its peer or by silence, not by whoever can write such a report.
    pub(crate) fn on_unreachable(&mut self, tuple: &Tuple, sequence: Sequence) {
        if !self.has_sent(tuple, sequence) {
            return;
        }
        let Some(number) = self.number_of(tuple) else { return };
        let Some(connection) = self.connections.get_mut(number) else { return };
        if connection.state == State::SynSent {
            connection.close(End::Unreachable, &mut self.memory);
            self.rows.push(List::Telling, number);
            self.rows.push(List::Sending, number);
        }
    }
}

impl Connection {
    /// RFC 1191 §6.5, RFC 8201 §5.4: what is on its way is sent again at once, in shorter segments, and it was not congestion. Of many
    /// reports of one window only the first makes segments shorter.
    fn on_too_long(&mut self, segment_most: u16, memory: &mut Memory) {
        let before = self.segment;
        self.limit_segment(segment_most);
        if self.segment == before || !self.state.is_synchronised() {
            return;
        }
        let Some(flight) = &mut self.flight else { return };
        while flight.scoreboard.oldest(&memory.sent).is_some() {
            flight.scoreboard.lose_oldest(&mut memory.sent);
        }
        (self.loss_timer, flight.tail_probe) = (LossTimer::Idle, TailProbe::None);
    }
}
