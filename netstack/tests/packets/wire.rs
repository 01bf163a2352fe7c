//! The trace that a packet script is: what a station receives, what it sends, what it counts.

use crate::memory::{MemoryLink, MemoryPlatform};
use appliance::{Appliance, Datagram, Listener, Reply};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::Moment;
use netstack::{Budget, Counter, Interface, Netstack, Prefix, Turn};
use operator::Statistic;
use platform::{Checksum, EthernetAddress};

/// What the appliance does with a datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    Echo,
    Silent,
    /// Answers with so many octets of `0x55`, whether they fit or not.
    Lengthy(usize),
}

pub(crate) struct Oracle {
    pub(crate) manner: Manner,
    /// The last datagram: its source and destination, its payload, and how much room it had.
    pub(crate) asked: Option<(SocketAddr, SocketAddr, Vec<u8>, usize)>,
    pub(crate) questions: u64,
}

impl Oracle {
    pub(crate) fn new(manner: Manner) -> Self {
        Self { manner, asked: None, questions: 0 }
    }
}

impl Appliance for Oracle {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Datagram { port: 53 }, Listener::Datagram { port: 5353 }]
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, _now: Moment) -> Reply {
        let Datagram { source, destination, buffer, length } = datagram;
        self.asked = Some((source, destination, buffer[..length].to_vec(), buffer.len()));
        self.questions += 1;
        match self.manner {
            Manner::Echo => Reply::Send { length },
            Manner::Silent => Reply::Silence,
            Manner::Lengthy(length) => {
                let end = length.min(buffer.len());
                buffer[..end].fill(0x55);
                Reply::Send { length }
            }
        }
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        core::iter::once(Statistic { name: "oracle_questions_total", value: self.questions })
    }
}

pub(crate) const OUR_STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x53]);

/// One machine with one link, and the other end of that link.
pub(crate) struct Wire {
    pub(crate) platform: MemoryPlatform,
    pub(crate) appliance: Oracle,
    pub(crate) netstack: Netstack,
    counted: Vec<u64>,
}

impl Wire {
    /// A machine at 192.0.2.53/24, 198.51.100.53/24, 2001:db8::53/64 and fe80::53:53/64... as its interface says, past
    /// its first announcements.
    pub(crate) fn new() -> Self {
        let mut wire = Self::at_start(&["192.0.2.53/24", "198.51.100.53/24", "2001:db8::53/64"]);
        wire.rest(Duration::from_secs(60));
        wire.platform.links[0].outgoing.clear();
        wire
    }

    /// A machine that has just started.
    pub(crate) fn at_start(addresses: &[&str]) -> Self {
        Self::with(interface(addresses))
    }

    /// A machine that has just started.
    pub(crate) fn with(interface: Interface) -> Self {
        let links = vec![MemoryLink::new(OUR_STATION)];
        let mut platform = MemoryPlatform::new(links);
        let appliance = Oracle::new(Manner::Echo);
        let netstack = Netstack::new(&mut platform, &[interface], appliance.listeners(), Budget::NONE);
        let counted = netstack.counters().iter().map(|(_, count)| count).collect();
        Self { platform, appliance, netstack, counted }
    }

    pub(crate) fn turn(&mut self) -> Turn {
        self.netstack.turn(&mut self.platform, &mut self.appliance)
    }

    /// Lets time pass, with a turn whenever one is due.
    pub(crate) fn rest(&mut self, duration: Duration) {
        let end = self.platform.now + duration;
        while let Some(deadline) = self.turn().deadline.filter(|deadline| *deadline <= end) {
            self.platform.now = deadline;
        }
        self.platform.now = end;
    }

    /// A frame arrives.
    #[track_caller]
    pub(crate) fn receives(&mut self, frame: impl Into<Vec<u8>>) -> &mut Self {
        assert_eq!(self.platform.links[0].outgoing, Vec::<Vec<u8>>::new(), "the script forgot a frame");
        self.counted = self.netstack.counters().iter().map(|(_, count)| count).collect();
        self.platform.links[0].incoming.push_back(frame.into());
        assert_eq!(self.turn().frames, 1);
        self
    }

    /// What was logged since the last time.
    #[track_caller]
    pub(crate) fn logs(&mut self, expected: &[&str]) -> &mut Self {
        assert_eq!(core::mem::take(&mut self.platform.logged), expected);
        self
    }

    /// Exactly this frame was sent.
    #[track_caller]
    pub(crate) fn sends(&mut self, expected: impl Into<Vec<u8>>) -> &mut Self {
        let expected = expected.into();
        let sent = self.take_sent();
        assert_eq!(sent.len(), 1, "one frame, not {}", sent.len());
        assert_eq!(hex(&sent[0]), hex(&expected));
        self
    }

    /// Nothing was sent.
    #[track_caller]
    pub(crate) fn stays_silent(&mut self) -> &mut Self {
        let sent: Vec<String> = self.take_sent().iter().map(|frame| hex(frame)).collect();
        assert_eq!(sent, Vec::<String>::new());
        self
    }

    /// The last frame that arrived counted as this and nothing else.
    #[track_caller]
    pub(crate) fn counts(&mut self, expected: Counter) -> &mut Self {
        let counters = self.netstack.counters().iter();
        let changes: Vec<Counter> = counters
            .zip(&self.counted)
            .flat_map(|((counter, now), before)| (*before..now).map(move |_| counter))
            .collect();
        assert_eq!(changes, [expected]);
        self
    }

    pub(crate) fn take_sent(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.platform.links[0].outgoing)
    }

    pub(crate) fn device_says(&mut self, checksum: Checksum) -> &mut Self {
        self.platform.links[0].checksum = checksum;
        self
    }
}

pub(crate) fn interface(addresses: &[&str]) -> Interface {
    let prefix = |text: &&str| {
        let (address, length) = text.split_once('/').expect("a prefix has a length");
        let address: IpAddr = address.parse().expect("an address");
        Prefix { address, length: length.parse().expect("a length") }
    };
    Interface {
        addresses: addresses.iter().map(prefix).collect(),
        gateways: Vec::new(),
        ..Interface::default()
    }
}

/// Reads octets written as `45 00 ...`.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).expect("digits"), 16);
    digits.chunks(2).map(|pair| octet(pair).expect("digits")).collect()
}

/// Sixteen octets a line, as tcpdump writes them.
pub(crate) fn hex(frame: &[u8]) -> String {
    let line =
        |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(" ");
    frame.chunks(16).map(line).collect::<Vec<_>>().join("\n")
}
