//! `isopod`: network functions as virtual machines of their own, checked, built, run.

#![forbid(unsafe_code)]

mod appliance;
mod arguments;
mod bench;
mod commands;
mod image;
mod machines;
mod processes;
mod progress;
mod publish;
mod qemu;
mod report;
mod shell;
mod status;
mod supervise;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use status::{Failure, Status};
use std::io::{self, ErrorKind, Write};

fn main() -> Status {
    let arguments = Arguments::parse();
    match obey(arguments) {
        Ok(status) => status,
        Err(Failure { status, error }) => {
            match error {
                // Whoever read the output has seen enough, as `head` has.
                Some(error) if is_broken_pipe(&error) => Status::Done,
                Some(error) => {
                    eprintln!("error: {error:#}");
                    status
                }
                None => status,
            }
        }
    }
}

fn obey(arguments: Arguments) -> Result<Status, Failure> {
    match arguments.command {
        None => commands::demonstrate::demonstrate(&arguments.demonstration),
        Some(Command::Run(run)) => commands::run::run(&run),
        Some(Command::Build(build)) => commands::build::build(&build),
        Some(Command::Check(check)) => commands::check::check(&check),
        Some(Command::Bench(bench)) => commands::bench::bench(&bench),
        Some(Command::Ps(ps)) => commands::ps::ps(&ps),
        Some(Command::Logs(logs)) => commands::logs::logs(&logs),
        Some(Command::Stats(stats)) => commands::stats::stats(&stats),
        Some(Command::Stop(stop)) => commands::stop::stop(&stop),
        Some(Command::Supervise(supervise)) => commands::supervise::supervise(&supervise),
        Some(Command::Completions(completions)) => {
            let mut script = Vec::new();
            clap_complete::generate(completions.shell, &mut Arguments::command(), "isopod", &mut script);
            io::stdout().write_all(&script)?;
            Ok(Status::Done)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
