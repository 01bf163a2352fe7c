//! The operator's line: virtio-console (virtio 1.2 §5.3) with one port, lines of text both ways.
//!
//! What is written waits in the device's own buffers until the machine is about to rest; then there is one doorbell. Nothing
//! here waits for whoever reads: a line that finds no room is counted and lost.

mod text;

use crate::hardware::frames::Frames;
use crate::queue::{Queue, Used};
use crate::transport::{self, Transport, TransportError};
use core::fmt;
use operator::{ANSWER, END, LOG, Request, STATISTIC, Statistic};
use text::{Line, RequestLine};

/// The queues of port 0 (virtio 1.2 §5.3.2).
const RECEIVE: u32 = 0;
const TRANSMIT: u32 = 1;

/// All that is needed; without VIRTIO_CONSOLE_F_MULTIPORT there is one port, which is always open (virtio 1.2 §5.3.3).
const REQUIRED: u64 = transport::VERSION_1 | transport::EVENT_INDEX;

/// Buffers for what the operator says: a request is a word.
const INCOMING: u16 = 2;

/// Buffers for what is said to the operator.
const OUTGOING: u16 = 16;
const _: () = assert!(2 * ANSWER <= OUTGOING as usize * Frames::LENGTH, "an answer leaves room for the log");

/// The line to the operator.
#[derive(Debug)]
pub(crate) struct OperatorLine {
    transport: Transport,
    receive: Queue,
    transmit: Queue,
    incoming: Frames,
    outgoing: Frames,
    /// Whose each buffer of `incoming` is, and of `outgoing`.
    incoming_owners: [Owner; INCOMING as usize],
    outgoing_owners: [Owner; OUTGOING as usize],
    /// The buffer that is being filled, and how far it is.
    open: Option<(u16, usize)>,
    request_line: RequestLine,
    /// A request that was read and has not been answered.
    request: Option<Request>,
    /// Whether the device may have raised an interrupt since its last was acknowledged.
    may_have_interrupted: bool,
    /// Lines that were written, and lines that found no room.
    pub(crate) lines: u64,
    pub(crate) lost: u64,
}

/// Whose a buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Driver,
    Device,
}

impl OperatorLine {
    /// Makes the device ready.
    pub(crate) fn new(mut transport: Transport) -> Result<Self, TransportError> {
        let offered = transport.begin()?;
        transport.agree(offered, REQUIRED, 0)?;
        let [receive, transmit] = [Queue::new(INCOMING), Queue::new(OUTGOING)];
        transport.set_queue(RECEIVE, &receive)?;
        transport.set_queue(TRANSMIT, &transmit)?;
        Ok(Self::start(transport, receive, transmit))
    }

    /// Offers the buffers for requests and lets the device begin.
    fn start(transport: Transport, receive: Queue, transmit: Queue) -> Self {
        let mut line = Self {
            transport,
            receive,
            transmit,
            incoming: Frames::allocate(INCOMING.into()),
            outgoing: Frames::allocate(OUTGOING.into()),
            incoming_owners: [Owner::Driver; INCOMING as usize],
            outgoing_owners: [Owner::Driver; OUTGOING as usize],
            open: None,
            request_line: RequestLine::default(),
            request: None,
            may_have_interrupted: true,
            lines: 0,
            lost: 0,
        };
        for buffer in 0..INCOMING {
            line.receive.describe_writable(buffer, line.incoming.address(buffer), LENGTH);
            line.offer_for_reception(buffer);
        }
        line.transmit.suppress_interrupts();
        line.transport.start();
        if line.receive.publish() {
            line.transport.notify(RECEIVE);
        }
        line
    }

    /// Writes a line for the operator to keep.
    pub(crate) fn log(&mut self, text: fmt::Arguments<'_>) {
        self.put(format_args!("{LOG}{text}"));
    }

    /// The request that is to be answered, once there is room for the answer; hands on what was written.
    pub(crate) fn request(&mut self) -> Option<Request> {
        self.flush();
        self.read();
        self.request?;
        self.reclaim();
        if self.room() < ANSWER { None } else { self.request.take() }
    }

    /// Writes an answer.
    pub(crate) fn answer(&mut self, statistics: impl Iterator<Item = Statistic>) {
        for statistic in statistics {
            if self.room() < 2 * Line::LONGEST {
                self.lost = self.lost.wrapping_add(1);
            } else {
                self.put(format_args!("{STATISTIC}{statistic}"));
            }
        }
        self.put(format_args!("{END}"));
        self.flush();
    }

    /// Whether the device has something that the driver has not looked at.
    pub(crate) fn is_ready(&self) -> bool {
        self.receive.has_used() || (self.request.is_some() && self.transmit.has_used())
    }

    /// Asks for interrupts, before a sleep; whether the line [`is_ready`](Self::is_ready) has to be looked at once more.
    ///
    /// An acknowledgement is an exit of the virtual machine over memory-mapped registers: there is one only after something came
    /// back, or after an interrupt that nobody else can have raised ([`suspect_interrupt`](Self::suspect_interrupt)).
    pub(crate) fn request_interrupts(&mut self) {
        if core::mem::take(&mut self.may_have_interrupted) {
            self.transport.acknowledge_interrupts();
        }
        self.receive.request_interrupt();
        if self.request.is_some() {
            self.transmit.request_interrupt();
        }
    }

    /// A sleep ended, and nothing was found anywhere: this device may have raised an interrupt that it was not asked for, as QEMU's
    /// does for the first buffer of a queue, and for a change of its configuration. One that is not acknowledged would hide the
    /// next.
    pub(crate) fn suspect_interrupt(&mut self) {
        self.may_have_interrupted = true;
    }

    /// Asks for none, after a sleep.
    pub(crate) fn suppress_interrupts(&mut self) {
        self.receive.suppress_interrupts();
        self.transmit.suppress_interrupts();
    }

    /// Reads what the operator says, as much as there are buffers for.
    fn read(&mut self) {
        for _ in 0..INCOMING {
            let Some(Used { descriptor, length }) = self.receive.take() else { break };
            self.may_have_interrupted = true;
            let owner = &mut self.incoming_owners[usize::from(descriptor)];
            // A device that returns what it was not given gives nothing.
            if core::mem::replace(owner, Owner::Driver) == Owner::Driver {
                continue;
            }
            // Its word for how much it wrote is worth as much as the buffer is long.
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let octets = self.incoming.read(descriptor).get(..length).unwrap_or_default();
            self.request = self.request_line.read(octets).or(self.request);
            self.offer_for_reception(descriptor);
        }
        if self.receive.publish() {
            self.transport.notify(RECEIVE);
        }
    }

    fn offer_for_reception(&mut self, buffer: u16) {
        self.incoming_owners[usize::from(buffer)] = Owner::Device;
        self.receive.offer(buffer);
    }

    /// Writes a line whole, or counts it as lost.
    fn put(&mut self, text: fmt::Arguments<'_>) {
        let line = Line::of(text);
        if self.room() < line.octets().len() {
            self.reclaim();
        }
        if self.room() < line.octets().len() {
            self.lost = self.lost.wrapping_add(1);
            return;
        }
        self.lines = self.lines.wrapping_add(1);
        let mut rest = line.octets();
        while let Some((buffer, length)) = self.open.take().or_else(|| Some((self.take_free()?, 0))) {
            let place = &mut self.outgoing.write(buffer)[length..];
            let (now, later) = rest.split_at(rest.len().min(place.len()));
            place[..now.len()].copy_from_slice(now);
            self.open = Some((buffer, length + now.len()));
            rest = later;
            if rest.is_empty() {
                return;
            }
            self.close();
        }
    }

    /// How many octets there is room for.
    fn room(&self) -> usize {
        let free = self.outgoing_owners.iter().filter(|owner| **owner == Owner::Driver).count();
        // The open buffer is among them.
        free * Frames::LENGTH - self.open.map_or(0, |(_, length)| length)
    }

    /// A buffer of nobody's. Only asked for while none is open.
    fn take_free(&self) -> Option<u16> {
        let free = self.outgoing_owners.iter().position(|owner| *owner == Owner::Driver)?;
        u16::try_from(free).ok()
    }

    /// Offers the open buffer for transmission.
    fn close(&mut self) {
        let Some((buffer, length)) = self.open.take() else { return };
        let length = u32::try_from(length).unwrap_or(LENGTH);
        self.transmit.describe_readable(buffer, self.outgoing.address(buffer), length);
        self.outgoing_owners[usize::from(buffer)] = Owner::Device;
        self.transmit.offer(buffer);
    }

    /// Tells the device of everything that was written.
    fn flush(&mut self) {
        self.close();
        if self.transmit.publish() {
            self.transport.notify(TRANSMIT);
        }
    }

    /// Takes back what the device has sent.
    fn reclaim(&mut self) {
        for _ in 0..OUTGOING {
            let Some(used) = self.transmit.take() else { break };
            self.may_have_interrupted = true;
            // The open buffer is the driver's already, and stays as it is.
            self.outgoing_owners[usize::from(used.descriptor)] = Owner::Driver;
        }
    }
}

const LENGTH: u32 = Frames::LENGTH as u32;

#[cfg(test)]
mod tests;
