//! Being asked to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Becomes readable, and stays so, once the process was asked to end: by Ctrl-C, `kill` or its terminal's closing.
#[derive(Debug)]
pub struct Termination {
    asked: UnixStream,
}

impl Termination {
    /// From here on, SIGINT, SIGTERM and SIGHUP no longer end the process at once.
    ///
    /// # Errors
    /// The system has no file descriptors left.
    pub fn watch() -> io::Result<Self> {
        let (asked, ask) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            pipe::register(signal, ask.try_clone()?)?;
        }
        Ok(Self { asked })
    }
}

impl AsFd for Termination {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.asked.as_fd()
    }
}
