use super::{MOST, Options, SACK_BLOCKS, SackBlock, TIMESTAMPS_LENGTH, Timestamps, Written};
use crate::tcp::sequence::Sequence;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use smoltcp::wire::{TcpOption, TcpPacket, TcpRepr, TcpSeqNumber};

fn block((start, end): (u32, u32)) -> SackBlock {
    SackBlock { start: Sequence(start), end: Sequence(end) }
}

#[test]
fn rfc9293_section_3_1_what_breaks_the_format_ends_the_list() {
    let timestamps = Some(Timestamps { value: 1, echo: 2 });
    let none = Options::NONE;
    for (octets, expected) in [
        (&[][..], none),
        (&[0, 2, 4, 5, 180], none),
        (&[1, 1, 1, 1], none),
        // MUST-6: what is not known is passed over.
        (&[254, 4, 0, 0, 2, 4, 5, 180], Options { maximum_segment_size: Some(1460), ..none }),
        (&[69, 2, 4, 2], Options { is_sack_permitted: true, ..none }),
        // MUST-7: lengths that can't be.
        (&[2], none),
        (&[2, 0, 5, 180], none),
        (&[2, 1, 5, 180], none),
        (&[2, 5, 5, 180], none),
        (&[4, 2, 2, 0, 5, 180], Options { is_sack_permitted: true, ..none }),
        (&[4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0], Options { is_sack_permitted: true, ..none }),
        // Of a length that its kind does not have.
        (&[2, 3, 5, 4, 2, 0], Options { is_sack_permitted: true, ..none }),
        (&[3, 4, 5, 5], none),
        (&[4, 3, 0, 1], none),
        (&[8, 9, 0, 0, 0, 1, 0, 0, 0, 1], none),
        // RFC 7323 appendix A, and any other order.
        (&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], Options { timestamps, ..none }),
        (&[8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0], Options { timestamps, ..none }),
        (&[8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 4, 2], Options { timestamps, is_sack_permitted: true, ..none }),
        // RFC 7323 §2.3.
        (&[3, 3, 0], Options { window_scale: Some(0), ..none }),
        (&[3, 3, 14], Options { window_scale: Some(14), ..none }),
        (&[3, 3, 15, 1], Options { window_scale: Some(14), ..none }),
        (&[3, 3, 255], Options { window_scale: Some(14), ..none }),
        // No block, or a part of one.
        (&[5, 2, 1, 1], none),
        (&[5, 6, 1, 1, 1, 1], none),
    ] {
        assert_eq!(Options::read(octets), expected, "{octets:?}");
    }
}

#[test]
fn rfc2018_section_3_blocks_beside_timestamps_are_three() {
    let blocks = [(1, 2), (3, 4), (5, 6), (7, 8)].map(block);
    for (has_timestamps, most) in [(false, 4), (true, 3)] {
        for count in 0..=blocks.len() {
            let mut written = Written::new();
            if has_timestamps {
                written.timestamps(Timestamps { value: 1, echo: 2 });
            }
            written.sack(&blocks[..count]);
            let expected = &blocks[..count.min(most)];
            assert_eq!(Options::read(written.octets()).sack(), expected);
            let before = if has_timestamps { TIMESTAMPS_LENGTH } else { 0 };
            assert_eq!(written.length(), before + if count == 0 { 0 } else { 4 + 8 * expected.len() });
        }
    }
}

#[test]
fn what_does_not_fit_is_left_out() {
    let mut written = Written::new();
    for _ in 0..10 {
        written.timestamps(Timestamps { value: 1, echo: 2 });
        written.maximum_segment_size(1460);
        assert!(written.length() <= MOST && written.length().is_multiple_of(4));
    }
}

/// Reads options one by one as smoltcp does.
fn read_by_another(mut octets: &[u8]) -> Vec<TcpOption<'_>> {
    let mut options = Vec::new();
    while !octets.is_empty() {
        let (rest, option) = TcpOption::parse(octets).expect("sound options");
        octets = rest;
        if option != TcpOption::NoOperation {
            options.push(option);
        }
    }
    options
}

proptest! {
    #[test]
    fn what_another_writes_is_read(
        maximum_segment_size: Option<u16>,
        window_scale in prop::option::of(0_u8..=14),
        is_sack_permitted: bool,
        stamps: Option<(u32, u32)>,
        blocks in prop::collection::vec(any::<(u32, u32)>(), 0..=3),
    ) {
        // All of them do not fit.
        let (window_scale, maximum_segment_size) =
            if blocks.is_empty() { (window_scale, maximum_segment_size) } else { (None, None) };
        let is_sack_permitted = is_sack_permitted && blocks.is_empty();
        let mut sack_ranges = [None; 3];
        sack_ranges.iter_mut().zip(&blocks).for_each(|(range, block)| *range = Some(*block));
        let repr = TcpRepr {
            src_port: 1,
            dst_port: 2,
            control: smoltcp::wire::TcpControl::None,
            seq_number: TcpSeqNumber(3),
            ack_number: Some(TcpSeqNumber(4)),
            window_len: 5,
            window_scale,
            max_seg_size: maximum_segment_size,
            sack_permitted: is_sack_permitted,
            sack_ranges,
            timestamp: stamps.map(|(tsval, tsecr)| smoltcp::wire::TcpTimestampRepr { tsval, tsecr }),
            payload: &[],
        };
        let mut segment = vec![0; repr.buffer_len()];
        let addresses = smoltcp::wire::IpAddress::v4(192, 0, 2, 1);
        let checksums = smoltcp::phy::ChecksumCapabilities::default();
        repr.emit(&mut TcpPacket::new_unchecked(&mut segment), &addresses, &addresses, &checksums);
        let read = Options::read(&segment[20..]);
        prop_assert_eq!(read.maximum_segment_size, maximum_segment_size);
        prop_assert_eq!(read.window_scale, window_scale);
        prop_assert_eq!(read.is_sack_permitted, is_sack_permitted);
        prop_assert_eq!(read.timestamps, stamps.map(|(value, echo)| Timestamps { value, echo }));
        prop_assert_eq!(read.sack(), blocks.into_iter().map(block).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_written_another_reads(
        maximum_segment_size: u16,
        shift in 0_u8..=14,
        value: u32,
        echo: u32,
        blocks in prop::collection::vec(any::<(u32, u32)>(), 1..=3),
    ) {
        let mut written = Written::new();
        written.maximum_segment_size(maximum_segment_size);
        written.sack_permitted();
        written.timestamps(Timestamps { value, echo });
        written.window_scale(shift);
        prop_assert_eq!(written.length() % 4, 0);
        prop_assert_eq!(read_by_another(written.octets()), vec![
            TcpOption::MaxSegmentSize(maximum_segment_size),
            TcpOption::SackPermitted,
            TcpOption::TimeStamp { tsval: value, tsecr: echo },
            TcpOption::WindowScale(shift),
        ]);

        let mut written = Written::new();
        written.timestamps(Timestamps { value, echo });
        let sacked: Vec<SackBlock> = blocks.iter().copied().map(block).collect();
        written.sack(&sacked);
        let mut ranges = [None; 3];
        ranges.iter_mut().zip(&blocks).for_each(|(range, block)| *range = Some(*block));
        prop_assert_eq!(read_by_another(written.octets()), vec![
            TcpOption::TimeStamp { tsval: value, tsecr: echo },
            TcpOption::SackRange(ranges),
        ]);
    }

    #[test]
    fn any_octets_are_survived(octets in prop::collection::vec(any::<u8>(), 0..=40)) {
        let options = Options::read(&octets);
        prop_assert!(options.sack().len() <= SACK_BLOCKS);
        prop_assert!(options.window_scale.is_none_or(|shift| shift <= 14));
    }
}
