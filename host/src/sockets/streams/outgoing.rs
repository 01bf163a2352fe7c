//! What a stream is to send and the system has not taken: blocks of its own, and regions lent to it between them.

use super::super::limits::{PIECES, ROOM, ROOM_BLOCK, WAITING, WAITING_LOW};
use appliance::Bytes;
use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
use std::collections::VecDeque;
use std::io::IoSlice;
use std::net::TcpStream;

/// Octets that wait to be taken by the system. Without any it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pieces: VecDeque<Piece>,
    /// Octets in all of them.
    waiting: usize,
    /// Octets of memory of its own.
    held: usize,
    /// Whether somebody found no room, and was not told since that there is some.
    is_wanted: bool,
}

#[derive(Debug)]
enum Piece {
    /// `block[start..end]` waits; what is behind it is room.
    Own {
        block: Vec<u8>,
        start: usize,
        end: usize,
    },
    Lent(Bytes),
}

impl Outgoing {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Octets of memory, but for lent regions.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// At least `least` octets in one piece, or none.
    pub(super) fn room(&mut self, least: usize) -> &mut [u8] {
        if least > ROOM {
            return &mut [];
        }
        if self.waiting > 0 && self.waiting + least > WAITING {
            self.is_wanted = true;
            return &mut [];
        }
        if self.tail_room() < least.max(1) {
            self.drop_empty_tail();
            let block = vec![0; least.next_power_of_two().max(ROOM_BLOCK)];
            self.held += block.len();
            self.pieces.push_back(Piece::Own { block, start: 0, end: 0 });
        }
        match self.pieces.back_mut() {
            Some(Piece::Own { block, end, .. }) => &mut block[*end..],
            _ => &mut [],
        }
    }

    fn tail_room(&self) -> usize {
        match self.pieces.back() {
            Some(Piece::Own { block, end, .. }) => block.len() - end,
            _ => 0,
        }
    }

    /// A block in whose room nothing was written would stand in the way.
    fn drop_empty_tail(&mut self) {
        if let Some(Piece::Own { block, start, end }) = self.pieces.back()
            && start == end
        {
            self.held -= block.len();
            self.pieces.pop_back();
        }
    }

    /// The first `count` octets of the room are to be sent, or all.
    pub(super) fn commit(&mut self, count: usize) {
        if let Some(Piece::Own { block, end, .. }) = self.pieces.back_mut() {
            let count = count.min(block.len() - *end);
            *end += count;
            self.waiting += count;
        }
    }

    pub(super) fn lend(&mut self, region: Bytes) -> Result<(), Bytes> {
        if self.waiting >= WAITING {
            self.is_wanted = true;
            return Err(region);
        }
        if !region.is_empty() {
            self.drop_empty_tail();
            self.waiting += region.len();
            self.pieces.push_back(Piece::Lent(region));
        }
        Ok(())
    }

    /// Whether there is room again that somebody wanted; says so once.
    pub(super) fn take_relief(&mut self) -> bool {
        let is_relieved = self.is_wanted && self.waiting <= WAITING_LOW;
        self.is_wanted &= !is_relieved;
        is_relieved
    }

    /// Gives the system what it takes now; returns how many octets that were, and whether it would take more.
    pub(super) fn write(&mut self, socket: &TcpStream) -> Result<(usize, bool), Errno> {
        let mut written = 0;
        while self.waiting > 0 {
            match self.write_once(socket) {
                Ok(count) => written += count,
                Err(Errno::AGAIN) => return Ok((written, false)),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        self.pieces.clear();
        self.held = 0;
        Ok((written, true))
    }

    fn write_once(&mut self, socket: &TcpStream) -> Result<usize, Errno> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece.octets());
            count += 1;
        }
        let mut nothing = SendAncillaryBuffer::default();
        let sent = sendmsg(socket, &slices[..count], &mut nothing, SendFlags::NOSIGNAL)?;
        self.release(sent);
        Ok(sent)
    }

    /// The system has taken the first `count` octets.
    fn release(&mut self, mut count: usize) {
        self.waiting -= count;
        while let Some(piece) = self.pieces.front_mut() {
            let length = piece.octets().len();
            if count < length {
                piece.shorten(count);
                return;
            }
            count -= length;
            if let Some(Piece::Own { block, .. }) = self.pieces.pop_front() {
                self.held -= block.len();
            }
        }
    }
}

impl Piece {
    fn octets(&self) -> &[u8] {
        match self {
            Self::Own { block, start, end } => &block[*start..*end],
            Self::Lent(region) => region,
        }
    }

    /// Gives up the first `count` octets; there are more.
    fn shorten(&mut self, count: usize) {
        match self {
            Self::Own { start, .. } => *start += count,
            Self::Lent(region) => *region = region.slice(count..),
        }
    }
}
