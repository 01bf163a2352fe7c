//! Building an image with cargo, and showing how far it is.

use super::cargo;
use crate::appliance::Kind;
use crate::progress;
use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

/// Builds the image of an appliance where it has changed, from the sources in a folder; returns its path.
pub(super) fn build(kind: Kind, sources: &'static Path) -> Result<PathBuf> {
    if !sources.join(kind.manifest_path()).is_file() {
        bail!(
            "the source tree that this program was built from, {}, is gone; give an image with --image",
            sources.display()
        );
    }
    let bar = progress::bar(1, format!("building the {kind} image"));
    let counted = bar.clone();
    // Nobody waits for this: a build that has nothing to do is over before.
    std::thread::spawn(move || counted.set_length(count_packages(kind, sources)));
    progress::showing(bar, |bar| run(kind, sources, bar))
}

fn run(kind: Kind, sources: &Path, bar: &ProgressBar) -> Result<PathBuf> {
    let mut command = command(kind, sources);
    host::end_with_parent(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start cargo, which builds the image; give an image with --image")?;
    let stdout = child.stdout.take().expect("it was asked for");
    let mut stderr = child.stderr.take().expect("it was asked for");

    // Cargo writes to both: whoever is not read from would stop it.
    let complaint = std::thread::spawn(move || {
        let mut complaint = String::new();
        let _ = stderr.read_to_string(&mut complaint);
        complaint
    });
    let built = follow(kind, stdout, bar);
    let status = child.wait()?;
    let complaint = complaint.join().unwrap_or_default();
    if !status.success() {
        bail!("building the {kind} image failed\n\n{}", complaint.trim_end());
    }
    built.with_context(|| format!("cargo built no binary named {}", kind.binary()))
}

fn command(kind: Kind, sources: &Path) -> Command {
    let mut command = cargo::build_image(sources, cargo::home().as_deref(), kind.package(), kind.binary());
    command.args(["--message-format", "json-render-diagnostics", "--target-dir"]).arg(target_folder(sources));
    command
}

/// A folder of its own: the host's build and the image's neither wait for nor undo each other.
fn target_folder(sources: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    sources.join(target).join("image")
}

/// Reads what cargo reports; returns the binary's path once it is built.
fn follow(kind: Kind, stdout: ChildStdout, bar: &ProgressBar) -> Option<PathBuf> {
    let mut built = None;
    let mut packages = BTreeSet::new();
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        packages.extend(message["package_id"].as_str().map(str::to_owned));
        bar.set_position(packages.len() as u64);
        // Every package has a folder of its own, named after it.
        let folder = message["manifest_path"].as_str().and_then(|path| Path::new(path).parent()?.file_name());
        if let Some(folder) = folder {
            bar.set_message(folder.to_string_lossy().into_owned());
        }
        if message["target"]["name"] == kind.binary() {
            built = message["executable"].as_str().map(PathBuf::from);
        }
    }
    built
}

/// How many packages the image is made of; 1 if cargo can't say, which only spoils the bar.
fn count_packages(kind: Kind, sources: &Path) -> u64 {
    let output = Command::new(cargo::cargo())
        .current_dir(sources)
        .args([
            "tree",
            "--locked",
            "--package",
            kind.package(),
            "--features",
            "image",
            "--target",
            cargo::TARGET,
        ])
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else { return 1 };
    let packages: BTreeSet<_> = output.stdout.split(|&octet| octet == b'\n').collect();
    (packages.len() as u64).max(1)
}
