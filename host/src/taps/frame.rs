//! Frames in a link's two buffers, as the network stack borrows them.

use super::header;
use super::link::TapLink;
use platform::{Bytes, Checksum, OutgoingFrame, ReceivedFrame, Work};

/// A frame that arrived, in one piece however long it is.
#[derive(Debug)]
pub(super) struct Received<'a> {
    link: &'a mut TapLink,
    length: usize,
    checksum: Checksum,
}

impl<'a> Received<'a> {
    pub(super) fn new(link: &'a mut TapLink, length: usize) -> Self {
        let mut header = header::FINISHED;
        header.copy_from_slice(&link.incoming[..header::LENGTH]);
        link.counts.long_received += u64::from(header::is_long(&header));
        Self { link, length, checksum: header::checksum(&header) }
    }
}

impl ReceivedFrame for Received<'_> {
    fn bytes(&self) -> &[u8] {
        &self.link.incoming[header::LENGTH..][..self.length]
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.incoming[header::LENGTH..]
    }

    fn checksum(&self) -> Checksum {
        self.checksum
    }

    fn reply(self, length: usize) {
        self.link.reply(length);
    }
}

/// The buffer to send from.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    link: &'a mut TapLink,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(link: &'a mut TapLink) -> Self {
        Self { link }
    }
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.outgoing[header::LENGTH..]
    }

    fn send(self, length: usize) {
        self.link.send(header::FINISHED, length, &[]);
    }

    fn send_unfinished(self, length: usize, rest: Option<Bytes>, work: Work) {
        let rest = rest.as_deref().unwrap_or_default();
        self.link.send(header::unfinished(work, length + rest.len()), length, rest);
    }
}
