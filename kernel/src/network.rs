//! virtio-net (virtio 1.2 §5.1): an Ethernet link that lends the device's own buffers.
//!
//! A frame is received in a buffer, answered in it, and offered for transmission from it; when the device has sent it, it is
//! offered for reception again. Frames that answer none have buffers of their own.

mod cycles;
mod features;
mod frame;
mod header;
mod reception;
mod transmission;

use crate::hardware::frames::Frames;
use crate::queue::Queue;
use crate::transport::{Transport, TransportError};
pub(crate) use cycles::Cycles;
use features::Features;
use frame::{Outgoing, Received};
use platform::{EthernetAddress, Link, Offload};
use reception::Reception;
use transmission::{Place, Transmission};

const RECEIVE: u32 = 0;
const TRANSMIT: u32 = 1;

/// Octets of an Ethernet header.
const ETHERNET_HEADER: usize = 14;

/// Of a link that does not say: Ethernet's.
const DEFAULT_MTU: usize = 1500;

/// The largest packet that buffers have room for.
const MOST_MTU: usize = Frames::LENGTH - header::LENGTH - ETHERNET_HEADER;

/// The most descriptors that a queue has: Firecracker's and QEMU's default.
const MOST_DESCRIPTORS: u16 = 256;

/// The fewest that a queue may have: as many buffers hold the longest frame that a device puts together twice.
const FEWEST_DESCRIPTORS: u16 = 64;

/// Octets of a buffer for a frame that the device cuts, and of the header before it: whole pages.
const LONG: usize = (header::LENGTH + Offload::LONGEST).next_multiple_of(4096);

/// What a link is for, which decides what is agreed with its device and how many buffers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Frames are answered, and little else is sent.
    Datagrams,
    /// Streams, too.
    Streams {
        /// Buffers for frames that answer none.
        frames: u16,
        /// Buffers for such frames as the device cuts; none, and it is not asked to.
        long: u16,
    },
}

impl Purpose {
    /// Buffers for frames that answer none, where there are no streams.
    pub(crate) const FEW: u16 = 16;

    /// Octets of a buffer for a frame.
    pub(crate) const FRAME: usize = Frames::LENGTH;

    /// Octets of one for a frame that the device cuts.
    pub(crate) const LONG_FRAME: usize = LONG;

    /// How many buffers for frames that answer none, and for such as the device cuts.
    fn buffers(self) -> (u16, u16) {
        match self {
            Self::Datagrams => (Self::FEW, 0),
            Self::Streams { frames, long } => (frames, long),
        }
    }
}

/// A network card.
#[derive(Debug)]
pub(crate) struct NetworkLink {
    transport: Transport,
    features: Features,
    reception: Reception,
    transmission: Transmission,
    address: EthernetAddress,
    mtu: usize,
    cycles: Cycles,
    counts: Counts,
}

/// What happened on a link, as its driver sees it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) receive_doorbells: u64,
    pub(crate) transmit_doorbells: u64,
    /// Turns that found every buffer used that the device had been given: it may have had none for the next frame.
    pub(crate) exhausted: u64,
    /// Frames of a length that can't be, or in pieces that make no sense, and buffers that were not the device's to return.
    pub(crate) senseless: u64,
    /// Frames that arrived in several buffers.
    pub(crate) merged: u64,
    /// Frames that the device was given to cut.
    pub(crate) cut: u64,
}

impl NetworkLink {
    /// Makes the device ready.
    pub(crate) fn new(mut transport: Transport, purpose: Purpose) -> Result<Self, TransportError> {
        let offered = Features(transport.begin()?);
        let features = offered.useful(purpose);
        // Who accepts the device's MTU has to have buffers for it (virtio 1.2 §5.1.4.2); without, Ethernet's is meant.
        let mtu = if features.says_mtu() { mtu(&transport) } else { DEFAULT_MTU };
        if mtu > MOST_MTU {
            return Err(TransportError::MaximumTransmissionUnit);
        }
        transport.agree(offered.0, features::REQUIRED, features.0)?;
        let receive = set_up(&mut transport, RECEIVE)?;
        let transmit = set_up(&mut transport, TRANSMIT)?;
        let address = address(&transport);
        let reception = Reception::new(receive, features.merges_buffers());
        let transmission = Transmission::new(transmit, purpose);
        Ok(Self::start(transport, features, reception, transmission, address, mtu))
    }

    /// Lets the device begin.
    fn start(
        transport: Transport,
        features: Features,
        reception: Reception,
        transmission: Transmission,
        address: EthernetAddress,
        mtu: usize,
    ) -> Self {
        let (cycles, counts) = (Cycles::NONE, Counts::default());
        let mut link = Self { transport, features, reception, transmission, address, mtu, cycles, counts };
        link.transport.start();
        link.flush();
        // A device that was given nothing yet has not run out of anything.
        link.counts.exhausted = 0;
        link
    }

    /// Whether the device has something that the driver has not looked at, or has sent what somebody waited for.
    pub(crate) fn is_ready(&self) -> bool {
        self.transmission.owes_turn()
            || (!self.transmission.is_full() && self.reception.queue().has_used())
            || (self.needs_buffers() && self.transmission.queue().has_used())
    }

    /// Whether buffers are so few that ones which were sent are worth an interrupt.
    fn needs_buffers(&self) -> bool {
        self.reception.is_short() || self.transmission.is_awaited() || self.transmission.is_full()
    }

    /// Asks for interrupts, before a sleep. After it, whether the link [`is_ready`](Self::is_ready) has to be looked at once
    /// more: what the device did before it was asked raises none.
    pub(crate) fn request_interrupts(&mut self) {
        self.transport.acknowledge_interrupts();
        self.reception.queue_mut().request_interrupt();
        if self.needs_buffers() {
            self.transmission.queue_mut().request_interrupt();
        }
    }

    /// Asks for none, after a sleep, which a turn follows.
    pub(crate) fn suppress_interrupts(&mut self) {
        self.reception.queue_mut().suppress_interrupts();
        self.transmission.queue_mut().suppress_interrupts();
        self.transmission.forget_lack();
    }

    /// How long turns took since this was forgotten last.
    pub(crate) fn cycles(&mut self) -> &mut Cycles {
        &mut self.cycles
    }

    /// What happened so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes back what the device has sent.
    #[inline]
    fn reclaim(&mut self) {
        while let Some(buffer) = self.transmission.reclaim() {
            self.reception.offer(buffer);
        }
    }

    /// A buffer, if need be of those that the device has sent by now.
    fn outgoing(&mut self, take: fn(&mut Transmission) -> Option<Place>) -> Option<Outgoing<'_>> {
        let mut place = take(&mut self.transmission);
        if place.is_none() {
            self.reclaim();
            place = take(&mut self.transmission);
        }
        let Some(place) = place else {
            self.transmission.lack();
            return None;
        };
        Some(Outgoing::new(self, place))
    }
}

impl Link for NetworkLink {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        self.address
    }

    fn maximum_transmission_unit(&self) -> usize {
        self.mtu
    }

    fn offload(&self) -> Offload {
        self.features.offload()
    }

    #[inline]
    fn waiting(&mut self) -> usize {
        let waiting = self.reception.queue_mut().waiting();
        if waiting > 0 {
            self.cycles.begin();
        }
        waiting.into()
    }

    #[inline]
    fn upcoming(&self, after: usize) -> Option<&[u8]> {
        self.reception.upcoming(u16::try_from(after).ok()?)
    }

    #[inline]
    fn receive(&mut self) -> Option<Received<'_>> {
        // What could not be answered waits where it is.
        if self.transmission.is_full() {
            self.reclaim();
            if self.transmission.is_full() {
                return None;
            }
        }
        let taken = self.reception.take(&mut self.counts)?;
        self.cycles.take();
        Some(Received::new(self, taken))
    }

    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        self.outgoing(Transmission::take_frame)
    }

    fn transmit_long(&mut self) -> Option<Outgoing<'_>> {
        if !self.transmission.has_long() {
            return None;
        }
        self.outgoing(Transmission::take_long)
    }

    #[inline]
    fn flush(&mut self) {
        self.counts.exhausted += u64::from(self.reception.queue().was_exhausted());
        self.reclaim();
        let transmit = self.transmission.queue_mut().publish();
        let receive = self.reception.queue_mut().publish();
        self.cycles.end();
        if transmit {
            self.counts.transmit_doorbells += 1;
            self.transport.notify(TRANSMIT);
        }
        if receive {
            self.counts.receive_doorbells += 1;
            self.transport.notify(RECEIVE);
        }
    }
}

/// Writes the header of a frame of so many octets before it; how many both have together.
#[inline]
fn prepare(buffer: &mut [u8], length: usize, header: &[u8; header::LENGTH]) -> u32 {
    let whole = header::LENGTH + length;
    assert!(whole <= buffer.len(), "a frame of {length} octets does not fit in its buffer");
    buffer[..header::LENGTH].copy_from_slice(header);
    u32::try_from(whole).expect("no buffer is longer")
}

/// A queue as long as the device has it, within bounds, and known to it.
fn set_up(transport: &mut Transport, number: u32) -> Result<Queue, TransportError> {
    let most = transport.queue_size(number).min(MOST_DESCRIPTORS.into());
    let size = u16::try_from(most).unwrap_or(0);
    if !size.is_power_of_two() || size < FEWEST_DESCRIPTORS {
        return Err(TransportError::Queue);
    }
    let queue = Queue::new(size);
    transport.set_queue(number, &queue)?;
    Ok(queue)
}

/// The address of a card that is not started (virtio 1.2 §3.1.1, step 4, lets a driver look before it accepts a device).
pub(crate) fn address_of(transport: &mut Transport) -> Result<EthernetAddress, TransportError> {
    let offered = transport.begin()?;
    if Features(offered).says_address() { Ok(address(transport)) } else { Err(TransportError::Features) }
}

/// The card's address, the first six octets of its configuration (virtio 1.2 §5.1.4).
fn address(transport: &Transport) -> EthernetAddress {
    let [a, b, c, d] = transport.configuration(0).to_le_bytes();
    let [e, f, ..] = transport.configuration(4).to_le_bytes();
    EthernetAddress([a, b, c, d, e, f])
}

/// The largest packet, as the device says (virtio 1.2 §5.1.4, octets 10 and 11).
fn mtu(transport: &Transport) -> usize {
    let [_, _, low, high] = transport.configuration(8).to_le_bytes();
    usize::from(u16::from_le_bytes([low, high]))
}

#[cfg(test)]
mod tests;
