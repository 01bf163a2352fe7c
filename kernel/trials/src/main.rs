//! An image that does with its volume what its archive's file `trial` names, and says on the console how that went.
//! `cargo xtask test --only volume` starts it, and looks at the volume from outside.

#![no_std]
#![no_main]

extern crate alloc;

mod bench;

use bench::Bench;
use configuration::Archive;
use kernel::TrialMachine;
use platform::{Refusal, Volume, VolumeError};

kernel::trial!(try_out);

/// The patterns: what lasts, and what is written over it.
const FIRST: u64 = 1;
const SECOND: u64 = 2;

/// The sector that the errors' trial finds broken.
const BROKEN: u64 = 256;

fn try_out(archive: &Archive, machine: &mut TrialMachine) -> bool {
    let name = archive.file("trial").unwrap_or_default();
    let mut bench = Bench::new(machine);
    let went_well = match &name[..] {
        b"outlast" => outlast(&mut bench),
        b"read" => read(&mut bench),
        b"errors" => errors(&mut bench),
        b"no-flush" => no_flush(&mut bench),
        _ => None,
    };
    match went_well {
        Some(()) => bench.machine.log(format_args!("passed")),
        None => bench.machine.log(format_args!("FAILED")),
    }
    went_well.is_some()
}

/// What was flushed is there, though nobody waited for the writes before the flush was begun; what is not flushed is written over
/// it, and completes. Then the power is cut: this never comes back.
fn outlast(bench: &mut Bench<'_>) -> Option<()> {
    let sectors = bench.describe();
    bench.write(0..sectors, FIRST)?;
    bench.flush()?;
    bench.finish()?;
    bench.machine.log(format_args!("flushed"));
    bench.verify(0..sectors, FIRST)?;
    bench.write(0..sectors / 2, SECOND)?;
    bench.finish()?;
    bench.machine.log(format_args!("not flushed"));
    loop {
        bench.machine.wait(moment::Instant::from_nanoseconds(u64::MAX));
    }
}

/// A volume that may only be read.
fn read(bench: &mut Bench<'_>) -> Option<()> {
    let sectors = bench.describe();
    let volume = bench.machine.volume();
    let is_refused = !volume.is_writable() && volume.write(0, &[0; 4096]) == Err(Refusal::ReadOnly);
    is_refused.then_some(())?;
    bench.verify(0..sectors, FIRST)
}

/// One sector can be neither read nor written; all others can.
fn errors(bench: &mut Bench<'_>) -> Option<()> {
    let sectors = bench.describe();
    bench.write(0..BROKEN, FIRST)?;
    bench.write(BROKEN + 1..sectors, FIRST)?;
    bench.finish()?;
    for is_read in [true, false] {
        let volume = bench.machine.volume();
        let begun = if is_read { volume.read(BROKEN..BROKEN + 1) } else { volume.write(BROKEN, &[0; 512]) };
        let outcome = bench.wait_for(begun.ok()?)?;
        bench.machine.log(format_args!("the broken sector: {outcome:?}"));
        (outcome == Err(VolumeError::Device)).then_some(())?;
    }
    bench.flush()?;
    bench.finish()?;
    bench.verify(0..BROKEN, FIRST)?;
    bench.verify(BROKEN + 1..sectors, FIRST)
}

/// A volume that can't flush says so, and does all else.
fn no_flush(bench: &mut Bench<'_>) -> Option<()> {
    let sectors = bench.describe();
    let volume = bench.machine.volume();
    (!volume.can_flush() && volume.flush() == Err(Refusal::NoFlush)).then_some(())?;
    bench.write(0..sectors, FIRST)?;
    bench.finish()?;
    bench.verify(0..sectors, FIRST)
}
