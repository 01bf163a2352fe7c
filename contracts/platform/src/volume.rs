//! A volume: sectors that outlast the machine.

use core::ops::Range;

/// Octets of a sector, the unit of every address on a volume.
pub const SECTOR: usize = 512;

/// A volume.
///
/// Nothing here waits: a request is begun, the device is told of all that were begun by [`Volume::submit`], and their
/// completions are looked for in later turns. They come in any order, one for each request. A device that never completes a
/// request keeps its place: deadlines are the caller's.
///
/// # What lasts
///
/// A write that completed may still be lost with the power, and of one that did not complete any of its sectors may have been
/// written, or none. What lasts is what was flushed: a flush that completes says so of every write that was begun before it
/// and completed without an error. A volume that [can't flush](Volume::can_flush) makes no such promise at all.
pub trait Volume {
    /// How many sectors there are.
    fn sectors(&self) -> u64;

    /// How many sectors make a block: requests begin and end where one does. A power of two.
    fn block(&self) -> u64;

    /// The most sectors of one request; whole blocks, at least one.
    fn most_sectors(&self) -> u64;

    /// Whether it may be written to.
    fn is_writable(&self) -> bool;

    /// Whether a flush can be asked for.
    fn can_flush(&self) -> bool;

    /// Begins to read.
    fn read(&mut self, sectors: Range<u64>) -> Result<RequestId, Refusal>;

    /// Begins to write whole blocks from a sector on. The content is copied.
    fn write(&mut self, first: u64, content: &[u8]) -> Result<RequestId, Refusal>;

    /// Begins to flush.
    fn flush(&mut self) -> Result<RequestId, Refusal>;

    /// Tells the device of every request that was begun since the last call: at most one doorbell.
    fn submit(&mut self);

    /// The next request that completed.
    fn completion(&mut self) -> Option<Completion<'_>>;
}

/// A request, until its completion was taken; then the name may be another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub u16);

/// Why a request was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many as there may be are under way: after a completion there is room again.
    Busy,
    /// It reaches beyond the end of the volume.
    BeyondEnd,
    /// It is empty, or does not begin and end where a block does.
    NoBlocks,
    /// It is longer than a request may be.
    TooLong,
    /// The volume may only be read.
    ReadOnly,
    /// The volume can't flush.
    NoFlush,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion<'a> {
    /// Which.
    pub request: RequestId,
    /// What was read (for a write and a flush: nothing), in the buffer that the device wrote it to.
    pub outcome: Result<&'a [u8], VolumeError>,
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeError {
    /// The device could not do it.
    Device,
    /// The device does not do such things.
    Unsupported,
    /// The device answered what no device may answer.
    Malformed,
}
