//! What was sent and is not acknowledged, range by range: when, and what became of it (RFC 6675 §3, RFC 8985 §5).
//!
//! Ranges are in two lists, which share their places: all of them in the order of the stream, and those in flight in the order
//! in which they were sent.

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

/// What an acknowledgement delivered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivered {
    /// Octets that were not known to be delivered before.
    pub(crate) octets: u32,
    /// Of the ranges that were delivered, the one that was sent last.
    pub(crate) latest: Option<Latest>,
    /// The same, of those that were sent once only.
    pub(crate) latest_once: Option<Latest>,
    /// Of those that were sent once only, the lowest end.
    pub(crate) lowest_once: Option<Sequence>,
}

/// A range that was delivered: when it was sent, where it ends, whether it was a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Latest {
    pub(crate) at: Instant,
    pub(crate) end: Sequence,
    pub(crate) is_repeated: bool,
}

impl Latest {
    /// RFC 8985 §6.2, step 2: whether this was sent after the other.
    #[inline]
    pub(crate) fn is_sent_after(&self, at: Instant, end: Sequence) -> bool {
        self.at > at || (self.at == at && self.end.is_after(end))
    }
}

impl Delivered {
    fn note(&mut self, sent: &Sent, end: Sequence) {
        let latest = Latest { at: sent.at, end, is_repeated: sent.is_repeated };
        let is_later =
            |other: &Option<Latest>| other.is_none_or(|other| latest.is_sent_after(other.at, other.end));
        if is_later(&self.latest) {
            self.latest = Some(latest);
        }
        if sent.is_repeated {
            return;
        }
        if is_later(&self.latest_once) {
            self.latest_once = Some(latest);
        }
        if self.lowest_once.is_none_or(|lowest| end.is_before(lowest)) {
            self.lowest_once = Some(end);
        }
    }
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

    fn octets(&mut self, fate: Fate) -> &mut u32 {
        match fate {
            Fate::InFlight => &mut self.in_flight,
            Fate::Sacked => &mut self.sacked,
            Fate::Lost => &mut self.lost,
        }
    }

    fn change(&mut self, place: u32, fate: Fate, ranges: &mut Slab<Sent>) {
        let sent = ranges[place];
        *self.octets(sent.fate) -= sent.length();
        *self.octets(fate) += sent.length();
        if sent.fate == Fate::InFlight {
            self.leave_flight(&sent, ranges);
        }
        ranges[place].fate = fate;
    }

    /// Takes a range out of those that are in the order of sending.
    fn leave_flight(&mut self, sent: &Sent, ranges: &mut Slab<Sent>) {
        match ranges.get_mut(sent.earlier) {
            Some(earlier) => earlier.later = sent.later,
            None => self.oldest = sent.later,
        }
        match ranges.get_mut(sent.later) {
            Some(later) => later.earlier = sent.earlier,
            None => self.newest = sent.earlier,
        }
    }

    /// Takes a range out altogether, whose octets were subtracted already.
    fn remove(&mut self, place: u32, ranges: &mut Slab<Sent>) {
        let sent = ranges.remove(place);
        self.count -= 1;
        if sent.fate == Fate::InFlight {
            self.leave_flight(&sent, ranges);
        }
        match ranges.get_mut(sent.previous) {
            Some(previous) => previous.next = sent.next,
            None => self.first = sent.next,
        }
        match ranges.get_mut(sent.next) {
            Some(next) => next.previous = sent.previous,
            None => self.last = sent.previous,
        }
        if self.lost_from == place {
            self.lost_from = sent.next;
        }
    }

    /// Cuts a range in two, the second of which begins at `at`.
    fn split(&mut self, place: u32, at: Sequence, ranges: &mut Slab<Sent>) -> Result<(), Full> {
        // A peer that acknowledges octet by octet must not take the places of all others.
        if self.count >= limits::RANGES {
            return Err(Full);
        }
        let sent = ranges[place];
        let rest = Sent { start: at, previous: place, earlier: place, ..sent };
        let second = ranges.insert(rest).map_err(|_| Full)?;
        self.count += 1;
        let first = &mut ranges[place];
        first.end = at;
        first.next = second;
        match ranges.get_mut(sent.next) {
            Some(next) => next.previous = second,
            None => self.last = second,
        }
        if sent.fate == Fate::InFlight {
            ranges[place].later = second;
            match ranges.get_mut(sent.later) {
                Some(later) => later.earlier = second,
                None => self.newest = second,
            }
        }
        Ok(())
    }

    /// What was acknowledged selectively in one piece is one range: holes are few, octets many. Returns what follows.
    fn merge_sacked(&mut self, place: u32, ranges: &mut Slab<Sent>) -> u32 {
        let sent = ranges[place];
        let mut kept = place;
        if ranges.get(sent.previous).is_some_and(|previous| previous.fate == Fate::Sacked) {
            ranges[sent.previous].end = sent.end;
            self.remove(place, ranges);
            kept = sent.previous;
        }
        let next = ranges[kept].next;
        if let Some(&following) = ranges.get(next).filter(|next| next.fate == Fate::Sacked) {
            ranges[kept].end = following.end;
            self.remove(next, ranges);
        }
        ranges[kept].next
    }
}

#[cfg(test)]
mod tests;
