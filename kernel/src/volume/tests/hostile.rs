//! A device that does anything at all, for a long time: what it says reaches nobody but through its own requests.

use super::{BlockVolume, DESCRIPTORS, HEADER, Kind, Place, REQUESTS, volume};
use alloc::collections::BTreeMap;
use alloc::vec;
use platform::{RequestId, Volume};

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What is under way, as whoever began it knows: how long what is read has to be.
type Begun = BTreeMap<u16, usize>;

fn begin(volume: &mut BlockVolume, begun: &mut Begun, random: &mut Random) {
    let first = random.below(900);
    let sectors = 1 + random.below(8);
    let content = vec![7; usize::try_from(sectors).expect("small") * 512];
    let (request, length) = match random.below(3) {
        0 => (volume.read(first..first + sectors), content.len()),
        1 => (volume.write(first, &content), 0),
        _ => (volume.flush(), 0),
    };
    if let Ok(RequestId(number)) = request {
        assert_eq!(begun.insert(number, length), None, "{number} was under way already");
    }
}

/// The device writes a status or none, and returns what it was given, or something else, with any length.
fn act(volume: &mut BlockVolume, random: &mut Random) {
    let place = u16::try_from(random.below(REQUESTS.into())).expect("small");
    let status = [0, 0, 0, 1, 2, 3, 0xff][usize::try_from(random.below(7)).expect("small")];
    volume.headers.write(place)[HEADER] = status;
    let length = [0, 1, 513, 4097, u32::MAX][usize::try_from(random.below(5)).expect("small")];
    let id = match random.below(4) {
        0 => u32::try_from(random.below(1 << 32)).expect("32 bits"),
        _ => u32::from(place * DESCRIPTORS),
    };
    volume.queue.use_as_device(id, length);
}

fn take(volume: &mut BlockVolume, begun: &mut Begun) {
    let Some(completion) = volume.completion() else { return };
    let length = begun.remove(&completion.request.0).expect("a request that was begun, once");
    assert!(completion.outcome.is_err() || completion.outcome.is_ok_and(|content| content.len() == length));
}

/// A flush that is held waits for writes that are under way, and for one at least.
fn check_barrier(volume: &BlockVolume) {
    for place in volume.places {
        if let Place::Held { behind } = place {
            let writes = (0..REQUESTS).filter(|place| behind & (1 << place) != 0);
            for write in writes {
                let is_write =
                    matches!(volume.places[usize::from(write)], Place::UnderWay { kind: Kind::Write, .. });
                assert!(is_write, "a flush waits for what is over");
            }
            assert!(behind != 0, "a flush waits for nothing");
        }
    }
}

#[test]
fn a_device_that_does_anything_completes_what_was_begun_and_nothing_else() {
    for seed in 1..=8 {
        let (mut volume, mut begun, mut random) = (volume(), Begun::new(), Random(seed));
        for _ in 0..20_000 {
            match random.below(3) {
                0 => begin(&mut volume, &mut begun, &mut random),
                1 => act(&mut volume, &mut random),
                _ => take(&mut volume, &mut begun),
            }
            assert!(begun.len() <= usize::from(REQUESTS));
            check_barrier(&volume);
        }
    }
}
