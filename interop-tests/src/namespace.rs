//! A network of the tests' own.

use crate::process::output;
use anyhow::Result;

/// A network namespace with TAP devices; goes with them when it is dropped.
#[derive(Debug)]
pub struct Namespace(String);

/// The names of TAP devices, in their order.
pub fn taps() -> impl Iterator<Item = String> {
    (0..).map(|number: usize| format!("tap{number}"))
}

impl Namespace {
    /// Makes one, with so many devices.
    pub fn new(purpose: &str, devices: usize) -> Result<Self> {
        let name = format!("interop-{}-{purpose}", std::process::id());
        output(&["ip", "netns", "add", &name])?;
        let namespace = Self(name);
        for tap in taps().take(devices) {
            namespace.run(&["ip", "tuntap", "add", "dev", &tap, "mode", "tap"])?;
        }
        Ok(namespace)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The command that runs a program there.
    pub fn command(&self, command: &[&str]) -> Vec<String> {
        ["ip", "netns", "exec", &self.0].iter().chain(command).map(|&word| word.to_owned()).collect()
    }

    /// Runs a program there; what it said, if it succeeded.
    pub fn run(&self, command: &[&str]) -> Result<String> {
        let command = self.command(command);
        output(&command.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _gone_already = output(&["ip", "netns", "delete", &self.0]);
    }
}
