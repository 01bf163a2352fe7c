//! Where the figures were taken.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a reader has to know of this machine: names and values.
pub(super) fn facts() -> Vec<(&'static str, String)> {
    vec![
        ("processor", processor()),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("KVM", kvm()),
        ("QEMU", first_line(Command::new("qemu-system-x86_64").arg("--version"))),
        ("dnsperf", dnsperf()),
        ("compiler", first_line(Command::new("rustc").arg("--version").current_dir(crate::root()))),
        ("source", source()),
        ("load at the start", load()),
    ]
}

/// The load averages of the last 1, 5 and 15 minutes: what else this machine was doing.
pub(super) fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Whether this machine is itself a guest.
fn is_guest() -> bool {
    cpuinfo("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"))
}

fn processor() -> String {
    let model = cpuinfo("model name").unwrap_or_else(|| "unknown".to_owned());
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let guest = if is_guest() { ", in a virtual machine" } else { "" };
    format!("{model}, {count} of them{guest}")
}

fn kvm() -> String {
    match (Path::new("/dev/kvm").exists(), is_guest()) {
        (false, _) => "none".to_owned(),
        (true, false) => "on the bare machine".to_owned(),
        (true, true) => {
            "nested: this machine is itself a guest, and what leaves the guest costs more".to_owned()
        }
    }
}

fn cpuinfo(key: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// dnsperf says its version behind its help.
fn dnsperf() -> String {
    let output = Command::new("dnsperf").arg("-h").stdin(Stdio::null()).output();
    let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    said.lines().find_map(|line| line.strip_prefix("Version ")).unwrap_or("unknown").to_owned()
}

fn source() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(crate::root()).args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let changes = if git(&["status", "--porcelain"]).is_empty() { "" } else { ", with changes" };
    format!("{}{changes}", git(&["rev-parse", "--short=12", "HEAD"]))
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The first line that a program prints; `unknown` if it prints none.
fn first_line(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    said.lines().next().unwrap_or("unknown").to_owned()
}
