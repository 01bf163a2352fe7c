//! What a stream received and nobody consumed: one piece, in a block that grows with use.

use super::super::limits::{RECEIVED, RECEIVED_BLOCK};
use std::io::{ErrorKind, Read, Result};
use std::net::TcpStream;

/// Octets that were received and not consumed. Without any it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// As long as it can be filled; at most [`RECEIVED`].
    block: Vec<u8>,
    start: usize,
    end: usize,
}

/// What reading from a socket came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// So many octets, and perhaps there are more.
    Some(usize),
    /// So many octets, and no more now.
    All(usize),
    /// The peer has finished.
    End,
}

/// As much has to be consumed of a full block before it is filled again: moving it costs as much whether one octet was consumed or many.
const WORTHWHILE: usize = RECEIVED / 8;

impl Incoming {
    pub(super) fn octets(&mut self) -> &mut [u8] {
        &mut self.block[self.start..self.end]
    }

    pub(super) fn length(&self) -> usize {
        self.end - self.start
    }

    /// Octets of memory.
    pub(super) fn held(&self) -> usize {
        self.block.len()
    }

    /// Gives up the first `count` octets, or all.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count.min(self.length());
    }

    /// Whether nothing more can be received before some is consumed.
    pub(super) fn is_full(&self) -> bool {
        self.end == RECEIVED && self.start < WORTHWHILE
    }

    /// Reads once, into `spare` if there is no block yet. Not to be asked of a full one.
    pub(super) fn read(&mut self, mut socket: &TcpStream, spare: &mut Vec<u8>) -> Result<Reading> {
        self.make_room(spare);
        let room = &mut self.block[self.end..];
        loop {
            return match socket.read(room) {
                Ok(0) => Ok(Reading::End),
                Ok(count) => {
                    // A stream's socket that gave less than it could has no more (epoll(7)).
                    let reading = if count < room.len() { Reading::All } else { Reading::Some };
                    self.end += count;
                    Ok(reading(count))
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Reading::All(0)),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
        }
    }

    /// Sees to it that there is room behind what was received.
    fn make_room(&mut self, spare: &mut Vec<u8>) {
        let length = self.length();
        if length == 0 {
            (self.start, self.end) = (0, 0);
            if self.block.is_empty() {
                self.block = core::mem::take(spare);
            }
            if self.block.is_empty() {
                self.block = vec![0; RECEIVED];
            }
        } else if length > self.block.len() / 2 && self.block.len() < RECEIVED {
            self.move_to(vec![0; (2 * self.block.len()).min(RECEIVED)]);
        } else if self.start > 0 && self.block.len() - self.end < self.block.len() / 4 {
            self.block.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, length);
        }
    }

    /// After the appliance looked: a block that is not needed becomes the next one's spare one; what remains has one of its own that fits.
    pub(super) fn settle(&mut self, spare: &mut Vec<u8>) {
        let length = self.length();
        if length == 0 {
            self.return_block(Vec::new(), spare);
            (self.start, self.end) = (0, 0);
        } else if self.block.len() == RECEIVED && length <= RECEIVED / 4 && spare.is_empty() {
            let fitting = vec![0; (2 * length).next_power_of_two().max(RECEIVED_BLOCK)];
            let block = self.move_to(fitting);
            *spare = block;
        }
    }

    fn return_block(&mut self, other: Vec<u8>, spare: &mut Vec<u8>) {
        let block = core::mem::replace(&mut self.block, other);
        if block.len() == RECEIVED && spare.is_empty() {
            *spare = block;
        }
    }

    /// Moves to a block that is long enough; returns the one before.
    fn move_to(&mut self, mut block: Vec<u8>) -> Vec<u8> {
        let length = self.length();
        block[..length].copy_from_slice(&self.block[self.start..self.end]);
        (self.start, self.end) = (0, length);
        core::mem::replace(&mut self.block, block)
    }
}
