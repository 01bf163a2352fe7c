//! The machine as a platform: its links, clocks, randomness, console, and how it sleeps.

use crate::clock::Clock;
use crate::console::write_line;
use crate::entropy::Entropy;
use crate::hardware::{monitor, processor};
use crate::interrupts::Timer;
use crate::network::{Cycles, NetworkLink};
use alloc::vec::Vec;
use core::fmt;
use moment::{Instant, Moment};
use platform::{Link, Platform};

/// The bare-metal machine.
pub(crate) struct Machine {
    links: Vec<NetworkLink>,
    clock: Clock,
    entropy: Entropy,
    timer: Timer,
    /// Whether it says on the console how long frames take.
    reports: bool,
}

impl Machine {
    /// A machine from its parts; `reports`: whether it says on the console how long frames take.
    pub(crate) fn new(
        links: Vec<NetworkLink>,
        clock: Clock,
        entropy: Entropy,
        timer: Timer,
        reports: bool,
    ) -> Self {
        Self { links, clock, entropy, timer, reports }
    }

    /// Says that the machine is ready, and after how long.
    pub(crate) fn announce(&self, heap_left: usize) {
        let ticks = processor::time_stamp().saturating_sub(monitor::entered_at());
        let microseconds = self.clock.nanoseconds(ticks) / 1000;
        let (whole, part) = (microseconds / 1000, microseconds % 1000);
        for link in &self.links {
            write_line(format_args!(
                "isopod: link {}, mtu {}",
                link.address(),
                link.maximum_transmission_unit()
            ));
        }
        let clock = self.clock.name();
        write_line(format_args!("isopod: clock {clock:?}; {} KiB of memory left", heap_left / 1024));
        write_line(format_args!("isopod: ready after {whole}.{part:03} ms"));
    }

    /// Says, once it is idle again, what the frames since the last time took.
    fn report(&mut self) {
        /// So many frames are worth a line.
        const WORTH: u64 = 10_000;
        if !self.reports {
            return;
        }
        for link in &mut self.links {
            let cycles = link.cycles();
            if cycles.frames >= WORTH {
                let (frames, mean, median) = (cycles.frames, cycles.mean(), cycles.median());
                *cycles = Cycles::NONE;
                write_line(format_args!("isopod: {frames} frames, {mean} cycles each, median {median}"));
            }
        }
    }
}

impl Platform for Machine {
    type Link = NetworkLink;

    #[inline]
    fn links(&mut self) -> &mut [NetworkLink] {
        &mut self.links
    }

    #[inline]
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    fn log(&mut self, line: fmt::Arguments<'_>) {
        write_line(format_args!("isopod: {line}"));
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        self.report();
        self.links.iter_mut().for_each(NetworkLink::request_interrupts);
        let is_due = deadline.is_some_and(|deadline| deadline <= self.clock.instant());
        // Interrupts that come from here on end the sleep, even before it begins: they stay pending until then.
        if !is_due && !self.links.iter().any(NetworkLink::is_ready) {
            monitor::wait(deadline.map_or(0, |deadline| self.timer.value(deadline, &self.clock)));
        }
        self.links.iter_mut().for_each(NetworkLink::suppress_interrupts);
    }
}
