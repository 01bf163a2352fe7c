//! Simulation's cable, run in real time between two devices of this host: what it does to frames in a world of a seed it does
//! here to those of Linux and of guests.
//!
//! An end is a TAP device in a network namespace, `tap:NAMESPACE:DEVICE`, or a pair of local sockets that QEMU's network
//! `dgram` talks through, `local:OURS:QEMU'S`.

mod end;
mod queue;

use anyhow::{Context as _, Result};
use clap::Parser;
use core::num::ParseFloatError;
use core::str::FromStr as _;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use end::{End, LONGEST};
use moment::Instant;
use queue::Queue;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use simulation::cable::{Bandwidth, Conditions, Direction, Fate};
use simulation::random::Random;
use std::io::{Write as _, stdout};
use std::sync::Arc;

/// A cable between two devices, under conditions.
#[derive(Parser)]
struct Choice {
    /// An end; given twice.
    #[arg(long, required = true)]
    end: Vec<String>,
    /// How long a frame takes at least, in one direction.
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds)]
    delay: Duration,
    /// How much longer it may take.
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds)]
    jitter: Duration,
    /// The share of frames that is lost.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    loss: f64,
    /// The share of frames that is held back while others overtake, ...
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    reordering: f64,
    /// ... and for how long at most.
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds)]
    holding: Duration,
    /// The share of frames that arrives twice.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    duplication: f64,
    /// Bits that pass in a second; all at once unless given.
    #[arg(long, value_name = "BITS")]
    bandwidth: Option<u64>,
    /// Octets that may wait for bandwidth.
    #[arg(long, value_name = "OCTETS", default_value_t = 250_000)]
    queue: usize,
    /// The longest packet that passes.
    #[arg(long, value_name = "OCTETS", default_value_t = 1500)]
    mtu: usize,
    /// What chance is made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn milliseconds(text: &str) -> Result<Duration, ParseFloatError> {
    Ok(Duration::from_secs_f64(f64::from_str(text)?.max(0.0) / 1000.0))
}

impl Choice {
    fn conditions(&self) -> Conditions {
        Conditions {
            delay: self.delay,
            jitter: self.jitter,
            loss: self.loss,
            reordering: self.reordering,
            holding: self.holding,
            duplication: self.duplication,
            bandwidth: self.bandwidth.map(|bits| Bandwidth { bits, queue: self.queue }),
            mtu: self.mtu,
            ..Conditions::GOOD
        }
    }
}

fn main() -> Result<()> {
    let choice = Choice::parse();
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&ended))?;
    }
    let ends: Vec<End> = choice.end.iter().map(|end| End::open(end)).collect::<Result<_>>()?;
    let [one, other] = <[End; 2]>::try_from(ends).ok().context("a cable has two ends")?;
    let mut random = Random::new(choice.seed);
    let mut directions = [(); 2].map(|()| Direction::new(choice.conditions(), random.fork()));
    println!("ready");
    stdout().flush()?;
    let counts = Cable { ends: [one, other], queues: [Queue::default(), Queue::default()] }
        .run(&mut directions, &ended)?;
    println!("carried {} and {}, lost {} and {}", counts[0].0, counts[1].0, counts[0].1, counts[1].1);
    Ok(())
}

/// Two ends, and what is on its way to each.
struct Cable {
    ends: [End; 2],
    queues: [Queue; 2],
}

/// Frames that are taken from an end before the other is looked at.
const PORTION: usize = 64;

/// The longest sleep: a signal that comes just before one waits so long.
const LONGEST_SLEEP: Duration = Duration::from_millis(200);

/// How soon a frame is handed over again where there was no room.
const AGAIN: Duration = Duration::from_micros(20);

impl Cable {
    /// Carries frames until it is told to end; how many it carried and lost, by direction.
    fn run(&mut self, directions: &mut [Direction; 2], ended: &AtomicBool) -> Result<[(u64, u64); 2]> {
        let started = std::time::Instant::now();
        let now = || Instant::START + started.elapsed();
        let (mut counts, mut room) = ([(0, 0); 2], vec![0; LONGEST]);
        while !ended.load(Ordering::Relaxed) {
            for (from, direction) in directions.iter_mut().enumerate() {
                for _ in 0..PORTION {
                    let Some(frame) = self.ends[from].receive(&mut room)? else { break };
                    match direction.carry(frame, now()) {
                        Fate::Carried(arrivals) => {
                            counts[from].0 += 1;
                            arrivals.into_iter().for_each(|arrival| self.queues[1 - from].add(arrival));
                        }
                        Fate::Lost(_) => counts[from].1 += 1,
                    }
                }
            }
            let mut is_held_up = false;
            for (queue, end) in self.queues.iter_mut().zip(&mut self.ends) {
                while let Some(frame) = queue.next_until(now()) {
                    // QEMU's socket has room for few frames: what it has none for yet is not lost, but late.
                    is_held_up |= !end.send(frame);
                    if is_held_up {
                        break;
                    }
                    queue.forget_next();
                }
            }
            self.wait(now(), is_held_up)?;
        }
        Ok(counts)
    }

    /// Sleeps until a frame comes or is due, or may find room where it found none.
    fn wait(&self, now: Instant, is_held_up: bool) -> Result<()> {
        let due = self.queues.iter().filter_map(Queue::due).min();
        let time = due.map_or(LONGEST_SLEEP, |due| due.since(now).min(LONGEST_SLEEP));
        let time = if is_held_up { time.max(AGAIN) } else { time };
        let [one, other] = &self.ends;
        let mut ready = [
            PollFd::from_borrowed_fd(one.descriptor(), PollFlags::IN),
            PollFd::from_borrowed_fd(other.descriptor(), PollFlags::IN),
        ];
        match poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: time.subsec_nanos().into() })) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
