extern crate std;

mod hostile;

use super::*;
use crate::hardware::registers::Registers;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

const SHAPE: Shape = Shape { sectors: 1000, block: 1, most_sectors: 128, is_writable: true, can_flush: true };

fn volume_of(shape: Shape, queue_size: u16) -> BlockVolume {
    let registers = Registers::over(Box::leak(Box::new([0; 128])));
    BlockVolume::start(Transport::over(registers), Queue::new(queue_size), shape)
}

fn volume() -> BlockVolume {
    volume_of(SHAPE, REQUESTS * DESCRIPTORS)
}

/// The device does what it was asked, reading `content`, and says so by this status.
fn answer(volume: &mut BlockVolume, RequestId(place): RequestId, status: u8, content: &[u8]) {
    volume.contents.write(place)[..content.len()].copy_from_slice(content);
    volume.headers.write(place)[HEADER] = status;
    let length = u32::try_from(content.len() + 1).expect("small");
    volume.queue.use_as_device(u32::from(place * DESCRIPTORS), length);
}

/// The header that the device sees: what is meant, and where.
fn header(volume: &BlockVolume, RequestId(place): RequestId) -> (u32, u64) {
    let header = volume.headers.read(place);
    let sector = header[8..HEADER].first_chunk().expect("eight octets");
    let kind = header.first_chunk().expect("four octets");
    (u32::from_le_bytes(*kind), u64::from_le_bytes(*sector))
}

fn completed(volume: &mut BlockVolume) -> Vec<(RequestId, Result<Vec<u8>, VolumeError>)> {
    let mut completed = Vec::new();
    while let Some(Completion { request, outcome }) = volume.completion() {
        completed.push((request, outcome.map(<[u8]>::to_vec)));
    }
    completed
}

#[test]
fn what_was_read_is_lent() {
    let mut volume = volume();
    let request = volume.read(7..9).expect("begun");
    assert_eq!(header(&volume, request), (0, 7));
    assert_eq!(volume.completion(), None);
    answer(&mut volume, request, status::DONE, &[7; 1024]);
    assert!(volume.is_ready());
    assert_eq!(volume.completion(), Some(Completion { request, outcome: Ok(&[7; 1024]) }));
    assert_eq!(volume.completion(), None);
}

#[test]
fn what_is_written_lies_where_the_device_reads() {
    let mut volume = volume();
    let request = volume.write(3, &[9; 512]).expect("begun");
    assert_eq!(header(&volume, request), (1, 3));
    assert_eq!(volume.contents.read(request.0)[..512], [9; 512]);
    answer(&mut volume, request, status::DONE, &[]);
    assert_eq!(completed(&mut volume), [(request, Ok(vec![]))]);
}

#[test]
fn completions_come_in_the_order_of_the_device() {
    let mut volume = volume();
    let requests: Vec<_> = (0..4).map(|sector| volume.read(sector..sector + 1).expect("begun")).collect();
    for &request in requests.iter().rev() {
        let content = [u8::try_from(request.0).expect("small"); 512];
        answer(&mut volume, request, status::DONE, &content);
    }
    let order: Vec<_> = completed(&mut volume).into_iter().map(|(request, _)| request).collect();
    assert_eq!(order, requests.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn as_many_requests_as_there_may_be_are_under_way_and_then_there_is_room_again() {
    for (size, most) in [(REQUESTS * DESCRIPTORS, REQUESTS), (16, 4), (4, 1)] {
        let mut volume = volume_of(SHAPE, size);
        for _ in 0..3 {
            let requests: Vec<_> = (0..most).map(|_| volume.write(0, &[1; 512]).expect("begun")).collect();
            assert_eq!(volume.write(0, &[1; 512]), Err(Refusal::Busy));
            assert_eq!(volume.read(0..1), Err(Refusal::Busy));
            assert_eq!(volume.flush(), Err(Refusal::Busy));
            for &request in &requests {
                answer(&mut volume, request, status::DONE, &[]);
            }
            assert_eq!(completed(&mut volume).len(), requests.len());
        }
    }
}

#[test]
fn what_is_lent_is_kept_until_the_next_completion_is_asked_for() {
    let mut volume = volume_of(SHAPE, 4);
    let request = volume.read(0..1).expect("begun");
    answer(&mut volume, request, status::DONE, &[1; 512]);
    assert!(volume.completion().is_some());
    assert_eq!(volume.read(0..1), Err(Refusal::Busy));
    assert_eq!(volume.completion(), None);
    assert!(volume.read(0..1).is_ok());
}

/// virtio 1.2 §5.2.6.2: the device answers for the writes that had completed when the flush was sent.
#[test]
fn a_flush_is_sent_when_all_writes_that_were_begun_before_have_completed() {
    let mut volume = volume();
    let [first, second] = [0, 1].map(|sector| volume.write(sector, &[1; 512]).expect("begun"));
    let read = volume.read(0..1).expect("begun");
    let flush = volume.flush().expect("begun");
    let later = volume.write(2, &[1; 512]).expect("begun");
    assert_eq!(volume.places[usize::from(flush.0)], Place::Held { behind: 0b11 });

    answer(&mut volume, second, status::DONE, &[]);
    answer(&mut volume, read, status::DONE, &[0; 512]);
    assert_eq!(completed(&mut volume).len(), 2);
    assert_eq!(volume.places[usize::from(flush.0)], Place::Held { behind: 0b01 });
    // Even a write that fails is over.
    answer(&mut volume, first, status::ERROR, &[]);
    assert_eq!(completed(&mut volume), [(first, Err(VolumeError::Device))]);
    assert_eq!(header(&volume, flush), (4, 0));
    answer(&mut volume, flush, status::DONE, &[]);
    assert_eq!(completed(&mut volume), [(flush, Ok(vec![]))]);
    answer(&mut volume, later, status::DONE, &[]);
    assert_eq!(completed(&mut volume), [(later, Ok(vec![]))]);
}

#[test]
fn a_flush_that_has_nothing_to_wait_for_is_sent_at_once() {
    let mut volume = volume();
    let read = volume.read(0..1).expect("begun");
    let flush = volume.flush().expect("begun");
    assert_eq!(volume.places[usize::from(flush.0)], Place::UnderWay { kind: Kind::Flush, length: 0 });
    answer(&mut volume, flush, status::DONE, &[]);
    assert_eq!(completed(&mut volume), [(flush, Ok(vec![]))]);
    answer(&mut volume, read, status::DONE, &[0; 512]);
    assert_eq!(completed(&mut volume).len(), 1);
}

#[test]
fn a_flush_that_is_held_can_not_be_completed_by_the_device() {
    let mut volume = volume();
    let write = volume.write(0, &[1; 512]).expect("begun");
    let flush = volume.flush().expect("begun");
    answer(&mut volume, flush, status::DONE, &[]);
    assert_eq!(completed(&mut volume), []);
    answer(&mut volume, write, status::DONE, &[]);
    assert_eq!(completed(&mut volume), [(write, Ok(vec![]))]);
}

#[test]
fn what_makes_no_request_is_refused() {
    let shape = Shape { block: 8, most_sectors: 64, ..SHAPE };
    let mut volume = volume_of(shape, 64);
    for (sectors, refusal) in [
        (0..0, Refusal::NoBlocks),
        (Range { start: 16, end: 8 }, Refusal::NoBlocks),
        (0..1, Refusal::NoBlocks),
        (1..9, Refusal::NoBlocks),
        (0..72, Refusal::TooLong),
        (1000..1008, Refusal::BeyondEnd),
        (0..u64::MAX - 7, Refusal::BeyondEnd),
    ] {
        assert_eq!(volume.read(sectors.clone()), Err(refusal), "{sectors:?}");
    }
    for (first, length, refusal) in [
        (0, 0, Refusal::NoBlocks),
        (0, 511, Refusal::NoBlocks),
        (0, 512, Refusal::NoBlocks),
        (4, 4096, Refusal::NoBlocks),
        (0, 65 * 512, Refusal::NoBlocks),
        (0, 72 * 512, Refusal::TooLong),
        (1000, 4096, Refusal::BeyondEnd),
        (u64::MAX, 4096, Refusal::BeyondEnd),
    ] {
        assert_eq!(volume.write(first, &vec![0; length]), Err(refusal), "{first} {length}");
    }
    assert!(volume.write(992, &[0; 4096]).is_ok());
}

#[test]
fn a_volume_does_what_its_device_does() {
    let mut volume = volume_of(Shape { is_writable: false, can_flush: false, ..SHAPE }, 64);
    assert_eq!(volume.write(0, &[0; 512]), Err(Refusal::ReadOnly));
    assert_eq!(volume.flush(), Err(Refusal::NoFlush));
    assert!(volume.read(0..1).is_ok());
}

#[test]
fn what_the_device_says_of_a_request_is_told() {
    let mut volume = volume();
    for (status, error) in [
        (status::ERROR, VolumeError::Device),
        (status::UNSUPPORTED, VolumeError::Unsupported),
        (3, VolumeError::Malformed),
        (status::UNANSWERED, VolumeError::Malformed),
    ] {
        for request in [volume.read(0..1), volume.write(0, &[0; 512])].map(|request| request.expect("begun"))
        {
            answer(&mut volume, request, status, &[]);
            assert_eq!(completed(&mut volume), [(request, Err(error))]);
        }
    }
}

/// What an older request left in the buffer is not lent for what was read.
#[test]
fn a_device_that_lies_about_lengths_delivers_nothing() {
    let mut volume = volume();
    for length in [0, 1, 511] {
        let request = volume.read(0..1).expect("begun");
        volume.headers.write(request.0)[HEADER] = status::DONE;
        volume.queue.use_as_device(u32::from(request.0 * DESCRIPTORS), length);
        assert_eq!(completed(&mut volume), [(request, Err(VolumeError::Malformed))], "{length}");
    }
    // Some devices count the octet of the status, others don't.
    for length in [512, 513, u32::MAX] {
        let request = volume.read(0..1).expect("begun");
        volume.headers.write(request.0)[HEADER] = status::DONE;
        volume.queue.use_as_device(u32::from(request.0 * DESCRIPTORS), length);
        assert_eq!(completed(&mut volume)[0].1.as_ref().map(Vec::len), Ok(512), "no more than was asked for");
    }
}

#[test]
fn a_device_that_returns_what_it_was_not_given_completes_nothing() {
    let mut volume = volume_of(SHAPE, 64);
    let request = volume.read(0..1).expect("begun");
    for id in (0..64).chain([65, 0x8000_0001, u32::MAX]).filter(|id| id % 64 != u32::from(request.0)) {
        volume.queue.use_as_device(id, 513);
    }
    assert_eq!(completed(&mut volume), []);
    answer(&mut volume, request, status::DONE, &[5; 512]);
    volume.queue.use_as_device(u32::from(request.0 * DESCRIPTORS), 513);
    assert_eq!(completed(&mut volume), [(request, Ok(vec![5; 512]))], "once");
}

/// A device's configuration: capacity, largest segment, size of blocks.
fn shape(offered: u64, capacity: u64, segment: u32, block: u32) -> Option<Shape> {
    let mut registers = [0; 128];
    let configuration = &mut registers[0x100 / 4..];
    configuration[0] = (capacity & 0xffff_ffff) as u32;
    configuration[1] = (capacity >> 32) as u32;
    configuration[2] = segment;
    configuration[5] = block;
    Shape::read(&Transport::over(Registers::over(Box::leak(Box::new(registers)))), offered)
}

#[test]
fn what_a_device_does_not_say_is_not_believed() {
    let shape = shape(0, 0x1_0000_0007, 1, 4096).expect("sound");
    assert_eq!((shape.sectors, shape.block, shape.most_sectors), (0x1_0000_0007, 1, 128));
    assert!(shape.is_writable && !shape.can_flush);
}

#[test]
fn what_a_device_says_is_believed_within_reason() {
    let all = OPTIONAL;
    let sound = shape(all, 64, 16_000, 4096).expect("sound");
    assert_eq!((sound.sectors, sound.block, sound.most_sectors), (64, 8, 24));
    assert!(!sound.is_writable && sound.can_flush);
    assert_eq!(shape(all, 64, u32::MAX, 512).expect("sound").most_sectors, 128);
    assert_eq!(shape(all, u64::MAX, 512, 512).expect("sound").most_sectors, 1);
    for (segment, block) in [
        (65536, 0),
        (65536, 1),
        (65536, 513),
        (65536, 131_072),
        (65536, 1 << 31),
        (511, 512),
        (0, 512),
        (512, 4096),
    ] {
        assert!(shape(all, 64, segment, block).is_none(), "{segment} {block}");
    }
}
