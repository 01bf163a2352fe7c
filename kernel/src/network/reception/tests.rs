extern crate std;

use super::*;
use std::vec::Vec as List;

const SIZE: u16 = 64;
const FULL: u32 = Frames::LENGTH as u32;

impl Reception {
    /// How many buffers the device has, as the driver knows.
    pub(in crate::network) fn offered(&self) -> usize {
        self.owners.iter().filter(|&&owner| owner == Owner::Device).count()
    }

    /// That what is counted agrees with what is, between frames.
    pub(in crate::network) fn check(&self) {
        assert_eq!(self.offered(), usize::from(self.waiting));
        assert!(self.pieces.is_empty());
    }
}

fn reception() -> Reception {
    let mut reception = Reception::new(Queue::new(SIZE), true);
    let _ = reception.queue.publish();
    reception
}

/// The device uses buffers from `first` on, so much of each, and says in the first that it is so many.
fn use_buffers(reception: &mut Reception, first: u16, says: u16, lengths: &[u32]) {
    for (buffer, &length) in (first..).zip(lengths) {
        reception.frames.write(buffer).fill(u8::try_from(buffer).expect("small"));
        reception.queue.use_as_device(buffer.into(), length);
    }
    let header = &mut reception.frames.write(first)[..header::LENGTH];
    header.fill(0);
    header[0] = 1;
    header[10..].copy_from_slice(&says.to_le_bytes());
}

/// Takes what there is; the frames' lengths with their headers, piece by piece.
fn taken(reception: &mut Reception, counts: &mut Counts) -> List<List<usize>> {
    let mut all = List::new();
    while let Some(taken) = reception.take(counts) {
        let pieces = (0..).map_while(|index| reception.piece(index)).map(<[u8]>::len);
        all.push([taken.length].into_iter().chain(pieces).collect());
        reception.offer_pieces();
        reception.offer(taken.buffer);
    }
    all
}

#[test]
fn a_frame_may_lie_in_several_buffers() {
    let mut counts = Counts::default();
    let mut reception = reception();
    use_buffers(&mut reception, 3, 3, &[FULL, FULL, 100]);
    use_buffers(&mut reception, 20, 1, &[60]);
    let first = reception.take(&mut counts).expect("a frame");
    assert_eq!((first.buffer, first.length), (3, Frames::LENGTH));
    assert_eq!(reception.piece(0), Some(&[4; Frames::LENGTH][..]));
    assert_eq!(reception.piece(1), Some(&[5; 100][..]));
    assert_eq!(reception.piece(2), None);
    reception.offer_pieces();
    reception.offer(first.buffer);
    assert_eq!(taken(&mut reception, &mut counts), [[60]]);
    assert_eq!((counts.merged, counts.senseless, reception.waiting), (1, 0, SIZE));
}

#[test]
fn the_longest_frame_that_a_device_puts_together_is_taken() {
    let mut counts = Counts::default();
    let mut reception = reception();
    let last = u32::try_from(header::LENGTH + Offload::LONGEST).expect("small") - 32 * FULL;
    let mut lengths = [FULL; 33];
    lengths[32] = last;
    use_buffers(&mut reception, 0, 33, &lengths);
    let taken = taken(&mut reception, &mut counts);
    assert_eq!(taken[0].iter().sum::<usize>(), header::LENGTH + Offload::LONGEST);
    assert_eq!((counts.merged, counts.senseless, reception.waiting), (1, 0, SIZE));
}

/// Whatever a device says, no buffer is lost, and none is given to it twice.
#[test]
fn pieces_that_make_no_sense_are_no_frame() {
    let mut too_long = [FULL; 33];
    too_long[32] = u32::try_from(header::LENGTH + Offload::LONGEST).expect("small") - 32 * FULL + 1;
    let many = [FULL; 40];
    let cases: [(&str, u16, &[u32], u16); 9] = [
        ("in no buffer", 0, &[FULL], 1),
        ("more than were used", 3, &[FULL, FULL], 1),
        ("more than were used, by far", 65_535, &[FULL], 1),
        ("longer than a packet", 33, &too_long, 1),
        ("in more than a packet can take", 34, &many[..34], 1),
        ("headers in several", 2, &[FULL - 1, 100], 1),
        ("an empty piece", 3, &[FULL, 0, 100], 1),
        ("a piece longer than its buffer", 3, &[FULL, FULL + 1, 100], 1),
        ("a piece as long as can be said", 2, &[FULL, u32::MAX], 1),
    ];
    for (case, says, lengths, senseless) in cases {
        let mut counts = Counts::default();
        let mut reception = reception();
        use_buffers(&mut reception, 3, says, lengths);
        let frames = taken(&mut reception, &mut counts);
        // What is left of more buffers than a frame can have is looked at as frames.
        assert!(frames.is_empty() || says == 34, "{case}: {frames:?}");
        assert!(counts.senseless >= senseless.into(), "{case}");
        assert_eq!(counts.merged, 0, "{case}");
        assert_eq!(reception.waiting, SIZE, "{case}");
        assert!(reception.owners[..usize::from(SIZE)].iter().all(|&owner| owner == Owner::Device), "{case}");
    }
}

#[test]
fn a_piece_that_was_not_the_devices_is_no_piece() {
    let mut counts = Counts::default();
    let mut reception = reception();
    use_buffers(&mut reception, 3, 3, &[FULL]);
    reception.queue.use_as_device(3, FULL);
    reception.queue.use_as_device(4, 100);
    assert!(taken(&mut reception, &mut counts).is_empty());
    assert_eq!((counts.senseless, reception.waiting), (1, SIZE));
}

#[test]
fn a_frame_of_several_pieces_whose_checksum_nobody_vouches_for_is_dropped() {
    let mut counts = Counts::default();
    let mut reception = reception();
    use_buffers(&mut reception, 3, 2, &[FULL, 100]);
    reception.frames.write(3)[0] = 0;
    assert!(taken(&mut reception, &mut counts).is_empty());
    assert_eq!((counts.senseless, reception.waiting), (1, SIZE));
}

#[test]
fn who_was_not_told_that_there_may_be_several_takes_every_buffer_for_a_frame() {
    let mut counts = Counts::default();
    let mut reception = reception();
    reception.merges_buffers = false;
    use_buffers(&mut reception, 3, 7, &[60]);
    assert_eq!(taken(&mut reception, &mut counts), [[60]]);
}
