//! Text, eight octets at a time.

/// Eight octets, the first the least significant; past the end of the text they are zeros, which end every word.
#[inline]
pub(crate) fn load(text: &[u8], at: usize) -> u64 {
    match text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        Some(octets) => u64::from_le_bytes(*octets),
        None => load_end(text, at),
    }
}

#[cold]
fn load_end(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().take(8).rev().fold(0, |word, &octet| word << 8 | u64::from(octet))
}

const fn repeat(octet: u8) -> u64 {
    u64::from_ne_bytes([octet; 8])
}

const HIGH: u64 = repeat(0x80);

/// Marks, in its high bit, the first octet that is less than `bound` (at most 128); what is marked behind the first may not be.
#[inline]
const fn first_below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(repeat(bound)) & !word & HIGH
}

/// Marks, in its high bit, the first octet that is `octet`; what is marked behind the first may not be.
#[inline]
const fn first_equal(word: u64, octet: u8) -> u64 {
    first_below(word ^ repeat(octet), 1)
}

/// Marks, in its high bit, every octet that is `octet`, and no other.
#[inline]
pub(crate) const fn every_equal(word: u64, octet: u8) -> u64 {
    let different = word ^ repeat(octet);
    !(((different & !HIGH) + !HIGH) | different) & HIGH
}

/// How many octets there are before the first that is marked; 8 if none is.
#[inline]
pub(crate) const fn before_mark(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// How many octets of `word` are certainly ordinary: neither the end of a word nor an escape. The next may be either.
#[inline]
pub(crate) const fn ordinary(word: u64) -> usize {
    // Blanks, controls, `"`, `(` and `)` are below `*`.
    before_mark(first_below(word, b'*') | first_equal(word, b';') | first_equal(word, b'\\'))
}

/// Whether an octet ends a word that is not quoted.
#[inline]
pub(crate) const fn ends_word(octet: u8) -> bool {
    matches!(octet, 0..=b' ' | b'"' | b'(' | b')' | b';')
}

/// The value of the first `length` octets, 1 to 7, if they are decimal digits; the octets behind them are zeros.
#[inline]
pub(crate) const fn decimal(octets: u64, length: usize) -> Option<u32> {
    // With zeros in front there are eight digits, each in an octet, the last the most significant.
    let digits = (octets << (64 - 8 * length)) ^ (repeat(b'0') << (64 - 8 * length));
    // More than nine, or a high bit.
    if (((digits & !HIGH) + repeat(0x76)) | digits) & HIGH != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(1 + (10 << 8)) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(1 + (10_000 << 32)) >> 32) as u32)
}

/// Where the line ends that `at` lies in: at its newline or at the end of the text.
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while at < text.len() {
        let marks = first_equal(load(text, at), b'\n');
        if marks != 0 {
            return (at + before_mark(marks)).min(text.len());
        }
        at += 8;
    }
    text.len()
}

#[cfg(test)]
mod tests;
