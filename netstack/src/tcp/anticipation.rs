//! What segments that wait will need, brought into the cache before they are taken.
//!
//! From a segment to all that it changes, each place says where the next is: table, connection, flight, range. At random over many connections
//! none of them is in the cache, and a segment waits for one after the other. A processor waits for many at once if it comes upon
//! them at once: so here all segments take one step, then all take the next.

use crate::limits::FRAMES_PER_TURN;
use crate::tcp::connection::Connection;
use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::tuple::Tuple;
use core::hint::black_box;

impl Connections {
    /// Whether there are so many connections that looking ahead is worth it.
    #[inline]
    pub(crate) fn is_crowded(&self) -> bool {
        self.connections.length() >= limits::CROWD
    }

    /// Looks at what segments between these ends will need. Nothing comes of it but that it is at hand.
    pub(crate) fn anticipate(&self, ends: impl Iterator<Item = Tuple>) {
        let mut hashes = [0; FRAMES_PER_TURN];
        let mut count = 0;
        for (hash, tuple) in hashes.iter_mut().zip(ends) {
            *hash = self.identity.hash(&tuple);
            count += 1;
        }
        let mut numbers = [0; FRAMES_PER_TURN];
        for (number, hash) in numbers.iter_mut().zip(hashes).take(count) {
            *number = self.table.guess(hash);
        }
        let numbers = &numbers[..count];
        let mut seen = 0;
        for &number in numbers {
            seen ^= self.rows.generation(number as usize).unwrap_or(0);
            seen ^= self.connections.get(number).map_or(0, Connection::look);
        }
        for &number in numbers {
            seen ^= self.connections.get(number).map_or(0, Connection::look_at_flight);
        }
        for &number in numbers {
            let look = |connection: &Connection| connection.look_at_range(&self.memory);
            seen ^= self.connections.get(number).map_or(0, look);
        }
        // Or else nothing would be looked at.
        black_box(seen);
    }
}

impl Connection {
    /// A little of every part.
    #[inline]
    fn look(&self) -> u32 {
        let times = self.heard_at.nanoseconds() ^ self.progress_at.nanoseconds();
        let numbers = self.next.0 ^ self.buffer.next().0 ^ self.acknowledging.last().0;
        let lengths = self.buffer.length() ^ self.congestion.window() ^ self.window ^ self.expected;
        let has = self.news.is_empty() ^ self.loss_timer.at().is_some() ^ (self.route.link == 0);
        times as u32 ^ numbers ^ lengths ^ self.tuple.local as u32 ^ u32::from(has)
    }

    #[inline]
    fn look_at_flight(&self) -> u32 {
        self.flight.as_ref().map_or(0, |flight| {
            let lengths = flight.queue.length() ^ flight.scoreboard.in_flight();
            lengths ^ flight.repeated_at.unwrap_or(0) ^ u32::from(flight.duplicates)
        })
    }

    #[inline]
    fn look_at_range(&self, memory: &Memory) -> u32 {
        let range = self.flight.as_ref().and_then(|flight| flight.scoreboard.oldest(&memory.sent));
        range.map_or(0, |range| range.end.0)
    }
}
