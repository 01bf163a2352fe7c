//! A device that does anything at all, for a long time: no buffer is lost, none is in two hands, and what was lent comes back once.

use super::{NetworkLink, SIZE, STREAMS, link_for};
use crate::network::header;
use alloc::sync::Arc;
use bytes::Bytes;
use platform::{Link, Offload, OutgoingFrame, ReceivedFrame, Segmentation, Work};

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).expect("small")]
    }
}

/// Memory that is lent; who has it is counted.
struct Lent(Arc<[u8; 100]>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &*self.0
    }
}

/// The device returns a buffer that it was given, or any, with any length; its header says anything.
fn return_a_buffer(link: &mut NetworkLink, random: &mut Random) {
    let buffer = u16::try_from(random.below(SIZE.into())).expect("small");
    let header = &mut link.reception.write(buffer)[..header::LENGTH];
    header[0] = random.of(&[0, 1, 2, 0xff]);
    header[10..].copy_from_slice(&random.of(&[1_u16, 1, 2, 3, 33, 34, 0, 0xffff]).to_le_bytes());
    let length = random.of(&[2048, 2048, 2048, 100, 26, 25, 0, 2049, u32::MAX]);
    let id = if random.below(8) == 0 { random.of(&[u32::MAX, 0x1_0000]) } else { buffer.into() };
    link.reception.queue_mut().use_as_device(id, length);
}

/// The device says that it sent what it was given, or anything.
fn send_something(link: &mut NetworkLink, random: &mut Random) {
    let offered = link.transmission.queue().offered_to_device();
    let id = match offered.first() {
        Some(&(first, _)) if random.below(4) > 0 => first.into(),
        _ => u32::try_from(random.below(1 << 32)).expect("32 bits"),
    };
    link.transmission.queue_mut().use_as_device(id, 0);
}

fn receive(link: &mut NetworkLink, random: &mut Random) {
    let Some(mut frame) = link.receive() else { return };
    let pieces: usize = (0..).map_while(|index| frame.piece(index)).map(<[u8]>::len).sum();
    assert!((14..=Offload::LONGEST).contains(&(frame.bytes().len() + pieces)));
    assert!(frame.buffer().len() >= 1514);
    if random.below(2) == 0 {
        frame.reply(60);
    }
}

fn send(link: &mut NetworkLink, random: &mut Random, memory: &Arc<[u8; 100]>) {
    let is_long = random.below(3) == 0;
    let outgoing = if is_long { link.transmit_long() } else { link.transmit() };
    let Some(outgoing) = outgoing else { return };
    let cut = Segmentation { headers: 54, payload: 50, is_v6: false, has_cwr: false };
    let rest = Bytes::from_owner(Lent(memory.clone()));
    match random.below(4) {
        0 => {}
        1 => outgoing.send(60),
        2 => outgoing.send_unfinished(60, None, Work { transport: 34, segmentation: None }),
        _ => outgoing.send_unfinished(60, Some(rest), Work { transport: 34, segmentation: Some(cut) }),
    }
}

#[test]
fn a_device_that_does_anything_loses_nothing_and_is_given_nothing_twice() {
    for seed in 1..=8 {
        let (mut link, mut random, memory) = (link_for(STREAMS, true), Random(seed), Arc::new([0; 100]));
        for _ in 0..20_000 {
            match random.below(8) {
                0..3 => return_a_buffer(&mut link, &mut random),
                3 | 4 => send_something(&mut link, &mut random),
                5 => receive(&mut link, &mut random),
                6 => send(&mut link, &mut random, &memory),
                _ => link.flush(),
            }
            link.reception.check();
            let [replies, lent] = link.transmission.check();
            let offered = link.reception.offered();
            assert_eq!(offered + replies, usize::from(SIZE), "every buffer is in one hand");
            assert_eq!(Arc::strong_count(&memory), 1 + lent, "what was lent is kept while it is sent");
        }
        let counts = link.counts();
        let [merged, senseless, cut] = [counts.merged, counts.senseless, counts.cut].map(|count| count > 10);
        assert!(merged && senseless && cut, "{counts:?}: not all of it was tried");
    }
}
