use super::Outcome;
use crate::status::Status;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

#[test]
fn exit_statuses() {
    for (code, expected, status) in [
        (33, Outcome::PoweredOff, Status::Done),
        (35, Outcome::Faulted, Status::Fault),
        (37, Outcome::Lacking, Status::Lacking),
        (85, Outcome::Unknown(42), Status::Vanished),
        (255, Outcome::Unknown(127), Status::Vanished),
        (0, Outcome::Reset, Status::Vanished),
        (1, Outcome::Qemu(1), Status::Qemu),
        (2, Outcome::Qemu(2), Status::Qemu),
        (34, Outcome::Qemu(34), Status::Qemu),
        (127, Outcome::Unknown(63), Status::Vanished),
    ] {
        let outcome = Outcome::of(ExitStatus::from_raw(code << 8));
        assert_eq!((outcome, outcome.status()), (expected, status), "{code}");
    }
    let killed = Outcome::of(ExitStatus::from_raw(9));
    assert_eq!((killed, killed.status()), (Outcome::Killed(9), Status::Vanished));
}
