//! The addresses that a network gives, and what a station does about them.

use crate::Prefix;
use crate::autoconfiguration::advertisement::Advertisement;
use crate::autoconfiguration::{Autoconfiguration, Own};
use crate::counters::Counter;
use crate::datagrams::{HEADER, Header};
use crate::dhcp::{CLIENT_PORT, Change, Client, Lease, SERVER_PORT, Verdict};
use crate::frame::{Answer, ETHERNET_HEADER, Frame};
use crate::limits;
use crate::notices::{Loss, Notice};
use crate::random::Random;
use crate::reception::Reception;
use crate::station::{Station, broadcast};
use crate::version::{UDP, V4};
use appliance::Appliance;
use core::net::Ipv4Addr;
use core::ops::Range;
use moment::Instant;
use platform::EthernetAddress;

/// Where addresses come from that no operator gave.
pub(crate) struct Automatic {
    client: Option<Client>,
    autoconfiguration: Option<Autoconfiguration>,
    random: Random,
}

impl Automatic {
    /// `None` if every address is given.
    pub(crate) fn new(
        client: Option<Client>,
        autoconfiguration: Option<Autoconfiguration>,
        seed: u64,
    ) -> Option<Self> {
        let is_any = client.is_some() || autoconfiguration.is_some();
        is_any.then(|| Self { client, autoconfiguration, random: Random::new(seed) })
    }

    fn deadline(&self) -> Option<Instant> {
        let client = self.client.as_ref().and_then(Client::deadline);
        let autoconfiguration = self.autoconfiguration.as_ref().and_then(Autoconfiguration::deadline);
        client.into_iter().chain(autoconfiguration).min()
    }

    /// Whether a server's messages are waited for.
    fn has_client(&self) -> bool {
        self.client.is_some()
    }
}

impl Station {
    /// When the next frame is due, or an address is over.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let announcements = self.announcements.deadline();
        let questions = self.hosts.deadline();
        let automatic = self.automatic.as_ref().and_then(Automatic::deadline);
        [announcements, questions, automatic].into_iter().flatten().min()
    }

    /// Gives up what is over at `now`, before anything is answered from it.
    #[inline]
    pub(crate) fn expire(&mut self, now: Instant) {
        if self.automatic.as_ref().is_some_and(|automatic| automatic.deadline().is_some_and(|due| due <= now))
        {
            self.expire_automatic(now);
        }
    }

    #[cold]
    fn expire_automatic(&mut self, now: Instant) {
        let client = self.automatic.as_mut().and_then(|automatic| automatic.client.as_mut());
        if let Some(change) = client.and_then(|client| client.expire(now)) {
            self.on_change(change, now);
        }
        if let Some((autoconfiguration, mut own)) = self.autoconfiguration() {
            autoconfiguration.expire(&mut own, now);
        }
    }

    /// What was learnt from routers, and what that changes.
    fn autoconfiguration(&mut self) -> Option<(&mut Autoconfiguration, Own<'_>)> {
        let Automatic { autoconfiguration, .. } = self.automatic.as_mut()?;
        let own = Own { addresses: &mut self.ipv6, notices: &mut self.notices };
        Some((autoconfiguration.as_mut()?, own))
    }

    /// Writes the next frame that getting addresses takes, if one is due; returns its length.
    pub(crate) fn write_automatic(&mut self, frame: &mut [u8], now: Instant) -> Option<usize> {
        let station = self.address;
        let Automatic { client, autoconfiguration, random } = self.automatic.as_mut()?;
        let solicitation =
            autoconfiguration.as_mut().and_then(|it| it.write_due(frame, station, now, random));
        if solicitation.is_some() {
            return solicitation;
        }
        let (length, change) = client.as_mut()?.write_due(frame, station, now, random);
        if let Some(change) = change {
            self.on_change(change, now);
        }
        length
    }

    /// Somebody else has an IPv6 address, or is about to take it: whether we were not sure of it, and gave it up.
    pub(crate) fn withdraw(&mut self, address: u128, by: EthernetAddress, now: Instant) -> bool {
        self.autoconfiguration().is_some_and(|(autoconfiguration, mut own)| {
            autoconfiguration.on_objection(address, by, &mut own, now)
        })
    }

    /// Whether somebody may still object to an IPv6 address of ours.
    pub(crate) fn is_doubtful(&self, address: u128, now: Instant) -> bool {
        let autoconfiguration =
            self.automatic.as_ref().and_then(|automatic| automatic.autoconfiguration.as_ref());
        autoconfiguration.is_some_and(|autoconfiguration| autoconfiguration.is_doubtful(address, now))
    }

    /// A router that advertised itself, and still is one.
    pub(crate) fn advertised_router(&self) -> Option<u128> {
        self.automatic.as_ref()?.autoconfiguration.as_ref()?.router()
    }

    /// A router advertised itself.
    fn on_advertisement(&mut self, advertisement: &Advertisement<'_>, now: Instant) -> Counter {
        let Some((autoconfiguration, mut own)) = self.autoconfiguration() else {
            return Counter::IcmpIgnored;
        };
        let is_new = autoconfiguration.on_advertisement(advertisement, &mut own, now);
        if is_new {
            self.announcements.repeat_with_probes(now);
        }
        if let Some(packet_length) = advertisement.packet_length() {
            self.paths.set_ipv6_link(self.less_than_link(packet_length));
        }
        Counter::RouterHeard
    }

    /// What a server or a router says of the link's largest packet, if that is news.
    fn less_than_link(&self, packet_length: u16) -> Option<u16> {
        Some(packet_length).filter(|length| usize::from(*length) < self.frame_length - ETHERNET_HEADER)
    }

    /// Whether a message that is addressed to nobody here may be a server's to us (RFC 2131 §4.1).
    pub(crate) fn awaits_lease(&self) -> bool {
        self.automatic.as_ref().is_some_and(Automatic::has_client)
    }

    /// A server's message came.
    fn on_lease_message(&mut self, payload: &[u8], from: EthernetAddress, now: Instant) -> Counter {
        let (ipv4, station) = (&self.ipv4, self.address);
        let Some(Automatic { client: Some(client), random, .. }) = &mut self.automatic else {
            return Counter::LeaseMessageIgnored;
        };
        let is_ours = |address| ipv4.contains(&address);
        match client.on_message(payload, (station, from), is_ours, now, random) {
            Verdict::Taken(change) => {
                if let Some(change) = change {
                    self.on_change(change, now);
                }
                Counter::LeaseMessageTaken
            }
            Verdict::Ignored => Counter::LeaseMessageIgnored,
            Verdict::Malformed => Counter::LeaseMessageMalformed,
        }
    }

    /// RFC 5227 §2.1.1: somebody has, or probes for, an IPv4 address. Whether that is the one that we are probing for.
    pub(crate) fn is_refused(&mut self, address: Ipv4Addr, by: EthernetAddress, now: Instant) -> bool {
        let client = self.automatic.as_mut().and_then(|automatic| automatic.client.as_mut());
        let Some(client) = client.filter(|client| client.is_probing(address.to_bits())) else { return false };
        if let Some(change) = client.on_conflict(address.to_bits(), by) {
            self.on_change(change, now);
        }
        true
    }

    /// RFC 5227 §2.4(b): an address that a server gave is not fought for again and again. Whether this was one.
    pub(crate) fn yield_address(&mut self, address: Ipv4Addr, by: EthernetAddress, now: Instant) -> bool {
        let client = self.automatic.as_mut().and_then(|automatic| automatic.client.as_mut());
        let Some(client) = client.filter(|client| client.has(address.to_bits())) else { return false };
        if let Some(change) = client.on_conflict(address.to_bits(), by) {
            self.on_change(change, now);
        }
        true
    }

    fn on_change(&mut self, change: Change, now: Instant) {
        match change {
            Change::Taken(lease) => {
                self.take_lease(&lease);
                self.announcements.repeat(now);
                let Lease { address, prefix_length, server, times, .. } = lease;
                let time = times.map(|times| times.end.since(now));
                let [address, server] = [address, server].map(Ipv4Addr::from_bits);
                self.notices.add(Notice::Leased { address, prefix_length, server, time }, now);
            }
            Change::Renewed(lease) => {
                self.drop_lease(&lease);
                self.take_lease(&lease);
            }
            Change::Lost(lease, reason) => {
                self.drop_lease(&lease);
                self.note_loss(lease.address, reason, now);
            }
        }
    }

    fn note_loss(&mut self, address: u32, reason: Loss, now: Instant) {
        let address = Ipv4Addr::from_bits(address).into();
        self.notices.add(Notice::Lost { address, reason }, now);
    }

    /// The only one to add to what [`Station::new`] made, so that there is always room: a client has one lease.
    fn take_lease(&mut self, lease: &Lease) {
        debug_assert!(self.ipv4.len() < self.ipv4.capacity());
        self.ipv4.push(lease.address);
        self.leased_broadcast = broadcast(lease.address, lease.prefix_length);
        let address = Ipv4Addr::from_bits(lease.address).into();
        self.leased_prefix = Some(Prefix { address, length: lease.prefix_length });
        self.leased_router = lease.router;
        self.paths.set_ipv4_link(lease.mtu.and_then(|length| self.less_than_link(length)));
    }

    fn drop_lease(&mut self, lease: &Lease) {
        self.ipv4.retain(|own| *own != lease.address);
        (self.leased_broadcast, self.leased_prefix, self.leased_router) = (None, None, None);
        self.paths.set_ipv4_link(None);
    }
}

impl<A: Appliance> Reception<'_, A> {
    /// A sound IPv4 packet came that is for none of our addresses; `counter` says how it counts then.
    #[cold]
    pub(crate) fn on_ipv4_packet_to_others(
        &mut self,
        frame: &Frame<'_>,
        payload: Range<usize>,
        counter: Counter,
    ) -> Result<Answer, Counter> {
        let is_to_others = matches!(counter, Counter::PacketToOthers | Counter::PacketToMany);
        let is_whole = crate::ipv4::is_whole(frame.buffer);
        if !is_to_others || !is_whole || !self.station.awaits_lease() || frame.buffer[23] != UDP {
            return Err(counter);
        }
        let header = Header::read::<V4>(frame.buffer, payload.clone(), frame.checksum)?;
        if (header.source_port, header.destination_port) != (SERVER_PORT, CLIENT_PORT) {
            return Err(counter);
        }
        self.on_lease_datagram(frame.buffer, payload.start + HEADER..payload.start + header.length)
    }

    /// A router advertised itself (RFC 4861 §6.3.4).
    pub(crate) fn on_router_advertisement(
        &mut self,
        frame: &[u8],
        message: Range<usize>,
    ) -> Result<Answer, Counter> {
        if self.station.autoconfiguration().is_none() {
            return Err(Counter::IcmpIgnored);
        }
        let advertisement = Advertisement::read(frame, message).ok_or(Counter::NeighbourMalformed)?;
        Err(self.station.on_advertisement(&advertisement, self.now.instant))
    }

    /// A datagram came from a port of DHCP servers to that of clients.
    #[cold]
    pub(crate) fn on_lease_datagram(
        &mut self,
        frame: &[u8],
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let from = frame[6..].first_chunk().ok_or(Counter::FrameTruncated)?;
        Err(self.station.on_lease_message(&frame[payload], EthernetAddress(*from), self.now.instant))
    }
}

const _: () = assert!(limits::DHCP_PACKET_LENGTH >= crate::dhcp::FRAME - ETHERNET_HEADER);
