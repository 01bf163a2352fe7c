use super::header::{checksum, is_long, unfinished};
use platform::{Checksum, Segmentation, Work};

#[test]
fn what_stands_before_a_frame() {
    let segmentation = Segmentation { headers: 54, payload: 1460, is_v6: false, has_cwr: true };
    let work = Work { transport: 34, segmentation: Some(segmentation) };
    let words = |flags: u8, kind: u8, words: [u16; 4]| {
        [&[flags, kind][..], &words.map(u16::to_ne_bytes).concat()].concat()
    };
    assert_eq!(unfinished(work, 60_000).to_vec(), words(1, 0x81, [54, 1460, 34, 16]));
    // One segment is not cut.
    assert_eq!(unfinished(work, 1514).to_vec(), words(1, 0, [0, 0, 34, 16]));
    let work =
        Work { segmentation: Some(Segmentation { is_v6: true, has_cwr: false, ..segmentation }), ..work };
    let header = unfinished(work, 1515);
    assert_eq!(header.to_vec(), words(1, 4, [54, 1460, 34, 16]));
    assert!(is_long(&header));
}

#[test]
fn what_linux_left_to_us_never_was_on_a_wire() {
    let mut header = [0; 10];
    assert_eq!(checksum(&header), Checksum::Unverified);
    assert!(!is_long(&header));
    for flags in [1, 2] {
        header[0] = flags;
        assert_eq!(checksum(&header), Checksum::Verified);
    }
}
