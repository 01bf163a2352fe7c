//! Resolvers that know nothing but where the root is: our server is the root, and a zone under it, in a network of their own.
//!
//! What they are asked for is larger than any datagram: they get it over TCP or not at all.

use anyhow::{Context, Result, ensure};
use core::fmt::Write;
use core::time::Duration;
use interop_tests::namespace::Namespace;
use interop_tests::process::{Folder, Running, is_installed};
use interop_tests::statistics::Statistics;
use libtest_mimic::Trial;
use std::path::Path;
use std::time::Instant;

/// Where the authoritative server is; resolvers ask port 53 and no other.
const AUTHORITY: &str = "192.0.2.53";

const ROOT: &str = "\
.            3600 IN SOA ns.root. hostmaster.root. 1 7200 3600 1209600 60
.            3600 IN NS  ns.root.
ns.root.     3600 IN A   192.0.2.53
test.        3600 IN NS  ns.test.
ns.test.     3600 IN A   192.0.2.53
";

/// The records of `large.test.`: some 7 KiB.
const LARGE: usize = 80;

/// Who answers for the zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// The reference: what holds for it has to hold for ours.
    Nsd,
    /// Ours, in a process, on its sockets.
    Host,
    /// Ours, in a process on a TAP device.
    Process,
    /// Ours, in a virtual machine on a TAP device.
    Image,
}

use Authority::{Host, Image, Nsd, Process};

/// Who asks it.
#[derive(Clone, Copy, Debug)]
enum Resolver {
    Unbound,
    Bind,
}

/// A network with a server and resolvers in it; all go when this is dropped, the network last.
struct World {
    authority: Authority,
    server: Running,
    resolvers: Vec<(Resolver, Running)>,
    namespace: Namespace,
    _folder: Folder,
}

/// How long a server may take to its first answer; an image is built by then.
const STARTING_TIME: Duration = Duration::from_secs(60);

/// Starts everybody and makes a trial of all that is asked.
pub(crate) fn trial(authority: Authority) -> Trial {
    let name = format!("{}::recursion", authority.name());
    if let Some(reason) = missing(authority) {
        return Trial::test(format!("{name}: {reason}"), || Ok(())).with_ignored_flag(true);
    }
    let failed = |error: anyhow::Error| format!("{error:#}");
    let world = World::start(authority).map_err(failed);
    Trial::test(name, move || Ok(world?.converse().map_err(failed)?))
}

fn missing(authority: Authority) -> Option<String> {
    let programs: &[&str] = match authority {
        Nsd => &["unbound", "named", "nsd"],
        Host | Process | Image => &["unbound", "named"],
    };
    if let Some(program) = programs.iter().find(|program| !is_installed(program)) {
        return Some(format!("{program} is not installed"));
    }
    Namespace::new("trial", 1).is_err().then(|| "no rights to make a network namespace".to_owned())
}

impl Authority {
    fn name(self) -> &'static str {
        match self {
            Nsd => "nsd",
            Host => "host",
            Process => "host-tap",
            Image => "image-tcg",
        }
    }

    fn is_ours(self) -> bool {
        self != Nsd
    }

    /// The command that serves the zones of a folder.
    fn command(self, folder: &Folder) -> Result<Vec<String>> {
        let at = folder.path().display();
        if self == Nsd {
            let configuration = format!(
                "server:\n ip-address: {AUTHORITY}\n server-count: 1\n username: \"\"\n chroot: \"\"\n zonesdir: \"{at}\"\n \
                 xfrdir: \"{at}\"\n xfrdfile: \"\"\n zonelistfile: \"{at}/zone.list\"\n pidfile: \"\"\n database: \"\"\n \
                 ipv4-edns-size: 1232\nremote-control:\n control-enable: no\n\
                 zone:\n name: \".\"\n zonefile: \"root.zone\"\nzone:\n name: \"test\"\n zonefile: \"test.zone\"\n"
            );
            return words("/usr/sbin/nsd -d -c", &folder.write("nsd.conf", &configuration)?);
        }
        let configuration = format!(
            "[network]\naddress = [\"{AUTHORITY}/24\"]\n[[zone]]\nname = \".\"\nfile = \"root.zone\"\n\
             [[zone]]\nname = \"test\"\nfile = \"test.zone\"\n"
        );
        let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
        let configuration = folder.write("appliance.toml", &configuration)?;
        let mut command = words(&format!("{isopod} run dns --config"), &configuration)?;
        let machine = match self {
            Host => format!("--on host --publish {AUTHORITY}:53:53"),
            Process => "--on host --net tap=tap0".to_owned(),
            Nsd | Image => "--accel tcg --net tap=tap0 --yes".to_owned(),
        };
        command.extend(machine.split(' ').map(str::to_owned));
        Ok(command)
    }
}

impl Resolver {
    const ALL: [Self; 2] = [Self::Unbound, Self::Bind];

    /// Where it is asked.
    fn port(self) -> u16 {
        match self {
            Self::Unbound => 5301,
            Self::Bind => 5302,
        }
    }

    /// The command that resolves from the hints in a folder.
    fn command(self, folder: &Folder) -> Result<Vec<String>> {
        let (at, port) = (folder.path().display(), self.port());
        match self {
            Self::Unbound => {
                let configuration = format!(
                    "server:\n interface: 127.0.0.1\n port: {port}\n do-daemonize: no\n use-syslog: no\n username: \"\"\n \
                     chroot: \"\"\n directory: \"{at}\"\n pidfile: \"\"\n root-hints: \"{at}/hints\"\n \
                     module-config: \"iterator\"\n num-threads: 1\n local-zone: \"test.\" nodefault\n \
                     edns-buffer-size: 1232\nremote-control:\n control-enable: no\n"
                );
                words("/usr/sbin/unbound -d -c", &folder.write("unbound.conf", &configuration)?)
            }
            Self::Bind => {
                let configuration = format!(
                    "options {{ directory \"{at}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
                     recursion yes; pid-file none; session-keyfile none; lock-file none; dnssec-validation no;\n\
                     empty-zones-enable no; managed-keys-directory \"{at}\"; }};\ncontrols {{ }};\n\
                     zone \".\" {{ type hint; file \"{at}/hints\"; }};\n"
                );
                words("/usr/sbin/named -g -n 1 -c", &folder.write("named.conf", &configuration)?)
            }
        }
    }
}

/// A command in words, then the path of its configuration.
fn words(command: &str, configuration: &Path) -> Result<Vec<String>> {
    let mut words: Vec<_> = command.split(' ').map(str::to_owned).collect();
    words.push(configuration.to_str().context("a path that is not UTF-8")?.to_owned());
    Ok(words)
}

/// The zone under the root.
fn test_zone() -> Result<String> {
    let mut text = "\
        @   3600 IN SOA ns hostmaster 1 7200 3600 1209600 60\n\
        @   3600 IN NS  ns\n\
        ns  3600 IN A   192.0.2.53\n\
        www 3600 IN A   192.0.2.80\n\
        far 3600 IN CNAME large\n"
        .to_owned();
    for number in 0..LARGE {
        writeln!(
            text,
            "large 3600 IN TXT \"{number} of many strings, which together are larger than any datagram is here\""
        )?;
    }
    Ok(text)
}

impl World {
    fn start(authority: Authority) -> Result<Self> {
        let namespace = Namespace::new(&format!("recursion-{}", authority.name()), 1)?;
        namespace.run(&["ip", "link", "set", "lo", "up"])?;
        if matches!(authority, Image | Process) {
            namespace.run(&["ip", "link", "set", "tap0", "up"])?;
            namespace.run(&["ip", "address", "add", "192.0.2.1/24", "dev", "tap0"])?;
        } else {
            namespace.run(&["ip", "address", "add", AUTHORITY, "dev", "lo"])?;
        }
        let folder = Folder::new(&format!("recursion-{}", authority.name()))?;
        folder.write("root.zone", ROOT)?;
        folder.write("test.zone", &test_zone()?)?;
        folder.write("hints", &format!(". 3600 IN NS ns.root.\nns.root. 3600 IN A {AUTHORITY}\n"))?;
        let start = |name: &str, command: Vec<String>| {
            let command: Vec<_> = command.iter().map(String::as_str).collect();
            let command = namespace.command(&command);
            let command: Vec<_> = command.iter().map(String::as_str).collect();
            Running::start(&command, &folder.path().join(format!("{name}.log")))
        };
        let server = start("authority", authority.command(&folder)?)?;
        let mut resolvers = Vec::new();
        for resolver in Resolver::ALL {
            resolvers.push((resolver, start(&format!("{resolver:?}"), resolver.command(&folder)?)?));
        }
        let mut world = Self { authority, server, resolvers, namespace, _folder: folder };
        world.wait_until_it_answers()?;
        Ok(world)
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let start = Instant::now();
        let (to, server) = (format!("@{AUTHORITY}"), &mut self.server);
        let question = ["dig", &to, "+tries=1", "+timeout=1", "+short", "test", "SOA"];
        while !self.namespace.run(&question).is_ok_and(|said| said.contains("hostmaster")) {
            server.ensure_running()?;
            ensure!(
                start.elapsed() < STARTING_TIME,
                "the server does not answer; it said: {}",
                server.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn converse(&self) -> Result<()> {
        for (resolver, running) in &self.resolvers {
            let asked = self.ask(*resolver);
            asked.with_context(|| format!("{resolver:?}, which said: {}", running.said()))?;
        }
        Ok(())
    }

    /// It finds what there is, and that nothing is there; what is large by TCP.
    fn ask(&self, resolver: Resolver) -> Result<()> {
        let before = self.statistics()?;
        let said = self.dig(resolver, "www.test", "A")?;
        ensure!(said.contains("status: NOERROR") && said.contains("192.0.2.80"), "{said}");
        let said = self.dig(resolver, "far.test", "TXT")?;
        ensure!(
            said.contains("status: NOERROR") && said.contains(&format!("ANSWER: {},", LARGE + 1)),
            "{said}"
        );
        let said = self.dig(resolver, "nothing.test", "A")?;
        ensure!(said.contains("status: NXDOMAIN"), "{said}");
        let said = self.dig(resolver, "nothing", "A")?;
        ensure!(said.contains("status: NXDOMAIN"), "{said}");
        if let (Some(before), Some(after)) = (before, self.statistics()?) {
            let changes = after.since(&before);
            for name in ["dns_truncated_total{transport=\"udp\"}", "dns_requests_total{transport=\"tcp4\"}"] {
                ensure!(changes.value(name) > 0, "{name} did not grow: {changes:?}");
            }
        }
        Ok(())
    }

    /// Asks over TCP, because the answer to the one who asks the resolver is as large.
    fn dig(&self, resolver: Resolver, name: &str, rtype: &str) -> Result<String> {
        let port = resolver.port().to_string();
        self.namespace.run(&["dig", "@127.0.0.1", "-p", &port, "+tcp", "+tries=4", "+timeout=5", name, rtype])
    }

    /// What ours counted so far.
    fn statistics(&self) -> Result<Option<Statistics>> {
        self.authority.is_ours().then(|| Statistics::of(self.server.id())).transpose()
    }
}
