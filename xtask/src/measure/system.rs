//! Where the figures were taken.

use crate::root;
use laboratory::system::{self, first_line};
use std::process::Command;

/// What a reader has to know of this machine: names and values.
pub(super) fn facts() -> Vec<(&'static str, String)> {
    let mut facts = system::facts();
    facts.extend([
        ("compiler", first_line(Command::new("rustc").arg("--version").current_dir(root()))),
        ("source", source()),
        ("load at the start", system::load()),
    ]);
    facts
}

fn source() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(root()).args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let changes = if git(&["status", "--porcelain"]).is_empty() { "" } else { ", with changes" };
    format!("{}{changes}", git(&["rev-parse", "--short=12", "HEAD"]))
}
