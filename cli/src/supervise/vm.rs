//! One run of a virtual machine.

use super::console::Console;
use super::lines::Lines;
use super::operator::Operator;
use super::probe::Probe;
use crate::image::symbols::Symbols;
use crate::machines::{self, Folder, Phase, Plan, State};
use crate::processes::{Identity, Process};
use crate::publish::Published;
use crate::qemu::command::NO_OPERATOR;
use crate::qemu::outcome::Outcome;
use crate::shell;
use crate::status::Status;
use anyhow::{Context as _, Result};
use core::time::Duration;
use host::{Publication, Termination};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// How long QEMU may take to end after SIGTERM.
const END_TIME: Duration = Duration::from_secs(2);

/// After so long without an answer, that is worth a remark.
const SILENCE: Duration = Duration::from_secs(10);

/// The most portions of last words; the system keeps fewer for a reader.
const LAST_PORTIONS: usize = 64;

/// Starts QEMU and follows it to its end; `Done` also if this process was asked to end it.
pub(super) fn run(
    command: &[OsString],
    plan: &Plan,
    folder: &Folder,
    console: &mut Console,
    operator: &UnixListener,
    termination: &Termination,
    state: &mut State,
) -> Result<Status> {
    let started = Instant::now();
    let (line, end_of_guest) = UnixStream::pair()?;
    let mut child = spawn(command, &end_of_guest)?;
    drop(end_of_guest);
    state.guest = Identity::of(child.id()).ok();
    folder.write_state(state)?;
    let mut run = Run {
        process: Process::of(&child)?,
        output: Lines::new(child.stdout.take().context("QEMU has a standard output")?),
        complaints: Lines::new(child.stderr.take().context("QEMU has a standard error")?),
        operator: Operator::new(operator, line)?,
        invitation: plan.probe.as_ref(),
        published: &plan.published,
        probe: plan.probe.as_ref().map(Probe::new).transpose()?,
        symbols: Symbols::load(&folder.symbols()),
        started,
        silence: Some(started + SILENCE),
        is_stuck: false,
        console,
    };

    let ended = run.follow(termination, &mut || {
        state.phase = Phase::Answering;
        folder.write_state(state)
    });
    // Whatever happened here, nothing is left running.
    run.process.end(END_TIME)?;
    let outcome = Outcome::of(reap(&mut child)?);
    run.drain_to_end();
    match ended? {
        Ended::Asked => return Ok(Status::Done),
        Ended::Stuck => {
            run.console.remark(format_args!("KVM can no longer run the guest, so QEMU was ended"))
        }
        Ended::ByItself if outcome == Outcome::PoweredOff => {}
        Ended::ByItself => run.console.remark(format_args!("{outcome}")),
    }
    let status = if run.is_stuck { Status::Qemu } else { outcome.status() };
    if status == Status::Qemu {
        run.console.remark(format_args!("the command was: {}", shell::quoted(command)));
    }
    Ok(status)
}

/// Starts QEMU with this end of the operator's line.
fn spawn(command: &[OsString], line: &UnixStream) -> Result<Child> {
    let (program, arguments) = command.split_first().context("a command has a program")?;
    // Nothing else is started meanwhile that could inherit it, too.
    fcntl_setfd(line, FdFlags::empty())?;
    let line: OsString = format!("socket,id=operator,fd={}", line.as_raw_fd()).into();
    let with_line = |argument| if argument == NO_OPERATOR { &line } else { argument };
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(with_line))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C is for this process, which then ends QEMU.
        .process_group(0);
    host::end_with_parent(&mut command);
    command.spawn().with_context(|| format!("cannot start {}", program.display()))
}

fn reap(child: &mut Child) -> Result<std::process::ExitStatus> {
    child.wait().context("QEMU can't be waited for")
}

/// Why the run is over.
enum Ended {
    /// This process was asked to end it.
    Asked,
    /// KVM gave up, upon which QEMU stays as it is for a debugger that nobody has.
    Stuck,
    ByItself,
}

struct Run<'a> {
    process: Process,
    output: Lines<std::process::ChildStdout>,
    complaints: Lines<std::process::ChildStderr>,
    operator: Operator<'a>,
    invitation: Option<&'a machines::Probe>,
    published: &'a [Published],
    /// Until it is answered.
    probe: Option<Probe<'a>>,
    symbols: Option<Symbols>,
    started: Instant,
    /// When to remark that it has not answered.
    silence: Option<Instant>,
    /// QEMU said that it can't go on, and did not end.
    is_stuck: bool,
    console: &'a mut Console,
}

impl Run<'_> {
    fn follow(
        &mut self,
        termination: &Termination,
        on_answer: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Ended> {
        loop {
            let now = Instant::now();
            self.ask(now);
            let ready = self.wait(termination, now)?;
            self.drain();
            self.operator.accept(Instant::now());
            if ready.asked {
                return Ok(Ended::Asked);
            }
            if ready.ended {
                return Ok(Ended::ByItself);
            }
            if self.is_stuck {
                return Ok(Ended::Stuck);
            }
            if self.probe.as_mut().is_some_and(Probe::is_answered) {
                self.probe = None;
                let taken = self.started.elapsed().as_millis();
                self.console.remark(format_args!("it answers, {taken} ms after QEMU was started"));
                for Published(Publication { host, protocol, .. }) in self.published {
                    self.console.remark(format_args!("it is published on {host}/{protocol}"));
                }
                self.console.invite(self.invitation);
                on_answer()?;
            }
        }
    }

    fn ask(&mut self, now: Instant) {
        let Some(probe) = &mut self.probe else { return };
        probe.ask(now);
        if self.silence.is_some_and(|silence| now >= silence) {
            self.silence = None;
            self.console.remark(format_args!("it has not answered for {} s", SILENCE.as_secs()));
        }
    }

    /// Waits until anything happens, or until it is time to ask again.
    fn wait(&self, termination: &Termination, now: Instant) -> Result<Ready> {
        let deadlines = [self.probe.as_ref().map(Probe::deadline), self.operator.deadline()];
        let deadline = deadlines.into_iter().flatten().min();
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(now));
        let timeout = timeout.map(Timespec::try_from).transpose()?;
        let mut descriptors = vec![termination.as_fd(), self.process.as_fd()];
        descriptors.extend(self.output.as_open());
        descriptors.extend(self.complaints.as_open());
        descriptors.extend(self.probe.as_ref().and_then(Probe::as_open));
        descriptors.extend(self.operator.as_open());
        let mut descriptors: Vec<_> = descriptors
            .into_iter()
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |number: usize| !descriptors[number].revents().is_empty();
        Ok(Ready { asked: is_ready(0), ended: is_ready(1) })
    }

    /// Prints the last words.
    fn drain_to_end(&mut self) {
        // Nobody writes any more, unless QEMU has left a process behind.
        for _ in 0..LAST_PORTIONS {
            if !self.drain() {
                return;
            }
        }
    }

    /// Prints a portion of what the guest and QEMU have written; whether there may be more.
    fn drain(&mut self) -> bool {
        let is_more = [self.output.receive(), self.operator.receive(), self.complaints.receive()];
        while let Some(line) = self.output.next() {
            let explanation = self.symbols.as_ref().map(|symbols| symbols.explain(&line)).unwrap_or_default();
            self.console.line(&line, &explanation);
        }
        while let Some(line) = self.operator.next_logged() {
            self.console.line(&format!("isopod: {line}"), "");
        }
        while let Some(line) = self.complaints.next() {
            self.is_stuck |= line.starts_with("KVM internal error") || line.contains("kvm run failed");
            // QEMU says so whenever it is asked to end.
            if !line.contains(": terminating on signal ") {
                self.console.remark(format_args!("{}", crate::report::printable(&line)));
            }
        }
        is_more.contains(&true)
    }
}

struct Ready {
    asked: bool,
    ended: bool,
}
