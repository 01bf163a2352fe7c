//! Whom the tests talk to: our appliance on each of its machines, and the reference servers.

use crate::client::Server;
use crate::process::{Folder, Running, free_port, is_installed, output};
use crate::zones::Zones;
use anyhow::{Context, Result};
use core::fmt::Write;
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::path::PathBuf;

/// A server program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// NLnet Labs' NSD.
    Nsd,
    /// CZ.NIC's Knot DNS.
    Knot,
    /// ISC's BIND.
    Bind,
    /// Our appliance in a Linux process.
    Host,
    /// Our image in an emulated machine.
    ImageTcg,
    /// Our image in a virtual machine.
    ImageKvm,
    /// Our image in an emulated PC with firmware, its devices on PCI.
    ImageQ35,
    /// Our image, its configuration in it, in an emulated machine whose firmware knows nothing of PCI, its card behind a port.
    ImagePci,
}

use Subject::{Bind, Host, ImageKvm, ImagePci, ImageQ35, ImageTcg, Knot, Nsd};

/// What every server calls itself (NSID, `id.server`), where it can be told.
pub const IDENTITY: &str = "interop";

/// After so many seconds without a question every server closes a connection; BIND takes no fewer than 2.5.
pub const IDLE_SECONDS: u16 = 3;

/// A server that runs, with what it needs; ended when dropped.
#[derive(Debug)]
pub struct Started {
    /// How it is reached.
    pub server: Server,
    /// What it runs in.
    pub running: Running,
    _folder: Folder,
}

impl Subject {
    /// All of them; the references first, because a test holds for them first.
    pub const ALL: [Self; 8] = [Nsd, Knot, Bind, Host, ImageTcg, ImageKvm, ImageQ35, ImagePci];
    /// Those that say what is right.
    pub const REFERENCES: [Self; 3] = [Nsd, Knot, Bind];

    /// As it is written in `SUBJECT`.
    pub fn name(self) -> &'static str {
        match self {
            Nsd => "nsd",
            Knot => "knot",
            Bind => "bind",
            Host => "host",
            ImageTcg => "image-tcg",
            ImageKvm => "image-kvm",
            ImageQ35 => "image-q35",
            ImagePci => "image-pci",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|subject| subject.name() == name)
            .with_context(|| format!("nobody is called `{name}`"))
    }

    /// Whether it is one of ours.
    pub fn is_ours(self) -> bool {
        !Self::REFERENCES.contains(&self)
    }

    /// Why it can't be started here, if so.
    pub fn missing(self) -> Option<String> {
        let needed: &[&str] = match self {
            Nsd => &["nsd", "named-compilezone"],
            Knot => &["knotd", "named-compilezone"],
            Bind => &["named"],
            Host => &[],
            ImageTcg | ImageKvm | ImageQ35 | ImagePci => &["qemu-system-x86_64"],
        };
        if self.is_ours() && std::env::var_os("ISOPOD").is_none() {
            return Some("ISOPOD names no `isopod` to run it by".to_owned());
        }
        if let Some(program) = needed.iter().find(|program| !is_installed(program)) {
            return Some(format!("{program} is not installed"));
        }
        (self == ImageKvm && !kvm_works()).then(|| "a trial guest did not run on KVM".to_owned())
    }

    /// Starts it and waits until it answers.
    pub fn start(self, zones: &Zones) -> Result<Started> {
        let port = free_port()?;
        let folder = Folder::new(&format!("{}-{port}", self.name()))?;
        let command = match self {
            Nsd => nsd(&folder, port, zones),
            Knot => knot(&folder, port, zones),
            Bind => bind(&folder, port, zones),
            Host => isopod(&folder, port, zones, &["--on", "host"]),
            ImageTcg => isopod(&folder, port, zones, &["--accel", "tcg"]),
            ImageKvm => isopod(&folder, port, zones, &["--accel", "kvm"]),
            ImageQ35 => isopod(&folder, port, zones, &["--accel", "tcg", "--machine", "q35"]),
            ImagePci => behind_a_port(&folder, port, zones),
        }?;
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        let mut running = Running::start(&command, &folder.path().join("log"))?;
        let server =
            Server { name: self.name().to_owned(), address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) };
        server
            .wait_until_it_answers(STARTING_TIME, || running.ensure_running())
            .with_context(|| format!("{} said: {}", self.name(), running.said()))?;
        Ok(Started { server, running, _folder: folder })
    }
}

/// How long a server may take to its first answer; an image may be built in this time.
const STARTING_TIME: Duration = Duration::from_secs(240);

fn nsd(folder: &Folder, port: u16, zones: &Zones) -> Result<Vec<String>> {
    let at = folder.path().display();
    let mut text = format!(
        "server:\n ip-address: 127.0.0.1@{port}\n port: {port}\n server-count: 1\n username: \"\"\n chroot: \"\"\n \
         zonesdir: \"{at}\"\n xfrdir: \"{at}\"\n xfrdfile: \"\"\n zonelistfile: \"{at}/zone.list\"\n pidfile: \"\"\n \
         database: \"\"\n identity: \"{IDENTITY}\"\n nsid: \"ascii_{IDENTITY}\"\n version: \"{IDENTITY}\"\n \
         refuse-any: no\n round-robin: no\n minimal-responses: yes\n ipv4-edns-size: 1232\n rrl-ratelimit: 0\n \
         tcp-timeout: {IDLE_SECONDS}\n confine-to-zone: no\nremote-control:\n control-enable: no\n"
    );
    for (name, file) in &zones.plain {
        write!(text, "zone:\n name: \"{name}\"\n zonefile: \"{}\"\n", file.display())?;
    }
    command("/usr/sbin/nsd -d -c", folder.write("nsd.conf", &text)?)
}

fn knot(folder: &Folder, port: u16, zones: &Zones) -> Result<Vec<String>> {
    let at = folder.path().display();
    let mut text = format!(
        "server:\n    rundir: \"{at}\"\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n    \
         tcp-idle-timeout: {IDLE_SECONDS}\n    \
         background-workers: 1\n    identity: \"{IDENTITY}\"\n    nsid: \"{IDENTITY}\"\n    \
         version: \"{IDENTITY}\"\n    udp-max-payload: 1232\ndatabase:\n    storage: \"{at}\"\n\
         template:\n  - id: default\n    storage: \"{at}\"\n    zonefile-load: whole\n    journal-content: none\n    \
         zonefile-sync: -1\nzone:\n"
    );
    for (name, file) in &zones.plain {
        let name = name.trim_end_matches('.');
        writeln!(text, "  - domain: {name}.\n    file: \"{}\"", file.display())?;
    }
    command("/usr/sbin/knotd -c", folder.write("knot.conf", &text)?)
}

fn bind(folder: &Folder, port: u16, zones: &Zones) -> Result<Vec<String>> {
    let at = folder.path().display();
    let tenths = 10 * IDLE_SECONDS;
    let mut text = format!(
        "options {{ directory \"{at}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
         recursion no; minimal-responses yes; pid-file none; session-keyfile none; lock-file none;\n\
         server-id \"{IDENTITY}\"; version \"{IDENTITY}\"; empty-zones-enable no; dnssec-validation no; notify no;\n\
         max-udp-size 1232; edns-udp-size 1232; rrset-order {{ order none; }}; minimal-any yes; zero-no-soa-ttl no;\n\
         tcp-initial-timeout {tenths}; tcp-idle-timeout {tenths}; tcp-keepalive-timeout {tenths};\n\
         tcp-advertised-timeout {tenths}; managed-keys-directory \"{at}\"; answer-cookie no; check-names primary ignore; }};\ncontrols {{ }};\n"
    );
    for (name, file) in &zones.written {
        writeln!(
            text,
            "zone \"{name}\" {{ type primary; file \"{}\"; check-integrity no; check-mx ignore; check-srv-cname \
             ignore; check-mx-cname ignore; }};",
            file.display()
        )?;
    }
    command("/usr/sbin/named -g -n 1 -c", folder.write("named.conf", &text)?)
}

/// A program and its arguments, then its configuration.
fn command(program: &str, configuration: PathBuf) -> Result<Vec<String>> {
    let mut words: Vec<_> = program.split(' ').map(str::to_owned).collect();
    words.push(configuration.into_os_string().into_string().ok().context("a path that is not UTF-8")?);
    Ok(words)
}

/// What `isopod` finds by starting a tiny guest.
fn kvm_works() -> bool {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/dns/appliance.toml");
    let isopod = std::env::var("ISOPOD").unwrap_or_default();
    output(&[&isopod, "run", "dns", "--config", example, "--dry-run", "--accel", "auto", "--format", "json"])
        .is_ok_and(|said| said.contains("accel=kvm"))
}

fn isopod(folder: &Folder, port: u16, zones: &Zones, machine: &[&str]) -> Result<Vec<String>> {
    let configuration = configuration(folder, zones, &[&["192.0.2.53", "2001:db8::53"]])?;
    let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
    let mut words: Vec<_> = [isopod.as_str(), "run", "dns", "--config"].map(str::to_owned).into();
    words.push(configuration.to_string_lossy().into_owned());
    words.extend(["--publish".to_owned(), format!("127.0.0.1:{port}:53"), "--yes".to_owned()]);
    words.extend(machine.iter().map(|&word| word.to_owned()));
    Ok(words)
}

/// One file, as `isopod build` writes it, and a QEMU in which nobody gives out buses and addresses before the image does.
fn behind_a_port(folder: &Folder, port: u16, zones: &Zones) -> Result<Vec<String>> {
    let configuration = configuration(folder, zones, &[&["192.0.2.53", "2001:db8::53"]])?;
    let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
    let image = folder.path().join("dns.elf").to_string_lossy().into_owned();
    output(&[&isopod, "build", "dns", "--config", &configuration.to_string_lossy(), "--output", &image])?;
    let to = format!("127.0.0.1:{port}-192.0.2.53:53");
    let forward = format!("hostfwd=udp:{to},hostfwd=tcp:{to}");
    let words = format!(
        "qemu-system-x86_64 -M microvm,accel=tcg,acpi=on,pcie=on,pit=on,pic=off,rtc=on,isa-serial=on -cpu max -m 32M \
         -display none -serial stdio -nodefaults -no-user-config -no-reboot -device pcie-root-port,id=port0 \
         -netdev user,id=net0,net=192.0.2.0/24,host=192.0.2.1,dns=192.0.2.2,dhcpstart=192.0.2.64,{forward} \
         -device virtio-net-pci,netdev=net0,bus=port0 -object rng-builtin,id=rng0 -device virtio-rng-pci,rng=rng0 -kernel"
    );
    command(&words, image.into())
}

/// Writes an `appliance.toml` for a machine with these addresses on each of its links, and the zones beside it.
pub fn configuration(folder: &Folder, zones: &Zones, links: &[&[&str]]) -> Result<PathBuf> {
    let prefix = |address: &&str| format!("\"{address}/{}\"", if address.contains(':') { 64 } else { 24 });
    let header = if links.len() == 1 { "[network]" } else { "[[network]]" };
    let mut text = String::new();
    for (number, addresses) in links.iter().enumerate() {
        let addresses: Vec<_> = addresses.iter().map(prefix).collect();
        let gateway = if number == 0 { "gateway = [\"192.0.2.1\"]\n" } else { "" };
        write!(text, "{header}\naddress = [{}]\n{gateway}", addresses.join(", "))?;
    }
    write!(text, "[dns]\nnsid = \"{IDENTITY}\"\nidentity = \"{IDENTITY}\"\nversion = \"{IDENTITY}\"\n")?;
    writeln!(text, "tcp_idle_timeout = {IDLE_SECONDS}")?;
    for (name, file) in &zones.written {
        folder.write(&format!("{name}.zone"), &std::fs::read_to_string(file)?)?;
        write!(text, "[[zone]]\nname = \"{name}\"\nfile = \"{name}.zone\"\n")?;
    }
    folder.write("appliance.toml", &text)
}
