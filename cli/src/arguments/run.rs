//! `isopod run`, and what a machine is made of.

use super::Format;
use crate::appliance::Kind;
use crate::machines::Name;
use crate::publish::Wish;
use clap::{Args, ValueEnum, ValueHint};
use core::str::FromStr;
use std::path::PathBuf;

/// Run an appliance until Ctrl-C, or detached.
///
/// Checks the configuration, compiles it into an archive, and boots the appliance's image in QEMU (an `isopod` that
/// carries no images builds it first, where it has changed); or, with `--on host`, serves the same appliance from
/// ordinary sockets of this host.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  Ask it with `dig @127.0.0.1 -p 5300 example.com`, end it with Ctrl-C:
    isopod run dns --config examples/dns/appliance.toml
  In the background, restarted when it fails:
    isopod run dns --config appliance.toml --detach --name ns1 --restart on-failure
    isopod ps; isopod logs ns1 --follow; isopod stop ns1
  On a TAP device, under its own address, with every frame recorded:
    isopod run dns --config appliance.toml --net tap=tap0 --pcap frames.pcap
  Without virtual machine, on two addresses of this host:
    isopod run dns --config appliance.toml --on host --publish 192.0.2.1:53:53 --publish '[::1]:53:53'
  Without virtual machine, on a TAP device, by the network stack of an image:
    isopod run dns --config appliance.toml --on host --net tap=tap0
  Only show the QEMU command:
    isopod run dns --config appliance.toml --dry-run")]
pub(crate) struct Run {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Its configuration, usually named appliance.toml; files that it names lie beside it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// In a virtual machine, or as a process of this host.
    #[arg(long, value_enum, default_value = "vm")]
    pub(crate) on: On,
    /// Publish a port of the guest: [ADDRESS:]PORT:GUEST-PORT, the address being 127.0.0.1 unless given.
    ///
    /// By UDP and TCP, as far as the appliance listens by them; /udp or /tcp behind it means only that. Needed for `--net user` and `--on
    /// host`, where it is 127.0.0.1:5300:53 if it is never given.
    #[arg(long, value_name = "HOST:GUEST[/PROTOCOL]")]
    pub(crate) publish: Vec<Wish>,
    /// Start again, after a pause that grows up to half a minute, when it ends with a failure.
    #[arg(long, value_enum, default_value = "never")]
    pub(crate) restart: Restart,
    /// Go to the background once it answers. `isopod ps`, `logs` and `stop` find it by its name.
    #[arg(long)]
    pub(crate) detach: bool,
    /// The machine's name; made up unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<Name>,
    /// Print what would be run and where its files would lie, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print a dry run.
    #[arg(long, value_enum, default_value = "human", requires = "dry_run")]
    pub(crate) format: Format,
    /// Install QEMU through apt, if it is missing, without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) hardware: Hardware,
}

/// What only a virtual machine has.
#[derive(Args, Debug)]
#[command(next_help_heading = "Virtual machine")]
pub(crate) struct Hardware {
    /// What executes the guest's instructions: the processor by KVM, or QEMU's translator (tcg).
    ///
    /// `auto` finds out by starting a tiny guest, and says what it chose.
    #[arg(long, value_enum)]
    pub(crate) accel: Option<Accel>,
    /// The kind of machine: microvm starts in a few milliseconds; q35 is a PC, with firmware and devices on PCI.
    #[arg(long, value_enum)]
    pub(crate) machine: Option<MachineType>,
    /// Its network: QEMU's own, which needs no rights, or a TAP device that exists already. Once for each link.
    ///
    /// With `--on host` too: then this process is at the other end of TAP devices, with the network stack of an image.
    #[arg(long, value_name = "user|tap=IF")]
    pub(crate) net: Vec<Net>,
    /// Its memory; what the image and its configuration need unless given.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(crate) memory: Option<u32>,
    /// Record every frame, for Wireshark and tcpdump; each of several links in a file of its own: FILE.0, FILE.1 ...
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pcap: Option<PathBuf>,
    /// Boot this image instead of the appliance's own.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) image: Option<PathBuf>,
}

/// Where an appliance runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum On {
    /// In a virtual machine, by QEMU.
    Vm,
    /// As a process of this host, on ordinary sockets.
    Host,
}

/// What executes the guest's instructions, as wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accel {
    /// KVM where it works, else tcg.
    Auto,
    /// The processor.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

/// The kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MachineType {
    /// With hardly any firmware, and devices by virtio-mmio.
    Microvm,
    /// A PC with PCI Express, and devices on it.
    Q35,
}

/// When to start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Restart {
    /// Never.
    Never,
    /// After every end but an orderly one.
    OnFailure,
}

/// The network of one link of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Net {
    /// QEMU's own.
    User,
    /// A TAP device of this host.
    Tap(String),
}

/// `IFNAMSIZ` of Linux, less the octet that ends it.
const INTERFACE_NAME: usize = 15;

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "user" => Ok(Self::User),
            Some(("tap", name)) if is_interface_name(name) => Ok(Self::Tap(name.into())),
            Some(("tap", name)) => Err(format!("`{name}` is no name of a network interface")),
            _ => Err("it is `user`, or `tap=` and the name of a TAP device".into()),
        }
    }
}

/// Stricter than Linux, so that no name can mean something else inside a QEMU option.
fn is_interface_name(name: &str) -> bool {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b'@');
    (1..=INTERFACE_NAME).contains(&name.len()) && name.bytes().all(is_plain)
}
