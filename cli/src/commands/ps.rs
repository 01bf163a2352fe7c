//! `isopod ps`.

use super::run::engine_name;
use crate::arguments::{Format, Ps};
use crate::machines::{Listed, Machines, Phase};
use crate::status::{Failure, Status};
use core::time::Duration;
use serde_json::json;
use std::io::{Write, stdout};

/// Prints the list of machines.
pub(crate) fn ps(arguments: &Ps) -> Result<Status, Failure> {
    let machines = Machines::open()?.list()?;
    match arguments.format {
        Format::Json => {
            let items: Vec<_> = machines.iter().map(item).collect();
            writeln!(stdout(), "{}", serde_json::to_string_pretty(&items)?)?;
        }
        Format::Human => write!(stdout(), "{}", table(&machines.iter().map(row).collect::<Vec<_>>()))?,
    }
    Ok(Status::Done)
}

const HEADINGS: [&str; 6] = ["NAME", "APPLIANCE", "ON", "AGE", "PUBLISHED", "STATE"];

fn row(listed: &Listed) -> [String; 6] {
    let Listed { name, plan, state, .. } = listed;
    let published: Vec<_> = plan.published.iter().map(ToString::to_string).collect();
    [
        name.to_string(),
        plan.appliance.to_string(),
        engine_name(&plan.engine).into(),
        age(state.age()),
        published.join(" "),
        words(state.phase, state.restarts),
    ]
}

fn words(phase: Phase, restarts: u32) -> String {
    let words = match phase {
        Phase::Starting => "starting".into(),
        Phase::Answering => "answering".into(),
        Phase::Pausing => "failed, to be started again".into(),
        Phase::Ended(status) => format!("ended: {status}"),
        Phase::Killed => "killed".into(),
    };
    match restarts {
        0 => words,
        1 => format!("{words} (started again once)"),
        _ => format!("{words} (started again {restarts} times)"),
    }
}

/// The largest whole unit of a length of time.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "s"));
    format!("{} {unit}", seconds / size)
}

/// Columns as wide as they need to be.
fn table(rows: &[[String; 6]]) -> String {
    let headings = HEADINGS.map(String::from);
    let lines = || core::iter::once(&headings).chain(rows);
    let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..HEADINGS.len()).map(width).collect();
    let mut table = String::new();
    for line in lines() {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let cells: Vec<_> = cells.collect();
        table += cells.join("   ").trim_end();
        table.push('\n');
    }
    table
}

fn item(listed: &Listed) -> serde_json::Value {
    let Listed { name, folder, plan, state } = listed;
    let (phase, status) = match state.phase {
        Phase::Starting => ("starting", None),
        Phase::Answering => ("answering", None),
        Phase::Pausing => ("pausing", None),
        Phase::Ended(status) => ("ended", Some(status as u8)),
        Phase::Killed => ("killed", None),
    };
    json!({
        "name": name,
        "appliance": plan.appliance,
        "on": engine_name(&plan.engine),
        "phase": phase,
        "status": status,
        "started": state.started,
        "restarts": state.restarts,
        "published": plan.published,
        "pid": state.supervisor.pid,
        "guest_pid": state.guest.map(|guest| guest.pid),
        "folder": folder.as_ref(),
    })
}

#[cfg(test)]
mod tests;
