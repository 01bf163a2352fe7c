//! What happened, in plain memory; reading it is the outside's job.

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
}

macro_rules! counters {
    ($($(#[$documentation:meta])+ $name:ident,)+) => {
        /// What became of a frame. Every frame that arrives counts exactly once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Counter {
            $($(#[$documentation])+ $name,)+
        }

        impl Counter {
            const COUNT: usize = Self::ALL.len();
            /// Every counter, in the order of their declaration.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];
        }
    };
}

counters! {
    /// A datagram that the appliance answered.
    DatagramAnswered,
    /// A datagram that the appliance met with silence.
    DatagramUnanswered,
    /// A datagram whose answer was longer than the link carries; not sent.
    DatagramAnswerTooLong,
    /// A datagram whose length contradicts its packet's (RFC 768), or that no port sent.
    DatagramMalformed,
    /// A datagram with a wrong checksum, or over IPv6 with none (RFC 8200 §8.1).
    DatagramChecksumWrong,

    /// An echo request, answered.
    EchoAnswered,
    /// A segment that was answered with a reset.
    ResetSent,
    /// A segment dropped because of the limit on resets.
    ResetSuppressed,
    /// A segment that carried a reset.
    SegmentReset,
    /// A segment shorter than its header, or with a header shorter than TCP's.
    SegmentMalformed,
    /// A segment with a wrong checksum.
    SegmentChecksumWrong,

    /// A request for the hardware address of one of ours, answered.
    ArpAnswered,
    /// ARP that concerns others, or that asks for nothing.
    ArpIgnored,
    /// ARP of other hardware or protocols, or with an impossible sender.
    ArpMalformed,
    /// Somebody else used one of our addresses, and was answered with an announcement (RFC 5227 §2.4).
    AddressDefended,
    /// Somebody else used one of our addresses, again within the interval of defence, or over IPv6.
    AddressConflict,
    /// A DHCP server's message that went on with what was under way.
    LeaseMessageTaken,
    /// A DHCP message for another client, at the wrong time, or with nothing that can be used.
    LeaseMessageIgnored,
    /// A DHCP message that breaks the format.
    LeaseMessageMalformed,
    /// A neighbour solicitation for one of our addresses, answered.
    NeighbourAnswered,
    /// A neighbour solicitation or advertisement that concerns others.
    NeighbourIgnored,
    /// Neighbour discovery that breaks a rule of RFC 4861 §6.1 or §7.1.
    NeighbourMalformed,
    /// A multicast listener query, to be answered.
    ListenerQueried,
    /// A multicast listener query that breaks a rule of RFC 3810 §5.1, or asks for a group that we are not in.
    ListenerIgnored,

    /// A packet that was answered with an ICMP or ICMPv6 error.
    ErrorSent,
    /// A packet that deserved an error, which was held back: the limit, or a destination that many share.
    ErrorSuppressed,
    /// A report that an answer of ours was too large for its way, believed.
    PathNarrowed,
    /// An ICMP or ICMPv6 error came.
    ErrorReceived,
    /// An ICMP or ICMPv6 message that a server has no use for.
    IcmpIgnored,
    /// An ICMP or ICMPv6 message too short for its type.
    IcmpMalformed,
    /// An ICMP or ICMPv6 message with a wrong checksum.
    IcmpChecksumWrong,

    /// A frame too short for what it says it carries.
    FrameTruncated,
    /// A frame from ourselves or from a group.
    FrameFromNobody,
    /// A frame to another station.
    FrameToOthers,
    /// A frame with a VLAN tag.
    FrameTagged,
    /// A frame of a protocol that nobody here speaks.
    FrameUnknown,

    /// A packet whose header contradicts itself or its frame.
    PacketMalformed,
    /// An IPv4 packet with a wrong header checksum.
    PacketChecksumWrong,
    /// A packet from an address that can't send: ours, a group's, loopback, broadcast, none.
    PacketFromNobody,
    /// A packet to an address that is not ours.
    PacketToOthers,
    /// A packet to a broadcast address, or to a group and nothing that a group is answered for.
    PacketToMany,
    /// A fragment: requests that need fragments are not served.
    PacketFragment,
    /// A source-routed IPv4 packet (RFC 7126 §4.3, §4.4).
    PacketSourceRouted,
    /// A packet that says that it carries nothing (RFC 8200 §4.7).
    PacketEmpty,
    /// A packet with more extension headers or options than allowed, or one that says to drop it silently.
    PacketExtension,
}
