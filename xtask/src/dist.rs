//! `cargo xtask dist`: `isopod` for machines without Rust and without these sources, and what belongs with it.

pub(crate) mod check;
mod notices;
mod package;
pub(crate) mod reproduction;

use crate::image::{self, cargo, remappings};
use crate::program::{output, succeeds};
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An appliance's image: its package, after which the appliance is named, and the binary in that.
pub(crate) struct Image {
    pub(crate) package: &'static str,
    pub(crate) binary: &'static str,
}

/// Every image that goes along.
pub(crate) const IMAGES: &[Image] = &[Image { package: "dns", binary: "dns-image" }];

/// What was made.
pub(crate) struct Dist {
    /// The program alone.
    pub(crate) program: PathBuf,
    /// The tar file with everything.
    pub(crate) package: PathBuf,
}

/// Makes everything anew, in the folder `dist` of cargo's target folder.
pub(crate) fn build() -> Result<Dist> {
    let folder = target().join("dist");
    let built = build_program(&pack_images()?)?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let program = folder.join("isopod");
    fs::copy(&built, &program)?;
    let name = format!("isopod-{}-x86_64-linux", env!("CARGO_PKG_VERSION"));
    let package = folder.join(format!("{name}.tar.gz"));
    package::write(&package, &name, &program)?;
    let mut sums = Command::new("sha256sum");
    sums.current_dir(&folder).arg("isopod").arg(format!("{name}.tar.gz"));
    let sums = output(sums)?;
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    for path in [&program, &package] {
        println!("{}: {} octets", path.display(), fs::metadata(path)?.len());
    }
    Ok(Dist { program, package })
}

/// Builds an image from the sources in a folder, as `isopod` does; returns its path.
pub(crate) fn build_image(
    sources: &Path,
    cargo_home: Option<&Path>,
    to: &Path,
    Image { package, binary }: &Image,
) -> Result<PathBuf> {
    let mut command = image::build_image(sources, cargo_home, package, binary);
    command.arg("--quiet").arg("--target-dir").arg(to);
    command.envs(cargo_home.map(|home| ("CARGO_HOME", home)));
    ensure!(succeeds(command)?, "the image {binary} can't be built");
    Ok(to.join(image::TARGET).join(image::PROFILE).join(binary))
}

/// Every image, compressed, in a folder.
fn pack_images() -> Result<PathBuf> {
    let folder = target().join("static/images");
    fs::create_dir_all(&folder)?;
    for image in IMAGES {
        let built = build_image(root(), image::home().as_deref(), &target().join("image"), image)?;
        let path = folder.join(format!("{}.gz", image.package));
        let packed = compress(&fs::read(built)?)?;
        // One that is as it was is no reason to build the program anew.
        if fs::read(&path).ok().as_ref() != Some(&packed) {
            fs::write(path, packed)?;
        }
    }
    Ok(folder)
}

/// The same octets always become the same: there is no time and no name in it.
fn compress(octets: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(octets)?;
    Ok(encoder.finish()?)
}

/// Builds `isopod` with all images in it and no library outside of it.
///
/// With a target named, as here, flags are not for build scripts and procedural macros, which can't be static.
fn build_program(images: &Path) -> Result<PathBuf> {
    const PROFILE: &str = "dist";
    let mut flags =
        vec!["-Ctarget-feature=+crt-static".to_owned(), "-Clink-arg=-Wl,--build-id=none".to_owned()];
    flags.extend(remappings(root(), image::home().as_deref()));
    let folder = target().join("static");
    let mut command = image::build(root(), &flags);
    command.args(["--quiet", "--profile", PROFILE, "--package", "isopod", "--target-dir"]).arg(&folder);
    command.env("ISOPOD_IMAGES", images);
    let built = succeeds(command).context("cargo can't be started")?;
    ensure!(
        built,
        "isopod can't be built; a static program needs libc.a (Debian: libc6-dev, Fedora: glibc-static)"
    );
    Ok(folder.join(image::TARGET).join(PROFILE).join("isopod"))
}

/// What cargo knows of every package.
fn metadata() -> Result<serde_json::Value> {
    let mut command = Command::new(cargo());
    command.current_dir(root()).args(["metadata", "--locked", "--format-version", "1"]);
    Ok(serde_json::from_str(&output(command)?)?)
}
