//! virtio-net (virtio 1.2 §5.1): an Ethernet link that lends the device's own buffers.
//!
//! Both queues share one row of buffers, and every buffer has the same descriptor in both. A frame is received in a buffer,
//! answered in it, and offered for transmission from it; when the device has sent it, it is offered for reception again.

mod cycles;

use crate::hardware::frames::Frames;
use crate::queue::Queue;
use crate::transport::{self, Transport, TransportError};
pub(crate) use cycles::Cycles;
use platform::{Checksum, EthernetAddress, Link, OutgoingFrame, ReceivedFrame};

const RECEIVE: u32 = 0;
const TRANSMIT: u32 = 1;

/// Feature bits (virtio 1.2 §5.1.3).
mod feature {
    pub(super) const GUEST_CHECKSUM: u64 = 1 << 1;
    pub(super) const MTU: u64 = 1 << 3;
    pub(super) const ADDRESS: u64 = 1 << 5;
}

/// What this driver can't do without, and what it uses.
const REQUIRED: u64 = transport::VERSION_1 | transport::EVENT_INDEX | feature::ADDRESS;
const OPTIONAL: u64 = feature::GUEST_CHECKSUM | feature::MTU;

/// Octets of `virtio_net_hdr_v1`, in front of every frame.
const HEADER: usize = 12;

/// Flags of that header: the checksum is not computed yet, for the frame never left the host; the checksum was verified.
const NEEDS_CHECKSUM: u8 = 1;
const DATA_VALID: u8 = 2;

/// Octets of an Ethernet header.
const ETHERNET_HEADER: usize = 14;

/// Of a link that does not say: Ethernet's.
const DEFAULT_MTU: usize = 1500;

/// Buffers of a link, and descriptors of each of its queues: at most Firecracker's and QEMU's default.
const BUFFERS: u16 = 256;

/// Buffers that are kept for frames that answer none.
const RESERVED: usize = 16;

/// While fewer buffers than this wait for frames, ones that are being sent are worth an interrupt.
const FEW: u16 = BUFFERS / 4;

/// A network card.
#[derive(Debug)]
pub(crate) struct NetworkLink {
    transport: Transport,
    receive: Queue,
    transmit: Queue,
    frames: Frames,
    owners: [Owner; BUFFERS as usize],
    free: Free,
    /// How many buffers wait for frames.
    waiting: u16,
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
    /// Frames of a length that can't be, and buffers that were not the device's to return.
    pub(crate) senseless: u64,
}

/// Whose a buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Driver,
    Receiving,
    Transmitting,
}

/// The driver's buffers that hold nothing.
#[derive(Debug)]
struct Free {
    buffers: [u16; BUFFERS as usize],
    count: usize,
}

impl NetworkLink {
    /// Makes the device ready.
    pub(crate) fn new(mut transport: Transport) -> Result<Self, TransportError> {
        let offered = transport.begin()?;
        // Who accepts the device's MTU has to have buffers for it (virtio 1.2 §5.1.4.2); without, Ethernet's is meant.
        let mtu = if offered & feature::MTU == 0 { DEFAULT_MTU } else { mtu(&transport) };
        if mtu > MOST_MTU {
            return Err(TransportError::MaximumTransmissionUnit);
        }
        transport.agree(offered, REQUIRED, OPTIONAL)?;
        let size =
            [RECEIVE, TRANSMIT].map(|queue| transport.queue_size(queue)).into_iter().min().unwrap_or(0);
        let size = u16::try_from(size).unwrap_or(BUFFERS).min(BUFFERS);
        if !size.is_power_of_two() || usize::from(size) <= RESERVED {
            return Err(TransportError::Queue);
        }

        let [receive, transmit] = [Queue::new(size), Queue::new(size)];
        transport.set_queue(RECEIVE, &receive)?;
        transport.set_queue(TRANSMIT, &transmit)?;
        let address = address(&transport);
        Ok(Self::start(transport, receive, transmit, address, mtu))
    }

    /// Offers the first buffers and lets the device begin.
    fn start(
        transport: Transport,
        receive: Queue,
        transmit: Queue,
        address: EthernetAddress,
        mtu: usize,
    ) -> Self {
        let size = receive.size();
        let mut link = Self {
            transport,
            receive,
            transmit,
            frames: Frames::allocate(usize::from(size)),
            owners: [Owner::Driver; BUFFERS as usize],
            free: Free { buffers: [0; BUFFERS as usize], count: 0 },
            waiting: 0,
            address,
            mtu,
            cycles: Cycles::NONE,
            counts: Counts::default(),
        };
        for buffer in 0..size {
            link.receive.describe_writable(buffer, link.frames.address(buffer), FRAME_LENGTH);
            link.free.push(buffer);
        }
        link.transmit.suppress_interrupts();
        link.transport.start();
        link.flush();
        // A device that was given nothing yet has not run out of anything.
        link.counts.exhausted = 0;
        link
    }

    /// Whether the device has something that the driver has not looked at.
    pub(crate) fn is_ready(&self) -> bool {
        self.receive.has_used() || (self.needs_buffers() && self.transmit.has_used())
    }

    /// Whether so few buffers wait for frames that ones which were sent are worth an interrupt.
    fn needs_buffers(&self) -> bool {
        self.waiting < FEW
    }

    /// Asks for interrupts, before a sleep. After it, whether the link [`is_ready`](Self::is_ready) has to be looked at once
    /// more: what the device did before it was asked raises none.
    pub(crate) fn request_interrupts(&mut self) {
        self.transport.acknowledge_interrupts();
        self.receive.request_interrupt();
        if self.needs_buffers() {
            self.transmit.request_interrupt();
        }
    }

    /// Asks for none, after a sleep.
    pub(crate) fn suppress_interrupts(&mut self) {
        self.receive.suppress_interrupts();
        self.transmit.suppress_interrupts();
    }

    /// How long turns took since this was forgotten last.
    pub(crate) fn cycles(&mut self) -> &mut Cycles {
        &mut self.cycles
    }

    /// What happened so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    #[inline]
    fn offer_for_reception(&mut self, buffer: u16) {
        self.owners[usize::from(buffer)] = Owner::Receiving;
        self.receive.offer(buffer);
        self.waiting += 1;
    }

    #[inline]
    fn offer_for_transmission(&mut self, buffer: u16, length: usize) {
        let frame = self.frames.write(buffer);
        let whole = HEADER + length;
        assert!(whole <= frame.len(), "a frame of {length} octets does not fit in its buffer");
        frame[..HEADER].fill(0);
        let address = self.frames.address(buffer);
        self.transmit.describe_readable(buffer, address, u32::try_from(whole).unwrap_or(FRAME_LENGTH));
        self.owners[usize::from(buffer)] = Owner::Transmitting;
        self.transmit.offer(buffer);
    }

    /// Takes back what the device has sent.
    #[inline]
    fn reclaim(&mut self) {
        while let Some(used) = self.transmit.take() {
            let owner = &mut self.owners[usize::from(used.descriptor)];
            // A device that returns what it was not given gives nothing.
            if *owner == Owner::Transmitting {
                *owner = Owner::Driver;
                self.free.push(used.descriptor);
            }
        }
    }
}

const FRAME_LENGTH: u32 = Frames::LENGTH as u32;

impl Link for NetworkLink {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        self.address
    }

    fn maximum_transmission_unit(&self) -> usize {
        self.mtu
    }

    #[inline]
    fn receive(&mut self) -> Option<Received<'_>> {
        loop {
            let used = self.receive.take()?;
            if let Some(next) = self.receive.next_taken() {
                self.frames.prefetch(next);
            }
            let owner = &mut self.owners[usize::from(used.descriptor)];
            if *owner != Owner::Receiving {
                self.counts.senseless += 1;
                continue;
            }
            *owner = Owner::Driver;
            self.waiting -= 1;
            let length = usize::try_from(used.length).unwrap_or(usize::MAX);
            // The device's word for how much it wrote is worth as much as the buffer is long.
            if !(HEADER + ETHERNET_HEADER..=Frames::LENGTH).contains(&length) {
                self.counts.senseless += 1;
                self.offer_for_reception(used.descriptor);
                continue;
            }
            self.cycles.begin();
            return Some(Received { link: self, buffer: used.descriptor, length, after: After::Reception });
        }
    }

    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        if self.free.count == 0 {
            self.reclaim();
        }
        let buffer = self.free.pop()?;
        Some(Outgoing { link: self, buffer, after: None })
    }

    #[inline]
    fn flush(&mut self) {
        self.counts.exhausted += u64::from(self.receive.was_exhausted());
        self.reclaim();
        while self.free.count > RESERVED {
            let Some(buffer) = self.free.pop() else { break };
            self.offer_for_reception(buffer);
        }
        let transmit = self.transmit.publish();
        let receive = self.receive.publish();
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

impl Free {
    #[inline]
    fn push(&mut self, buffer: u16) {
        self.buffers[self.count] = buffer;
        self.count += 1;
    }

    #[inline]
    fn pop(&mut self) -> Option<u16> {
        self.count = self.count.checked_sub(1)?;
        Some(self.buffers[self.count])
    }
}

/// A frame that arrived; dropped, its buffer is offered for the next.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    link: &'a mut NetworkLink,
    buffer: u16,
    /// Header and frame.
    length: usize,
    after: After,
}

/// What becomes of a received frame's buffer.
#[derive(Debug)]
enum After {
    Reception,
    Transmission { length: usize },
}

impl ReceivedFrame for Received<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.link.frames.read(self.buffer)[HEADER..self.length]
    }

    #[inline]
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.frames.write(self.buffer)[HEADER..]
    }

    #[inline]
    fn checksum(&self) -> Checksum {
        let flags = self.link.frames.read(self.buffer)[0];
        if flags & (NEEDS_CHECKSUM | DATA_VALID) == 0 { Checksum::Unverified } else { Checksum::Verified }
    }

    #[inline]
    fn reply(mut self, length: usize) {
        self.after = After::Transmission { length };
    }
}

impl Drop for Received<'_> {
    #[inline]
    fn drop(&mut self) {
        match self.after {
            After::Reception => self.link.offer_for_reception(self.buffer),
            After::Transmission { length } => self.link.offer_for_transmission(self.buffer, length),
        }
    }
}

/// A buffer to send from; dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    link: &'a mut NetworkLink,
    buffer: u16,
    after: Option<usize>,
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.frames.write(self.buffer)[HEADER..]
    }

    fn send(mut self, length: usize) {
        self.after = Some(length);
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        match self.after {
            Some(length) => self.link.offer_for_transmission(self.buffer, length),
            None => self.link.free.push(self.buffer),
        }
    }
}

/// The address of a card that is not started (virtio 1.2 §3.1.1, step 4, lets a driver look before it accepts a device).
pub(crate) fn address_of(transport: &mut Transport) -> Result<EthernetAddress, TransportError> {
    let offered = transport.begin()?;
    if offered & feature::ADDRESS == 0 { Err(TransportError::Features) } else { Ok(address(transport)) }
}

/// The card's address, the first six octets of its configuration (virtio 1.2 §5.1.4).
fn address(transport: &Transport) -> EthernetAddress {
    let [a, b, c, d] = transport.configuration(0).to_le_bytes();
    let [e, f, ..] = transport.configuration(4).to_le_bytes();
    EthernetAddress([a, b, c, d, e, f])
}

/// The largest packet that buffers have room for.
const MOST_MTU: usize = Frames::LENGTH - HEADER - ETHERNET_HEADER;

/// The largest packet, as the device says (virtio 1.2 §5.1.4, octets 10 and 11).
fn mtu(transport: &Transport) -> usize {
    let [_, _, low, high] = transport.configuration(8).to_le_bytes();
    usize::from(u16::from_le_bytes([low, high]))
}

#[cfg(test)]
mod tests;
