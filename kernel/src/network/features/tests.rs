use super::*;

const STREAMS: Purpose = Purpose::Streams { frames: 128, long: 16 };

#[test]
fn of_what_is_offered_all_is_agreed_on_that_is_of_use_and_can_be() {
    use bit::*;
    let guest_segmentation = GUEST_SEGMENTATION_V4 | GUEST_SEGMENTATION_V6 | GUEST_CONGESTION;
    let segmentation = SEGMENTATION_V4 | SEGMENTATION_V6 | CONGESTION;
    let all = CHECKSUM | GUEST_CHECKSUM | MTU | guest_segmentation | segmentation | MERGED_BUFFERS;
    let all = all | REQUIRED;
    for (purpose, offered, useful) in [
        (STREAMS, all, all),
        (STREAMS, u64::MAX, all),
        (STREAMS, 0, 0),
        (STREAMS, REQUIRED, REQUIRED),
        // Nobody cuts segments without writing their checksums.
        (STREAMS, all & !CHECKSUM, all & !CHECKSUM & !segmentation),
        (STREAMS, all & !SEGMENTATION_V4, all & !SEGMENTATION_V4),
        (STREAMS, all & !SEGMENTATION_V6, all & !SEGMENTATION_V6),
        (STREAMS, all & !SEGMENTATION_V4 & !SEGMENTATION_V6, all & !segmentation),
        (STREAMS, all & !CONGESTION, all & !CONGESTION),
        // Nor are they put together without having them verified, or without buffers for them.
        (STREAMS, all & !GUEST_CHECKSUM, all & !GUEST_CHECKSUM & !guest_segmentation),
        (STREAMS, all & !MERGED_BUFFERS, all & !MERGED_BUFFERS & !guest_segmentation),
        (STREAMS, all & !GUEST_SEGMENTATION_V4 & !GUEST_SEGMENTATION_V6, all & !guest_segmentation),
        // What there are no buffers for.
        (Purpose::Streams { frames: 16, long: 0 }, all, all & !segmentation),
        (Purpose::Datagrams, all, REQUIRED | GUEST_CHECKSUM | MTU),
    ] {
        assert_eq!(Features(offered).useful(purpose).0, useful, "{purpose:?} {offered:#x}");
    }
}

#[test]
fn what_was_agreed_on_is_what_a_link_offers() {
    assert_eq!(Features(REQUIRED).offload(), Offload::NONE);
    let features = Features(bit::CHECKSUM | bit::SEGMENTATION_V6);
    assert_eq!(features.offload(), Offload { checksum: true, segmentation_v4: false, segmentation_v6: true });
}
