//! A program under measurement.

use crate::{Interruption, Network, process};
use anyhow::{Context, Result, bail};
use core::time::Duration;
use rustix::process::{Pid, Signal, kill_process_group};
use std::net::UdpSocket;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::Instant;

/// A running program and all that it starts; ended when dropped. The program itself ends with this process, however that
/// ends.
#[derive(Debug)]
pub struct Program {
    child: Child,
    started: Instant,
}

/// How long it may take to its first answer, and how often it is asked meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long.
    pub whole: Duration,
    /// The pause between two questions.
    pub pause: Duration,
}

impl Patience {
    /// For what should take a tenth of a second.
    pub const SHORT: Self = Self { whole: Duration::from_secs(10), pause: Duration::from_micros(500) };
}

/// `example.com SOA`, with any identifier.
const QUESTION: &[u8] =
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x06\x00\x01";

/// Whether it is what was asked for: the same ID, QR, NOERROR, and a record (RFC 1035 §4.1.1). One that is not ready yet may say
/// SERVFAIL or REFUSED.
fn is_answer(reply: &[u8]) -> bool {
    let Some(&[id @ .., high, low, _, _, count_high, count_low]) = reply.first_chunk::<8>() else {
        return false;
    };
    id == QUESTION[..2] && high & 0x80 != 0 && low & 0x0f == 0 && (count_high, count_low) != (0, 0)
}

impl Program {
    /// Starts it where the server is; its standard input and outputs are as `command` says.
    ///
    /// # Errors
    /// It can't be started.
    pub fn start(network: &Network, command: Command) -> Result<Self> {
        network.at_server(|| Self::start_here(command))
    }

    /// Starts it where questions come from.
    ///
    /// # Errors
    /// It can't be started.
    pub fn start_at_client(network: &Network, command: Command) -> Result<Self> {
        network.at_client(|| Self::start_here(command))
    }

    /// Starts it where this process is.
    ///
    /// # Errors
    /// It can't be started.
    pub fn start_here(mut command: Command) -> Result<Self> {
        host::end_with_parent(&mut command);
        // A group of its own: Ctrl-C in a terminal is for this process alone, which ends the others in order.
        command.process_group(0);
        let name = command.get_program().to_string_lossy().into_owned();
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { child, started })
    }

    /// The process itself.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Asks until it answers with the record; returns how long after its start that was.
    ///
    /// # Errors
    /// It ended, or did not answer in time.
    pub fn first_answer(
        &mut self,
        socket: &UdpSocket,
        patience: Patience,
        interruption: &Interruption,
    ) -> Result<Duration> {
        let mut reply = [0; 512];
        // What another before this one was asked and left unanswered.
        while socket.recv(&mut reply).is_ok() {}
        while self.started.elapsed() < patience.whole {
            interruption.go_on()?;
            // There may be nobody to send to yet.
            let _ = socket.send(QUESTION);
            if socket.recv(&mut reply).is_ok_and(|length| reply.get(..length).is_some_and(is_answer)) {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}");
            }
            thread::sleep(patience.pause);
        }
        bail!("no answer in {} s", patience.whole.as_secs())
    }

    /// Waits for its end, for so long.
    ///
    /// # Errors
    /// It goes on, or this was interrupted.
    pub fn end_within(&mut self, time: Duration, interruption: &Interruption) -> Result<ExitStatus> {
        const PAUSE: Duration = Duration::from_millis(5);
        let deadline = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            interruption.go_on()?;
            if Instant::now() >= deadline {
                bail!("it does not end in {} s", time.as_secs());
            }
            thread::sleep(PAUSE);
        }
    }

    /// Time of this machine's processors that it and its children have taken so far.
    ///
    /// # Errors
    /// It has ended.
    pub fn processor_time(&self) -> Result<Duration> {
        process::family(self.child.id()).into_iter().map(process::processor_time).sum()
    }

    /// Octets of memory that it and its children hold.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory(&self) -> Result<u64> {
        process::family(self.child.id()).into_iter().map(process::memory).sum()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Once it was waited for, its number may be another's.
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _already_ended = kill_process_group(group, Signal::KILL);
        }
        let _reaped = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::is_answer;

    #[test]
    fn only_the_answer_is_one() {
        let sound = *b"\x12\x34\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00";
        assert!(is_answer(&sound));
        for (what, at, octet) in [
            ("another's", 1, 0x35),
            ("a query", 2, 0),
            ("SERVFAIL", 3, 2),
            ("REFUSED", 3, 5),
            ("no record", 7, 0),
        ] {
            let mut reply = sound;
            reply[at] = octet;
            assert!(!is_answer(&reply), "{what}");
        }
        assert!(!is_answer(&sound[..7]));
    }
}
