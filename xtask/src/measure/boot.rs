//! How long a start takes.

use super::guest::{Accelerator, Guest};
use super::image::Image;
use super::table::{Row, Values};
use super::{Workbench, say};
use crate::root;
use anyhow::Result;

/// The least number of starts that say something.
const STARTS: usize = 10;

/// Starts the example under each accelerator, again and again.
pub(super) fn measure(bench: &Workbench<'_>) -> Result<Vec<Row>> {
    let image = example(bench)?;
    let mut rows = Vec::new();
    for accelerator in Accelerator::ALL {
        let figures = [
            (format!("from entry to ready, {accelerator}"), "< 5 ms (TCG)"),
            (format!("from starting QEMU to the first answer, {accelerator}"), "< 150 ms"),
        ];
        let methods = [
            "the guest's own clock, from its first instruction to what it prints when it is ready",
            {
                "asked every half millisecond from the start of the process on; microvm, TAP, the example's zone"
            },
        ];
        let measured = start(bench, &image, accelerator).map_err(|error| format!("{error:#}"));
        bench.go_on()?;
        for (number, ((figure, goal), method)) in figures.into_iter().zip(methods).enumerate() {
            let measured = measured.clone().map(|times| Values {
                values: times.iter().map(|time| time[number]).collect(),
                unit: "ms",
                digits: if number == 0 { 3 } else { 1 },
                note: String::new(),
            });
            let goal = if number == 0 && accelerator == Accelerator::Kvm { "" } else { goal };
            rows.push(Row { figure, goal, measured, method: method.to_owned() });
        }
    }
    Ok(rows)
}

/// The image with the example's zone.
pub(super) fn example(bench: &Workbench<'_>) -> Result<Image> {
    Image::build(&root().join("examples/dns/appliance.toml"), &bench.folder.path().join("example.elf"))
}

/// For each start, in milliseconds: the guest's own time until it was ready; from the start of QEMU to the first answer.
fn start(bench: &Workbench<'_>, image: &Image, accelerator: Accelerator) -> Result<Vec<[f64; 2]>> {
    let network = bench.network()?;
    let socket = network.socket()?;
    let starts = bench.choice.rounds.max(STARTS);
    say(&format!("{starts} starts, {accelerator}"));
    let mut times = Vec::new();
    for _ in 0..starts {
        bench.go_on()?;
        let mut guest = Guest::start(network, image, accelerator, None)?;
        let answered = guest.first_answer(bench, &socket)?;
        times.push([guest.ready_after()?, answered.as_secs_f64() * 1e3]);
    }
    Ok(times)
}
