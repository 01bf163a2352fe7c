//! `isopod supervise`: what `isopod run --detach` leaves behind.

use crate::arguments::Supervise;
use crate::machines::{Machines, Phase, State};
use crate::status::{Failure, Status};
use crate::supervise::{self, Console};
use host::Termination;

/// Looks after a machine whose folder is complete.
pub(crate) fn supervise(arguments: &Supervise) -> Result<Status, Failure> {
    // The terminal's closing, and its Ctrl-C, are no longer meant for this process.
    rustix::process::setsid()?;
    let termination = Termination::watch()?;
    let folder = Machines::folder(&arguments.name);
    let plan = folder.read_plan()?;
    let mut console = Console::log(folder.console(), folder.older_console())?;
    match supervise::supervise(&plan, &folder, &mut console, &termination) {
        Ok(Status::Done) => {
            Machines::open()?.forget(&folder)?;
            Ok(Status::Done)
        }
        Ok(status) => Ok(status),
        Err(error) => {
            console.remark(format_args!("{error:#}"));
            folder.write_state(&State { phase: Phase::Ended(Status::Host), ..State::starting()? })?;
            Ok(Status::Host)
        }
    }
}
