//! What an appliance occupies: memory, the image's octets, and a processor while nobody asks.

use super::guest::{Accelerator, Guest};
use super::image::Image;
use super::table::{Row, Values};
use super::{Workbench, boot, say};
use anyhow::{Context, Result};
use core::time::Duration;
use std::thread;

/// Memories that are tried, in MiB.
const MEMORIES: [u32; 7] = [16, 12, 8, 6, 4, 3, 2];

/// How long a guest is left alone before it counts as idle, and how long it is watched then.
const SETTLING: Duration = Duration::from_secs(1);
const IDLENESS: Duration = Duration::from_secs(5);

/// Measures the example.
pub(super) fn measure(bench: &Workbench<'_>) -> Result<Vec<Row>> {
    let image = boot::example(bench)?;
    let note = format!("and {} octets of configuration and zone", image.configuration);
    let size = Values { values: vec![image.size as f64 / 1024.0], unit: "KiB", digits: 1, note };
    let mut rows = vec![Row {
        figure: "stripped image, zones aside".to_owned(),
        goal: "< 400 KiB",
        measured: Ok(size),
        method: "the file of `isopod build` up to the end of the image's own segments".to_owned(),
    }];
    for accelerator in Accelerator::ALL {
        rows.push(Row {
            figure: format!("least memory with the example's zone, {accelerator}"),
            goal: "≤ 16 MiB",
            measured: memory(bench, &image, accelerator).map_err(|error| format!("{error:#}")),
            method: format!("the least that it answers in, of {MEMORIES:?} MiB"),
        });
        rows.push(Row {
            figure: format!("processor while idle, {accelerator}"),
            goal: "next to none",
            measured: idle(bench, &image, accelerator).map_err(|error| format!("{error:#}")),
            method: format!("utime + stime of QEMU in {} s without a query", IDLENESS.as_secs()),
        });
        bench.go_on()?;
    }
    Ok(rows)
}

/// The least memory that a guest answers in, and what one says that has less.
fn memory(bench: &Workbench<'_>, image: &Image, accelerator: Accelerator) -> Result<Values> {
    let network = bench.network()?;
    let socket = network.socket()?;
    let mut least = None;
    let mut note = String::new();
    for mebibytes in MEMORIES {
        bench.go_on()?;
        say(&format!("{mebibytes} MiB, {accelerator}"));
        let answered = Guest::start(network, image, accelerator, Some(mebibytes))
            .and_then(|mut guest| guest.first_answer(bench, &socket));
        match answered {
            Ok(_) => least = Some(f64::from(mebibytes)),
            Err(error) => {
                note = format!("with {mebibytes}: {error:#}");
                break;
            }
        }
    }
    let least = least.with_context(|| note.clone())?;
    Ok(Values { values: vec![least], unit: "MiB", digits: 0, note })
}

/// What QEMU takes of a processor while the guest sleeps.
fn idle(bench: &Workbench<'_>, image: &Image, accelerator: Accelerator) -> Result<Values> {
    let network = bench.network()?;
    let mut guest = Guest::start(network, image, accelerator, None)?;
    guest.first_answer(bench, &network.socket()?)?;
    say(&format!("idle, {accelerator}"));
    thread::sleep(SETTLING);
    let mut values = Vec::new();
    for _ in 0..bench.choice.rounds {
        let before = guest.processor_time()?;
        thread::sleep(IDLENESS);
        bench.go_on()?;
        let time = guest.processor_time()?.saturating_sub(before);
        values.push(time.as_secs_f64() * 100.0 / IDLENESS.as_secs_f64());
    }
    Ok(Values { values, unit: "% of a processor", digits: 1, note: String::new() })
}
