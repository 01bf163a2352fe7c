//! Looking after a machine from its start to its end.

mod console;
mod lines;
mod operator;
mod probe;
mod vm;

pub(crate) use console::Console;

use crate::arguments::Restart;
use crate::machines::{Engine, Folder, Phase, Plan, State};
use crate::processes::is_readable_within;
use crate::status::Status;
use anyhow::Result;
use core::time::Duration;
use host::Termination;
use std::time::Instant;

/// Runs a machine until it ends for good, or until this process is asked to end.
pub(crate) fn supervise(
    plan: &Plan,
    folder: &Folder,
    console: &mut Console,
    termination: &Termination,
) -> Result<Status> {
    let mut state = State::starting()?;
    let operator = folder.listen()?;
    let mut pause = SHORTEST_PAUSE;
    loop {
        folder.write_state(&state)?;
        let started = Instant::now();
        let status = match &plan.engine {
            Engine::Host | Engine::Taps { .. } => {
                crate::appliance::serve(plan, folder, console, &operator, termination, &mut state)?
            }
            Engine::Vm { command } => {
                vm::run(command, plan, folder, console, &operator, termination, &mut state)?
            }
        };
        state.guest = None;
        if status == Status::Done || plan.restart == Restart::Never {
            folder.write_state(&State { phase: Phase::Ended(status), ..state })?;
            return Ok(status);
        }

        pause = if started.elapsed() > SOUND_TIME { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        console.remark(format_args!("starting it again in {} s", pause.as_secs_f32()));
        state = State { phase: Phase::Pausing, restarts: state.restarts.saturating_add(1), ..state };
        folder.write_state(&state)?;
        if is_readable_within(termination, pause)? {
            return Ok(Status::Done);
        }
        state.phase = Phase::Starting;
    }
}

/// The pause before the first start again is twice this, and doubles with each.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// One that ran for so long was sound: if it fails, that is a new story.
const SOUND_TIME: Duration = Duration::from_secs(60);
