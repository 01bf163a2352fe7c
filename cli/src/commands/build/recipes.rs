//! How to boot an image that holds its configuration, on each virtual machine monitor.

use crate::appliance::Prepared;
use crate::arguments::MachineType;
use crate::publish;
use crate::qemu;
use crate::qemu::cables::{self, Cable, End};
use crate::qemu::command::{self, Accelerator, Machine};
use crate::qemu::network::UserNetwork;
use crate::qemu::sandbox::Sandbox;
use crate::shell;
use anyhow::Result;
use configuration::Interface;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;

/// The TAP device that the commands name for the cable of this number; whoever runs them puts their own.
fn tap(number: usize) -> String {
    format!("tap{number}")
}

/// The commands.
pub(super) struct Recipes<'a> {
    image: &'a Path,
    qemu: Vec<OsString>,
    firecracker: Value,
    cloud_hypervisor: Vec<OsString>,
    /// On which TAP devices the last two are.
    on_taps: String,
}

impl<'a> Recipes<'a> {
    pub(super) fn new(image: &'a Path, memory_mib: u32, prepared: &Prepared) -> Result<Self> {
        let published = publish::all(&prepared.ports);
        let publications: Vec<_> = published.iter().map(|published| published.0).collect();
        let interfaces = prepared.network.interfaces.iter().enumerate();
        let ends: Vec<_> = interfaces.map(|(number, interface)| end(number, interface)).collect();
        let cables = cables::lay(&prepared.network, &ends, &publications, None)?;
        Ok(Self {
            image,
            qemu: qemu(image, memory_mib, &cables),
            firecracker: firecracker(image, memory_mib, &cables),
            cloud_hypervisor: cloud_hypervisor(image, memory_mib, &cables),
            on_taps: on_taps(cables.len()),
        })
    }

    /// For a person to paste into a shell.
    pub(super) fn text(&self) -> String {
        let configuration = self.image.with_extension("firecracker.json");
        let configuration = shell::quoted(&[configuration.into()]);
        format!(
            "\
# QEMU (without KVM: accel=tcg and -cpu max)
{qemu}

# Firecracker, {on_taps}
cat > {configuration} <<'END'
{firecracker:#}
END
firecracker --no-api --config-file {configuration}

# Cloud Hypervisor, {on_taps}
{cloud_hypervisor}
",
            qemu = shell::quoted_over_lines(&self.qemu),
            on_taps = self.on_taps,
            firecracker = self.firecracker,
            cloud_hypervisor = shell::quoted_over_lines(&self.cloud_hypervisor),
        )
    }

    /// For a program.
    pub(super) fn json(&self, size: usize) -> Value {
        let words = |command: &[OsString]| {
            command.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        json!({
            "image": self.image,
            "size": size,
            "qemu": words(&self.qemu),
            "firecracker": self.firecracker,
            "cloud_hypervisor": words(&self.cloud_hypervisor),
        })
    }
}

/// QEMU's own network, or a TAP device where that can't be shaped to fit.
fn end(number: usize, interface: &Interface) -> End {
    match UserNetwork::shape(interface) {
        Ok(user) if user.reached().is_some() => End::User(user),
        Ok(_) | Err(_) => End::Tap(tap(number)),
    }
}

fn on_taps(cables: usize) -> String {
    match cables {
        1 => format!("on a TAP device named {}", tap(0)),
        _ => format!("on TAP devices named {} to {}", tap(0), tap(cables - 1)),
    }
}

fn qemu(image: &Path, memory_mib: u32, cables: &[Cable]) -> Vec<OsString> {
    command::command(
        Path::new(qemu::PROGRAM),
        &Machine {
            accelerator: Accelerator::Kvm,
            machine: MachineType::Microvm,
            memory_mib,
            image,
            archive: None,
            cables,
            pcap: None,
            has_operator: false,
            sandbox: Sandbox::Filter,
        },
    )
}

fn firecracker(image: &Path, memory_mib: u32, cables: &[Cable]) -> Value {
    let interface = |(number, cable): (usize, &Cable)| {
        json!({
            "iface_id": format!("net{number}"), "guest_mac": cable.ethernet, "host_dev_name": tap(number),
        })
    };
    let interfaces: Vec<_> = cables.iter().enumerate().map(interface).collect();
    json!({
        "boot-source": { "kernel_image_path": image, "boot_args": "" },
        "drives": [],
        "machine-config": { "vcpu_count": 1, "mem_size_mib": memory_mib },
        "network-interfaces": interfaces,
        "entropy": {},
    })
}

fn cloud_hypervisor(image: &Path, memory_mib: u32, cables: &[Cable]) -> Vec<OsString> {
    let cables = cables.iter().enumerate();
    let mut command: Vec<OsString> = vec!["cloud-hypervisor".into(), "--kernel".into(), image.into()];
    let options = [
        ("--cpus", "boot=1".to_owned()),
        ("--memory", format!("size={memory_mib}M")),
        ("--rng", "src=/dev/urandom".to_owned()),
        ("--serial", "tty".to_owned()),
        ("--console", "off".to_owned()),
    ];
    command.extend(options.into_iter().flat_map(|(option, value)| [option.into(), value.into()]));
    // An option with a value for each.
    command.push("--net".into());
    command
        .extend(cables.map(|(number, cable)| format!("tap={},mac={}", tap(number), cable.ethernet).into()));
    command
}
