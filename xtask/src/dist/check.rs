//! The package, used as somebody would who has nothing else of ours: no sources, no Rust, an empty home.

use super::{Dist, IMAGES, build};
use crate::image::{PROFILE, TARGET, home};
use crate::program::{free_port, is_installed, output};
use crate::tally::Tally;
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use laboratory::Folder;
use object::Endianness;
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{ElfFile64, ProgramHeader};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

type Check = fn(&User) -> Result<()>;

const CHECKS: &[(&str, Check)] = &[
    ("it needs no library", needs_no_library),
    ("it names no folder of this machine", names_no_folder),
    ("it finds mistakes", finds_mistakes),
    ("it builds the same file as the sources do", builds_the_same),
    ("it runs an appliance that answers dig", answers),
];

/// Makes the package, unpacks it, and tries it out.
pub(crate) fn check() -> Result<Tally> {
    let user = User::new(&build()?)?;
    let mut tally = Tally::default();
    for (name, check) in CHECKS {
        let result = check(&user);
        println!("dist: {name} … {}", if result.is_ok() { "ok" } else { "FAILED" });
        if let Err(error) = &result {
            println!("    {error:#}");
        }
        tally += Tally::one(result.is_ok());
    }
    Ok(tally)
}

/// Somebody who has unpacked the package into a folder with nothing else in it.
struct User {
    folder: Folder,
    /// Where the package is.
    package: PathBuf,
}

impl User {
    fn new(dist: &Dist) -> Result<Self> {
        let folder = Folder::new(&std::env::temp_dir(), "isopod-dist")?;
        let at = folder.path();
        for part in ["home", "run", "bin"] {
            fs::create_dir(at.join(part))?;
        }
        let mut unpack = Command::new("tar");
        unpack.arg("-xzf").arg(&dist.package).arg("-C").arg(at);
        output(unpack)?;
        let package = dist.package.file_name().and_then(|name| name.to_str()?.strip_suffix(".tar.gz"));
        let package = at.join(package.context("the package is a .tar.gz")?);
        ensure!(fs::read(package.join("isopod"))? == fs::read(&dist.program)?, "there are two programs");
        // QEMU is all that is to be found.
        let qemu = std::env::var_os("PATH").and_then(|path| {
            std::env::split_paths(&path).map(|folder| folder.join(QEMU)).find(|path| path.is_file())
        });
        std::os::unix::fs::symlink(qemu.context("QEMU is not installed")?, at.join("bin").join(QEMU))?;
        Ok(Self { folder, package })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.package.join("isopod"));
        command.args(arguments).current_dir(&self.package).env_clear().stdin(Stdio::null());
        for (name, part) in [("HOME", "home"), ("XDG_RUNTIME_DIR", "run"), ("PATH", "bin")] {
            command.env(name, self.folder.path().join(part));
        }
        command
    }

    /// What it says, if all goes well.
    fn isopod(&self, arguments: &[&str]) -> Result<String> {
        let Output { status, stdout, stderr } = self.command(arguments).output()?;
        ensure!(status.success(), "{arguments:?}: {status}: {}", String::from_utf8_lossy(&stderr));
        Ok(String::from_utf8(stdout)?)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        // A machine that a check left behind; usually there is none.
        let _ = self.isopod(&["stop", NAME]);
    }
}

const QEMU: &str = "qemu-system-x86_64";
const NAME: &str = "dist-check";
const EXAMPLE: &str = "examples/dns/appliance.toml";

fn needs_no_library(user: &User) -> Result<()> {
    let octets = fs::read(user.package.join("isopod"))?;
    let file: ElfFile64<'_, Endianness> = ElfFile64::parse(&*octets)?;
    let headers: &[<FileHeader64<Endianness> as object::read::elf::FileHeader>::ProgramHeader] =
        file.elf_program_headers();
    let wants_loader = headers.iter().any(|header| header.p_type(file.endian()) == PT_INTERP);
    ensure!(!wants_loader, "it wants a dynamic loader");
    Ok(())
}

fn names_no_folder(user: &User) -> Result<()> {
    let mut files = vec![user.package.join("isopod")];
    files.extend(IMAGES.iter().map(built_image));
    let folders = [Some(root().to_owned()), Some(target()), home(), std::env::home_dir()];
    for file in files {
        let octets = fs::read(&file)?;
        for folder in folders.iter().flatten().filter(|folder| folder.parent().is_some()) {
            let name = folder.as_os_str().as_encoded_bytes();
            let is_named = octets.windows(name.len()).any(|window| window == name);
            ensure!(!is_named, "{} names {}", file.display(), folder.display());
        }
    }
    Ok(())
}

fn built_image(image: &super::Image) -> PathBuf {
    target().join("image").join(TARGET).join(PROFILE).join(image.binary)
}

fn finds_mistakes(user: &User) -> Result<()> {
    let said = user.isopod(&["check", "dns", "--config", EXAMPLE])?;
    ensure!(said.ends_with("appliance.toml: no mistakes\n"), "{said}");
    let broken = root().join("cli/tests/broken/zone/appliance.toml");
    let found = user.command(&["check", "dns", "--config"]).arg(broken).output()?;
    ensure!(found.status.code() == Some(3), "{found:?}");
    Ok(())
}

/// With the same configuration, as `isopod` from cargo does for the step `image`.
fn builds_the_same(user: &User) -> Result<()> {
    user.isopod(&["build", "dns", "--config", EXAMPLE, "--output", "carried.elf"])?;
    let built = crate::test::build_example()?;
    ensure!(fs::read(user.package.join("carried.elf"))? == fs::read(&built)?, "{} differs", built.display());
    Ok(())
}

fn answers(user: &User) -> Result<()> {
    let port = free_port()?.to_string();
    let publish = format!("127.0.0.1:{port}:53/udp");
    user.isopod(&["run", "dns", "--config", EXAMPLE, "--detach", "--name", NAME, "--publish", &publish])?;
    let listed = user.isopod(&["ps"])?;
    ensure!(listed.contains(NAME), "it is not listed: {listed}");
    // After a fault this is where names and lines come from.
    let symbols = user.folder.path().join("run/isopod").join(NAME).join("image.debug");
    ensure!(fs::read(symbols)? == fs::read(built_image(&IMAGES[0]))?, "the image has lost its symbols");

    ensure!(is_installed("dig"), "dig is not installed");
    let mut dig = Command::new("dig");
    dig.args(["@127.0.0.1", "-p", &port, "+short", "+tries=3", "www.example.com", "A"]);
    let answer = output(dig)?;
    let address = answer.lines().next_back().and_then(|line| line.parse::<core::net::Ipv4Addr>().ok());
    ensure!(address.is_some(), "dig: {answer}");
    ensure!(user.isopod(&["logs", NAME])?.contains("isopod: ready after"), "the console is not logged");
    user.isopod(&["stop", NAME])?;
    ensure!(!user.isopod(&["ps"])?.contains(NAME), "it is still listed");
    Ok(())
}
