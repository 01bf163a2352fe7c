//! What every stream carries: an octet follows from its place in the stream.

use platform::Bytes;

/// How long it is until it repeats.
const PERIOD: usize = 1 << 16;

/// The low half of every peer's first sequence number: what it sends follows from the numbers alone.
pub(crate) const FIRST: u16 = 0xfff0;

/// The octet at this place.
pub(crate) const fn at(place: u16) -> u8 {
    (place ^ (place >> 8).wrapping_mul(31)) as u8
}

/// One and a half periods of it, to be lent.
pub(crate) fn all() -> Bytes {
    (0..PERIOD + PERIOD / 2).map(|place| at(place as u16)).collect::<Vec<_>>().into()
}

/// Some octets from this place on.
pub(crate) fn some(place: u16, count: usize) -> Vec<u8> {
    (0..count).map(|index| at(place.wrapping_add(index as u16))).collect()
}

/// Whether these are the octets from this place on.
pub(crate) fn is_right(place: u16, octets: &[u8]) -> bool {
    octets.iter().enumerate().all(|(index, octet)| *octet == at(place.wrapping_add(index as u16)))
}
