//! Somebody who sends garbage: noise, and frames of others that were heard and spoilt.

use crate::cable::ETHERNET_HEADER;
use crate::node::{Node, Outbox};
use crate::random::Random;
use crate::wire::{self, Content, Message, Padding};
use anyhow::Result;
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

/// Floods a station until its time is over.
#[derive(Debug)]
pub(crate) struct Flood {
    random: Random,
    victim: EthernetAddress,
    /// Frames of others, to be spoilt.
    heard: Vec<Vec<u8>>,
    until: Instant,
    next: Instant,
    /// Whether no segments are sent whose sums are right.
    spares_streams: bool,
}

/// The most frames of others that it keeps.
const HEARD: usize = 64;

/// The most frames at once: more than a link has buffers.
const BURST: u64 = 400;

impl Flood {
    /// Floods `victim` until then.
    #[must_use]
    pub(crate) const fn new(random: Random, victim: EthernetAddress, until: Instant) -> Self {
        Self { random, victim, heard: Vec::new(), until, next: Instant::START, spares_streams: false }
    }

    /// A stream can't withstand somebody who hears it and sends segments with sums that are right; nor need it.
    #[must_use]
    pub(crate) fn sparing_streams(self) -> Self {
        Self { spares_streams: true, ..self }
    }

    fn frame(&mut self) -> Vec<u8> {
        let frame = self.spoilt();
        let is_sound = |frame: &[u8]| {
            let content = wire::read(frame, Padding::Allowed).map(|frame| frame.content);
            matches!(content, Ok(Content::Packet { message: Message::Segment(_), .. }))
        };
        if self.spares_streams && is_sound(&frame) && !self.heard.contains(&frame) {
            self.noise()
        } else {
            frame
        }
    }

    fn spoilt(&mut self) -> Vec<u8> {
        let mut frame = if self.heard.is_empty() || self.random.chance(0.3) {
            self.noise()
        } else {
            self.random.pick(&self.heard).clone()
        };
        if self.random.chance(0.9) {
            frame[..6].copy_from_slice(&self.victim.0);
        }
        if self.random.chance(0.3) {
            frame.resize(self.random.between(15, 2022) as usize, 0);
        }
        for _ in 0..self.random.below(6) {
            let at = self.random.index(frame.len());
            frame[at] = self.random.number() as u8;
        }
        frame
    }

    fn noise(&mut self) -> Vec<u8> {
        /// IPv4, ARP, IPv6, VLAN, and one that nobody speaks.
        const TYPES: [[u8; 2]; 5] = [[0x08, 0x00], [0x08, 0x06], [0x86, 0xdd], [0x81, 0x00], [0x12, 0x34]];
        let mut frame = vec![0; ETHERNET_HEADER + self.random.between(1, 200) as usize];
        self.random.fill(&mut frame);
        frame[6] &= 0xfe;
        let ethertype: [u8; 2] = *self.random.pick(&TYPES);
        frame[12..ETHERNET_HEADER].copy_from_slice(&ethertype);
        frame
    }
}

impl Node for Flood {
    fn receive(&mut self, _port: usize, frame: Vec<u8>, _now: Instant) {
        if frame.len() > ETHERNET_HEADER && frame[6..12] != self.victim.0 {
            match self.heard.len() {
                HEARD => *self.random.pick_mut(&mut self.heard) = frame,
                _ => self.heard.push(frame),
            }
        }
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        if now >= self.next && now < self.until {
            let count = if self.random.chance(0.05) { self.random.between(1, BURST) } else { 1 };
            outbox.extend((0..count).map(|_| (0, self.frame())));
            self.next = now + Duration::from_micros(count * self.random.between(100, 4000));
        }
        Ok((now < self.until).then_some(self.next))
    }
}
