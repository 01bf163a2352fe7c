//! What frames cost, by the machine's own count.

use crate::hardware::processor;

/// How long turns took that had frames, from the first that was taken to the last that was published, in ticks of the
/// time-stamp counter, doorbells excluded.
#[derive(Clone, Debug)]
pub(crate) struct Cycles {
    /// When this turn began, and how many frames there were before it.
    turn: Option<(u64, u64)>,
    /// Frames received.
    pub(crate) frames: u64,
    /// Ticks of all turns.
    ticks: u64,
    /// Frames by the ticks that each took, in steps; the last is for all that took longer.
    steps: [u64; STEPS],
}

/// Ticks of a step, and how many there are.
const STEP: u64 = 32;
const STEPS: usize = 512;

impl Cycles {
    pub(crate) const NONE: Self = Self { turn: None, frames: 0, ticks: 0, steps: [0; STEPS] };

    /// A frame is looked at.
    #[inline]
    pub(super) fn begin(&mut self) {
        if self.turn.is_none() {
            self.turn = Some((processor::time_stamp(), self.frames));
        }
    }

    /// A frame was taken.
    #[inline]
    pub(super) fn take(&mut self) {
        self.begin();
        self.frames += 1;
    }

    /// All that this turn had to say is published.
    #[inline]
    pub(super) fn end(&mut self) {
        if let Some((started, before)) = self.turn.take() {
            self.count(processor::time_stamp().wrapping_sub(started), self.frames - before);
        }
    }

    /// A turn took so many ticks for so many frames.
    #[inline]
    fn count(&mut self, ticks: u64, frames: u64) {
        self.ticks += ticks;
        let step = usize::try_from(ticks / frames.max(1) / STEP).unwrap_or(STEPS);
        self.steps[step.min(STEPS - 1)] += frames;
    }

    /// The ticks of a frame.
    pub(crate) fn mean(&self) -> u64 {
        self.ticks / self.frames.max(1)
    }

    /// The ticks that half of the frames stayed below, to a step: turns in which the host ran something else weigh no more
    /// than others.
    pub(crate) fn median(&self) -> u64 {
        let mut frames = 0;
        let half = self.steps.iter().take_while(|&&step| {
            frames += step;
            2 * frames < self.frames
        });
        half.count() as u64 * STEP + STEP / 2
    }
}

#[cfg(test)]
mod tests {
    use super::Cycles;

    #[test]
    fn a_turn_that_the_host_interrupted_moves_the_mean_and_not_the_median() {
        let mut cycles = Cycles::NONE;
        for (ticks, frames) in [(64 * 400, 64), (64 * 420, 64), (64 * 440, 64), (9_000_000, 10)] {
            cycles.frames += frames;
            cycles.count(ticks, frames);
        }
        assert!(cycles.mean() > 40_000);
        assert_eq!(cycles.median(), 432);
    }

    #[test]
    fn nothing_is_counted_before_there_is_a_frame() {
        assert_eq!(Cycles::NONE.mean(), 0);
    }
}
