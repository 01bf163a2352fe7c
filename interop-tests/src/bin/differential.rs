//! `cargo xtask differential` runs this: see `--help`.

use anyhow::Result;
use clap::Parser;
use interop_tests::differential::run::{Cast, Outcome};
use interop_tests::subject::Subject;
use std::process::ExitCode;

/// Asks ours and reference servers the same of generated zones, and tells where they differ.
#[derive(Parser)]
struct Choice {
    /// The first seed; each makes a world of forty zones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Which of ours: host, image-tcg, image-kvm.
    #[arg(long, default_value = "host")]
    subject: String,
    /// Which references.
    #[arg(long, value_delimiter = ',', default_value = "bind,nsd,knot")]
    against: Vec<String>,
    /// How many findings are shrunk.
    #[arg(long, default_value_t = 5)]
    shrink: usize,
    /// Only those that look like this.
    #[arg(long, default_value = "")]
    like: String,
}

fn main() -> Result<ExitCode> {
    let choice = Choice::parse();
    let cast = Cast {
        subject: Subject::named(&choice.subject)?,
        references: choice.against.iter().map(|name| Subject::named(name)).collect::<Result<_>>()?,
    };
    let mut outcome = Outcome::default();
    for seed in choice.seed..choice.seed.saturating_add(choice.seeds) {
        cast.run(seed, &mut outcome)?;
        let unexplained: usize = outcome.findings.values().map(|(count, _)| count).sum();
        eprintln!("seed {seed}: {} queries so far, {unexplained} differences unexplained", outcome.queries);
    }
    outcome.ensure_worth()?;
    let is_like = |(signature, _): &(&String, _)| signature.contains(&choice.like);
    for (_, (_, finding)) in outcome.findings.iter().filter(is_like).take(choice.shrink) {
        println!("{}", cast.shrink(finding)?);
    }
    print!("{outcome}");
    Ok(if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
