//! The command of cargo that builds an image. The project's automation includes this file too: it knows of nothing else here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The triple that images are built for; the host's own, so that nobody has to install another.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The profile that images are built with.
pub(crate) const PROFILE: &str = "image";

/// What cargo separates encoded flags by.
const FLAG_SEPARATOR: &str = "\x1f";

/// This cargo.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Where cargo keeps what it fetched.
pub(crate) fn home() -> Option<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    given.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Builds a package's image, in an invocation of its own: no feature that the host needs leaks into it.
pub(crate) fn build_image(sources: &Path, home: Option<&Path>, package: &str, binary: &str) -> Command {
    let mut flags = vec!["-Cforce-frame-pointers=yes".to_owned()]; // which a fault report follows
    flags.extend(remappings(sources, home));
    let mut command = build(sources, &flags);
    command.args(["--profile", PROFILE, "--package", package, "--features", "image", "--bin", binary]);
    command
}

/// Builds with these flags of the compiler and none of the user's own, which would make another program.
pub(crate) fn build(sources: &Path, flags: &[String]) -> Command {
    let mut command = Command::new(cargo());
    command.current_dir(sources).args(["build", "--locked", "--target", TARGET]);
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join(FLAG_SEPARATOR));
    command
}

/// Has the compiler forget where sources lie, ours and those of crates that we use: the same sources make the same program
/// wherever they do.
pub(crate) fn remappings(sources: &Path, home: Option<&Path>) -> Vec<String> {
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let folders = registries.chain([sources.to_owned()]).flat_map(|folder| {
        // The compiler knows a folder by the name that cargo gives it, and by what that comes to behind symbolic links.
        let canonical = folder.canonicalize().ok().filter(|canonical| *canonical != folder);
        [Some(folder), canonical].into_iter().flatten()
    });
    folders.map(|folder| format!("--remap-path-prefix={}=", folder.display())).collect()
}
