//! Where the words of a machine go.

use crate::machines::Probe;
use crate::report::printable;
use core::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A console: the terminal, or a log whose length is bounded.
#[derive(Debug)]
pub(crate) enum Console {
    /// The guest's lines go to standard output, remarks about it to standard error.
    Terminal,
    /// Both go to a file.
    Log(Log),
}

/// A file that is put aside once it is long, in place of the one put aside before.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    written: u64,
    path: PathBuf,
    older: PathBuf,
}

/// The most octets of a log; with the one put aside it takes twice that.
const LOG: u64 = 4 << 20;

impl Console {
    /// A new log at `path`; `older` is where it is put aside.
    pub(crate) fn log(path: PathBuf, older: PathBuf) -> io::Result<Self> {
        let file = open(&path)?;
        Ok(Self::Log(Log { file, written: 0, path, older }))
    }

    /// A line of the guest's, and what there is to add to it.
    pub(crate) fn line(&mut self, line: &str, explanation: &str) {
        let line = printable(line);
        // A reader who has gone, or a full disk, is no reason to end the machine.
        let _ = match self {
            Self::Terminal => write!(io::stdout().lock(), "{line}\n{explanation}"),
            Self::Log(log) => log.write(&format!("{line}\n{explanation}")),
        };
    }

    /// Something about the machine, which it did not say itself.
    pub(crate) fn remark(&mut self, remark: fmt::Arguments<'_>) {
        let _ = match self {
            Self::Terminal => writeln!(io::stderr().lock(), "* {remark}"),
            Self::Log(log) => log.write(&format!("* {remark}\n")),
        };
    }

    /// Says to the person at the terminal how to ask the appliance, now that it answers.
    pub(crate) fn invite(&self, probe: Option<&Probe>) {
        if let (Self::Terminal, Some(probe)) = (self, probe) {
            let _ = writeln!(io::stderr().lock(), "\nTry it:\n\n    {}\n\nCtrl-C ends it.", probe.command);
        }
    }
}

impl Log {
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.written = self.written.saturating_add(text.len() as u64);
        if self.written > LOG {
            std::fs::rename(&self.path, &self.older)?;
            self.file = open(&self.path)?;
            self.written = text.len() as u64;
        }
        self.file.write_all(text.as_bytes())
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}
