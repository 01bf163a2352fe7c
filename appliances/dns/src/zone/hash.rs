//! The hash that names are found by: over the labels from the root leftwards, so that one pass over a name gives the
//! hash of each of its ancestors, whichever zone they belong to.

/// The hash of the root.
pub(crate) const ROOT: u64 = 0x9e37_79b9_7f4a_7c15;

const MULTIPLIER: u64 = 0xd6e8_feb8_6659_fd93;

/// The hash of the name that the label at `start` makes with the name whose hash is `suffix`; the case of ASCII letters
/// does not matter. `None` if the label is not all there.
#[inline]
pub(crate) fn extend(suffix: u64, octets: &[u8], start: usize) -> Option<u64> {
    let rest = octets.get(start..)?;
    // The length's octet is hashed with the label: no two lists of labels are the same octets.
    let length = usize::from(*rest.first()?) + 1;
    let mut hash = suffix;
    let whole = length / WORD * WORD;
    for octets in rest.get(..whole)?.chunks_exact(WORD) {
        hash = mix(hash ^ fold_case(word(octets)));
    }
    if whole < length {
        hash = mix(hash ^ fold_case(partial_word(rest.get(whole..)?, length - whole)?));
    }
    Some(hash)
}

/// Whether two runs of octets are the same but for the case of ASCII letters.
#[inline]
pub(crate) fn equal_but_for_case(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let equal = |(one, other): (&[u8], &[u8])| {
        let (one, other) = (word(one), word(other));
        one == other || fold_case(one) == fold_case(other)
    };
    match (one.last_chunk::<WORD>(), other.last_chunk::<WORD>()) {
        // The last word overlaps the one before it.
        (Some(last), Some(other_last)) => {
            equal((last, other_last)) && one.chunks_exact(WORD).zip(other.chunks_exact(WORD)).all(equal)
        }
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// Octets that are looked at together.
const WORD: usize = 8;

/// Folds the 128 bits of a product: each bit of the input reaches the upper bits, which choose the slot.
#[inline]
fn mix(value: u64) -> u64 {
    let product = u128::from(value) * u128::from(MULTIPLIER);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Eight octets at once: those in `A`..=`Z` get the bit that makes them small.
#[inline]
fn fold_case(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7f * ONES);
    let from_a = low + (0x80 - b'A' as u64) * ONES;
    let past_z = low + (0x7f - b'Z' as u64) * ONES;
    let large = (from_a ^ past_z) & !word & (0x80 * ONES);
    word | (large >> 2)
}

#[inline]
fn word(octets: &[u8]) -> u64 {
    octets.first_chunk().map_or(0, |octets| u64::from_le_bytes(*octets))
}

/// The first `count` octets, fewer than eight, zeros behind them. Where eight can be read the others are masked out: no
/// loop, no call.
#[inline]
fn partial_word(octets: &[u8], count: usize) -> Option<u64> {
    if let Some(octets) = octets.first_chunk::<WORD>() {
        return Some(word(octets) & (u64::MAX >> (u64::BITS as usize - 8 * count)));
    }
    let shifted = |word, octet: &u8| word << 8 | u64::from(*octet);
    Some(octets.get(..count)?.iter().rev().fold(0, shifted))
}

#[cfg(test)]
mod tests;
