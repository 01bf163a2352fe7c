//! The services on the kernel, emulated and on KVM where that works: every octet is looked at, and then they are abused.

use super::stage::{Ours, Stage};
use super::{Accel, Choice, abuse};
use crate::tally::Tally;
use anyhow::Result;
use laboratory::{Interruption, Network, streams};

/// Octets that go each way over each service: many windows.
const OCTETS: usize = 8 << 20;

/// How something is tried; fails if it does not go well.
type Trial = fn(&Stage<'_>, &mut Ours) -> Result<()>;

/// What is tried, in this order, on one machine.
const TRIALS: [(&str, Trial); 6] = [
    ("every octet is the one that it should be", |_, ours| streams::verify(&ours.network, OCTETS)),
    ("half-open floods", abuse::half_open_flood),
    ("slow readers", abuse::slow_readers),
    ("resets and SYNs over all sequence numbers", abuse::sweep),
    ("scans", abuse::scan),
    ("every octet, once more", |_, ours| streams::verify(&ours.network, OCTETS)),
];

/// Tries everything.
pub(crate) fn check(interruption: &Interruption) -> Result<Tally> {
    if let Err(error) = Network::tap() {
        println!("streams: skipped, {error:#}");
        return Ok(Tally::default());
    }
    let mut tally = Tally::default();
    for accel in [Accel::Tcg, Accel::Kvm] {
        let stage = Stage::build(Choice::brief(accel), interruption)?;
        let name = stage.choice.accelerator().name();
        let mut ours = match stage.ours(None) {
            Ok(ours) => ours,
            Err(_) if accel == Accel::Kvm => {
                println!("streams on {name}: skipped, KVM is not usable here");
                continue;
            }
            Err(error) => return Err(error),
        };
        for (trial, attempt) in TRIALS {
            let outcome = attempt(&stage, &mut ours);
            println!("streams on {name}: {trial} … {}", if outcome.is_ok() { "ok" } else { "FAILED" });
            if let Err(error) = &outcome {
                println!("{error:#}");
            }
            tally += Tally::one(outcome.is_ok());
            interruption.go_on()?;
        }
    }
    Ok(tally)
}

impl Choice {
    /// For trials, not for figures.
    fn brief(accel: Accel) -> Self {
        Self {
            seconds: 3,
            rounds: 1,
            only: Vec::new(),
            delay: Vec::new(),
            loss: Vec::new(),
            accel,
            memory: 32,
            json: None,
        }
    }
}
