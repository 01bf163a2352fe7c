//! The DNS appliance with two zones, on a machine.

use crate::checkers::{Conduct, Ledger, Own};
use crate::machine::{Machine, Served, SimulatedLink, SimulatedPlatform};
use crate::random::Random;
use appliance::{Appliance, Datagram, Reply};
use bytes::Bytes;
use configuration::{Archive, Configure, Diagnostics, Document, Files};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use dns::Dns;
use moment::{Instant, Moment};
use netstack::{Interface, Prefix};
use platform::EthernetAddress;
use std::sync::OnceLock;

/// The server's hardware address.
pub(crate) const STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x53]);

/// The server's addresses; the last follows from its hardware address.
pub(crate) const ADDRESSES: [&str; 3] = ["192.0.2.53", "2001:db8::53", "fe80::ff:fe00:53"];

/// The longest packet of its link.
pub(crate) const MTU: usize = 1500;

/// A machine that serves them.
pub(crate) type Server = Machine<Served<Dns>>;

const DOCUMENT: &str = r#"
[network]
address = ["192.0.2.53/24", "2001:db8::53/64"]
[[zone]]
name = "example.com"
file = "example.com.zone"
[[zone]]
name = "edges.test"
file = "edges.test.zone"
"#;

const ZONES: [(&str, &str); 2] = [
    ("example.com.zone", include_str!("../../examples/dns/example.com.zone")),
    ("edges.test.zone", include_str!("../../interop-tests/zones/edges.test.zone")),
];

/// Makes the machine; how quick it is, the seed says.
#[must_use]
pub(crate) fn server(random: &mut Random) -> Server {
    machine(random, interface(), Conduct::new(own(ADDRESSES.map(parse).into())))
}

/// Makes a machine whose only address is one that somebody leases it.
pub(crate) fn tenant(random: &mut Random, ledger: &Ledger) -> Server {
    let interface = Interface { dhcp: true, ..Interface::default() };
    machine(random, interface, Conduct::new(own(Vec::new())).with_leases(ledger.clone()))
}

fn own(addresses: Vec<IpAddr>) -> Own {
    Own { station: STATION, addresses, mtu: MTU }
}

fn machine(random: &mut Random, interface: Interface, conduct: Conduct) -> Server {
    let sending_time = random.duration(Duration::from_millis(1));
    let turn_time = Duration::from_micros(random.between(1, 500));
    let links = vec![SimulatedLink::new(STATION, MTU, sending_time)];
    let mut platform = SimulatedPlatform::new(links, random.fork());
    let served = Served::new(&mut platform, &[interface], appliance());
    Machine::new(platform, served, vec![conduct], turn_time)
}

pub(crate) fn interface() -> Interface {
    let [ipv4, ipv6, _] = ADDRESSES.map(parse);
    let addresses = vec![Prefix { address: ipv4, length: 24 }, Prefix { address: ipv6, length: 64 }];
    Interface { addresses, ..Interface::default() }
}

fn parse(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

/// The appliance alone.
#[must_use]
pub(crate) fn appliance() -> Dns {
    static ARCHIVE: OnceLock<Bytes> = OnceLock::new();
    let archive = Archive::new(ARCHIVE.get_or_init(pack).clone()).expect("the archive is sound");
    Dns::configure(&archive).expect("the zones can be served")
}

struct Zones;

impl Files for Zones {
    fn read(&mut self, path: &str) -> Result<Bytes, String> {
        let zone = ZONES.iter().find(|(name, _)| *name == path).ok_or("no such file")?;
        Ok(Bytes::from_static(zone.1.as_bytes()))
    }
}

fn pack() -> Bytes {
    let mut diagnostics = Diagnostics::new();
    let text = Bytes::from_static(DOCUMENT.as_bytes());
    let document = Document::parse("appliance.toml", &text, &mut diagnostics).expect("a document");
    let files = dns::prepare(&text, &document, &mut Zones, &mut diagnostics).expect("the zones are sound");
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, path, &*content).expect("memory has room");
    }
    archive.into_inner().expect("memory has room").into()
}

/// What the appliance answers to a query when nothing is between: what has to arrive, octet for octet, where packets are no longer
/// than this.
pub(crate) fn answer(
    server: &mut Dns,
    query: &[u8],
    destination: SocketAddr,
    packet_length: usize,
) -> Option<Vec<u8>> {
    let header = if destination.is_ipv4() { 20 + 8 } else { 40 + 8 };
    let mut buffer = vec![0; packet_length - header];
    buffer.get_mut(..query.len())?.copy_from_slice(query);
    let source = SocketAddr::from(([192, 0, 2, 1], 1024));
    let now = Moment { instant: Instant::START, unix_time: None };
    match server.on_datagram(Datagram { source, destination, buffer: &mut buffer, length: query.len() }, now)
    {
        Reply::Send { length } => {
            buffer.truncate(length);
            Some(buffer)
        }
        Reply::Silence => None,
    }
}
