//! The programs that the tests talk to.

use anyhow::Result;
use laboratory::Interruption;
use laboratory::packages::{self, Package};

/// A program of each Debian package that is needed.
const PACKAGES: &[Package] = &[
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("named", "bind9"),
    ("named-compilezone", "bind9-utils"),
    ("dig", "bind9-dnsutils"),
    ("nsd", "nsd"),
    ("knotd", "knot"),
    ("unbound", "unbound"),
    ("kdig", "knot-dnsutils"),
    ("kzonecheck", "knot-dnssecutils"),
    ("drill", "ldnsutils"),
    ("dnsperf", "dnsperf"),
    ("dhcpd", "isc-dhcp-server"),
    ("radvd", "radvd"),
    ("tcpreplay", "tcpreplay"),
    ("iperf3", "iperf3"),
    ("nmap", "nmap"),
    ("ip", "iproute2"),
    ("ping", "iputils-ping"),
    ("setpriv", "util-linux"),
    ("g++", "g++"),
];

/// Installs what is missing through apt, saying so; no server that comes with it is started.
pub(crate) fn install(interruption: &Interruption) -> Result<()> {
    let missing = packages::missing(PACKAGES);
    if missing.is_empty() {
        println!("every program that the tests talk to is installed");
        return Ok(());
    }
    println!(
        "the tests talk to programs that are not installed yet; installing through apt: {}",
        missing.join(" ")
    );
    packages::install(&missing, interruption)
}
