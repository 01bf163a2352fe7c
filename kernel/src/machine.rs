//! The machine as a platform: its links, clocks, randomness, console, and how it sleeps.

use crate::clock::Clock;
use crate::console::write_line;
use crate::entropy::Entropy;
use crate::hardware::{monitor, processor};
use crate::interrupts::Timer;
use crate::network::{Counts, Cycles, NetworkLink};
use crate::operator_line::OperatorLine;
use alloc::vec::Vec;
use core::fmt;
use moment::{Instant, Moment};
use operator::{Request, Statistic};
use platform::{Link, Platform};

/// The bare-metal machine.
pub(crate) struct Machine {
    links: Vec<NetworkLink>,
    clock: Clock,
    entropy: Entropy,
    timer: Timer,
    operator: Option<OperatorLine>,
    /// Whether it says on the console how long frames take.
    reports: bool,
    sleeps: u64,
    /// Octets that the heap had left when it was sealed.
    heap_left: usize,
}

impl Machine {
    /// A machine from its parts; `reports`: whether it says on the console how long frames take.
    pub(crate) fn new(
        links: Vec<NetworkLink>,
        clock: Clock,
        entropy: Entropy,
        timer: Timer,
        operator: Option<OperatorLine>,
        reports: bool,
    ) -> Self {
        Self { links, clock, entropy, timer, operator, reports, sleeps: 0, heap_left: 0 }
    }

    /// Says that the machine is ready, and after how long.
    pub(crate) fn announce(&mut self, heap_left: usize) {
        self.heap_left = heap_left;
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

    /// What the machine itself counts.
    fn statistics(&self) -> impl Iterator<Item = Statistic> + use<> {
        let sum = |count: fn(Counts) -> u64| self.links.iter().map(|link| count(link.counts())).sum();
        let line = |count: fn(&OperatorLine) -> u64| self.operator.as_ref().map_or(0, count);
        [
            ("machine_uptime_seconds", self.clock.instant().nanoseconds() / 1_000_000_000),
            ("machine_heap_free_bytes", self.heap_left as u64),
            ("machine_sleeps_total", self.sleeps),
            ("machine_doorbells_total{queue=\"receive\"}", sum(|link| link.receive_doorbells)),
            ("machine_doorbells_total{queue=\"transmit\"}", sum(|link| link.transmit_doorbells)),
            ("machine_receive_merged_total", sum(|link| link.merged)),
            ("machine_transmit_cut_total", sum(|link| link.cut)),
            ("machine_receive_exhausted_total", sum(|link| link.exhausted)),
            ("machine_receive_senseless_total", sum(|link| link.senseless)),
            ("machine_operator_lines_total", line(|line| line.lines)),
            ("machine_operator_lines_lost_total", line(|line| line.lost)),
        ]
        .into_iter()
        .map(|(name, value)| Statistic { name, value })
    }

    /// Whether a device has something that was not looked at.
    fn is_ready(&self) -> bool {
        self.links.iter().any(NetworkLink::is_ready)
            || self.operator.as_ref().is_some_and(OperatorLine::is_ready)
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
        match &mut self.operator {
            Some(operator) => operator.log(line),
            None => write_line(format_args!("isopod: {line}")),
        }
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        self.report();
        self.links.iter_mut().for_each(NetworkLink::request_interrupts);
        self.operator.iter_mut().for_each(OperatorLine::request_interrupts);
        let is_due = deadline.is_some_and(|deadline| deadline <= self.clock.instant());
        let is_ready = self.is_ready();
        // Interrupts that come from here on end the sleep, even before it begins: they stay pending until then.
        if !is_due && !is_ready {
            self.sleeps += 1;
            monitor::wait(deadline.map_or(0, |deadline| self.timer.value(deadline, &self.clock)));
            if !self.is_ready() {
                self.operator.iter_mut().for_each(OperatorLine::suspect_interrupt);
            }
        }
        self.links.iter_mut().for_each(NetworkLink::suppress_interrupts);
        self.operator.iter_mut().for_each(OperatorLine::suppress_interrupts);
    }

    #[inline]
    fn request(&mut self) -> Option<Request> {
        self.operator.as_mut()?.request()
    }

    #[cold]
    fn answer(&mut self, statistics: impl Iterator<Item = Statistic>) {
        let own = self.statistics();
        let Some(operator) = &mut self.operator else { return };
        operator.answer(statistics.chain(own));
    }
}
