use super::Sum;

/// The sum as RFC 1071 §1 words it, one 16-bit word after the other.
fn plain(bytes: &[u8]) -> u16 {
    let mut sum = 0_u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[test]
fn rfc1071_section_3_example() {
    let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
    assert_eq!(Sum::ZERO.bytes(&bytes).checksum(), (!0xddf2_u16).to_be_bytes());
}

#[test]
fn every_length_and_alignment() {
    let bytes: [u8; 131] = core::array::from_fn(|index| (index * 89 + 201) as u8);
    for start in 0..9 {
        for end in start..bytes.len() {
            let bytes = &bytes[start..end];
            assert_eq!(Sum::ZERO.bytes(bytes).checksum(), plain(bytes).to_be_bytes(), "{start}..{end}");
        }
    }
}

#[test]
fn carries_run_around() {
    assert_eq!(Sum::ZERO.bytes(&[0xff; 1500]).checksum(), [0, 0]);
    assert_eq!(Sum::ZERO.bytes(&[0xff; 1500]).udp_checksum(), [0xff, 0xff]);
    assert_eq!(Sum::ZERO.bytes(&[0xff; 1501]).checksum(), plain(&[0xff; 1501]).to_be_bytes());
    assert!(Sum::ZERO.bytes(&[0xff; 64]).number(0xffff).is_valid());
    assert!(!Sum::ZERO.bytes(&[0; 64]).is_valid());
}
