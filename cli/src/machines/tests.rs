use super::{Engine, Machines, Name, Phase, Plan, State};
use crate::appliance::Kind;
use crate::arguments::Restart;
use crate::processes::Identity;
use crate::publish::{self, Port};
use crate::status::Status;
use host::Protocol;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// A folder of machines that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("isopod-test-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn machines(&self) -> Machines {
        Machines::open_at(self.0.clone()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn plan() -> Plan {
    Plan {
        appliance: Kind::Dns,
        engine: Engine::Vm { command: vec!["qemu".into(), "a b".into()] },
        published: publish::all(&[Port { number: 53, protocol: Protocol::Tcp }]),
        restart: Restart::OnFailure,
        probe: None,
    }
}

/// A process that has ended.
fn dead() -> Identity {
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let identity = Identity::of(child.id()).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    identity
}

#[test]
fn the_folder_is_private() {
    let scratch = Scratch::new("private");
    scratch.machines();
    assert_eq!(fs::metadata(&scratch.0).unwrap().permissions().mode() & 0o777, 0o700);
    fs::set_permissions(&scratch.0, PermissionsExt::from_mode(0o755)).unwrap();
    let error = Machines::open_at(scratch.0.clone()).unwrap_err();
    assert!(error.to_string().ends_with("has to be a folder of this user's own with mode 0700"), "{error}");
}

#[test]
fn a_name_is_taken_while_its_machine_runs() {
    let scratch = Scratch::new("taken");
    let machines = scratch.machines();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    let error = machines.claim(&name("ns1"), &plan()).unwrap_err();
    assert!(error.to_string().starts_with("a machine named ns1 runs already"), "{error}");

    let ended = State { phase: Phase::Ended(Status::Fault), ..folder.read_state().unwrap() };
    folder.write_state(&ended).unwrap();
    fs::write(folder.console(), "old").unwrap();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    assert!(!folder.console().exists(), "nothing of the old machine is left");
    assert_eq!(folder.read_state().unwrap().phase, Phase::Starting);
}

#[test]
fn one_that_was_killed_is_cleaned_up_and_its_guest_ended() {
    let scratch = Scratch::new("killed");
    let machines = scratch.machines();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    fs::write(folder.archive(), "archive").unwrap();
    fs::write(folder.console(), "last words").unwrap();
    let mut guest = Command::new("sleep").arg("60").spawn().unwrap();
    let state = folder.read_state().unwrap();
    let state = State { supervisor: dead(), guest: Some(Identity::of(guest.id()).unwrap()), ..state };
    folder.write_state(&state).unwrap();

    let listed = machines.list().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].state.phase, Phase::Killed);
    assert!(!folder.archive().exists(), "what only a machine that runs needs is gone");
    assert!(folder.console().exists(), "what it said last can still be read");
    assert!(!guest.wait().unwrap().success(), "the guest was ended");
    machines.forget(&listed[0].folder).unwrap();
    assert!(!scratch.0.exists(), "nothing is left behind");
    assert!(machines.list().unwrap().is_empty());
    assert!(machines.find(&name("ns1")).is_err());
}

#[test]
fn a_supervisor_whose_number_was_given_away_is_dead() {
    let scratch = Scratch::new("stale");
    let machines = scratch.machines();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    fs::write(folder.console(), "").unwrap();
    let mut state = serde_json::to_value(folder.read_state().unwrap()).unwrap();
    state["supervisor"]["started"] = 1.into();
    folder.write_state(&serde_json::from_value(state).unwrap()).unwrap();
    assert_eq!(machines.find(&name("ns1")).unwrap().state.phase, Phase::Killed);
}

#[test]
fn nothing_is_kept_of_one_that_was_killed_in_the_foreground() {
    let scratch = Scratch::new("foreground");
    let machines = scratch.machines();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    let state = folder.read_state().unwrap();
    folder.write_state(&State { supervisor: dead(), ..state }).unwrap();
    assert!(machines.list().unwrap().is_empty());
    assert!(!scratch.0.exists());
}

#[test]
fn half_a_folder_is_nothing() {
    let scratch = Scratch::new("half");
    let machines = scratch.machines();
    let folder = machines.claim(&name("ns1"), &plan()).unwrap();
    fs::remove_file(folder.as_ref().join("state.json")).unwrap();
    assert!(machines.list().unwrap().is_empty());
    assert!(!folder.as_ref().exists());
}

#[test]
fn plans_survive_being_written() {
    let scratch = Scratch::new("plan");
    let folder = scratch.machines().claim(&name("ns1"), &plan()).unwrap();
    let read = folder.read_plan().unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), serde_json::to_value(plan()).unwrap());
}

#[test]
fn many_come_and_go_at_once() {
    let scratch = Scratch::new("many");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let machines = scratch.machines();
            scope.spawn(move || {
                for _ in 0..20 {
                    let name = name(&format!("ns{number}"));
                    let folder = machines.claim(&name, &plan()).unwrap();
                    assert_eq!(machines.find(&name).unwrap().folder, folder);
                    machines.forget(&folder).unwrap();
                }
            });
        }
    });
    assert!(!scratch.0.exists());
}

#[test]
fn names() {
    for sound in ["a", "ns1", "9", "a-b", &"x".repeat(63)] {
        assert!(sound.parse::<Name>().is_ok(), "{sound}");
    }
    for wrong in ["", "-a", "A", "a.b", "a/b", "..", "ä", &"x".repeat(64)] {
        assert!(wrong.parse::<Name>().is_err(), "{wrong}");
    }
}
