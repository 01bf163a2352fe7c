use super::{Identity, Process, is_dead, started, wait};
use core::time::Duration;
use std::process::{Command, Stdio};

const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_name_can_hold_anything() {
    let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 0";
    assert_eq!(started(stat), Some(987_654));
    assert!(!is_dead(stat));
    assert!(is_dead("7 (x) Z 1 7"));
    assert_eq!(started("7 (x"), None);
}

#[test]
fn a_process_is_found_until_it_ends() {
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let identity = Identity::of(child.id()).unwrap();
    let process = identity.find().unwrap();
    assert!(!process.has_ended_within(Duration::ZERO).unwrap());
    process.end(PATIENCE).unwrap();
    assert!(identity.find().is_none(), "a zombie does not run");
    child.wait().unwrap();
    assert!(identity.find().is_none());
    process.end(PATIENCE).unwrap();
}

#[test]
fn another_process_with_the_same_number_is_not_it() {
    let own = Identity::own().unwrap();
    assert!(own.find().is_some());
    let earlier = Identity { started: own.started - 1, ..own };
    assert!(earlier.find().is_none());
}

#[test]
fn one_that_ignores_being_asked_is_killed() {
    let script = "trap '' TERM; echo ready; while :; do sleep 1; done";
    let mut child = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    assert_eq!(wait(&mut child, Duration::ZERO).unwrap(), None);
    Process::of(&child).unwrap().end(Duration::from_millis(50)).unwrap();
    let status = wait(&mut child, PATIENCE).unwrap().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
}
