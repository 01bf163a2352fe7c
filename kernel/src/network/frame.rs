//! Frames in the device's buffers, as the network stack borrows them.

use super::reception::Taken;
use super::transmission::Place;
use super::{NetworkLink, header};
use bytes::Bytes;
use platform::{Checksum, Offload, OutgoingFrame, ReceivedFrame, Work};

/// A frame that arrived; dropped, its buffers are offered for the next.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    link: &'a mut NetworkLink,
    taken: Taken,
    after: After,
}

/// What becomes of a received frame's buffer.
#[derive(Debug)]
enum After {
    Reception,
    Transmission { length: usize },
}

impl<'a> Received<'a> {
    #[inline]
    pub(super) fn new(link: &'a mut NetworkLink, taken: Taken) -> Self {
        Self { link, taken, after: After::Reception }
    }
}

impl ReceivedFrame for Received<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.link.reception.read(self.taken.buffer)[header::LENGTH..self.taken.length]
    }

    fn piece(&self, index: usize) -> Option<&[u8]> {
        self.link.reception.piece(index)
    }

    #[inline]
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.reception.write(self.taken.buffer)[header::LENGTH..]
    }

    #[inline]
    fn checksum(&self) -> Checksum {
        self.link.reception.checksum(self.taken.buffer)
    }

    #[inline]
    fn reply(mut self, length: usize) {
        self.after = After::Transmission { length };
    }
}

impl Drop for Received<'_> {
    #[inline]
    fn drop(&mut self) {
        let NetworkLink { reception, transmission, .. } = &mut *self.link;
        reception.offer_pieces();
        match self.after {
            After::Reception => reception.offer(self.taken.buffer),
            After::Transmission { length } => {
                let (address, length) = reception.prepare_reply(self.taken.buffer, length);
                transmission.offer_reply(self.taken.buffer, address, length);
            }
        }
    }
}

/// A buffer to send from; dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    link: &'a mut NetworkLink,
    place: Place,
    after: Option<Unsent>,
}

/// What is sent from a buffer.
#[derive(Debug)]
struct Unsent {
    /// Octets of the buffer.
    length: usize,
    header: [u8; header::LENGTH],
    rest: Option<Bytes>,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(link: &'a mut NetworkLink, place: Place) -> Self {
        Self { link, place, after: None }
    }
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.link.transmission.write(self.place)[header::LENGTH..]
    }

    fn send(mut self, length: usize) {
        self.after = Some(Unsent { length, header: [0; header::LENGTH], rest: None });
    }

    fn send_unfinished(mut self, length: usize, rest: Option<Bytes>, work: Work) {
        let whole = length + rest.as_ref().map_or(0, Bytes::len);
        assert!(whole <= Offload::LONGEST, "a frame of {whole} octets is longer than IP's");
        let header = header::unfinished(&work, whole, self.link.features.knows_congestion());
        self.link.counts.cut += u64::from(header::is_cut(&header));
        self.after = Some(Unsent { length, header, rest });
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        let transmission = &mut self.link.transmission;
        match self.after.take() {
            Some(Unsent { length, header, rest }) => transmission.offer(self.place, length, &header, rest),
            None => transmission.put_back(self.place),
        }
    }
}
