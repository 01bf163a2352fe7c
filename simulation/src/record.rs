//! What happened in a world: a log of events, and every frame as tcpdump keeps them.

use anyhow::Result;
use core::fmt;
use moment::Instant;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// A record of a world, or none: most worlds end well, and nobody asks what happened in them.
#[derive(Debug, Default)]
pub struct Record(Option<Files>);

#[derive(Debug)]
struct Files {
    log: BufWriter<File>,
    frames: BufWriter<File>,
}

/// The magic number of a capture in nanoseconds, its version, time zone, accuracy, the longest frame, Ethernet
/// (draft-ietf-opsawg-pcap §4).
const CAPTURE_HEADER: [u32; 6] = [0xa1b2_3c4d, 2 | 4 << 16, 0, 0, 65_535, 1];

impl Record {
    /// Keeps nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Writes `name.log` and `name.pcap` in `folder`.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let create = |kind| File::create(folder.join(format!("{name}.{kind}"))).map(BufWriter::new);
        let (log, mut frames) = (create("log")?, create("pcap")?);
        for word in CAPTURE_HEADER {
            frames.write_all(&word.to_le_bytes())?;
        }
        Ok(Self(Some(Files { log, frames })))
    }

    /// Notes an event.
    pub(crate) fn note(&mut self, at: Instant, event: fmt::Arguments<'_>) -> Result<()> {
        if let Some(files) = &mut self.0 {
            let (seconds, rest) = (at.nanoseconds() / 1_000_000_000, at.nanoseconds() % 1_000_000_000);
            writeln!(files.log, "{seconds:>6}.{rest:09} {event}")?;
        }
        Ok(())
    }

    /// Keeps a frame as its sender sent it.
    pub(crate) fn keep(&mut self, at: Instant, frame: &[u8]) -> Result<()> {
        if let Some(files) = &mut self.0 {
            let (seconds, rest) = (at.nanoseconds() / 1_000_000_000, at.nanoseconds() % 1_000_000_000);
            let length = frame.len() as u32;
            for word in [seconds as u32, rest as u32, length, length] {
                files.frames.write_all(&word.to_le_bytes())?;
            }
            files.frames.write_all(frame)?;
        }
        Ok(())
    }

    /// Whether anything is kept.
    pub(crate) const fn is_kept(&self) -> bool {
        self.0.is_some()
    }
}
