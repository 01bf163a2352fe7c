use super::*;

const IMAGE: Range<u64> = 0x10_0000..0x14_0000;
const RAM: Range<u64> = 0x10_0000..0x100_0000;

fn divide(ram: Range<u64>, archive: Option<Range<u64>>) -> Option<Range<u64>> {
    let low = 0..0x9_fc00;
    Division::new(&IMAGE, [low, ram].into_iter(), archive).map(|division| division.free)
}

#[test]
fn free_is_what_lies_behind_the_image_and_beside_the_archive() {
    let cases = [
        (None, Some(0x14_0000..0x100_0000)),
        (Some(0xff_0000..0xff_8000), Some(0x14_0000..0xe0_0000)),
        (Some(0xff_0123..0xff_8123), Some(0x14_0000..0xe0_0000)),
        (Some(0x14_0000..0x20_0001), Some(0x20_1000..0x100_0000)),
        (Some(0x30_0000..0xf0_0000), Some(0x14_0000..0x30_0000)),
        (Some(0x30_0123..0xc0_0000), Some(0xc0_0000..0x100_0000)),
        (Some(0x30_0123..0xc0_0001), Some(0xc0_1000..0x100_0000)),
        (Some(0x1000..0x2000), Some(0x14_0000..0x100_0000)),
        (Some(0x1_0000_0000..0x2_0000_0000), Some(0x14_0000..0x100_0000)),
        (Some(0x13_f000..0x15_0000), None),
        (Some(0x14_0000..0x100_0000), None),
        (Some(0xff_0000..u64::MAX), None),
    ];
    for (archive, free) in cases {
        assert_eq!(divide(RAM, archive.clone()), free, "{archive:x?}");
    }
}

#[test]
fn ram_that_makes_no_sense_is_refused() {
    assert_eq!(divide(0x20_0000..0x100_0000, None), None, "the image is not in RAM");
    assert_eq!(divide(0x10_0000..0x14_0000, None), None, "nothing is left");
    assert_eq!(divide(0x10_0000..0x14_0fff, None), None, "not a page is left");
    assert_eq!(divide(0x10_0000..u64::MAX, None), Some(0x14_0000..u64::MAX - 0xfff));
}

#[test]
fn registers_lie_outside_of_memory() {
    let archive = Some(0xff_0000..0xff_8000);
    let division = Division::new(&IMAGE, core::iter::once(RAM), archive).expect("a sound machine");
    for (window, is_fine) in [
        (0xfeb0_0000..0xfeb0_0200, true),
        (0..0x200, false),
        (0x13_f000..0x13_f200, false),
        (0x20_0000..0x20_0200, false),
        (0x100_0000..0x100_0200, true),
        (0xff_7e00..0xff_8000, false),
        (u64::MAX - 0x200..u64::MAX, true),
    ] {
        assert_eq!(division.has_room_for(&window, &IMAGE), is_fine, "{window:x?}");
    }
}

#[test]
fn large_pages_are_taken_where_there_is_plenty() {
    assert_eq!(in_large_pages(0x17_a000..0xe0_0000), 0x20_0000..0xe0_0000);
    assert_eq!(in_large_pages(0x17_a000..0x50_0000), 0x17_a000..0x50_0000);
    assert_eq!(in_large_pages(u64::MAX - 0x1000..u64::MAX), u64::MAX - 0x1000..u64::MAX);
}
