//! Conditions drawn at random.

use super::conditions::{Bandwidth, Bursts, Conditions};
use super::damage::{Corruption, Damage};
use crate::random::Random;
use core::time::Duration;

/// How bad it may get.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// The longest delay in one direction.
    pub delay: Duration,
    /// The largest share of frames that is lost, and of those that are held back, doubled or damaged.
    pub share: f64,
    /// What becomes of octets.
    pub damage: Option<Damage>,
    /// The share of conditions under which nothing passes at all.
    pub partition: f64,
    /// The least MTU.
    pub mtu: usize,
}

impl Weather {
    /// Draws conditions. Most of what can go wrong doesn't at any one time, so that what does is seen by itself too.
    pub fn draw(&self, random: &mut Random) -> Conditions {
        let mut share = |often| if random.chance(often) { self.share * unit(random) } else { 0.0 };
        let (loss, reordering, duplication, corrupted) = (share(0.5), share(0.4), share(0.4), share(0.4));
        let delay = random.duration(self.delay);
        Conditions {
            delay,
            jitter: if random.chance(0.5) { random.duration(delay) } else { Duration::ZERO },
            loss,
            bursts: random.chance(0.3).then(|| self.bursts(random)),
            reordering,
            duplication,
            holding: random.duration(self.delay * 2),
            corruption: self.damage.map(|damage| Corruption { share: corrupted, damage }),
            is_cut: random.chance(self.partition),
            bandwidth: random.chance(0.3).then(|| Bandwidth {
                bits: random.between(1_000_000, 100_000_000),
                queue: random.between(3_000, 200_000) as usize,
            }),
            mtu: if random.chance(0.2) { random.between(self.mtu as u64, 1500) as usize } else { 1500 },
        }
    }

    fn bursts(&self, random: &mut Random) -> Bursts {
        Bursts { begin: 0.1 * self.share * unit(random), end: 0.05 + 0.5 * unit(random), loss: unit(random) }
    }
}

/// A number from 0 to 1.
fn unit(random: &mut Random) -> f64 {
    (random.number() >> 11) as f64 / (1_u64 << 53) as f64
}
