//! `isopod stop`.

use crate::arguments::Stop;
use crate::machines::Machines;
use crate::status::{Failure, Status};
use anyhow::anyhow;
use core::time::Duration;

/// Ends a machine, and forgets it.
pub(crate) fn stop(arguments: &Stop) -> Result<Status, Failure> {
    let machines = Machines::open()?;
    let listed = machines.find(&arguments.name)?;
    if let Some(supervisor) = listed.state.supervisor.find().filter(|_| !listed.state.has_ended()) {
        supervisor.end(Duration::from_secs(arguments.timeout))?;
    }
    // A supervisor that was killed leaves its guest to be ended, and its folder.
    match machines.find(&arguments.name) {
        Ok(listed) if listed.state.has_ended() => machines.forget(&listed.folder)?,
        Ok(_) => return Err(anyhow!("{} could not be ended", arguments.name).into()),
        Err(_) => {}
    }
    Ok(Status::Done)
}
