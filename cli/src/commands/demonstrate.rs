//! `isopod` without a command: the example, running.

use crate::appliance::Kind;
use crate::arguments::{Demonstration, Format, Hardware, On, Restart, Run};
use crate::status::{Failure, Status};
use std::path::PathBuf;

/// The example's configuration, in the source tree.
const EXAMPLE: &str = "examples/dns/appliance.toml";

/// Runs the example until Ctrl-C.
pub(crate) fn demonstrate(arguments: &Demonstration) -> Result<Status, Failure> {
    let config = find_example().ok_or_else(|| {
        Failure::usage(format!(
            "without a command, `isopod` runs {EXAMPLE}, and neither this folder nor one above it has that; \
             `isopod --help` lists the commands"
        ))
    })?;
    let accel = (arguments.on == On::Vm).then_some(arguments.accel);
    super::run::run(&Run {
        appliance: Kind::Dns,
        config,
        on: arguments.on,
        publish: Vec::new(),
        restart: Restart::Never,
        detach: false,
        name: None,
        dry_run: false,
        format: Format::Human,
        yes: arguments.yes,
        hardware: Hardware { accel, machine: None, net: Vec::new(), memory: None, pcap: None, image: None },
    })
}

fn find_example() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let example = here.ancestors().map(|folder| folder.join(EXAMPLE)).find(|path| path.is_file())?;
    // Shorter to read, where it can be.
    Some(example.strip_prefix(&here).map(PathBuf::from).unwrap_or(example))
}
