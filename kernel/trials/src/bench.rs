//! A volume under way: as many requests as it takes, and no wait longer than a deadline.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use core::time::Duration;
use kernel::TrialMachine;
use platform::{Completion, Refusal, RequestId, SECTOR, Volume, VolumeError};

/// A device that takes longer for anything hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request is no longer than this here.
const LENGTH: usize = 64 << 10;

/// More than a volume has under way.
const MOST: usize = 64;

pub(crate) struct Bench<'a> {
    pub(crate) machine: &'a mut TrialMachine,
    /// The first sector of each request that is under way, and the pattern that is to be read there.
    under_way: [Option<Expected>; MOST],
    content: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Expected {
    first: u64,
    pattern: Option<u64>,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(machine: &'a mut TrialMachine) -> Self {
        Self { machine, under_way: [None; MOST], content: vec![0; LENGTH] }
    }

    /// Says what the volume says of itself; returns how many sectors it has.
    pub(crate) fn describe(&mut self) -> u64 {
        let volume = self.machine.volume();
        let (sectors, block) = (volume.sectors(), volume.block());
        let (is_writable, can_flush) = (volume.is_writable(), volume.can_flush());
        self.machine.log(format_args!(
            "{sectors} sectors in blocks of {block}; can write: {is_writable}, can flush: {can_flush}"
        ));
        sectors
    }

    /// Begins to write a pattern over these sectors.
    pub(crate) fn write(&mut self, sectors: Range<u64>, pattern: u64) -> Option<()> {
        let mut content = core::mem::take(&mut self.content);
        for part in self.parts(sectors) {
            let length = usize::try_from(part.end - part.start).ok()? * SECTOR;
            fill(&mut content[..length], part.start, pattern);
            let expected = Expected { first: part.start, pattern: None };
            self.begin(expected, |volume| volume.write(part.start, &content[..length]))?;
        }
        self.content = content;
        Some(())
    }

    /// Reads these sectors, which have to hold a pattern; waits for all that is under way.
    pub(crate) fn verify(&mut self, sectors: Range<u64>, pattern: u64) -> Option<()> {
        for part in self.parts(sectors) {
            let expected = Expected { first: part.start, pattern: Some(pattern) };
            self.begin(expected, |volume| volume.read(part.clone()))?;
        }
        self.finish()
    }

    /// Begins to flush.
    pub(crate) fn flush(&mut self) -> Option<()> {
        self.begin(Expected { first: 0, pattern: None }, |volume| volume.flush())
    }

    /// What becomes of a request that is alone under way.
    pub(crate) fn wait_for(&mut self, request: RequestId) -> Option<Result<(), VolumeError>> {
        self.machine.volume().submit();
        let deadline = self.machine.now() + PATIENCE;
        loop {
            if let Some(completion) = self.machine.volume().completion() {
                let is_meant = completion.request == request;
                let outcome = completion.outcome.map(|_| ());
                return is_meant.then_some(outcome);
            }
            self.sleep(deadline)?;
        }
    }

    /// Requests that these sectors are read or written by.
    fn parts(&mut self, sectors: Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
        let step = self.machine.volume().most_sectors().min((LENGTH / SECTOR) as u64);
        let Range { start, end } = sectors;
        (start..end).step_by(step as usize).map(move |first| first..end.min(first + step))
    }

    /// Begins a request as soon as there is room for it.
    fn begin<B>(&mut self, expected: Expected, begin: B) -> Option<()>
    where
        B: Fn(&mut dyn Volume) -> Result<RequestId, Refusal>,
    {
        loop {
            match begin(self.machine.volume()) {
                Ok(RequestId(number)) => {
                    *self.under_way.get_mut(usize::from(number))? = Some(expected);
                    return Some(());
                }
                Err(Refusal::Busy) => self.take_one()?,
                Err(refusal) => {
                    self.machine.log(format_args!("refused: {refusal:?}"));
                    return None;
                }
            }
        }
    }

    /// Waits for all that is under way.
    pub(crate) fn finish(&mut self) -> Option<()> {
        while self.under_way.iter().any(Option::is_some) {
            self.take_one()?;
        }
        Some(())
    }

    /// Waits for a completion, and checks it.
    fn take_one(&mut self) -> Option<()> {
        self.machine.volume().submit();
        let deadline = self.machine.now() + PATIENCE;
        loop {
            if let Some(Completion { request: RequestId(number), outcome }) =
                self.machine.volume().completion()
            {
                let expected = self.under_way.get_mut(usize::from(number))?.take()?;
                let is_right = outcome.is_ok_and(|content| expected.is_met(content));
                if !is_right {
                    self.machine.log(format_args!("wrong from sector {} on", expected.first));
                }
                return is_right.then_some(());
            }
            self.sleep(deadline)?;
        }
    }

    /// Sleeps until the device has something to say; `None` if it has not in time.
    fn sleep(&mut self, deadline: moment::Instant) -> Option<()> {
        self.machine.wait(deadline);
        let is_late = self.machine.now() >= deadline;
        if is_late {
            self.machine.log(format_args!("the device hangs, or its interrupt was lost"));
        }
        (!is_late).then_some(())
    }
}

impl Expected {
    fn is_met(&self, content: &[u8]) -> bool {
        let Some(pattern) = self.pattern else { return content.is_empty() };
        let words = (self.first * WORDS..).map(|at| word(at, pattern).to_le_bytes());
        !content.is_empty() && content.chunks_exact(8).zip(words).all(|(found, word)| found == word)
    }
}

/// Words of a pattern in a sector.
const WORDS: u64 = (SECTOR / 8) as u64;

fn fill(content: &mut [u8], first: u64, pattern: u64) {
    for (at, word_of) in (first * WORDS..).zip(content.chunks_exact_mut(8)) {
        word_of.copy_from_slice(&word(at, pattern).to_le_bytes());
    }
}

/// Differs in every place and for every pattern (the finaliser of SplitMix64).
fn word(at: u64, pattern: u64) -> u64 {
    let mut word = at.wrapping_add(pattern << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
