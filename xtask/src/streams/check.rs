//! The services on the kernel, emulated and on KVM where that works: every octet is looked at.

use super::stage::Stage;
use super::{Accel, Choice};
use crate::tally::Tally;
use anyhow::Result;
use laboratory::{Interruption, Network, streams};

/// Octets that go each way over each service: many windows.
const OCTETS: usize = 8 << 20;

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
        let ours = match stage.ours(None) {
            Ok(ours) => ours,
            Err(_) if accel == Accel::Kvm => {
                println!("streams on {name}: skipped, KVM is not usable here");
                continue;
            }
            Err(error) => return Err(error),
        };
        let outcome = streams::verify(&ours.network, OCTETS);
        println!("streams on {name}: every octet … {}", if outcome.is_ok() { "ok" } else { "FAILED" });
        if let Err(error) = &outcome {
            println!("{error:#}");
        }
        tally += Tally::one(outcome.is_ok());
        interruption.go_on()?;
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
