extern crate std;

use super::*;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

const SIZE: u16 = 64;
const HEADER: [u8; header::LENGTH] = [0; header::LENGTH];

impl Transmission {
    /// That what is counted agrees with what is, between frames; how many answers are being sent, and how much that was lent.
    pub(in crate::network) fn check(&self) -> [usize; 2] {
        let replies = self.sent.iter().filter(|sent| matches!(sent, Sent::Reply { .. })).count();
        let outgoing = self.sent.iter().filter(|sent| matches!(sent, Sent::Outgoing { .. })).count();
        let lent = self.lent.iter().flatten().count();
        assert_eq!(self.outgoing, outgoing + lent);
        assert!(self.outgoing <= usize::from(self.queue.size() / 2));
        for (free, under_way) in [
            (&self.free_descriptors, replies + outgoing + lent),
            (&self.free_frames, self.count(|place| matches!(place, Place::Frame(_)))),
            (&self.free_long, self.count(|place| matches!(place, Place::Long(_)))),
        ] {
            let mut numbers = free.numbers[..free.count].to_vec();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len() + under_way, free.numbers.len(), "every number is in one hand");
        }
        [replies, lent]
    }

    fn count(&self, is_meant: fn(Place) -> bool) -> usize {
        let is_meant = |sent: &&Sent| matches!(sent, Sent::Outgoing { place, .. } if is_meant(*place));
        self.sent.iter().filter(is_meant).count()
    }
}

fn transmission() -> Transmission {
    Transmission::new(Queue::new(SIZE), Purpose::Streams { frames: 40, long: 4 })
}

/// Memory that is lent, and a look at who still has it.
fn lent(octets: &[u8]) -> (Bytes, Arc<Vec<u8>>) {
    struct Owner(Arc<Vec<u8>>);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    let memory = Arc::new(octets.to_vec());
    (Bytes::from_owner(Owner(memory.clone())), memory)
}

/// Sends a frame; its first descriptor.
fn send(transmission: &mut Transmission, length: usize, lent: Option<Bytes>) -> u16 {
    let place = transmission.take_frame().expect("a buffer");
    transmission.offer(place, length, &HEADER, lent);
    let _ = transmission.queue.publish();
    transmission.queue.offered_to_device().last().expect("just offered").0
}

#[test]
fn lent_memory_is_sent_from_where_it_lies_and_kept_until_it_was() {
    let mut transmission = transmission();
    let (bytes, memory) = lent(&[7; 3000]);
    let place = transmission.take_frame().expect("a buffer");
    transmission.write(place)[header::LENGTH..][..4].copy_from_slice(b"head");
    let address = transmission.address(place);
    transmission.offer(place, 54, &[9; header::LENGTH], Some(bytes));
    let _ = transmission.queue.publish();

    let (first, _) = transmission.queue.offered_to_device()[0];
    let (at, length, next) = transmission.queue.described(first);
    assert_eq!((at, length), (address, 12 + 54));
    assert_eq!(&transmission.write(place)[..16], b"\t\t\t\t\t\t\t\t\t\t\t\thead");
    let next = next.expect("it goes on");
    assert_eq!(transmission.queue.described(next), (memory.as_ptr().addr() as u64, 3000, None));

    assert_eq!(transmission.reclaim(), None);
    assert_eq!(Arc::strong_count(&memory), 2, "the device may still read it");
    // Nor does a device get rid of it by naming the descriptor that is not the first.
    transmission.queue.use_as_device(next.into(), 0);
    assert_eq!(transmission.reclaim(), None);
    assert_eq!(Arc::strong_count(&memory), 2);
    transmission.queue.use_as_device(first.into(), 0);
    assert_eq!(transmission.reclaim(), None);
    assert_eq!(Arc::strong_count(&memory), 1);
    assert_eq!(transmission.outgoing, 0);
    assert_eq!(transmission.free_descriptors.count, usize::from(SIZE));
}

#[test]
fn nothing_lent_is_no_chain() {
    let mut transmission = transmission();
    for lent in [None, Some(Bytes::new())] {
        let first = send(&mut transmission, 60, lent);
        let (_, length, next) = transmission.queue.described(first);
        assert_eq!((length, next), (72, None));
    }
}

#[test]
fn frames_that_answer_none_leave_half_of_the_descriptors_to_those_that_do() {
    let mut transmission = transmission();
    let mut sent = vec![];
    while let Some(place) = transmission.take_frame() {
        let (bytes, memory) = lent(&[1; 100]);
        transmission.offer(place, 60, &HEADER, Some(bytes));
        sent.push(memory);
    }
    assert_eq!(sent.len(), usize::from(SIZE) / 2 / CHAIN);
    assert_eq!(transmission.take_long(), None);
    for buffer in 0..SIZE / 2 {
        assert!(!transmission.is_full());
        transmission.offer_reply(buffer, 0x1000, 72);
    }
    assert!(transmission.is_full());
    let _ = transmission.queue.publish();
    // In whatever order the device has them.
    let mut used = transmission.queue.offered_to_device();
    used.reverse();
    for (descriptor, _) in used {
        transmission.queue.use_as_device(descriptor.into(), 0);
    }
    let replies: Vec<u16> = core::iter::from_fn(|| transmission.reclaim()).collect();
    assert_eq!(replies, (0..SIZE / 2).rev().collect::<Vec<_>>());
    assert!(sent.iter().all(|memory| Arc::strong_count(memory) == 1));
    assert_eq!(transmission.free_descriptors.count, usize::from(SIZE));
    assert_eq!((transmission.outgoing, transmission.free_frames.count), (0, 40));
}

#[test]
fn buffers_run_out_and_come_back() {
    let mut transmission = Transmission::new(Queue::new(SIZE), Purpose::Datagrams);
    assert_eq!(transmission.take_long(), None);
    let places: Vec<Place> = core::iter::from_fn(|| transmission.take_frame()).collect();
    assert_eq!(places.len(), usize::from(Purpose::FEW));
    transmission.put_back(places[3]);
    assert_eq!(transmission.take_frame(), Some(places[3]));
}

#[test]
fn a_long_buffer_holds_the_longest_frame() {
    let mut transmission = transmission();
    let places: Vec<Place> = core::iter::from_fn(|| transmission.take_long()).collect();
    assert_eq!(places.len(), 4);
    for &place in &places {
        assert!(transmission.write(place).len() >= header::LENGTH + platform::Offload::LONGEST);
        transmission.offer(place, platform::Offload::LONGEST, &HEADER, None);
    }
    let _ = transmission.queue.publish();
    assert!(transmission.queue.offered_to_device().iter().all(|&(_, length)| length == 12 + 65_549));
}

#[test]
fn a_device_that_returns_what_it_was_not_given_gives_nothing() {
    let mut transmission = transmission();
    let first = send(&mut transmission, 60, None);
    for id in (0..SIZE).filter(|&id| id != first) {
        transmission.queue.use_as_device(id.into(), 0);
    }
    for _ in 0..100 {
        transmission.queue.use_as_device(first.into(), 0);
        assert_eq!(transmission.reclaim(), None);
    }
    assert_eq!(transmission.free_descriptors.count, usize::from(SIZE));
    assert_eq!((transmission.outgoing, transmission.free_frames.count), (0, 40));
}

#[test]
fn who_lacked_a_buffer_gets_a_turn_once_one_may_be_free() {
    let mut transmission = transmission();
    let first = send(&mut transmission, 60, None);
    let second = send(&mut transmission, 60, None);
    transmission.queue.use_as_device(first.into(), 0);
    assert_eq!(transmission.reclaim(), None);
    assert!(!transmission.owes_turn(), "nobody lacked any");
    transmission.lack();
    assert!(transmission.is_awaited() && !transmission.owes_turn());
    transmission.queue.use_as_device(second.into(), 0);
    assert_eq!(transmission.reclaim(), None);
    assert!(transmission.owes_turn());
    transmission.lack();
    assert!(transmission.owes_turn(), "another's lack does not take the first's turn");
    transmission.forget_lack();
    assert!(!transmission.is_awaited() && !transmission.owes_turn());
}
