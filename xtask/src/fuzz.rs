//! `cargo xtask fuzz`: coverage-guided, with the stock stable compiler.
//!
//! LLVM's coverage pass is part of every rustc, and libFuzzer comes with the crate libfuzzer-sys. What nightly would add
//! is address sanitizing; what is fuzzed here has no `unsafe` to sanitize, and every arithmetic mistake aborts.

use crate::program::{cargo, succeeds};
use crate::tally::Tally;
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Which targets, how long.
#[derive(Args)]
pub(crate) struct Choice {
    /// A target, or `all`; those of `fuzz/targets`.
    target: String,
    /// How long each is fuzzed.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Told of every edge that is taken, and of every comparison that is made: what to change to take another.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Where cargo puts what is built for this target, which must be named lest build scripts and macros be instrumented.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// The most that one input may take, and the most memory: beyond is a finding.
const BOUNDS: &[&str] = &["-timeout=5", "-rss_limit_mb=1024", "-max_len=65536"];

/// Folders with inputs from elsewhere in the project.
const MORE_SEEDS: &[(&str, &str)] = &[
    ("configuration", "examples/dns"),
    ("master_file", "examples/dns"),
    ("master_file", "interop-tests/zones"),
];

/// Fuzzes as chosen; whether nothing was found.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    let targets = targets()?;
    let chosen: Vec<_> =
        targets.iter().filter(|name| choice.target == "all" || choice.target == **name).cloned().collect();
    ensure!(!chosen.is_empty(), "no target `{}`; there are {}", choice.target, targets.join(", "));
    let tally = fuzz(&chosen, choice.seconds, Manner::Explore)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// A little of every target, the same each time.
pub(crate) fn smoke(seconds: u32) -> Result<Tally> {
    fuzz(&targets()?, seconds, Manner::Repeat)
}

/// What becomes of what is learned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Start from what earlier runs found, keep what this one finds.
    Explore,
    /// Start from the seeds alone, and from the same number.
    Repeat,
}

/// The names of all targets.
fn targets() -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    targets.sort();
    Ok(targets)
}

fn fuzz(targets: &[String], seconds: u32, manner: Manner) -> Result<Tally> {
    let built = target().join("fuzz");
    let mut build =
        cargo(&["build", "--quiet", "--release", "--target", TRIPLE, "--manifest-path", "fuzz/Cargo.toml"]);
    build.env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\x1f")).env("CARGO_TARGET_DIR", &built);
    ensure!(succeeds(build)?, "the fuzz targets can't be built");
    let mut tally = Tally::default();
    for name in targets {
        let program = built.join(TRIPLE).join("release").join(name);
        tally += Tally::one(fuzz_one(name, &program, seconds, manner)?);
    }
    Ok(tally)
}

/// Runs one target; whether it found nothing.
fn fuzz_one(name: &str, program: &Path, seconds: u32, manner: Manner) -> Result<bool> {
    let folder = |kind: &str| root().join("fuzz").join(kind).join(name);
    let (corpus, findings) = (folder("corpus"), folder("artifacts"));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&findings)?;
    let mut command = Command::new(program);
    command.args(BOUNDS).arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    match manner {
        Manner::Explore => _ = command.arg(corpus),
        // libFuzzer writes what it learns into the first folder: never into that of the seeds.
        Manner::Repeat => {
            let scratch = target().join("fuzz-scratch").join(name);
            if scratch.exists() {
                fs::remove_dir_all(&scratch)?;
            }
            fs::create_dir_all(&scratch)?;
            command.arg("-seed=1").arg(scratch);
        }
    }
    command.args(seeds(name));
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let output =
        output.and_then(std::process::Child::wait_with_output).with_context(|| format!("running {name}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        println!("ok     {name}: {}", summary(&said));
    } else {
        println!("FOUND  {name}: see {}\n{said}", findings.display());
    }
    Ok(output.status.success())
}

fn seeds(name: &str) -> Vec<PathBuf> {
    let more = MORE_SEEDS.iter().filter(|(target, _)| *target == name).map(|(_, folder)| root().join(folder));
    let own = root().join("fuzz/seeds").join(name);
    more.chain([own]).filter(|folder| folder.is_dir()).collect()
}

/// libFuzzer's last words: how many edges of how many were taken, by how many inputs.
fn summary(said: &str) -> String {
    let word_after = |line: &str, word: &str| {
        line.split_whitespace().skip_while(|one| *one != word).nth(1).unwrap_or("?").to_owned()
    };
    let edges = said.lines().find(|line| line.contains("inline 8-bit counters)"));
    let all =
        edges.and_then(|line| line.split('(').nth(1)).and_then(|rest| rest.split(' ').next()).unwrap_or("?");
    let last = said.lines().rfind(|line| line.contains("DONE")).unwrap_or_default();
    let runs = last.split_whitespace().next().unwrap_or("#?").trim_start_matches('#');
    format!("{} of {all} edges, {runs} inputs", word_after(last, "cov:"))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn libfuzzers_last_words_are_read() {
        let said = "INFO: Loaded 1 modules   (157 inline 8-bit counters): 157 [0x1, 0x2),\n\
                    #46220042\tDONE   cov: 11 ft: 11 corp: 4/15b lim: 4096 exec/s: 2200954 rss: 27Mb\n\
                    Done 46220042 runs in 21 second(s)\n";
        assert_eq!(summary(said), "11 of 157 edges, 46220042 inputs");
    }
}
