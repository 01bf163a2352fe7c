//! `isopod check`.

use crate::appliance;
use crate::arguments::{Check, Format};
use crate::report::Report;
use crate::status::{Failure, Status};
use std::io::{Write, stdout};

/// Prints every mistake.
pub(crate) fn check(arguments: &Check) -> Result<Status, Failure> {
    let checked = appliance::check(arguments.appliance, &arguments.config)?;
    let mut output = stdout();
    let report = Report::new(&checked.diagnostics, &checked.folder);
    report.print(arguments.format, &mut output)?;
    if arguments.format == Format::Human {
        let found = report.summary().unwrap_or_else(|| "no mistakes".into());
        writeln!(output, "{}: {found}", arguments.config.display())?;
    }
    Ok(if checked.prepared.is_some() { Status::Done } else { Status::Configuration })
}
