//! Interrupt controllers: set up once, before sealing; then only the monitor touches them.

use crate::boot_information::Window;
use crate::clock::Clock;
use crate::hardware::registers::Registers;
use crate::hardware::{monitor, port, processor};
use moment::Instant;

/// Interrupt vectors; the monitor's table has gates up to [`SPURIOUS`].
const DEVICE: u32 = 32;
const TIMER: u32 = 33;
const SPURIOUS: u32 = 47;

/// Where the local APIC's page lies: nobody moves it.
pub(crate) const LOCAL_APIC: u64 = 0xfee0_0000;

/// Where the first I/O APIC's page lies, on every monitor that has one.
pub(crate) const IO_APIC: u64 = 0xfec0_0000;

/// The local APIC's registers (Intel SDM vol. 3 table 11-1).
mod local {
    pub(super) const IDENTITY: usize = 0x20;
    pub(super) const TASK_PRIORITY: usize = 0x80;
    pub(super) const SPURIOUS: usize = 0xf0;
    pub(super) const TIMER: usize = 0x320;
    pub(super) const LINT0: usize = 0x350;
    pub(super) const LINT1: usize = 0x360;
    pub(super) const COUNT: usize = 0x380;
    pub(super) const COUNT_LEFT: usize = 0x390;
    pub(super) const DIVIDER: usize = 0x3e0;

    pub(super) const ENABLED: u32 = 1 << 8;
    pub(super) const MASKED: u32 = 1 << 16;
    pub(super) const DEADLINE: u32 = 2 << 17;
    pub(super) const DIVIDE_BY_ONE: u32 = 0b1011;
}

/// What wakes a sleeping machine in time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timer {
    /// The time-stamp counter reaching a value.
    Deadline,
    /// The local APIC counting down, so many ticks a nanosecond of 2^32.
    Count { ticks: u64 },
}

/// A device's line that leads nowhere: there is no I/O APIC, or it has no such line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoLine(pub(crate) u32);

/// A message that a device sends for an interrupt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) address: u32,
    pub(crate) data: u32,
}

/// Sets up the local APIC, and the lines of `windows` at the I/O APIC; returns what wakes in time, and by which message others
/// wake.
pub(crate) fn start(
    mut local: Registers,
    mut io: Registers,
    mut windows: impl Iterator<Item = Window>,
    clock: &Clock,
) -> Result<(Timer, Message), NoLine> {
    mask_legacy_controllers();
    local.write(local::TASK_PRIORITY, 0);
    local.write(local::SPURIOUS, local::ENABLED | SPURIOUS);
    local.write(local::LINT0, local::MASKED);
    local.write(local::LINT1, local::MASKED);
    let processor = local.read(local::IDENTITY) & 0xff00_0000;
    windows.try_for_each(|window| route(&mut io, window.interrupt, processor))?;
    // Edge-triggered, fixed, to this processor by its number (Intel SDM vol. 3 §11.11).
    let message = Message { address: LOCAL_APIC_MESSAGES | (processor >> 12), data: DEVICE };
    Ok((start_timer(&mut local, clock), message))
}

/// Where messages are written: where the local APIC's page is, whatever else lies there.
const LOCAL_APIC_MESSAGES: u32 = 0xfee0_0000;

/// The 8259s: all of their lines masked.
fn mask_legacy_controllers() {
    port::write(0x21, 0xff);
    port::write(0xa1, 0xff);
}

/// Sends a line, edge-triggered, to this processor (Intel 82093AA §3.2.4). An edge can't be lost: a driver acknowledges the
/// device's interrupt and asks for the next before it looks at the device's queues once more.
fn route(io: &mut Registers, line: u32, processor: u32) -> Result<(), NoLine> {
    const SELECT: usize = 0x00;
    const WINDOW: usize = 0x10;
    const VERSION: u32 = 1;
    const REDIRECTIONS: u32 = 0x10;

    io.write(SELECT, VERSION);
    let version = io.read(WINDOW);
    let last_line = (version >> 16) & 0xff;
    // All ones: nothing answers there.
    if version == u32::MAX || line > last_line {
        return Err(NoLine(line));
    }
    io.write(SELECT, REDIRECTIONS + 2 * line + 1);
    io.write(WINDOW, processor);
    io.write(SELECT, REDIRECTIONS + 2 * line);
    io.write(WINDOW, DEVICE);
    Ok(())
}

fn start_timer(local: &mut Registers, clock: &Clock) -> Timer {
    /// CPUID.1:ECX: the timer has a deadline mode.
    const HAS_DEADLINE: u32 = 1 << 24;
    if processor::identify(1).ecx & HAS_DEADLINE != 0 {
        local.write(local::TIMER, local::DEADLINE | TIMER);
        monitor::use_deadline_timer();
        return Timer::Deadline;
    }

    /// How long the count is compared with the clock.
    const SAMPLE_NANOSECONDS: u64 = 50_000;
    local.write(local::DIVIDER, local::DIVIDE_BY_ONE);
    local.write(local::TIMER, local::MASKED | TIMER);
    local.write(local::COUNT, u32::MAX);
    let started = clock.instant();
    let elapsed = loop {
        let elapsed = clock.instant().since(started).as_nanos();
        if elapsed >= u128::from(SAMPLE_NANOSECONDS) {
            break elapsed;
        }
    };
    let counted = u32::MAX - local.read(local::COUNT_LEFT);
    local.write(local::COUNT, 0);
    local.write(local::TIMER, TIMER);
    Timer::Count { ticks: u64::try_from((u128::from(counted) << 32) / elapsed).unwrap_or(1 << 32) }
}

impl Timer {
    /// What to arm for a deadline that has not passed.
    pub(crate) fn value(self, deadline: Instant, clock: &Clock) -> u64 {
        let left = deadline.since(clock.instant()).as_nanos();
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        match self {
            Self::Deadline => processor::time_stamp().saturating_add(clock.ticks(left)).max(1),
            Self::Count { ticks } => {
                let count = (u128::from(left) * u128::from(ticks)) >> 32;
                u64::from(u32::try_from(count).unwrap_or(u32::MAX).max(1))
            }
        }
    }
}
