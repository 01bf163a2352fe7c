//! A TAP device as a link.

use super::counters::Counts;
use super::frame::{Outgoing, Received};
use super::header;
use super::limits::DEFAULT_MTU;
use crate::sys::tap::{attach_unfinished, finish_all};
use platform::{EthernetAddress, Link, Offload};
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// Octets of a buffer: the longest frame that anybody leaves to be cut, and what stands before it.
const BUFFER: usize = header::LENGTH + Offload::LONGEST;

/// A TAP device, this process at its other end.
///
/// One buffer each way is enough: a frame that was read is answered or dropped before the next, and one that is written is Linux's
/// at once.
#[derive(Debug)]
pub(super) struct TapLink {
    device: File,
    address: EthernetAddress,
    mtu: usize,
    pub(super) incoming: Box<[u8]>,
    pub(super) outgoing: Box<[u8]>,
    pub(super) counts: Counts,
    /// Why nothing comes any more.
    failure: Option<io::Error>,
}

impl TapLink {
    /// Attaches to the device of this name; `address` is that of this end.
    pub(super) fn attach(name: &str, address: EthernetAddress) -> io::Result<Self> {
        let device = attach_unfinished(name, header::LENGTH)?;
        let mtu = std::fs::read_to_string(format!("/sys/class/net/{name}/mtu"));
        let mtu = mtu.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT_MTU);
        let [incoming, outgoing] = [(); 2].map(|()| vec![0; BUFFER].into());
        Ok(Self { device, address, mtu, incoming, outgoing, counts: Counts::default(), failure: None })
    }

    /// Fails if the device is gone.
    pub(super) fn check(&mut self) -> io::Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Reads a frame and what stands before it; how many octets both have together.
    fn read(&mut self) -> Option<usize> {
        loop {
            match self.device.read(&mut self.incoming) {
                Ok(length) if length > header::LENGTH => return Some(length),
                Ok(_) => self.counts.senseless += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure.get_or_insert(error);
                    return None;
                }
            }
        }
    }
}

/// Gives Linux a frame, with what stands before it; one that it does not take, for it is out of memory or the device is down, is lost as
/// any frame may be.
pub(super) fn write(mut device: &File, whole: &[u8], rest: &[u8], counts: &mut Counts) {
    loop {
        let result = match rest.is_empty() {
            true => device.write(whole),
            false => device.write_vectored(&[IoSlice::new(whole), IoSlice::new(rest)]),
        };
        match result {
            Ok(_) => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                counts.lost += 1;
                return;
            }
        }
    }
}

impl TapLink {
    /// Sends so many octets of the buffer that was received into.
    pub(super) fn reply(&mut self, length: usize) {
        self.incoming[..header::LENGTH].copy_from_slice(&header::FINISHED);
        write(&self.device, &self.incoming[..header::LENGTH + length], &[], &mut self.counts);
    }

    /// Sends so many octets of the buffer to send from, and `rest` behind them.
    pub(super) fn send(&mut self, header: [u8; header::LENGTH], length: usize, rest: &[u8]) {
        self.counts.long_sent += u64::from(header::is_long(&header));
        self.outgoing[..header::LENGTH].copy_from_slice(&header);
        write(&self.device, &self.outgoing[..header::LENGTH + length], rest, &mut self.counts);
    }
}

impl Link for TapLink {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        self.address
    }

    fn maximum_transmission_unit(&self) -> usize {
        self.mtu
    }

    fn offload(&self) -> Offload {
        Offload { checksum: true, segmentation_v4: true, segmentation_v6: true }
    }

    fn receive(&mut self) -> Option<Received<'_>> {
        let length = self.read()? - header::LENGTH;
        Some(Received::new(self, length))
    }

    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        Some(Outgoing::new(self))
    }

    fn transmit_long(&mut self) -> Option<Outgoing<'_>> {
        Some(Outgoing::new(self))
    }

    /// Everything was sent when it was written.
    fn flush(&mut self) {}
}

impl AsFd for TapLink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl Drop for TapLink {
    fn drop(&mut self) {
        finish_all(&self.device);
    }
}
