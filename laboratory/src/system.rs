//! Where the figures were taken.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a reader has to know of this machine: names and values.
#[must_use]
pub fn facts() -> Vec<(&'static str, String)> {
    vec![
        ("processor", processor()),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("KVM", Kvm::find().to_string()),
        ("QEMU", first_line(Command::new("qemu-system-x86_64").arg("--version"))),
        ("dnsperf", dnsperf()),
    ]
}

/// The load averages of the last 1, 5 and 15 minutes: what else this machine was doing.
#[must_use]
pub fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// What kind of KVM this machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kvm {
    /// No KVM.
    None,
    /// This machine is no guest.
    Bare,
    /// This machine is a guest whose processor virtualises.
    Nested,
    /// This machine is a guest whose processor does not virtualise: KVM makes do with software.
    Paravirtualised,
}

impl Kvm {
    /// Looks.
    #[must_use]
    pub fn find() -> Self {
        let flags = cpuinfo("flags").unwrap_or_default();
        Self::of(Path::new("/dev/kvm").exists(), &flags)
    }

    /// By the flags of the processor: `svm` is AMD's virtualisation, `vmx` Intel's.
    fn of(exists: bool, flags: &str) -> Self {
        let has = |name: &str| flags.split(' ').any(|flag| flag == name);
        match (exists, has("hypervisor"), has("svm") || has("vmx")) {
            (false, _, _) => Self::None,
            (true, _, false) => Self::Paravirtualised,
            (true, true, true) => Self::Nested,
            (true, false, true) => Self::Bare,
        }
    }
}

impl core::fmt::Display for Kvm {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Bare => "on the bare machine",
            Self::Nested => {
                "nested: this machine is itself a guest, and whatever leaves a guest costs more than on hardware"
            }
            Self::Paravirtualised => {
                "nested and paravirtualised: this machine is itself a guest and its processor offers no \
                 virtualisation; whatever leaves a guest, and a guest's own kernel, cost many times what they cost on \
                 hardware"
            }
        })
    }
}

fn is_guest() -> bool {
    cpuinfo("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"))
}

fn processor() -> String {
    let model = cpuinfo("model name").unwrap_or_else(|| "unknown".to_owned());
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let guest = if is_guest() { ", in a virtual machine" } else { "" };
    format!("{model}, {count} of them{guest}")
}

fn cpuinfo(key: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// dnsperf says its version behind its help.
fn dnsperf() -> String {
    let said = said(Command::new("dnsperf").arg("-h"));
    said.lines().find_map(|line| line.strip_prefix("Version ")).unwrap_or("unknown").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The first line that a program prints, on whichever output; `unknown` if it prints none.
#[must_use]
pub fn first_line(command: &mut Command) -> String {
    said(command).lines().next().unwrap_or("unknown").to_owned()
}

fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output();
    let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Kvm;

    #[test]
    fn the_kind_of_kvm_is_told_by_the_processors_flags() {
        for (exists, flags, kind) in [
            (true, "fpu svm sse", Kvm::Bare),
            (true, "fpu vmx hypervisor", Kvm::Nested),
            (true, "fpu hypervisor", Kvm::Paravirtualised),
            (false, "fpu vmx", Kvm::None),
        ] {
            assert_eq!(Kvm::of(exists, flags), kind, "{flags}");
        }
    }
}
