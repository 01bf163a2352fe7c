//! `cargo xtask test`.

use crate::program::{cargo, count_tests, is_installed, output, succeeds};
use crate::tally::Tally;
use crate::{
    abuse, architecture, differential, dist, fuzz, hardening, peers, root, simulate, streams, target, volume,
};
use anyhow::{Result, ensure};
use clap::Args;
use laboratory::Interruption;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Which of the steps to take.
#[derive(Args)]
pub(crate) struct Choice {
    /// Leave out what starts virtual machines or builds foreign tools.
    #[arg(long)]
    fast: bool,
    /// Take only this step; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Make thousands of worlds in memory, not the fixed share.
    #[arg(long)]
    soak: bool,
    /// Say which steps there are.
    #[arg(long)]
    list: bool,
}

/// One step: what it is called, what it does, whether `--fast` takes it.
struct Step {
    name: &'static str,
    purpose: &'static str,
    is_fast: bool,
    run: fn(&Round<'_>) -> Result<Tally>,
}

/// What a step is told.
struct Round<'a> {
    choice: &'a Choice,
    interruption: &'a Interruption,
}

const STEPS: &[Step] = &[
    Step {
        name: "peers",
        purpose: "install the programs that the tests talk to",
        is_fast: true,
        run: install,
    },
    Step { name: "format", purpose: "cargo fmt --check", is_fast: true, run: format },
    Step { name: "lints", purpose: "cargo clippy, every warning an error", is_fast: true, run: lints },
    Step {
        name: "architecture",
        purpose: "who depends on whom, where unsafe is",
        is_fast: true,
        run: |_| architecture::check(root()),
    },
    Step { name: "units", purpose: "cargo test of every crate", is_fast: true, run: units },
    Step {
        name: "image",
        purpose: "the DNS image: built, within its budget, self-contained",
        is_fast: false,
        run: image,
    },
    Step {
        name: "hardening",
        purpose: "what a sealed machine must not let its program do",
        is_fast: false,
        run: |_| hardening::check(),
    },
    Step {
        name: "volume",
        purpose: "virtio-blk, and what is left when the power is cut",
        is_fast: false,
        run: |_| volume::check(),
    },
    Step {
        name: "reproduction",
        purpose: "images, built again elsewhere: the same octets",
        is_fast: false,
        run: |_| dist::reproduction::check(),
    },
    Step {
        name: "dist",
        purpose: "`cargo xtask dist`, used where there is neither Rust nor these sources",
        is_fast: false,
        run: |_| dist::check::check(),
    },
    Step {
        name: "interop",
        purpose: "conversations with our servers and others",
        is_fast: true,
        run: interop,
    },
    Step {
        name: "simulation",
        purpose: "a fixed share of worlds in memory",
        is_fast: true,
        run: |round| simulate::share(if round.choice.soak { SOAKED_SEEDS } else { SIMULATED_SEEDS }),
    },
    Step {
        name: "streams",
        purpose: "services over TCP on the kernel, every octet looked at; floods, sweeps, slow readers and scans",
        is_fast: false,
        run: |round| streams::check(round.interruption),
    },
    Step {
        name: "differential",
        purpose: "generated zones and queries, ours and others",
        is_fast: true,
        run: |_| differential::share(&isopod()?),
    },
    Step {
        name: "abuse",
        purpose: "floods, storms and lies, while an honest client asks",
        is_fast: false,
        run: |round| abuse::check(round.interruption),
    },
    Step {
        name: "fuzz",
        purpose: "a little of every fuzz target",
        is_fast: false,
        run: |_| fuzz::smoke(FUZZING_SECONDS),
    },
    Step {
        name: "dependencies",
        purpose: "cargo deny: bans, licences, sources",
        is_fast: false,
        run: dependencies,
    },
];

/// How many worlds are made: half a minute's worth at most.
const SIMULATED_SEEDS: u64 = 650;

/// How many are made with `--soak`: some minutes' worth.
const SOAKED_SEEDS: u64 = 13_000;

/// How long each target is fuzzed.
const FUZZING_SECONDS: u32 = 10;

/// Takes the steps; whether all of it went well.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    if choice.list {
        for step in STEPS {
            println!("{:14}{}", step.name, step.purpose);
        }
        return Ok(true);
    }
    for name in &choice.only {
        ensure!(
            STEPS.iter().any(|step| step.name == name),
            "no step `{name}`: see `cargo xtask test --list`"
        );
    }
    let round = Round { choice, interruption: &Interruption::watch()? };
    let mut all = Tally::default();
    let mut failures = Vec::new();
    let start = Instant::now();
    for step in STEPS.iter().filter(|step| choice.takes(step)) {
        println!("\n=== {}: {}", step.name, step.purpose);
        let start = Instant::now();
        let tally = (step.run)(&round).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally::one(false)
        });
        println!("=== {}: {tally} in {:.1} s", step.name, start.elapsed().as_secs_f64());
        if tally.failed > 0 {
            failures.push(step.name);
        }
        all += tally;
        round.interruption.go_on()?;
    }
    println!("\nall of it took {:.0} s", start.elapsed().as_secs_f64());
    if !failures.is_empty() {
        println!("failed: {}", failures.join(", "));
    }
    println!("{all}");
    Ok(all.failed == 0)
}

impl Choice {
    fn takes(&self, step: &Step) -> bool {
        let chosen = self.only.is_empty() || self.only.iter().any(|name| name == step.name);
        chosen && (step.is_fast || !self.fast)
    }
}

/// Counts only when it goes wrong: it tests nothing.
fn install(round: &Round<'_>) -> Result<Tally> {
    peers::install(round.interruption).map(|()| Tally::default())
}

fn format(_: &Round<'_>) -> Result<Tally> {
    Ok(Tally::one(succeeds(cargo(&["fmt", "--all", "--check"]))?))
}

fn lints(_: &Round<'_>) -> Result<Tally> {
    const STRICTLY: [&str; 3] = ["--", "-D", "warnings"];
    let mut everything = cargo(&["clippy", "--quiet", "--workspace", "--all-targets"]);
    everything.args(STRICTLY);
    let mut tally = Tally::one(succeeds(everything)?);
    // What only an image has: each in an invocation of its own, as it is built.
    for (package, binary) in [
        ("dns", "dns-image"),
        ("services", "services-image"),
        ("trials", "trials-image"),
        ("violations", "violations-image"),
    ] {
        let mut image = cargo(&["clippy", "--quiet", "--profile", "image", "--package", package]);
        image.args(["--features", "image", "--bin", binary]).args(STRICTLY);
        tally += Tally::one(succeeds(image)?);
    }
    Ok(tally)
}

fn units(_: &Round<'_>) -> Result<Tally> {
    count_tests(cargo(&["test", "--workspace", "--exclude", "interop-tests", "--no-fail-fast"]))
}

fn image(_: &Round<'_>) -> Result<Tally> {
    println!("{} octets with the example's zone", std::fs::metadata(build_example()?)?.len());
    let mut tally = Tally::one(true);
    tally += architecture::check_image(&target().join(IMAGE))?;
    Ok(tally)
}

/// Builds it as a user would; `isopod build` holds the budget in the appliance's manifest.
pub(crate) fn build_example() -> Result<PathBuf> {
    let elf = target().join("dns.elf");
    let mut build = Command::new(isopod()?);
    build.current_dir(root()).args(["build", "dns", "--config", EXAMPLE, "--output"]).arg(&elf);
    build.stdout(Stdio::null());
    ensure!(succeeds(build)?, "the example can't be built");
    Ok(elf)
}

const EXAMPLE: &str = "examples/dns/appliance.toml";

/// Where `isopod` builds the image, its symbols still in it.
const IMAGE: &str = "image/x86_64-unknown-linux-gnu/image/dns-image";

/// With `--fast` no virtual machine; KVM where a trial guest runs on it, else the tests say that it is left out.
fn interop(round: &Round<'_>) -> Result<Tally> {
    let mut command = cargo(&["test", "--package", "interop-tests", "--no-fail-fast"]);
    let machines = if round.choice.fast { "" } else { ",image-tcg,image-kvm?,image-q35,image-pci" };
    command.env("ISOPOD", isopod()?).env("SUBJECT", format!("nsd,knot,bind,host{machines}"));
    count_tests(command)
}

/// The command line as users have it.
pub(crate) fn isopod() -> Result<PathBuf> {
    ensure!(
        succeeds(cargo(&["build", "--quiet", "--release", "--package", "isopod"]))?,
        "isopod can't be built"
    );
    Ok(target().join("release/isopod"))
}

fn dependencies(_: &Round<'_>) -> Result<Tally> {
    let deny = cargo_deny()?;
    let mut command = Command::new(deny);
    command.current_dir(root()).args(["--log-level", "error", "check", "bans", "licenses", "sources"]);
    Ok(Tally::one(succeeds(command)?))
}

/// Where `cargo-deny` is; built once (about 4 minutes of a core) if it is not installed.
fn cargo_deny() -> Result<PathBuf> {
    if is_installed("cargo-deny") {
        return Ok(PathBuf::from("cargo-deny"));
    }
    let folder = target().join("tools");
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        println!("building cargo-deny, once: a few minutes");
        let [to, build] = [&folder, &folder.join("build")].map(|path| path.to_string_lossy().into_owned());
        // A profile for tools: what they do takes a second, what matters is how long they take to build.
        let mut command = cargo(&["install", "--locked", "--quiet", "cargo-deny", "--root", &to]);
        command.args(["--target-dir", &build]).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        output(command)?;
        std::fs::remove_dir_all(build)?;
    }
    Ok(program)
}
