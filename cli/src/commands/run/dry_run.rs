//! `isopod run --dry-run`.

use crate::arguments::Format;
use crate::machines::{Engine, Folder, Plan, TapLink};
use crate::shell;
use anyhow::Result;
use serde_json::json;
use std::io::{Write, stdout};
use std::path::PathBuf;

/// Prints what would be run, and where its files would lie.
pub(super) fn print(format: Format, plan: &Plan, folder: &Folder) -> Result<()> {
    let mut output = stdout();
    let files = files(plan, folder);
    match format {
        Format::Json => {
            let command: Option<Vec<_>> = match &plan.engine {
                Engine::Vm { command } => Some(command.iter().map(|word| word.to_string_lossy()).collect()),
                Engine::Host | Engine::Taps { .. } => None,
            };
            let files: serde_json::Map<_, _> =
                files.iter().map(|(what, path)| ((*what).to_owned(), json!(path))).collect();
            let published: Vec<_> = plan.published.iter().map(ToString::to_string).collect();
            let plan = json!({ "command": command, "published": published, "files": files });
            writeln!(output, "{}", serde_json::to_string_pretty(&plan)?)?;
        }
        Format::Human => {
            match &plan.engine {
                Engine::Vm { command } => writeln!(output, "{}", shell::quoted_over_lines(command))?,
                Engine::Host => {
                    for published in &plan.published {
                        writeln!(output, "# this process would serve {published}")?;
                    }
                }
                Engine::Taps { links } => {
                    for TapLink { device, ethernet } in links {
                        writeln!(
                            output,
                            "# this process would be at the other end of {device}, as {ethernet}"
                        )?;
                    }
                }
            }
            for (what, path) in files {
                writeln!(output, "# {what}: {}", path.display())?;
            }
        }
    }
    Ok(())
}

fn files(plan: &Plan, folder: &Folder) -> Vec<(&'static str, PathBuf)> {
    let mut files = vec![("archive", folder.archive())];
    if matches!(plan.engine, Engine::Vm { .. }) {
        files.extend([("image", folder.image()), ("symbols", folder.symbols())]);
    }
    files
}
