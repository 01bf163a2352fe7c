//! Every bound of this crate.

use core::time::Duration;

/// How long the links are polled after the last frame before the machine sleeps. A wake-up costs tens of microseconds
/// on a virtual machine; a busy link brings the next frame sooner.
pub(crate) const POLL: Duration = Duration::from_micros(15);

/// A busy machine looks for its operator's requests this often, between turns; one that is about to sleep always does.
pub(crate) const HEARING: Duration = Duration::from_millis(10);

/// How long the network stack waits before it asks a link for a buffer again that had none.
pub(crate) const RETRY: Duration = Duration::from_millis(1);

/// The most frames that a turn takes from one link, so that no link starves another or what is due.
pub(crate) const FRAMES_PER_TURN: usize = 64;

/// The largest IP packet; a link that claims to carry more is not believed.
pub(crate) const PACKET_LENGTH: usize = 65_535;

/// IPv6 needs a link that carries packets of this length (RFC 8200 §5).
pub(crate) const IPV6_PACKET_LENGTH: usize = 1280;

/// The hop limit and time to live of a packet that may leave the link (RFC 1700, "IP time to live parameter").
pub(crate) const HOPS: u8 = 64;

/// At most one ICMP error in this time, ...
pub(crate) const ERROR_INTERVAL: Duration = Duration::from_millis(1);
/// ... and this many at once (RFC 4443 §2.4(f), RFC 1812 §4.3.2.8).
pub(crate) const ERROR_BURST: u32 = 50;

/// At most one TCP reset in this time, ...
pub(crate) const RESET_INTERVAL: Duration = Duration::from_millis(1);
/// ... and this many at once.
pub(crate) const RESET_BURST: u32 = 50;

/// An ICMP error is no longer than this, IP header included (RFC 1812 §4.3.2.3).
pub(crate) const ICMPV4_ERROR_LENGTH: usize = 576;
/// An ICMPv6 error is no longer than this, IP header included (RFC 4443 §2.4(c)).
pub(crate) const ICMPV6_ERROR_LENGTH: usize = IPV6_PACKET_LENGTH;

/// The most extension headers of a packet (RFC 8504 §5.3 lets a host bound them).
pub(crate) const EXTENSION_HEADERS: usize = 8;
/// The most options of one extension header, padding among them (RFC 8504 §5.3).
pub(crate) const EXTENSION_OPTIONS: usize = 16;

/// A conflict over an address is fought, and logged, at most once in this time (RFC 5227 §1.1, `DEFEND_INTERVAL`).
pub(crate) const DEFENCE_INTERVAL: Duration = Duration::from_secs(10);

/// Announcements are made this often at start and for what is new, ...
pub(crate) const ANNOUNCEMENT_ROUNDS: u8 = 3;
/// ... this far apart (RFC 4861 §10, `RetransTimer`; RFC 3810 §9.11), ...
pub(crate) const ANNOUNCEMENT_INTERVAL: Duration = Duration::from_secs(1);
/// ... those by ARP in the first of so many rounds: twice, two seconds apart (RFC 5227 §1.1, `ANNOUNCE_NUM`,
/// `ANNOUNCE_INTERVAL`). What is new in between begins anew.
pub(crate) const ROUNDS_PER_ARP_ANNOUNCEMENT: u8 = 2;

/// The groups of one multicast listener report.
pub(crate) const GROUPS_PER_REPORT: usize = 56;
const _: () =
    assert!(40 + 8 + 8 + GROUPS_PER_REPORT * 20 <= IPV6_PACKET_LENGTH, "a report must fit every link");

/// The shortest buffer of a frame: room for every answer of fixed length, of which a neighbour advertisement is the
/// longest.
pub(crate) const FRAME_BUFFER: usize = 128;
const _: () = assert!(FRAME_BUFFER >= 14 + 40 + 32, "an advertisement must fit");

/// The most lines for the log that wait, ...
pub(crate) const NOTICES: usize = 8;
/// ... of which one comes in this time, ...
pub(crate) const NOTICE_INTERVAL: Duration = Duration::from_secs(1);
/// ... and this many at once.
pub(crate) const NOTICE_BURST: u32 = 16;

/// DHCP needs a link that carries packets of this length, as any IPv4 host takes them (RFC 2131 §2).
pub(crate) const DHCP_PACKET_LENGTH: usize = 576;

/// A message to a DHCP server is sent again after this time, then twice that, ...
pub(crate) const RETRANSMISSION: Duration = Duration::from_secs(4);
/// ... up to this, ...
pub(crate) const LONGEST_RETRANSMISSION: Duration = Duration::from_secs(64);
/// ... up to this much sooner or later (RFC 2131 §4.1).
pub(crate) const RETRANSMISSION_SPREAD: Duration = Duration::from_secs(1);

/// A DHCP server that made an offer is asked for it this often (RFC 2131 §3.1(5)).
pub(crate) const REQUESTS: u32 = 5;

/// A lease is renewed up to this part of the time before it is due (RFC 2131 §4.4.5).
pub(crate) const RENEWAL_SPREAD: u32 = 16;
/// A lease is asked for again no sooner (RFC 2131 §4.4.5).
pub(crate) const SHORTEST_RENEWAL_INTERVAL: Duration = Duration::from_secs(60);
/// A shorter lease would be over before it is of use.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_secs(5);

/// After a conflict over an address that a DHCP server gave, nothing is asked for this long (RFC 2131 §3.1(5)).
pub(crate) const WAIT_AFTER_CONFLICT: Duration = Duration::from_secs(10);

/// Before an address that a DHCP server gave is used, its link is asked this often who has it, ...
pub(crate) const ADDRESS_PROBES: u8 = 3;
/// ... this far apart, ...
pub(crate) const PROBE_INTERVAL: Duration = Duration::from_millis(150);
/// ... up to this much sooner or later, ...
pub(crate) const PROBE_SPREAD: Duration = Duration::from_millis(50);
/// ... and answers are waited for this long. RFC 5227 §1.1 has seconds, for links of its time, and allows less on others: half a
/// second is what a server's start can wait.
pub(crate) const LAST_PROBE_WAIT: Duration = Duration::from_millis(200);

/// How many hosts paths are remembered for: so many places ...
pub(crate) const PATHS_PER_SET: usize = 4;
/// ... of which there are so many.
pub(crate) const PATH_SETS: usize = 64;
/// A path may be wider again after this time (RFC 8201 §4, RFC 1191 §6.3).
pub(crate) const PATH_LIFETIME: Duration = Duration::from_secs(600);
/// No IPv4 path is believed to be narrower: every host takes so much (RFC 791 §3.2), and it is the least that DNS can do with
/// (RFC 1035 §4.2.1: 512 octets and headers). RFC 1191 §3 would have 68, which no link has and a liar could make use of.
pub(crate) const IPV4_PATH: u16 = 576;

/// The most addresses that a link forms from prefixes.
pub(crate) const FORMED_ADDRESSES: usize = 8;
/// The most routers that a link remembers.
pub(crate) const ROUTERS: usize = 4;
/// For this long somebody may object to an address that was probed for (RFC 4861 §10, `RetransTimer`).
pub(crate) const OBJECTION: Duration = Duration::from_secs(1);
/// No advertisement makes a formed address end sooner (RFC 4862 §5.5.3(e)).
pub(crate) const SURE_LIFETIME: Duration = Duration::from_secs(7200);
/// Routers are asked for again after this time, then twice that, ...
pub(crate) const SOLICITATION: Duration = Duration::from_secs(4);
/// ... up to this (RFC 7559 §2).
pub(crate) const LONGEST_SOLICITATION: Duration = Duration::from_secs(3600);

/// The most neighbours of a link that are known for what we send of our own accord.
pub(crate) const NEIGHBOURS: usize = 64;
/// A neighbour is asked for so often (RFC 4861 §10, `MAX_UNICAST_SOLICIT`), ...
pub(crate) const NEIGHBOUR_QUESTIONS: u8 = 3;
/// ... this far apart (RFC 4861 §10, `RetransTimer`; RFC 1122 §2.3.2.1).
pub(crate) const NEIGHBOUR_INTERVAL: Duration = Duration::from_secs(1);
/// A neighbour is asked for again after this (RFC 4861 §10, `ReachableTime`; RFC 1122 §2.3.2.1 has a minute for ARP).
pub(crate) const NEIGHBOUR_LIFETIME: Duration = Duration::from_secs(30);
