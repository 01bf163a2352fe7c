//! How to boot an image that holds its configuration, on each virtual machine monitor.

use crate::appliance::Prepared;
use crate::arguments::MachineType;
use crate::publish;
use crate::qemu;
use crate::qemu::command::{self, Accelerator, Machine, Network};
use crate::qemu::network::UserNetwork;
use crate::shell;
use anyhow::Result;
use host::Publication;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;

/// The TAP device that the commands name; whoever runs them puts their own.
const TAP: &str = "tap0";

/// The commands.
pub(super) struct Recipes<'a> {
    image: &'a Path,
    qemu: Vec<OsString>,
    firecracker: Value,
    cloud_hypervisor: Vec<OsString>,
}

impl<'a> Recipes<'a> {
    pub(super) fn new(image: &'a Path, memory_mib: u32, prepared: &Prepared) -> Result<Self> {
        let ethernet = command::ethernet_address(&prepared.network);
        Ok(Self {
            image,
            qemu: qemu(image, memory_mib, prepared, ethernet.clone()),
            firecracker: firecracker(image, memory_mib, &ethernet),
            cloud_hypervisor: cloud_hypervisor(image, memory_mib, &ethernet),
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

# Firecracker, on a TAP device named {TAP}
cat > {configuration} <<'END'
{firecracker:#}
END
firecracker --no-api --config-file {configuration}

# Cloud Hypervisor, on a TAP device named {TAP}. It has virtio over PCI only, which the image does not drive yet: until
# then it stops there with a line that says so.
{cloud_hypervisor}
",
            qemu = shell::quoted_over_lines(&self.qemu),
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

fn qemu(image: &Path, memory_mib: u32, prepared: &Prepared, ethernet: String) -> Vec<OsString> {
    let publication = Publication {
        port: prepared.ports.first().copied().unwrap_or(publish::DEFAULT.port),
        ..publish::DEFAULT
    };
    // Where QEMU's user network can't be shaped to fit, only a TAP device is left.
    let network =
        UserNetwork::shape(&prepared.network).and_then(|shaped| shaped.option(&[publication])).map_or_else(
            |_| Network::tap(TAP, ethernet.clone(), None),
            |backend| Network { backend: backend.into(), ethernet: ethernet.clone() },
        );
    command::command(
        Path::new(qemu::PROGRAM),
        &Machine {
            accelerator: Accelerator::Kvm,
            machine: MachineType::Microvm,
            memory_mib,
            image,
            archive: None,
            network: &network,
            pcap: None,
        },
    )
}

fn firecracker(image: &Path, memory_mib: u32, ethernet: &str) -> Value {
    json!({
        "boot-source": { "kernel_image_path": image, "boot_args": "" },
        "drives": [],
        "machine-config": { "vcpu_count": 1, "mem_size_mib": memory_mib },
        "network-interfaces": [{ "iface_id": "net0", "guest_mac": ethernet, "host_dev_name": TAP }],
        "entropy": {},
    })
}

fn cloud_hypervisor(image: &Path, memory_mib: u32, ethernet: &str) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec!["cloud-hypervisor".into(), "--kernel".into(), image.into()];
    let options = [
        ("--cpus", "boot=1".to_owned()),
        ("--memory", format!("size={memory_mib}M")),
        ("--net", format!("tap={TAP},mac={ethernet}")),
        ("--rng", "src=/dev/urandom".to_owned()),
        ("--serial", "tty".to_owned()),
        ("--console", "off".to_owned()),
    ];
    command.extend(options.into_iter().flat_map(|(option, value)| [option.into(), value.into()]));
    command
}
