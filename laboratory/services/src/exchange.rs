//! Where a stream is that has to go on from there.

use crate::lines;
use appliance::Stream;

/// Octets of a length.
const LENGTH: usize = 4;

/// How much is still to be said, and from which place on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    left: u32,
    place: u32,
}

impl Exchange {
    /// Nothing was asked for.
    pub const NEW: Self = Self { left: 0, place: 0 };

    /// Answers every request that came whole, one after the other; returns how many octets of them that took.
    pub(crate) fn converse(&mut self, stream: &mut impl Stream) -> u64 {
        let mut taken = 0;
        loop {
            self.say(stream);
            if self.left > 0 {
                // Progress comes when there is room.
                return taken;
            }
            let Some(length) = stream.received().first_chunk::<LENGTH>() else { break };
            *self = Self { left: u32::from_be_bytes(*length), place: 0 };
            stream.consume(LENGTH);
            taken += LENGTH as u64;
        }
        stream.expect(LENGTH);
        if stream.is_finished() {
            stream.finish();
        }
        taken
    }

    /// Writes lines for as long as there is room.
    pub(crate) fn generate(&mut self, stream: &mut impl Stream) {
        // The place counts on modulo the lines' period.
        self.left = u32::MAX;
        while self.say_once(stream) > 0 {
            self.left = u32::MAX;
            self.place %= lines::PERIOD as u32;
        }
    }

    fn say(&mut self, stream: &mut impl Stream) {
        while self.left > 0 && self.say_once(stream) > 0 {}
    }

    fn say_once(&mut self, stream: &mut impl Stream) -> u32 {
        let room = stream.room(1);
        let length = room.len().min(self.left as usize);
        lines::write(&mut room[..length], u64::from(self.place));
        stream.commit(length);
        let length = length as u32;
        self.left -= length;
        self.place += length;
        length
    }
}
