//! What `isopod run` says of a guest that fails: its words, and the functions, files and lines that its addresses stand for.

use crate::program::free_port;
use crate::tally::Tally;
use crate::test::isopod;
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A failure, and what has to be said of it.
struct Failure {
    name: &'static str,
    /// What the guest says.
    word: &'static str,
    /// The file that fails, and the line of it, by its text.
    file: &'static str,
    line: &'static str,
    /// Functions on the way there, the innermost first.
    functions: &'static [&'static str],
}

const FAILURES: &[Failure] = &[
    Failure {
        name: "write-code",
        word: "fault: page fault",
        file: "kernel/src/hardware/violations.rs",
        line: "unsafe { octet.write_volatile(0) };",
        functions: &["write", "configure", "start<kernel::violation::Violation>", "boot"],
    },
    Failure {
        name: "panic",
        word: "fault: panicked at kernel/src/violation.rs",
        file: "kernel/src/violation.rs",
        line: "assert!(name != \"panic\"",
        functions: &[
            "core::panicking::panic_fmt",
            "configure",
            "start<kernel::violation::Violation>",
            "boot",
        ],
    },
];

/// `isopod`'s status when the guest faulted or panicked.
const FAULT: i32 = 5;

/// Lets the image fail under `isopod run`.
pub(super) fn check(image: &Path) -> Result<Tally> {
    let isopod = isopod()?;
    let mut tally = Tally::default();
    for failure in FAILURES {
        let result = is_explained(&isopod, image, failure);
        println!("backtrace of {}: {}", failure.name, if result.is_ok() { "explained" } else { "FAILED" });
        if let Err(error) = &result {
            println!("    {error:#}");
        }
        tally += Tally::one(result.is_ok());
    }
    Ok(tally)
}

fn is_explained(isopod: &Path, image: &Path, failure: &Failure) -> Result<()> {
    let configuration = target().join("failure.toml");
    let zone = root().join("examples/dns/example.com.zone");
    let text = format!(
        "# violation: {}\n[network]\naddress = [\"192.0.2.53/24\"]\n[[zone]]\nname = \"example.com\"\nfile = {zone:?}\n",
        failure.name
    );
    fs::write(&configuration, text)?;
    let mut command = Command::new(isopod);
    let publish = format!("127.0.0.1:{}:53/udp", free_port()?);
    command.args(["run", "dns", "--accel", "tcg", "--publish", &publish, "--config"]);
    command.arg(configuration).arg("--image").arg(image).stdin(Stdio::null());
    let output = command.output().context("isopod can't be started")?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(FAULT), "{}: {said}", output.status);
    ensure!(said.contains(failure.word), "it does not say `{}`: {said}", failure.word);

    let source = fs::read_to_string(root().join(failure.file))?;
    let line = source.lines().position(|line| line.trim().starts_with(failure.line));
    let place = format!("{}:{}", failure.file, line.context("the line that fails is gone")? + 1);
    ensure!(said.lines().any(|line| line.ends_with(&format!(" at {place}"))), "{place} is not named: {said}");
    let mut frames = said.lines();
    for function in failure.functions {
        let is_named = frames.any(|line| line.trim().starts_with(&format!("{function} at ")));
        ensure!(is_named, "{function} is not named in its turn: {said}");
    }
    Ok(())
}
