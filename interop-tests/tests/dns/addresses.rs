//! The image without an address of its own: ISC's dhcpd and radvd give it some, and take them away.

use anyhow::{Context, Result, bail, ensure};
use core::time::Duration;
use interop_tests::namespace::Namespace;
use interop_tests::process::{Folder, Running, is_installed};
use interop_tests::zones::Zones;
use libtest_mimic::Trial;
use std::sync::Arc;
use std::time::Instant;

/// For how long dhcpd gives an address, in seconds: more than the image needs to start to use it.
const LEASE: u64 = 8;
/// For how long an address holds that was formed from radvd's prefix.
const PREFIX_LIFETIME: u64 = 8;
/// How long something may take that happens at once.
const SOON: Duration = Duration::from_secs(10);

/// One trial, of everything in a row.
pub(crate) fn trials(zones: &Arc<Zones>, accel: &'static str) -> Vec<Trial> {
    let name = format!("image-{accel}::addresses");
    let missing = ["dhcpd", "radvd"].into_iter().find(|program| !is_installed(program));
    let reason = match (missing, Namespace::new(&format!("{accel}-try"), 1)) {
        (Some(program), _) => format!("{program} is not installed"),
        (None, Err(_)) => "no rights to make a network namespace and a TAP device".to_owned(),
        (None, Ok(_)) => {
            let zones = Arc::clone(zones);
            let run = move || run(&zones, accel).map_err(|error| format!("{error:#}").into());
            return vec![Trial::test(name, run)];
        }
    };
    vec![Trial::test(format!("{name}: {reason}"), || Ok(())).with_ignored_flag(true)]
}

fn run(zones: &Zones, accel: &str) -> Result<()> {
    let mut link = Link::lay(zones, accel)?;
    let dhcpd = link.dhcpd("")?;
    let station = link.says(", mtu 1500")?.trim_start_matches("link ").replace(", mtu 1500", "");
    let leased = link.says(" leased by 192.0.2.1 for ").context("the first lease")?;
    let address = leased.split('/').next().context("an address")?.to_owned();
    ensure!(address.starts_with("192.0.2.10"), "{leased}");
    link.is_answered_for(&address, Duration::from_secs(LEASE + 2)).context("renewed")?;
    link.a_narrow_path_is_found(&address)?;

    let radvd = link.radvd()?;
    let formed =
        link.says("/64 formed from a router's prefix")?.split('/').next().context("an address")?.to_owned();
    ensure!(formed.starts_with("2001:db8::"), "{formed}");
    link.is_answered_for(&formed, Duration::from_secs(1))?;

    drop((dhcpd, radvd));
    link.says(&format!("{address} lost: its time is over"))?;
    ensure!(!link.answers(&address)?, "{address} is answered after its time");
    link.says(&format!("{formed} lost: its time is over"))?;
    ensure!(!link.answers(&formed)?, "{formed} is answered after its time");

    let dhcpd = link.dhcpd("")?;
    let address = link.says(" leased by 192.0.2.1 for ").context("the server is back")?;
    link.is_answered_for(address.split('/').next().context("an address")?, Duration::from_secs(1))?;

    // A reservation: the server refuses to renew what it gave before, and gives what is reserved.
    drop(dhcpd);
    let _dhcpd =
        link.dhcpd(&format!("host image {{ hardware ethernet {station}; fixed-address 192.0.2.200; }}\n"))?;
    link.says(" lost: the server took it back")?;
    link.says("192.0.2.200/24 leased by 192.0.2.1 for ")?;
    link.is_answered_for("192.0.2.200", Duration::from_secs(1))
}

/// The image, and Linux at the other end of its cable.
struct Link {
    image: Running,
    /// How much of what the image said was looked at.
    heard: usize,
    /// A host behind Linux, the way to which is narrow.
    far: Namespace,
    namespace: Namespace,
    folder: Folder,
}

impl Link {
    fn lay(zones: &Zones, accel: &str) -> Result<Self> {
        let namespace = Namespace::new(&format!("{accel}-addresses"), 1)?;
        let far = Namespace::new(&format!("{accel}-far"), 0)?;
        for command in [
            "ip link set lo up",
            "ip link set tap0 up",
            "ip address add 192.0.2.1/24 dev tap0",
            "ip address add 2001:db8::1/64 dev tap0 nodad",
            "sysctl -q -w net.ipv4.ip_forward=1",
            "ip link add near0 type veth peer name far0",
            &format!("ip link set far0 netns {}", far.name()),
            "ip address add 203.0.113.1/24 dev near0",
            "ip link set near0 mtu 700 up",
        ] {
            namespace.run(&command.split(' ').collect::<Vec<_>>())?;
        }
        for command in [
            "ip address add 203.0.113.9/24 dev far0",
            "ip link set far0 mtu 700 up",
            "ip route add default via 203.0.113.1",
        ] {
            far.run(&command.split(' ').collect::<Vec<_>>())?;
        }
        let folder = Folder::new(&format!("addresses-{accel}"))?;
        let mut text = String::from("[network]\ndhcp = true\nslaac = true\n");
        for (name, file) in &zones.written {
            folder.write(&format!("{name}.zone"), &std::fs::read_to_string(file)?)?;
            text += &format!("[[zone]]\nname = \"{name}\"\nfile = \"{name}.zone\"\n");
        }
        let configuration = folder.write("appliance.toml", &text)?;
        let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
        let path = configuration.to_string_lossy();
        let command = namespace.command(&[
            &isopod, "run", "dns", "--config", &path, "--accel", accel, "--net", "tap=tap0", "--yes",
        ]);
        let image = start(&command, &folder, "image")?;
        Ok(Self { image, heard: 0, far, namespace, folder })
    }

    /// A server that knows what those before it gave.
    fn dhcpd(&self, reservations: &str) -> Result<Running> {
        let text = format!(
            "authoritative; ping-check false; one-lease-per-client true; default-lease-time {LEASE};\n\
             max-lease-time {LEASE}; min-lease-time {LEASE};\n\
             subnet 192.0.2.0 netmask 255.255.255.0 {{ range 192.0.2.100 192.0.2.109; }}\n{reservations}"
        );
        let configuration = self.folder.write("dhcpd.conf", &text)?;
        let leases = self.folder.path().join("dhcpd.leases");
        std::fs::OpenOptions::new().create(true).append(true).open(&leases)?;
        let process = self.folder.path().join("dhcpd.pid");
        let paths = [&configuration, &leases, &process].map(|path| path.to_string_lossy());
        let [configuration, leases, process] = &paths;
        let command = self.namespace.command(&[
            "dhcpd",
            "-4",
            "-f",
            "-d",
            "-user",
            "root",
            "-group",
            "root",
            "-cf",
            configuration,
            "-lf",
            leases,
            "-pf",
            process,
            "tap0",
        ]);
        start(&command, &self.folder, "dhcpd")
    }

    fn radvd(&self) -> Result<Running> {
        let text = format!(
            "interface tap0 {{ AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix 2001:db8::/64 \
             {{ AdvValidLifetime {PREFIX_LIFETIME}; AdvPreferredLifetime {PREFIX_LIFETIME}; }}; }};\n"
        );
        let configuration = self.folder.write("radvd.conf", &text)?;
        let process = self.folder.path().join("radvd.pid");
        let [configuration, process] = [&configuration, &process].map(|path| path.to_string_lossy());
        self.namespace.run(&["sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=1"])?;
        let command =
            self.namespace.command(&["radvd", "-n", "-C", &configuration, "-p", &process, "-m", "stderr"]);
        start(&command, &self.folder, "radvd")
    }

    /// Waits until the image says something new with these words in it; the rest of its line, from the address on.
    fn says(&mut self, words: &str) -> Result<String> {
        let limit = SOON + Duration::from_secs(LEASE.max(PREFIX_LIFETIME));
        let start = Instant::now();
        while start.elapsed() < limit {
            let said = self.image.said();
            let lines: Vec<_> = said.lines().collect();
            let new = lines.iter().enumerate().skip(self.heard).find(|(_, line)| line.contains(words));
            if let Some((number, line)) = new {
                // What was lost together may be said in any order.
                self.heard = if words.contains("lost") { self.heard } else { number + 1 };
                return Ok(line.trim_start_matches("isopod: ").to_owned());
            }
            self.image.ensure_running()?;
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("it did not say `{words}`, but: {}", self.image.said())
    }

    /// Whether the image answers at an address.
    fn answers(&self, address: &str) -> Result<bool> {
        let to = format!("@{address}");
        let said =
            self.namespace.run(&["dig", &to, "+tries=1", "+timeout=1", "+notcp", "example.com", "SOA"]);
        match said {
            Ok(said) => Ok(said.contains("status: NOERROR")),
            Err(error) if format!("{error:#}").contains("no servers could be reached") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// It answers at an address all of this time.
    fn is_answered_for(&self, address: &str, time: Duration) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < time {
            // One that is lost on a busy machine is asked again.
            ensure!(
                self.answers(address)? || self.answers(address)?,
                "{address} is not answered: {}",
                self.image.said()
            );
            std::thread::sleep(Duration::from_millis(300));
        }
        Ok(())
    }

    /// RFC 1191: Linux reports the first answer that is too large for the way to a host behind it; the next is truncated.
    fn a_narrow_path_is_found(&self, address: &str) -> Result<()> {
        let to = format!("@{address}");
        let ask = || {
            let question =
                ["+tries=1", "+timeout=2", "+notcp", "+ignore", "+bufsize=1232", "big.edges.test", "TXT"];
            self.far.run(&[&["dig", &to][..], &question].concat())
        };
        let lost = ask();
        ensure!(lost.is_err(), "an answer got through that is too large: {lost:?}");
        let said = ask().context("the second answer")?;
        ensure!(said.contains(" tc"), "the second answer is not truncated: {said}");
        Ok(())
    }
}

fn start(command: &[String], folder: &Folder, name: &str) -> Result<Running> {
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    Running::start(&command, &folder.path().join(format!("{name}.log")))
}
