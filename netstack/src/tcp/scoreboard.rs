//! What was sent and is not acknowledged, range by range: when, and what became of it (RFC 6675 §3, RFC 8985 §5).
//!
//! Ranges are in two lists, which share their places: all of them in the order of the stream, and those in flight in the order
//! in which they were sent.

mod delivered;
mod lists;

pub(crate) use delivered::{Delivered, Latest};

use crate::tcp::limits;
use crate::tcp::memory::NOWHERE;
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;
use moment::Instant;

/// A range of the sequence space that was sent at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) start: Sequence,
    pub(crate) end: Sequence,
    pub(crate) at: Instant,
    fate: Fate,
    /// Whether it had been sent before.
    pub(crate) is_repeated: bool,
    /// In the order of the stream.
    previous: u32,
    next: u32,
    /// In the order of sending, while it is in flight.
    earlier: u32,
    later: u32,
}

impl Sent {
    fn length(&self) -> u32 {
        self.end.since(self.start)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    InFlight,
    /// Acknowledged selectively.
    Sacked,
    /// Believed to be lost, and not sent again yet.
    Lost,
}

/// There is no place to remember a range in.
#[derive(Debug)]
pub(crate) struct Full;

/// The ranges of one connection.
#[derive(Debug)]
pub(crate) struct Scoreboard {
    first: u32,
    last: u32,
    oldest: u32,
    newest: u32,
    /// No lost range is in front of this one.
    lost_from: u32,
    in_flight: u32,
    sacked: u32,
    lost: u32,
    /// How many ranges there are.
    count: u32,
}

impl Scoreboard {
    /// Nothing was sent.
    pub(crate) const EMPTY: Self = Self {
        first: NOWHERE,
        last: NOWHERE,
        oldest: NOWHERE,
        newest: NOWHERE,
        lost_from: NOWHERE,
        in_flight: 0,
        sacked: 0,
        lost: 0,
        count: 0,
    };

    /// Octets believed to be on their way (RFC 6675 §3, "pipe").
    #[inline]
    pub(crate) const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Octets that were acknowledged selectively.
    #[inline]
    pub(crate) const fn sacked(&self) -> u32 {
        self.sacked
    }

    /// Octets that are to be sent again.
    #[inline]
    pub(crate) const fn lost(&self) -> u32 {
        self.lost
    }

    /// Whether nothing is on its way or has to be.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.first == NOWHERE
    }

    /// Whether what is on its way is in as many pieces as it may be in.
    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.count >= limits::RANGES_SENT
    }

    /// The range in flight that was sent first.
    #[inline]
    pub(crate) fn oldest<'a>(&self, ranges: &'a Slab<Sent>) -> Option<&'a Sent> {
        ranges.get(self.oldest)
    }

    /// What follows all that was sent before goes out now.
    #[inline]
    pub(crate) fn push(
        &mut self,
        start: Sequence,
        end: Sequence,
        now: Instant,
        ranges: &mut Slab<Sent>,
    ) -> Result<(), Full> {
        let length = end.since(start);
        // What is sent in one turn is one range.
        if self.newest == self.last
            && let Some(last) = ranges.get_mut(self.last)
            && last.at == now
            && !last.is_repeated
            && last.fate == Fate::InFlight
        {
            last.end = end;
            self.in_flight += length;
            return Ok(());
        }
        let (previous, earlier) = (self.last, self.newest);
        let sent = Sent {
            start,
            end,
            at: now,
            fate: Fate::InFlight,
            is_repeated: false,
            previous,
            next: NOWHERE,
            earlier,
            later: NOWHERE,
        };
        let place = ranges.insert(sent).map_err(|_| Full)?;
        match ranges.get_mut(previous) {
            Some(previous) => previous.next = place,
            None => self.first = place,
        }
        match ranges.get_mut(earlier) {
            Some(earlier) => earlier.later = place,
            None => self.oldest = place,
        }
        (self.last, self.newest) = (place, place);
        self.count += 1;
        self.in_flight += length;
        Ok(())
    }

    /// Everything before `acknowledged` was delivered.
    #[inline]
    pub(crate) fn acknowledge(
        &mut self,
        acknowledged: Sequence,
        delivered: &mut Delivered,
        ranges: &mut Slab<Sent>,
    ) {
        while let Some(&sent) = ranges.get(self.first).filter(|sent| sent.start.is_before(acknowledged)) {
            let end = sent.end.min(acknowledged);
            let count = end.since(sent.start);
            *self.octets(sent.fate) -= count;
            if sent.fate != Fate::Sacked {
                delivered.octets += count;
                delivered.note(&sent, end);
            }
            if sent.end.is_after(end) {
                ranges[self.first].start = end;
                return;
            }
            self.remove(self.first, ranges);
        }
    }

    /// What is from `start` up to `end` was acknowledged selectively.
    #[cold]
    pub(crate) fn sack(
        &mut self,
        start: Sequence,
        end: Sequence,
        delivered: &mut Delivered,
        ranges: &mut Slab<Sent>,
    ) {
        let mut place = self.first;
        while let Some(&sent) = ranges.get(place) {
            if sent.start.is_at_least(end) {
                return;
            }
            if sent.fate == Fate::Sacked || sent.end.is_at_most(start) {
                place = sent.next;
                continue;
            }
            // Without a place for the rest, nothing is known of this range yet.
            if sent.start.is_before(start) {
                if self.split(place, start, ranges).is_err() {
                    return;
                }
                place = ranges[place].next;
            }
            if ranges[place].end.is_after(end) && self.split(place, end, ranges).is_err() {
                return;
            }
            let sent = ranges[place];
            delivered.octets += sent.length();
            delivered.note(&sent, sent.end);
            self.change(place, Fate::Sacked, ranges);
            place = self.merge_sacked(place, ranges);
        }
    }

    /// The oldest range in flight is believed to be lost.
    pub(crate) fn lose_oldest(&mut self, ranges: &mut Slab<Sent>) {
        if ranges.get(self.oldest).is_some() {
            self.lose(self.oldest, ranges);
        }
    }

    /// Everything is believed to be lost, even what was acknowledged selectively (RFC 2018 §8).
    #[cold]
    pub(crate) fn lose_all(&mut self, ranges: &mut Slab<Sent>) {
        let mut place = self.first;
        while let Some(&sent) = ranges.get(place) {
            if sent.fate != Fate::Lost {
                self.change(place, Fate::Lost, ranges);
            }
            place = sent.next;
        }
        self.lost_from = self.first;
    }

    /// Nothing was lost after all: what was held for lost, and not sent again since, is on its way.
    #[cold]
    pub(crate) fn lose_nothing(&mut self, ranges: &mut Slab<Sent>) {
        // What was sent once was sent in the order of the stream, so both lists are gone through once.
        let (mut place, mut before) = (self.last, self.newest);
        while let Some(&sent) = ranges.get(place) {
            if sent.fate == Fate::Lost && !sent.is_repeated {
                let is_later = |other: &&Sent| {
                    other.at > sent.at || (other.at == sent.at && other.start.is_after(sent.start))
                };
                while let Some(later) = ranges.get(before).filter(is_later) {
                    before = later.earlier;
                }
                self.return_to_flight(place, before, ranges);
                before = place;
            }
            place = sent.previous;
        }
    }

    /// The first range is believed to be lost, whatever became of the others.
    #[cold]
    pub(crate) fn lose_first(&mut self, most: u32, ranges: &mut Slab<Sent>) {
        let Some(&sent) = ranges.get(self.first) else { return };
        if sent.fate == Fate::InFlight {
            if sent.length() > most {
                let _ = self.split(self.first, sent.start + most, ranges);
            }
            self.lose(self.first, ranges);
        }
    }

    fn lose(&mut self, place: u32, ranges: &mut Slab<Sent>) {
        self.change(place, Fate::Lost, ranges);
        let start = ranges[place].start;
        if ranges.get(self.lost_from).is_none_or(|from| start.is_before(from.start)) {
            self.lost_from = place;
        }
    }

    /// The first range that is to be sent again.
    #[cold]
    pub(crate) fn first_lost(&mut self, ranges: &Slab<Sent>) -> Option<(Sequence, Sequence)> {
        while let Some(sent) = ranges.get(self.lost_from) {
            if sent.fate == Fate::Lost {
                return Some((sent.start, sent.end));
            }
            self.lost_from = sent.next;
        }
        None
    }

    /// The first `length` octets of [`Scoreboard::first_lost`] were sent again.
    #[cold]
    pub(crate) fn repeat_first_lost(&mut self, length: u32, now: Instant, ranges: &mut Slab<Sent>) {
        let Some((start, end)) = self.first_lost(ranges) else { return };
        let place = self.lost_from;
        if (start + length).is_before(end) {
            // Without a place for the rest all of it counts as sent: if it stays away, it is found to be lost once more.
            let _ = self.split(place, start + length, ranges);
        }
        self.change(place, Fate::InFlight, ranges);
        let sent = &mut ranges[place];
        (sent.at, sent.is_repeated) = (now, true);
        (sent.earlier, sent.later) = (self.newest, NOWHERE);
        match ranges.get_mut(self.newest) {
            Some(newest) => newest.later = place,
            None => self.oldest = place,
        }
        self.newest = place;
    }

    /// The last range, of which `most` octets are sent again to find out whether it arrived (RFC 8985 §7.3).
    #[cold]
    pub(crate) fn lose_last(&mut self, most: u32, ranges: &mut Slab<Sent>) {
        let Some(&sent) = ranges.get(self.last) else { return };
        let mut place = self.last;
        if sent.fate != Fate::InFlight {
            return;
        }
        if sent.length() > most && self.split(place, sent.end - most, ranges).is_ok() {
            place = ranges[place].next;
        }
        self.lose(place, ranges);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, ranges: &mut Slab<Sent>) {
        while ranges.get(self.first).is_some() {
            let next = ranges.remove(self.first).next;
            self.first = next;
        }
        *self = Self::EMPTY;
    }
}

#[cfg(test)]
mod tests;
