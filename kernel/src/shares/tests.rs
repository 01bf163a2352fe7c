use super::*;

const MIB: usize = 1 << 20;

#[test]
fn a_link_gets_a_share_of_what_is_left_and_no_more_than_it_needs() {
    for (left, frames, long) in [
        (0, Purpose::FEW, 0),
        (MIB, 32, 0),
        (4 * MIB, 128, 0),
        (6 * MIB, FRAMES, 5),
        (14 * MIB, FRAMES, 13),
        (100 * MIB, FRAMES, LONG_FRAMES),
        (usize::MAX, FRAMES, LONG_FRAMES),
    ] {
        assert_eq!(of_link(left), Purpose::Streams { frames, long }, "{left}");
    }
}

#[test]
fn streams_get_a_share_of_what_is_left() {
    for (left, budget) in [
        (0, Budget::NONE),
        (STACK, Budget::NONE),
        (STACK + 2 * FEWEST_BUFFERS - 1, Budget::NONE),
        (STACK + 2 * FEWEST_BUFFERS, Budget { streams: 39, buffers: FEWEST_BUFFERS }),
        (STACK + 12 * MIB, Budget { streams: 3780, buffers: 4 * MIB }),
        (STACK + 255 * MIB, Budget { streams: 80_344, buffers: 64 * MIB }),
        (STACK + 4096 * MIB, Budget { streams: STREAMS, buffers: BUFFERS }),
        (usize::MAX, Budget { streams: STREAMS, buffers: BUFFERS }),
    ] {
        assert_eq!(super::budget(left), budget, "{left}");
    }
}
