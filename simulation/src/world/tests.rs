//! Worlds repeat, come to rest, and end when a node does not.

use super::*;
use crate::scenarios;
use core::time::Duration;
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}

/// All that happens in the world of a seed.
fn story(seed: u64, folder: &Folder) -> [Vec<u8>; 2] {
    let record = Record::create(&folder.0, "world").expect("a folder to write to");
    scenarios::of(seed).run(seed, record).expect("it ends well");
    ["log", "pcap"].map(|kind| fs::read(folder.0.join(format!("world.{kind}"))).expect("a file"))
}

#[test]
fn a_seed_makes_the_same_world_again_and_another_seed_another() {
    let folder = Folder(std::env::temp_dir().join(format!("simulation-{}", std::process::id())));
    let kinds = scenarios::ALL.len() as u64;
    assert!(story(0, &folder) != story(kinds, &folder));
    for seed in 0..kinds {
        let [log, frames] = story(seed, &folder);
        assert!(log.len() > 1000 && frames.len() > 1000);
        assert!([log, frames] == story(seed, &folder), "seed {seed}");
    }
}

#[test]
fn a_record_is_a_capture() {
    let folder = Folder(std::env::temp_dir().join(format!("simulation-capture-{}", std::process::id())));
    let mut record = Record::create(&folder.0, "one").expect("a folder to write to");
    record.keep(Instant::from_nanoseconds(3_000_000_005), &[7; 60]).expect("room");
    drop(record);
    let octets = fs::read(folder.0.join("one.pcap")).expect("a file");
    let word = |at: usize| u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]);
    assert_eq!([0, 20, 24, 28, 32, 36].map(word), [0xa1b2_3c4d, 1, 3, 5, 60, 60]);
    assert_eq!(octets[40..], [7; 60]);
}

/// Wants to be called again at once, always.
struct Hasty;

impl Node for Hasty {
    fn receive(&mut self, _port: usize, _frame: Vec<u8>, _now: Instant) {}

    fn turn(&mut self, now: Instant, _outbox: &mut Outbox) -> Result<Option<Instant>> {
        Ok(Some(now))
    }
}

/// Sends back whatever comes, and begins.
struct Echo(Vec<Vec<u8>>);

impl Node for Echo {
    fn receive(&mut self, _port: usize, frame: Vec<u8>, _now: Instant) {
        self.0.push(frame);
    }

    fn turn(&mut self, _now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        outbox.extend(self.0.drain(..).map(|frame| (0, frame)));
        Ok(None)
    }
}

fn world() -> World {
    World::new(Random::new(1), Record::none())
}

#[test]
fn a_node_that_runs_in_a_circle_is_found() {
    let mut world = world();
    world.place("hasty", Hasty);
    let error = world.run_until(Instant::START + Duration::from_secs(1)).expect_err("it never ends");
    assert!(format!("{error:#}").contains("hasty runs in a circle"));
}

#[test]
fn frames_that_double_for_ever_are_found() {
    let mut world = world();
    let one = world.place("one", Echo(vec![vec![0; 60]]));
    let other = world.place("other", Echo(Vec::new()));
    world.lay((one, 0), (other, 0), Conditions { duplication: 1.0, ..Conditions::GOOD });
    let error = world.run_until(Instant::START + Duration::from_secs(10)).expect_err("it never ends");
    assert!(format!("{error:#}").contains("does not come to rest"));
}

#[test]
fn a_change_comes_when_it_is_due() {
    let mut world = world();
    let one = world.place("one", Echo(vec![vec![0; 60]]));
    let other = world.place("other", Echo(Vec::new()));
    let cable = world.lay((one, 0), (other, 0), Conditions::GOOD);
    let at = |microseconds: u64| Instant::START + Duration::from_micros(microseconds);
    world.change_at(at(1050), cable, [Conditions::CUT; 2]);
    world.run_until(at(1040)).expect("nothing is wrong");
    assert_eq!(world.happened, 2 + 10);
    world.run_until(at(9999)).expect("nothing is wrong");
    // The frame under way arrives, and is lost on its way back.
    assert_eq!(world.happened, 2 + 10 + 2 + 1);
    assert_eq!(world.now(), at(9999));
}
