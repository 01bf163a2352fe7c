//! One connection, from the side of the machine that is watched.

use super::Resets;
use super::ranges::Ranges;
use crate::wire::{Options, Segment};
use anyhow::{Context as _, Result, ensure};
use std::collections::{HashSet, VecDeque};

/// Both directions. Places count from the SYN of a direction, which is 0.
#[derive(Debug, Default)]
pub(super) struct Connection {
    ours: Option<Ours>,
    theirs: Theirs,
    /// Segments that came and may each be answered by a reset: what they acknowledged, and where they ended.
    strays: VecDeque<(Option<u32>, u32)>,
}

/// What the machine said.
#[derive(Debug)]
struct Ours {
    initial: u32,
    options: Options,
    /// The first sequence number of the peer that it speaks with, once that is known.
    peer: Option<u32>,
    /// Whether something followed the SYN.
    is_established: bool,
    /// Octets, from place 1 on.
    octets: Vec<u8>,
    /// Where its FIN is.
    fin: Option<i64>,
    /// The place behind all that was sent.
    furthest: i64,
    /// What the peer acknowledged, and how far it let the machine go.
    acknowledged: i64,
    limit: i64,
    /// What it acknowledged of the peer's, and how far it lets that go.
    acknowledges: i64,
    grants: i64,
    /// The last TSval.
    clock: Option<u32>,
    was_reset: bool,
    /// Whether an acknowledgement came after that.
    may_return: bool,
}

/// What the peer said.
#[derive(Debug, Default)]
struct Theirs {
    /// Its SYNs that came, the last at the end: a late one may be of a connection that was before.
    openings: VecDeque<Opening>,
    clocks: HashSet<u32>,
    has_reset: bool,
}

/// A SYN of the peer's, and what came that may belong to it.
#[derive(Debug)]
struct Opening {
    initial: u32,
    options: Options,
    octets: Ranges,
    fin: Option<i64>,
}

/// Openings and segments that are remembered of a connection.
const REMEMBERED: usize = 4096;

/// RFC 7323 §2.3.
const MOST_SCALE: u8 = 14;

/// How far one sequence number is behind another.
fn place(sequence: u32, initial: u32) -> i64 {
    i64::from(sequence.wrapping_sub(initial).cast_signed())
}

impl Connection {
    /// The peer's SYN that the connection is about: the one that was answered, or the last.
    fn opening(&self) -> Option<&Opening> {
        let peer = self.ours.as_ref().and_then(|ours| ours.peer);
        peer.map_or_else(|| self.theirs.openings.back(), |peer| self.theirs.of(peer))
    }

    pub(super) fn on_received(&mut self, segment: &Segment<'_>) {
        if let Some(ours) = &mut self.ours {
            ours.may_return |= ours.was_reset && segment.acknowledgement.is_some() && !segment.reset;
        }
        if !segment.reset {
            let end = segment.sequence.wrapping_add(segment.length());
            remember(&mut self.strays, (segment.acknowledgement, end));
        }
        self.theirs.on_received(segment);
        let scale = self.opening().and_then(|opening| opening.options.scale);
        if let (Some(ours), Some(acknowledged)) = (&mut self.ours, segment.acknowledgement) {
            ours.on_acknowledged(acknowledged, segment, scale);
        }
    }

    /// The machine sent a SYN.
    pub(super) fn on_opening(&mut self, segment: &Segment<'_>, most: usize) -> Result<()> {
        ensure!(segment.payload.is_empty(), "octets beside a SYN");
        let length = segment.options.segment_length.context("a SYN without a maximum segment size")?;
        ensure!((1..=most).contains(&usize::from(length)), "a maximum segment size of {length}");
        ensure!(segment.options.scale.is_none_or(|scale| scale <= MOST_SCALE), "a window scale beyond 14");
        ensure!(segment.options.blocks.is_empty(), "selective acknowledgement beside a SYN");
        if let Some(acknowledged) = segment.acknowledgement {
            let asked = self.theirs.of(acknowledged.wrapping_sub(1));
            let asked = &asked.context("acknowledges a SYN that never came")?.options;
            let ours = &segment.options;
            // RFC 7323 §1.3, RFC 2018 §2: options of a SYN-ACK only where the SYN had them.
            ensure!(ours.scale.is_none() || asked.scale.is_some(), "a window scale that nobody asked for");
            ensure!(
                !ours.may_acknowledge_selectively || asked.may_acknowledge_selectively,
                "selective acknowledgement that nobody asked for"
            );
            match (ours.timestamps, asked.timestamps) {
                (Some((_, echo)), Some(_)) => {
                    ensure!(self.theirs.clocks.contains(&echo), "echoes a timestamp that never came");
                }
                (Some(_), None) => anyhow::bail!("timestamps that nobody asked for"),
                (None, _) => {}
            }
        }
        // RFC 4987 §3.6: a late SYN of what is over gets the same cookie, if it got one before.
        let is_another =
            self.ours.as_ref().is_none_or(|ours| ours.initial != segment.sequence || ours.is_established);
        if is_another {
            ensure!(!self.is_alive(), "a SYN in the middle of a connection");
            if self.ours.is_some() && segment.acknowledgement.is_none() {
                self.theirs = Theirs::default();
            }
            self.theirs.has_reset = false;
            self.ours = Some(Ours::new(segment));
        }
        if let (Some(ours), Some(acknowledged)) = (&mut self.ours, segment.acknowledgement) {
            ours.peer = Some(acknowledged.wrapping_sub(1));
            (ours.acknowledges, ours.grants) = (1, ours.grants.max(1 + i64::from(segment.window)));
        }
        Ok(())
    }

    /// Whether it was established, and neither side has ended it.
    fn is_alive(&self) -> bool {
        let Some(ours) = &self.ours else { return false };
        let has_finished = ours.fin.is_some_and(|fin| ours.acknowledged > fin);
        let fin = self.opening().and_then(|opening| opening.fin);
        let was_heard = fin.is_some_and(|fin| ours.acknowledges > fin);
        let is_over = has_finished && was_heard;
        ours.is_established && !is_over && !ours.was_reset && !self.theirs.has_reset
    }

    /// The machine sent a reset.
    pub(super) fn on_reset(&mut self, segment: &Segment<'_>, resets: Resets) -> Result<()> {
        ensure!(segment.payload.is_empty(), "octets beside a reset");
        let is_alive = self.is_alive();
        ensure!(!is_alive || resets == Resets::AtWill, "resets a connection that is under way");
        let is_own = |ours: &&mut Ours| {
            let at = place(segment.sequence, ours.initial);
            (ours.acknowledged..=ours.furthest).contains(&at)
        };
        let own = self.ours.as_mut().filter(is_own).filter(|ours| !ours.was_reset);
        if let Some(ours) = own
            && resets == Resets::AtWill
        {
            ours.was_reset = true;
            return Ok(());
        }
        // RFC 9293 §3.10.7.1: from where the segment acknowledged, or from nowhere and acknowledging it whole.
        let is_due = |&(acknowledged, end): &(Option<u32>, u32)| match acknowledged {
            Some(acknowledged) => segment.sequence == acknowledged,
            None => segment.sequence == 0 && segment.acknowledgement == Some(end),
        };
        let at = self.strays.iter().position(is_due).context("a reset that answers nothing")?;
        let (acknowledged, _) = self.strays.remove(at).unwrap_or_default();
        // RFC 9293 §3.10.7.4, fifth step: a connection that is half open stays when another's acknowledgement is sent away.
        let is_of_it = |ours: &&mut Ours| acknowledged.is_none() || is_own(ours);
        if let Some(ours) = self.ours.as_mut().filter(is_of_it) {
            ours.was_reset = true;
        }
        Ok(())
    }

    /// The machine sent something else.
    pub(super) fn on_sent(&mut self, segment: &Segment<'_>, default: u16) -> Result<()> {
        let is_over =
            self.ours.as_ref().is_some_and(|ours| ours.is_established || ours.was_reset) && !self.is_alive();
        let ours = self.ours.as_mut().context("it never began")?;
        let acknowledged = segment.acknowledgement.context("acknowledges nothing")?;
        let goes_back = ours.peer.is_some_and(|peer| place(acknowledged, peer) < ours.acknowledges);
        let end = place(segment.sequence, ours.initial) + segment.payload.len() as i64;
        // A reset that came may have been questioned only: who goes on where he was has not begun anew.
        let ends_elsewhere = ours.fin.map_or(end < ours.furthest, |fin| fin != end);
        let ends_again = segment.fin && ends_elsewhere;
        // RFC 4987 §3.6: whoever repeats the acknowledgement of a cookie has the connection once more, after it was over.
        if is_over && (ours.may_return || goes_back || (ends_again && !ours.was_reset)) {
            let (initial, options, limit) = (ours.initial, ours.options.clone(), ours.limit);
            *ours = Ours { initial, options, acknowledged: 1, limit, ..Ours::new(segment) };
        }
        let peer = ours.peer.or_else(|| self.theirs.acknowledged_by(acknowledged));
        let Opening { initial, options: asked, octets, .. } =
            peer.and_then(|peer| self.theirs.of(peer)).context("the peer never began")?;
        let initial = *initial;
        ours.peer = Some(initial);
        ensure!(!ours.was_reset, "a connection that was reset");
        ours.is_established = true;
        let most = asked.segment_length.unwrap_or(default);
        let length = segment.payload.len() + segment.options.length;
        // RFC 6691 §2: options count.
        ensure!(segment.payload.is_empty() || length <= usize::from(most), "{length} octets, not {most}");
        ours.say(segment)?;

        let acknowledges = place(acknowledged, initial);
        let whole = octets.whole_until();
        ensure!(acknowledges <= whole, "acknowledges {acknowledges} octets, of {whole} that came");
        ensure!(
            acknowledges >= ours.acknowledges,
            "acknowledges {acknowledges} octets, {} before",
            ours.acknowledges
        );
        ours.acknowledges = acknowledges;
        ours.grant(segment, asked.scale.is_some())?;
        ours.check_clock(segment, asked, &self.theirs.clocks)?;
        let may = ours.options.may_acknowledge_selectively && asked.may_acknowledge_selectively;
        ensure!(may || segment.options.blocks.is_empty(), "selective acknowledgement that nobody asked for");
        for (number, block) in segment.options.blocks.iter().enumerate() {
            let (begin, end) = (place(block.0, initial), place(block.1, initial));
            ensure!(begin < end && octets.cover(begin, end), "{begin} to {end} never came");
            // RFC 2883 §4: only the first block may be about what was acknowledged.
            ensure!(number == 0 || begin > acknowledges, "{begin} to {end} is acknowledged as it is");
        }
        Ok(())
    }
}

impl Theirs {
    /// The SYN with this sequence number.
    fn of(&self, initial: u32) -> Option<&Opening> {
        self.openings.iter().find(|opening| opening.initial == initial)
    }

    /// The first sequence number of whoever is acknowledged by this: the last that is not beyond.
    fn acknowledged_by(&self, acknowledged: u32) -> Option<u32> {
        let behind = |opening: &&Opening| place(acknowledged, opening.initial) >= 1;
        let nearest = self.openings.iter().filter(behind);
        nearest.min_by_key(|opening| place(acknowledged, opening.initial)).map(|opening| opening.initial)
    }

    fn on_received(&mut self, segment: &Segment<'_>) {
        self.has_reset |= segment.reset;
        self.clocks.extend(segment.options.timestamps.map(|(clock, _)| clock));
        if segment.syn && self.of(segment.sequence).is_none() {
            let (initial, options) = (segment.sequence, segment.options.clone());
            remember(&mut self.openings, Opening { initial, options, octets: Ranges::default(), fin: None });
        }
        for opening in &mut self.openings {
            let begin = place(segment.sequence, opening.initial);
            let end = begin + i64::from(segment.length());
            if segment.fin && begin >= 0 {
                opening.fin = Some(end - 1);
            }
            opening.octets.add(begin, end);
        }
    }
}

impl Ours {
    fn new(segment: &Segment<'_>) -> Self {
        Self {
            initial: segment.sequence,
            options: segment.options.clone(),
            peer: None,
            is_established: false,
            octets: Vec::new(),
            fin: None,
            furthest: 1,
            acknowledged: 0,
            limit: 1,
            acknowledges: 0,
            grants: 0,
            clock: None,
            was_reset: false,
            may_return: false,
        }
    }

    fn on_acknowledged(&mut self, acknowledged: u32, segment: &Segment<'_>, their_scale: Option<u8>) {
        let acknowledged = place(acknowledged, self.initial);
        // What acknowledges more than was sent is of another connection.
        if !(0..=self.furthest).contains(&acknowledged) {
            return;
        }
        self.acknowledged = self.acknowledged.max(acknowledged);
        // RFC 7323 §2.2: the window of a SYN is never scaled, and others' only if both sides said so.
        let scale = match (segment.syn, self.options.scale, their_scale) {
            (false, Some(_), Some(scale)) => scale.min(MOST_SCALE),
            _ => 0,
        };
        self.limit = self.limit.max(acknowledged + (i64::from(segment.window) << scale));
    }

    /// What it says fits what it said before.
    fn say(&mut self, segment: &Segment<'_>) -> Result<()> {
        let begin = place(segment.sequence, self.initial);
        let end = begin + segment.payload.len() as i64;
        ensure!(begin <= self.furthest, "{} octets left out", begin - self.furthest);
        // RFC 9293 §3.8.4: one before what was acknowledged asks whether the peer is there.
        ensure!(begin >= self.acknowledged - 1 || begin >= 0, "from before the beginning");
        ensure!(segment.payload.is_empty() || self.acknowledged >= 1, "octets before it was established");
        ensure!(self.fin.is_none_or(|fin| end <= fin) || segment.payload.is_empty(), "octets behind the end");
        for (octet, at) in segment.payload.iter().zip(begin..) {
            let known = usize::try_from(at - 1).ok().and_then(|at| self.octets.get(at));
            ensure!(known.is_none_or(|known| known == octet), "octet {at} was another before");
        }
        let new = usize::try_from((self.octets.len() as i64 + 1 - begin).max(0)).unwrap_or(0);
        self.octets.extend(segment.payload.get(new..).unwrap_or_default());
        if segment.fin {
            ensure!(self.fin.is_none_or(|fin| fin == end), "another end than before");
            ensure!(end == self.octets.len() as i64 + 1, "an end before the end");
            self.fin = Some(end);
        }
        let furthest = end + i64::from(segment.fin);
        if furthest > self.furthest {
            // RFC 9293 §3.8.6.1: one octet asks whether the window is still closed.
            let beyond = furthest - self.limit;
            ensure!(beyond <= 0 || (beyond == 1 && segment.payload.len() <= 1), "{beyond} beyond the window");
            self.furthest = furthest;
        }
        Ok(())
    }

    /// The right edge of what it lets the peer send.
    fn grant(&mut self, segment: &Segment<'_>, is_scaled: bool) -> Result<()> {
        let scale = if is_scaled { self.options.scale.unwrap_or(0) } else { 0 };
        let edge = self.acknowledges + (i64::from(segment.window) << scale);
        // RFC 9293 §3.8.6: it must not shrink the window; but what is lost by rounding (RFC 7323 §2.4).
        ensure!(edge > self.grants - (1 << scale), "a window that ends at {edge}, not {}", self.grants);
        self.grants = self.grants.max(edge);
        Ok(())
    }

    fn check_clock(&mut self, segment: &Segment<'_>, asked: &Options, clocks: &HashSet<u32>) -> Result<()> {
        let is_agreed = self.options.timestamps.is_some() && asked.timestamps.is_some();
        let Some((clock, echo)) = segment.options.timestamps else {
            // RFC 7323 §3.2.
            ensure!(!is_agreed, "no timestamps, though both sides agreed on them");
            return Ok(());
        };
        ensure!(is_agreed, "timestamps that nobody asked for");
        ensure!(clocks.contains(&echo), "echoes a timestamp that never came");
        let is_later = self.clock.is_none_or(|before| place(clock, before) >= 0);
        ensure!(is_later, "a clock that goes back");
        self.clock = Some(clock);
        Ok(())
    }
}

fn remember<T>(queue: &mut VecDeque<T>, one: T) {
    queue.push_back(one);
    if queue.len() > REMEMBERED {
        queue.pop_front();
    }
}
