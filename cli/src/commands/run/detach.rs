//! `isopod run --detach`: a supervisor that stays when this process goes.

use crate::machines::{Folder, Name, Phase, Plan, State};
use crate::processes::{self, Identity, is_readable_within};
use crate::status::Status;
use anyhow::{Context as _, Result, bail};
use core::time::Duration;
use host::Termination;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long to look on where nobody can be asked.
const STARTING: Duration = Duration::from_secs(1);

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(20);

/// Starts the supervisor, and waits until the machine answers.
pub(super) fn detach(name: &Name, plan: &Plan, folder: &Folder, termination: &Termination) -> Result<Status> {
    let mut supervisor = spawn(name, folder)?;
    let patience = if plan.probe.is_some() { PATIENCE } else { STARTING };
    let deadline = Instant::now() + patience;
    loop {
        if is_readable_within(termination, INTERVAL)? {
            processes::Process::of(&supervisor)?.end(PATIENCE)?;
            supervisor.wait()?;
            return Ok(Status::Host);
        }
        let has_ended = supervisor.try_wait()?.is_some();
        let state = folder.read_state().ok().filter(|state| is_of(state, &supervisor));
        match state.map(|state| state.phase) {
            Some(Phase::Answering) => {
                say_how(name, plan);
                return Ok(Status::Done);
            }
            Some(Phase::Ended(status)) => {
                // It said why on its console, which goes with it.
                eprint!("{}", std::fs::read_to_string(folder.console()).unwrap_or_default());
                return Ok(status);
            }
            _ if has_ended => bail!("the supervisor of {name} ended before it could start the machine"),
            _ => {}
        }
        if Instant::now() >= deadline && plan.probe.is_none() {
            eprintln!("* {name} runs; which addresses the network gives it, `isopod logs {name}` says");
            return Ok(Status::Done);
        }
        if Instant::now() >= deadline {
            eprintln!(
                "* {name} runs and has not answered for {} s; see `isopod logs {name}`",
                PATIENCE.as_secs()
            );
            return Ok(Status::Done);
        }
    }
}

fn spawn(name: &Name, folder: &Folder) -> Result<Child> {
    let program = std::env::current_exe().context("this program can't be found")?;
    let log = File::options().create(true).append(true).open(folder.console())?;
    Command::new(program)
        .args(["supervise", name.as_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // What it can't say otherwise is kept.
        .stderr(log)
        .spawn()
        .context("cannot start the supervisor")
}

fn is_of(state: &State, supervisor: &Child) -> bool {
    let Identity { pid, .. } = state.supervisor;
    pid == supervisor.id()
}

fn say_how(name: &Name, plan: &Plan) {
    eprintln!("* {name} answers. Ask it, read its console, end it:\n");
    if let Some(probe) = &plan.probe {
        eprintln!("    {}", probe.command);
    }
    eprintln!("    isopod logs {name}\n    isopod stop {name}");
}
