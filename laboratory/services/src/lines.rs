//! What the services say: the lines of RFC 864, every octet of which follows from its place.

/// Printable characters, from the space on.
const CHARACTERS: usize = 95;

/// Characters of a line, its end not counted.
const WIDTH: usize = 72;

/// Octets of a line.
const LINE: usize = WIDTH + 2;

/// After so many octets it begins again: no power of two, so that none of the sizes in a network stack divides it.
pub const PERIOD: usize = LINE * CHARACTERS;

/// The octet at this place of a stream (RFC 864: each line begins one character further on than the one before).
#[must_use]
pub const fn octet(place: u64) -> u8 {
    let place = (place % PERIOD as u64) as usize;
    let (line, column) = (place / LINE, place % LINE);
    match column {
        WIDTH => b'\r',
        column if column > WIDTH => b'\n',
        column => b' ' + ((line + column) % CHARACTERS) as u8,
    }
}

/// Writes what stands from this place on.
pub fn write(room: &mut [u8], place: u64) {
    let mut from = (place % PERIOD as u64) as usize;
    let mut left = room;
    while !left.is_empty() {
        let length = left.len().min(REGION.len() - from);
        let (now, later) = left.split_at_mut(length);
        now.copy_from_slice(&REGION[from..from + length]);
        (left, from) = (later, 0);
    }
}

/// Some periods in one piece: a stream may be made of this over and over.
pub(crate) const REGION: &[u8; PERIOD * 8] = &region();

const fn region() -> [u8; PERIOD * 8] {
    let mut region = [0; PERIOD * 8];
    let mut place = 0;
    while place < region.len() {
        region[place] = octet(place as u64);
        place += 1;
    }
    region
}
