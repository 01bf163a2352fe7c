use super::*;
use std::vec::Vec;

#[test]
fn loading_pads_the_end_with_zeros() {
    assert_eq!(load(b"abcdefghi", 0).to_le_bytes(), *b"abcdefgh");
    assert_eq!(load(b"abcdefghi", 1).to_le_bytes(), *b"bcdefghi");
    assert_eq!(load(b"abcdefghi", 7).to_le_bytes(), *b"hi\0\0\0\0\0\0");
    assert_eq!(load(b"abc", 9), 0);
}

#[test]
fn every_octet_in_every_place_is_told_from_the_others() {
    for octet in 0..=255_u8 {
        for place in 0..8 {
            let mut octets = [b'x'; 8];
            octets[place] = octet;
            let word = u64::from_le_bytes(octets);
            let before = ordinary(word);
            if ends_word(octet) || octet == b'\\' {
                assert_eq!(before, place, "{octet}");
            } else {
                assert!(before == 8 || before == place, "{octet}");
            }
            let dots: Vec<u8> = every_equal(word, b'.').to_le_bytes().to_vec();
            for (at, dot) in dots.into_iter().enumerate() {
                assert_eq!(dot == 0x80, at == place && octet == b'.', "{octet}");
            }
        }
    }
}

#[test]
fn neighbours_of_an_octet_are_not_taken_for_it() {
    assert_eq!(
        every_equal(u64::from_le_bytes(*b"./-./.-/"), b'.').to_le_bytes(),
        [128, 0, 0, 128, 0, 128, 0, 0]
    );
    assert_eq!(line_end(b"0123456789\n01234", 0), 10);
    assert_eq!(line_end(b"0123456789\n01234", 11), 16);
    assert_eq!(line_end(b"\n", 0), 0);
    assert_eq!(line_end(b"", 0), 0);
}

#[test]
fn digits_are_told_from_everything_else() {
    for (text, value) in
        [("0", 0), ("7", 7), ("10", 10), ("3600", 3_600), ("1234567", 1_234_567), ("0000001", 1)]
    {
        assert_eq!(decimal(load(text.as_bytes(), 0), text.len()), Some(value));
    }
    for octet in (0..=255_u8).filter(|octet| !octet.is_ascii_digit()) {
        for place in 0..7 {
            let mut text = *b"1234567";
            text[place] = octet;
            assert_eq!(decimal(load(&text, 0), 7), None, "{octet}");
        }
    }
}
