//! Being told to stop.

use anyhow::{Result, ensure};
use core::sync::atomic::{AtomicBool, Ordering};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;

/// Whether somebody wants this to end: by Ctrl-C, `kill` or the terminal's closing.
#[derive(Debug)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// From here on, SIGINT, SIGTERM and SIGHUP no longer end the process at once.
    ///
    /// # Errors
    /// The system refuses.
    pub fn watch() -> Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self(interrupted))
    }

    /// # Errors
    /// It was interrupted.
    pub fn go_on(&self) -> Result<()> {
        ensure!(!self.0.load(Ordering::Relaxed), "interrupted");
        Ok(())
    }
}
