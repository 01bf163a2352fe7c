//! What happened, in plain memory; reading it is the outside's job.

use operator::Statistic;

/// The counts since the start.
#[derive(Clone, Debug)]
pub struct Counters([u64; Counter::COUNT]);

impl Counters {
    pub(crate) const fn new() -> Self {
        Self([0; Counter::COUNT])
    }

    #[inline]
    pub(crate) fn count(&mut self, counter: Counter) {
        let count = &mut self.0[counter as usize];
        *count = count.wrapping_add(1);
    }

    /// How often `counter` happened.
    #[must_use]
    pub fn read(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }

    /// Every counter with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Counter, u64)> {
        Counter::ALL.into_iter().zip(self.0)
    }

    /// The same, for an operator.
    pub(crate) fn statistics(&self) -> impl Iterator<Item = Statistic> {
        Counter::NAMES.into_iter().zip(self.0).map(|(name, value)| Statistic { name, value })
    }
}

macro_rules! counters {
    ($($(#[$documentation:meta])+ $name:ident $fate:literal,)+) => {
        /// What became of a frame. Every frame that arrives counts exactly once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Counter {
            $($(#[$documentation])+ $name,)+
        }

        impl Counter {
            const COUNT: usize = Self::ALL.len();
            /// Every counter, in the order of their declaration.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];
            /// What an operator knows them by.
            const NAMES: [&str; Self::COUNT] = [$(concat!("network_frames_total{fate=\"", $fate, "\"}")),+];
        }
    };
}

counters! {
    /// A datagram that the appliance answered.
    DatagramAnswered "datagram_answered",
    /// A datagram that the appliance met with silence.
    DatagramUnanswered "datagram_unanswered",
    /// A datagram whose answer was longer than the link carries; not sent.
    DatagramAnswerTooLong "datagram_answer_too_long",
    /// A datagram whose length contradicts its packet's (RFC 768), or that no port sent.
    DatagramMalformed "datagram_malformed",
    /// A datagram with a wrong checksum, or over IPv6 with none (RFC 8200 §8.1).
    DatagramChecksumWrong "datagram_checksum_wrong",

    /// An echo request, answered.
    EchoAnswered "echo_answered",
    /// A segment that was answered with a reset.
    ResetSent "reset_sent",
    /// A segment dropped because of the limit on resets.
    ResetSuppressed "reset_suppressed",
    /// A segment that did to its stream what it says.
    SegmentTaken "segment_taken",
    /// A segment that its stream does not wait for, or that nobody does.
    SegmentUnacceptable "segment_unacceptable",
    /// A segment whose sender is asked to prove itself (RFC 5961).
    SegmentChallenged "segment_challenged",
    /// A segment that opens a stream, answered with a cookie (RFC 4987 §3.6).
    SegmentAnsweredByCookie "segment_answered_by_cookie",
    /// A segment that carried a reset.
    SegmentReset "segment_reset",
    /// A segment shorter than its header, or with a header shorter than TCP's.
    SegmentMalformed "segment_malformed",
    /// A segment with a wrong checksum.
    SegmentChecksumWrong "segment_checksum_wrong",

    /// A request for the hardware address of one of ours, answered.
    ArpAnswered "arp_answered",
    /// ARP that concerns others, or that asks for nothing.
    ArpIgnored "arp_ignored",
    /// ARP of other hardware or protocols, or with an impossible sender.
    ArpMalformed "arp_malformed",
    /// Somebody else used one of our addresses, and was answered with an announcement (RFC 5227 §2.4).
    AddressDefended "address_defended",
    /// Somebody else used one of our addresses, again within the interval of defence, or over IPv6.
    AddressConflict "address_conflict",
    /// A DHCP server's message that went on with what was under way.
    LeaseMessageTaken "lease_message_taken",
    /// A DHCP message for another client, at the wrong time, or with nothing that can be used.
    LeaseMessageIgnored "lease_message_ignored",
    /// A DHCP message that breaks the format.
    LeaseMessageMalformed "lease_message_malformed",
    /// A neighbour said which station it is, having been asked.
    NeighbourFound "neighbour_found",
    /// A neighbour solicitation for one of our addresses, answered.
    NeighbourAnswered "neighbour_answered",
    /// A neighbour solicitation or advertisement that concerns others.
    NeighbourIgnored "neighbour_ignored",
    /// Neighbour discovery that breaks a rule of RFC 4861 §6.1 or §7.1.
    NeighbourMalformed "neighbour_malformed",
    /// A router's advertisement, where addresses are formed from them.
    RouterHeard "router_heard",
    /// A multicast listener query, to be answered.
    ListenerQueried "listener_queried",
    /// A multicast listener query that breaks a rule of RFC 3810 §5.1, or asks for a group that we are not in.
    ListenerIgnored "listener_ignored",

    /// A packet that was answered with an ICMP or ICMPv6 error.
    ErrorSent "error_sent",
    /// A packet that deserved an error, which was held back: the limit, or a destination that many share.
    ErrorSuppressed "error_suppressed",
    /// A report that an answer of ours was too large for its way, believed.
    PathNarrowed "path_narrowed",
    /// An ICMP or ICMPv6 error came.
    ErrorReceived "error_received",
    /// An ICMP or ICMPv6 message that a server has no use for.
    IcmpIgnored "icmp_ignored",
    /// An ICMP or ICMPv6 message too short for its type.
    IcmpMalformed "icmp_malformed",
    /// An ICMP or ICMPv6 message with a wrong checksum.
    IcmpChecksumWrong "icmp_checksum_wrong",

    /// A frame too short for what it says it carries.
    FrameTruncated "frame_truncated",
    /// A frame from ourselves or from a group.
    FrameFromNobody "frame_from_nobody",
    /// A frame to another station.
    FrameToOthers "frame_to_others",
    /// A frame with a VLAN tag.
    FrameTagged "frame_tagged",
    /// A frame of a protocol that nobody here speaks.
    FrameUnknown "frame_unknown",

    /// A packet whose header contradicts itself or its frame.
    PacketMalformed "packet_malformed",
    /// An IPv4 packet with a wrong header checksum.
    PacketChecksumWrong "packet_checksum_wrong",
    /// A packet from an address that can't send: ours, a group's, loopback, broadcast, none.
    PacketFromNobody "packet_from_nobody",
    /// A packet to an address that is not ours.
    PacketToOthers "packet_to_others",
    /// A packet to a broadcast address, or to a group and nothing that a group is answered for.
    PacketToMany "packet_to_many",
    /// A fragment: requests that need fragments are not served.
    PacketFragment "packet_fragment",
    /// A source-routed IPv4 packet (RFC 7126 §4.3, §4.4).
    PacketSourceRouted "packet_source_routed",
    /// A packet that says that it carries nothing (RFC 8200 §4.7).
    PacketEmpty "packet_empty",
    /// A packet with more extension headers or options than allowed, or one that says to drop it silently.
    PacketExtension "packet_extension",
}
