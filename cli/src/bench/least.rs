//! The least memory that a guest answers in.

use super::contestant::Contestant;
use super::results::Entry;
use super::rounds::Stage;
use anyhow::Result;
use core::time::Duration;
use laboratory::{Network, Patience};

/// What is tried, in MiB.
const OURS: &[u32] = &[2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128];
const LINUX: &[u32] = &[48, 56, 64, 72, 80, 88, 96, 112, 128, 160, 192, 256, 512];

/// How long one with too little memory is waited for.
const PATIENCE: Duration = Duration::from_secs(40);

/// Finds that of every guest; fails only if it is interrupted.
pub(crate) fn find(stage: &Stage<'_>, entries: &mut [Entry]) -> Result<()> {
    for entry in entries {
        let sizes = match entry.contestant {
            Contestant::Ours(_) => OURS,
            Contestant::Guest(_) => LINUX,
            Contestant::Native(_) => continue,
        };
        let contestant = entry.contestant;
        entry.least_memory_mib = least(sizes, |memory| {
            let answers = stage.answers(contestant, memory);
            stage.interruption.go_on()?;
            Ok(answers.is_ok())
        })?;
        let said = entry.least_memory_mib.map_or_else(|| "none".to_owned(), |memory| format!("{memory} MiB"));
        eprintln!("* least memory: {}: {said}", entry.name);
    }
    Ok(())
}

/// The first of these that is enough, each enough if one before it is; `None` if none is.
fn least(sizes: &[u32], mut is_enough: impl FnMut(u32) -> Result<bool>) -> Result<Option<u32>> {
    let (mut from, mut to) = (0, sizes.len());
    while from < to {
        let middle = usize::midpoint(from, to);
        if is_enough(sizes[middle])? {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    Ok(sizes.get(from).copied())
}

impl Stage<'_> {
    /// Starts a guest with so many MiB, and fails if it does not answer.
    fn answers(&self, contestant: Contestant, memory: u32) -> Result<()> {
        let network = Network::tap()?;
        let mut program = self.start(contestant, Some(memory), &network, &self.log())?;
        let patience = Patience { whole: PATIENCE, ..contestant.patience() };
        program.first_answer(&network.socket()?, patience, self.interruption)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::least;

    #[test]
    fn the_first_that_is_enough_is_found() {
        let sizes = [1, 2, 3, 5, 8, 13];
        for needed in [0, 1, 4, 8, 13] {
            let found = least(&sizes, |size| Ok(size >= needed)).expect("it is not interrupted");
            assert_eq!(found, sizes.into_iter().find(|&size| size >= needed), "{needed}");
        }
        assert_eq!(least(&sizes, |_| Ok(false)).expect("it is not interrupted"), None);
        assert!(least(&sizes, |_| anyhow::bail!("interrupted")).is_err());
    }
}
