//! Questions.

/// A question without EDNS, or with it.
pub(crate) fn question(name: &[u8], rtype: u16, with_edns: bool) -> Vec<u8> {
    let opt: &[u8] = if with_edns { &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] } else { &[] };
    let header = [0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(with_edns)];
    [&header[..], name, &rtype.to_be_bytes(), &[0, 1], opt].concat()
}
