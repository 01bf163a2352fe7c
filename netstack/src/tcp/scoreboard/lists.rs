//! Both lists of ranges, kept in order while ranges change, part and join.

use super::{Fate, Full, Scoreboard, Sent};
use crate::tcp::limits;
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;

impl Scoreboard {
    pub(super) fn octets(&mut self, fate: Fate) -> &mut u32 {
        match fate {
            Fate::InFlight => &mut self.in_flight,
            Fate::Sacked => &mut self.sacked,
            Fate::Lost => &mut self.lost,
        }
    }

    pub(super) fn change(&mut self, place: u32, fate: Fate, ranges: &mut Slab<Sent>) {
        let sent = ranges[place];
        *self.octets(sent.fate) -= sent.length();
        *self.octets(fate) += sent.length();
        if sent.fate == Fate::InFlight {
            self.leave_flight(&sent, ranges);
        }
        ranges[place].fate = fate;
    }

    /// A range that was held for lost is in flight: it was sent right after the one at `earlier`, if there is one.
    pub(super) fn return_to_flight(&mut self, place: u32, earlier: u32, ranges: &mut Slab<Sent>) {
        self.change(place, Fate::InFlight, ranges);
        let later = match ranges.get_mut(earlier) {
            Some(earlier) => core::mem::replace(&mut earlier.later, place),
            None => core::mem::replace(&mut self.oldest, place),
        };
        (ranges[place].earlier, ranges[place].later) = (earlier, later);
        match ranges.get_mut(later) {
            Some(later) => later.earlier = place,
            None => self.newest = place,
        }
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
    pub(super) fn remove(&mut self, place: u32, ranges: &mut Slab<Sent>) {
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
    pub(super) fn split(&mut self, place: u32, at: Sequence, ranges: &mut Slab<Sent>) -> Result<(), Full> {
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
    pub(super) fn merge_sacked(&mut self, place: u32, ranges: &mut Slab<Sent>) -> u32 {
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
