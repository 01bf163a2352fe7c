//! Processes that are named by more than a number, which the system gives to others in time.

use anyhow::{Context as _, Result};
use core::time::Duration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ExitStatus};
use std::time::Instant;

/// A process, and no other that gets its number later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Its number.
    pub(crate) pid: u32,
    /// When it started, in clock ticks since the system did (proc(5), field 22 of `stat`).
    started: u64,
}

/// A process that was still there when this was made; what is done to it can't hit another.
#[derive(Debug)]
pub(crate) struct Process {
    descriptor: OwnedFd,
}

impl Identity {
    /// The process with the number `pid`.
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let started = started(&stat).ok_or_else(|| io::Error::other("/proc is not as proc(5) says"))?;
        Ok(Self { pid, started })
    }

    /// This very process.
    pub(crate) fn own() -> io::Result<Self> {
        Self::of(std::process::id())
    }

    /// The process, if it still runs.
    pub(crate) fn find(self) -> Option<Process> {
        let pid = Pid::from_raw(self.pid.try_into().ok()?)?;
        // The descriptor comes first: from here on the number can't change hands unseen.
        let descriptor = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        let is_same = started(&stat) == Some(self.started) && !is_dead(&stat);
        is_same.then_some(Process { descriptor })
    }
}

/// What follows the name in `stat`, which may itself hold spaces and brackets.
fn fields(stat: &str) -> Option<impl Iterator<Item = &str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace())
}

fn started(stat: &str) -> Option<u64> {
    // Fields are numbered from 1, and the name is number 2.
    fields(stat)?.nth(22 - 3)?.parse().ok()
}

/// It has ended, and only waits for its parent to take note.
fn is_dead(stat: &str) -> bool {
    fields(stat).and_then(|mut fields| fields.next()).is_none_or(|state| matches!(state, "Z" | "X"))
}

impl Process {
    /// A child of this process; it stays findable until it is waited for.
    pub(crate) fn of(child: &Child) -> Result<Self> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a child has a number")?;
        Ok(Self { descriptor: pidfd_open(pid, PidfdFlags::empty())? })
    }

    /// Sends a signal, unless it has ended.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(&self.descriptor, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until it has ended; says whether it has.
    pub(crate) fn has_ended_within(&self, time: Duration) -> io::Result<bool> {
        is_readable_within(&self.descriptor, time)
    }

    /// Asks it to end, and makes it end if it does not within `patience`.
    pub(crate) fn end(&self, patience: Duration) -> io::Result<()> {
        self.signal(Signal::TERM)?;
        if self.has_ended_within(patience)? {
            return Ok(());
        }
        self.signal(Signal::KILL)?;
        // Only a process that is stuck in the kernel takes longer than this to be killed.
        self.has_ended_within(KILL_TIME)?;
        Ok(())
    }
}

const KILL_TIME: Duration = Duration::from_secs(5);

impl AsFd for Process {
    /// Readable once the process has ended.
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Waits for a child for so long; `None` if it still runs.
pub(crate) fn wait(child: &mut Child, time: Duration) -> Result<Option<ExitStatus>> {
    let process = Process::of(child)?;
    if process.has_ended_within(time)? { Ok(Some(child.wait()?)) } else { Ok(None) }
}

/// Waits until there is something to read, or its other end is gone, or `time` is over.
pub(crate) fn is_readable_within(descriptor: &impl AsFd, time: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + time;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut descriptors = [PollFd::new(descriptor, PollFlags::IN)];
        match poll(&mut descriptors, Some(&timeout)) {
            Ok(ready) => return Ok(ready != 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
