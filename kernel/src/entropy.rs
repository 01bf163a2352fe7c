//! Randomness: ChaCha20, seeded from every source that the machine has, and refused where it has none.

use crate::clock::Clock;
use crate::hardware::frames::Frames;
use crate::hardware::processor;
use crate::queue::Queue;
use crate::transport::{self, Transport};
use core::time::Duration;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The machine's generator.
pub(crate) struct Entropy {
    generator: ChaCha20Rng,
}

/// There is no source of randomness, or none that works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoSource;

type Seed = [u8; 32];

impl Entropy {
    /// Seeds the generator from the processor and from `devices`. Sources are independent of each other: their sum is as
    /// good as the best of them.
    pub(crate) fn start(devices: impl Iterator<Item = Transport>, clock: &Clock) -> Result<Self, NoSource> {
        let sources = devices.filter_map(|device| ask_device(device, clock)).chain(ask_processor());
        let seed =
            sources.reduce(|sum, seed| core::array::from_fn(|at| sum[at] ^ seed[at])).ok_or(NoSource)?;
        Ok(Self { generator: ChaCha20Rng::from_seed(seed) })
    }

    /// Fills `octets`.
    pub(crate) fn fill(&mut self, octets: &mut [u8]) {
        self.generator.fill_bytes(octets);
    }
}

fn ask_processor() -> Option<Seed> {
    let mut seed = Seed::default();
    for chunk in seed.chunks_exact_mut(8) {
        chunk.copy_from_slice(&processor::random()?.to_le_bytes());
    }
    // Some processors' source got stuck on one value (AMD's after a resume).
    let (first, rest) = seed.split_at(8);
    let is_stuck = rest.chunks_exact(8).all(|chunk| chunk == first);
    (!is_stuck).then_some(seed)
}

/// Asks a virtio entropy device (virtio 1.2 §5.4) once: for the start, its driver needs no more.
fn ask_device(mut device: Transport, clock: &Clock) -> Option<Seed> {
    /// A device that takes longer is none: a machine is expected to answer within milliseconds.
    const PATIENCE: Duration = Duration::from_millis(20);
    const REQUESTS: u32 = 0;
    const ONLY: u16 = 0;
    let length = Seed::default().len();

    // Firecracker's offers nothing else; an event index that nobody writes stays zero, which rings for the first buffer.
    let offered = device.begin().ok()?;
    device.agree(offered, transport::VERSION_1, transport::EVENT_INDEX).ok()?;
    let mut queue = Queue::new(2);
    device.set_queue(REQUESTS, &queue).ok()?;
    let frames = Frames::allocate(1);
    queue.describe_writable(ONLY, frames.address(ONLY), u32::try_from(length).ok()?);
    queue.offer(ONLY);
    queue.suppress_interrupts();
    device.start();
    if queue.publish() {
        device.notify(REQUESTS);
    }

    let asked = clock.instant();
    let used = loop {
        match queue.take() {
            Some(used) => break used,
            None if clock.instant().since(asked) > PATIENCE => return None,
            None => core::hint::spin_loop(),
        }
    };
    let is_whole = usize::try_from(used.length).is_ok_and(|written| written >= length);
    if is_whole { frames.read(ONLY).first_chunk().copied() } else { None }
}
