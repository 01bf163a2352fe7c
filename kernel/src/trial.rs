//! A machine with a volume and nothing else, for an image that tries its driver.

use crate::clock::Clock;
use crate::console::write_line;
use crate::hardware::monitor;
use crate::interrupts::Timer;
use crate::power::{self, Exit};
use crate::start::{Failure, Sealed};
use crate::transport::Device;
use crate::volume::{BlockVolume, VolumeFault};
use configuration::Archive;
use core::fmt;
use moment::Instant;
use platform::Volume;

/// The machine, sealed.
pub struct TrialMachine {
    volume: BlockVolume,
    clock: Clock,
    timer: Timer,
}

/// Starts the machine, tries something on it as the archive says, and switches it off; `trial` returns whether all went well.
pub fn try_out(start_information: u64, trial: fn(&Archive, &mut TrialMachine) -> bool) -> ! {
    crate::console::start();
    let exit = match start(start_information) {
        Ok((archive, mut machine)) => {
            if trial(&archive, &mut machine) {
                Exit::Order
            } else {
                Exit::Fault
            }
        }
        Err(reason) => {
            write_line(format_args!("trial: {reason}"));
            Exit::Configuration
        }
    };
    power::off(exit)
}

/// Why nothing can be tried.
enum Untried {
    Machine(Failure),
    NoVolume,
    Volume(VolumeFault),
}

fn start(start_information: u64) -> Result<(Archive, TrialMachine), Untried> {
    let Sealed { archive, devices, clock, timer, .. } =
        Sealed::new(start_information).map_err(Untried::Machine)?;
    let found = devices.all().find(|found| found.device == Device::Volume).ok_or(Untried::NoVolume)?;
    let transport = found.transport.map_err(|error| Untried::Volume(error.into()))?;
    let volume = BlockVolume::new(transport).map_err(Untried::Volume)?;
    Ok((archive, TrialMachine { volume, clock, timer }))
}

impl fmt::Display for Untried {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(failure) => failure.fmt(formatter),
            Self::NoVolume => formatter.write_str("there is no volume"),
            Self::Volume(fault) => write!(formatter, "the volume can't be used: {fault:?}"),
        }
    }
}

impl TrialMachine {
    /// Its volume.
    pub fn volume(&mut self) -> &mut impl Volume {
        &mut self.volume
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.clock.instant()
    }

    /// Writes a line to the console.
    pub fn log(&self, line: fmt::Arguments<'_>) {
        write_line(format_args!("trial: {line}"));
    }

    /// Sleeps until the device may have completed a request, or until `deadline`.
    pub fn wait(&mut self, deadline: Instant) {
        self.volume.request_interrupt();
        if deadline > self.clock.instant() && !self.volume.is_ready() {
            monitor::wait(self.timer.value(deadline, &self.clock));
        }
        self.volume.suppress_interrupts();
    }
}
