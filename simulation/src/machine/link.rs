//! A link with the kernel's economy of buffers: so many, each with somebody, frames answered where they lie.

use crate::cable::ETHERNET_HEADER;
use crate::limits;
use core::time::Duration;
use moment::Instant;
use platform::{Checksum, EthernetAddress, Link, OutgoingFrame, ReceivedFrame};
use std::collections::VecDeque;

/// A network card in memory.
#[derive(Debug)]
pub struct SimulatedLink {
    address: EthernetAddress,
    mtu: usize,
    /// Nobody wipes a buffer: what a frame left behind is there when the next one comes.
    buffers: Vec<Box<[u8]>>,
    /// The driver's, with nothing in them.
    free: Vec<usize>,
    /// Offered to the device since the last doorbell, ...
    offered: Vec<usize>,
    /// ... and before: frames are received into these.
    waiting: VecDeque<usize>,
    /// Frames that arrived, with their lengths.
    arrived: VecDeque<(usize, usize)>,
    /// Frames to be sent at the next doorbell, with their lengths, ...
    written: Vec<(usize, usize)>,
    /// ... and those that the device is sending, each until when.
    sending: VecDeque<(Instant, usize)>,
    /// How long the device keeps a buffer that it sends.
    sending_time: Duration,
    now: Instant,
    sent: Vec<Vec<u8>>,
    /// Frames that came while no buffer waited.
    overruns: u64,
}

impl SimulatedLink {
    /// A card whose device keeps what it sends for `sending_time`.
    #[must_use]
    pub fn new(address: EthernetAddress, mtu: usize, sending_time: Duration) -> Self {
        let mut link = Self {
            address,
            mtu,
            buffers: vec![vec![0xa5; limits::BUFFER].into(); limits::BUFFERS],
            free: (0..limits::BUFFERS).collect(),
            offered: Vec::new(),
            waiting: VecDeque::new(),
            arrived: VecDeque::new(),
            written: Vec::new(),
            sending: VecDeque::new(),
            sending_time,
            now: Instant::START,
            sent: Vec::new(),
            overruns: 0,
        };
        link.flush();
        link
    }

    /// A frame arrives from outside; without a buffer for it, it is lost.
    pub(super) fn arrive(&mut self, frame: &[u8]) {
        if frame.len() < ETHERNET_HEADER || frame.len() > limits::BUFFER {
            return;
        }
        match self.waiting.pop_front() {
            Some(buffer) => {
                self.buffers[buffer][..frame.len()].copy_from_slice(frame);
                self.arrived.push_back((buffer, frame.len()));
            }
            None => self.overruns += 1,
        }
    }

    pub(super) fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// What was sent since this was asked last.
    pub(super) fn take_sent(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.sent)
    }

    /// Whether frames are waiting to be received.
    pub(super) fn is_ready(&self) -> bool {
        !self.arrived.is_empty()
    }

    /// When the driver is woken because a buffer was sent, which it wants while few wait for frames.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        let (at, _) = self.sending.front().filter(|_| self.waiting.len() < limits::FEW)?;
        Some(*at)
    }

    /// Whether there is a buffer to send from.
    pub(super) fn can_send(&self) -> bool {
        !self.free.is_empty()
    }

    /// How many buffers nobody has: between turns each is with somebody.
    pub(super) fn leaked(&self) -> usize {
        let kept = self.free.len() + self.offered.len() + self.written.len();
        let with_device = self.waiting.len() + self.arrived.len() + self.sending.len();
        self.buffers.len() - kept - with_device
    }

    /// How many frames were lost for want of a buffer.
    #[must_use]
    pub const fn overruns(&self) -> u64 {
        self.overruns
    }

    fn reclaim(&mut self) {
        while let Some((_, buffer)) = self.sending.pop_front_if(|(until, _)| *until <= self.now) {
            self.free.push(buffer);
        }
    }
}

impl Link for SimulatedLink {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        self.address
    }

    fn maximum_transmission_unit(&self) -> usize {
        self.mtu
    }

    fn receive(&mut self) -> Option<Received<'_>> {
        let (buffer, length) = self.arrived.pop_front()?;
        Some(Received { link: self, buffer, length, reply: None })
    }

    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        if self.free.is_empty() {
            self.reclaim();
        }
        let buffer = self.free.pop()?;
        Some(Outgoing { link: self, buffer, length: None })
    }

    fn flush(&mut self) {
        self.reclaim();
        let spare = self.free.len().saturating_sub(limits::RESERVED);
        self.offered.extend(self.free.drain(..spare));
        self.waiting.extend(self.offered.drain(..));
        for (buffer, length) in self.written.drain(..) {
            self.sent.push(self.buffers[buffer][..length].to_vec());
            self.sending.push_back((self.now + self.sending_time, buffer));
        }
    }
}

/// A frame that arrived; dropped, its buffer is offered for the next.
#[derive(Debug)]
pub struct Received<'a> {
    link: &'a mut SimulatedLink,
    buffer: usize,
    length: usize,
    reply: Option<usize>,
}

impl ReceivedFrame for Received<'_> {
    fn bytes(&self) -> &[u8] {
        &self.link.buffers[self.buffer][..self.length]
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.buffers[self.buffer]
    }

    fn checksum(&self) -> Checksum {
        Checksum::Unverified
    }

    fn reply(mut self, length: usize) {
        self.reply = Some(length);
    }
}

impl Drop for Received<'_> {
    fn drop(&mut self) {
        match self.reply {
            Some(length) => self.link.written.push((self.buffer, length)),
            None => self.link.offered.push(self.buffer),
        }
    }
}

/// A buffer to send from; dropped, it is free again.
#[derive(Debug)]
pub struct Outgoing<'a> {
    link: &'a mut SimulatedLink,
    buffer: usize,
    length: Option<usize>,
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.buffers[self.buffer]
    }

    fn send(mut self, length: usize) {
        self.length = Some(length);
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        match self.length {
            Some(length) => self.link.written.push((self.buffer, length)),
            None => self.link.free.push(self.buffer),
        }
    }
}
