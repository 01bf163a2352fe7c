//! `isopod logs`.

use crate::arguments::Logs;
use crate::machines::{Folder, Listed, Machines};
use crate::status::{Failure, Status};
use core::time::Duration;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::thread;

/// How often to look whether more was written.
const INTERVAL: Duration = Duration::from_millis(200);

/// Prints a machine's console.
pub(crate) fn logs(arguments: &Logs) -> Result<Status, Failure> {
    let machines = Machines::open()?;
    let listed = machines.find(&arguments.name)?;
    let Some(mut current) = open(&listed.folder)? else {
        return Err(anyhow::anyhow!(
            "{} runs in the foreground: its console is its terminal",
            arguments.name
        )
        .into());
    };
    if let Ok(mut older) = File::open(listed.folder.older_console()) {
        copy(&mut older)?;
    }
    copy(&mut current)?;
    if arguments.follow {
        follow(&machines, &listed, current)?;
    }
    Ok(Status::Done)
}

/// Copies what is written until the machine ends.
fn follow(machines: &Machines, listed: &Listed, mut current: File) -> Result<(), Failure> {
    loop {
        // Looked at first: what was written before the end is still copied.
        let has_ended = !matches!(machines.find(&listed.name), Ok(listed) if !listed.state.has_ended());
        copy(&mut current)?;
        if has_ended {
            return Ok(());
        }
        if let Some(newer) = open(&listed.folder)?.filter(|newer| is_another(newer, &current)) {
            current = newer;
        }
        thread::sleep(INTERVAL);
    }
}

fn open(folder: &Folder) -> io::Result<Option<File>> {
    match File::open(folder.console()) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_another(one: &File, other: &File) -> bool {
    let identity = |file: &File| file.metadata().map(|metadata| (metadata.dev(), metadata.ino())).ok();
    identity(one) != identity(other)
}

/// Copies what there is to standard output.
fn copy(file: &mut File) -> Result<(), Failure> {
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    let mut output = io::stdout().lock();
    output.write_all(&content)?;
    output.flush()?;
    Ok(())
}
