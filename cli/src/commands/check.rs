//! `isopod check`.

use crate::appliance;
use crate::arguments::{Check, Format};
use crate::report::Report;
use crate::status::{Failure, Status};
use std::io;

/// Prints every mistake.
pub(crate) fn check(arguments: &Check) -> Result<Status, Failure> {
    let checked = appliance::check(arguments.appliance, &arguments.config)?;
    let report = Report::new(&checked.diagnostics, &checked.folder);
    report.print(arguments.format, &mut io::stdout())?;
    if arguments.format == Format::Human {
        let found = report.summary().unwrap_or_else(|| "no mistakes".into());
        println!("{}: {found}", arguments.config.display());
    }
    Ok(if checked.prepared.is_some() { Status::Done } else { Status::Configuration })
}
