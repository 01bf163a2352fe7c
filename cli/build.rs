//! Decides where the images of this program come from: `src/image/origin.rs`.

use core::fmt::Write as _;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Names a folder of images that are to go along in the program, each compressed to `NAME.gz`. `cargo xtask dist` sets it;
/// without it, images are built from the sources that this program is built from.
const IMAGES: &str = "ISOPOD_IMAGES";

fn main() {
    println!("cargo:rerun-if-env-changed={IMAGES}");
    println!("cargo:rerun-if-changed=build.rs");
    let origin = env::var_os(IMAGES).map_or_else(sources, |folder| carried(Path::new(&folder)));
    let output = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(output.join("origin.rs"), origin).expect("the folder is there to be written to");
}

fn sources() -> String {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the sources lie"));
    let root = folder.parent().expect("the command line is a member of a workspace");
    format!("Origin::Sources({:?})", root.to_str().expect("the sources' folder has a name in UTF-8"))
}

fn carried(folder: &Path) -> String {
    println!("cargo:rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{IMAGES}: {error}"));
    let paths = entries.map(|entry| entry.expect("the folder can be read to its end").path());
    let mut images: Vec<_> = paths.filter(|path| path.extension() == Some(OsStr::new("gz"))).collect();
    images.sort();
    let mut origin = String::from("Origin::Carried(&[");
    for path in images {
        println!("cargo:rerun-if-changed={}", path.display());
        let name = path.file_stem().expect("a file has a name");
        write!(origin, "({name:?}, include_bytes!({path:?})),").expect("a string takes everything");
    }
    origin + "])"
}
