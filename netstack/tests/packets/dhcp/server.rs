//! A server, as smoltcp writes and reads its messages.

use crate::traffic::{PEER_STATION, ethernet, udp};
use crate::wire::{OUR_STATION, Wire, interface};
use core::net::{IpAddr, Ipv4Addr};
use core::time::Duration;
use netstack::Interface;
use platform::EthernetAddress;
use smoltcp::wire::{self, DhcpMessageType, DhcpOption, DhcpPacket, DhcpRepr};

pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// A machine that asks for an address, beside those that it has.
pub(super) fn start(addresses: &[&str]) -> Wire {
    Wire::with(Interface { dhcp: true, ..interface(addresses) })
}

/// What a client sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) kind: DhcpMessageType,
    pub(super) exchange: u32,
    pub(super) seconds: u16,
    pub(super) own: Option<Ipv4Addr>,
    pub(super) wanted: Option<Ipv4Addr>,
    pub(super) server: Option<Ipv4Addr>,
    pub(super) asks_for: Vec<u8>,
    pub(super) broadcast: bool,
    pub(super) length: usize,
}

/// Whether a frame holds a message to servers.
pub(crate) fn is_message(frame: &[u8]) -> bool {
    frame[12..14] == [8, 0] && frame[23] == 17 && frame[34..38] == [0, 68, 0, 67]
}

/// Reads a frame, every checksum verified.
pub(crate) fn read(frame: &[u8]) -> Sent {
    assert!(is_message(frame), "{frame:02x?}");
    let packet = wire::Ipv4Packet::new_checked(&frame[14..]).expect("a packet");
    assert!(packet.verify_checksum());
    let datagram = wire::UdpPacket::new_checked(packet.payload()).expect("a datagram");
    let (source, destination) = (packet.src_addr(), packet.dst_addr());
    assert!(datagram.verify_checksum(&source.into(), &destination.into()));
    assert_eq!(frame[6..12], OUR_STATION.0);
    let message = DhcpPacket::new_checked(datagram.payload()).expect("a message");
    let repr = DhcpRepr::parse(&message).expect("a sound message");
    assert_eq!(repr.client_hardware_address.0, OUR_STATION.0);
    assert_eq!(repr.client_identifier, None);
    Sent {
        source: source.into(),
        destination: destination.into(),
        kind: repr.message_type,
        exchange: repr.transaction_id,
        seconds: repr.secs,
        own: Some(repr.client_ip).filter(|own| !own.is_unspecified()),
        wanted: repr.requested_ip,
        server: repr.server_identifier,
        asks_for: repr.parameter_request_list.unwrap_or_default().to_vec(),
        broadcast: repr.broadcast,
        length: datagram.payload().len(),
    }
}

/// What a server answers.
#[derive(Clone)]
pub(crate) struct Server {
    pub(super) kind: DhcpMessageType,
    pub(super) address: Ipv4Addr,
    pub(super) station: EthernetAddress,
    pub(super) exchange: Option<u32>,
    pub(super) server: Option<Ipv4Addr>,
    pub(super) mask: Option<Ipv4Addr>,
    pub(super) lease: Option<u32>,
    pub(super) options: Vec<(u8, Vec<u8>)>,
    /// Where it goes, as a packet and as a frame.
    pub(super) to: (Ipv4Addr, EthernetAddress),
    /// Whose frame brings it.
    pub(super) from: EthernetAddress,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            kind: DhcpMessageType::Offer,
            address: Ipv4Addr::new(192, 0, 2, 77),
            station: OUR_STATION,
            exchange: None,
            server: Some(SERVER),
            mask: Some(Ipv4Addr::new(255, 255, 255, 0)),
            lease: Some(3600),
            options: Vec::new(),
            to: (Ipv4Addr::BROADCAST, EthernetAddress([0xff; 6])),
            from: PEER_STATION,
        }
    }
}

impl Server {
    pub(crate) fn offer(self) -> Self {
        Self { kind: DhcpMessageType::Offer, ..self }
    }

    pub(crate) fn acknowledge(self) -> Self {
        Self { kind: DhcpMessageType::Ack, ..self }
    }

    pub(super) fn refuse(self) -> Self {
        Self { kind: DhcpMessageType::Nak, address: Ipv4Addr::UNSPECIFIED, lease: None, mask: None, ..self }
    }

    /// The same, to the client alone.
    pub(super) fn alone(self) -> Self {
        Self { to: (self.address, OUR_STATION), ..self }
    }

    /// Everything from the client's first message on, until it has its address.
    pub(super) fn serve(self, wire: &mut Wire, discover: &[u8]) {
        wire.receives(message(&read(discover), self.clone().offer()));
        let request = wire.take_sent().pop().expect("a request");
        wire.receives(message(&read(&request), self.acknowledge()));
        wire.rest(super::PROBING);
        wire.take_sent();
    }
}

/// The message, as octets.
pub(super) fn octets(asked: &Sent, server: &Server) -> Vec<u8> {
    let options: Vec<_> =
        server.options.iter().map(|(kind, data)| DhcpOption { kind: *kind, data }).collect();
    let repr = DhcpRepr {
        message_type: server.kind,
        transaction_id: server.exchange.unwrap_or(asked.exchange),
        secs: 0,
        client_hardware_address: wire::EthernetAddress(server.station.0),
        client_ip: Ipv4Addr::UNSPECIFIED,
        your_ip: server.address,
        server_ip: Ipv4Addr::UNSPECIFIED,
        router: None,
        subnet_mask: server.mask,
        relay_agent_ip: Ipv4Addr::UNSPECIFIED,
        broadcast: false,
        requested_ip: None,
        client_identifier: None,
        server_identifier: server.server,
        parameter_request_list: None,
        dns_servers: None,
        max_size: None,
        lease_duration: server.lease,
        renew_duration: None,
        rebind_duration: None,
        additional_options: &options,
    };
    let mut bytes = vec![0; repr.buffer_len()];
    repr.emit(&mut DhcpPacket::new_unchecked(&mut bytes)).expect("a message");
    bytes
}

/// The frame that answers what was sent.
pub(crate) fn message(asked: &Sent, server: Server) -> Vec<u8> {
    let bytes = octets(asked, &server);
    frame(&server, &bytes)
}

/// A frame that carries these octets.
pub(super) fn frame(server: &Server, octets: &[u8]) -> Vec<u8> {
    let (address, station) = server.to;
    ethernet(server.from, station, udp("192.0.2.1:67", &format!("{address}:68"), octets))
}

/// A message that waits for its answer.
pub(super) struct Asked(pub(super) Sent);

impl Asked {
    /// The client's next message.
    #[track_caller]
    pub(super) fn answer(self, wire: &mut Wire, answer: impl Fn(Server) -> Server) -> Sent {
        wire.receives(message(&self.0, answer(Server::default())));
        read(&wire.take_sent().pop().expect("a message"))
    }
}

impl Wire {
    /// The first frame of a machine.
    pub(super) fn first(mut self) -> Vec<u8> {
        self.turn();
        self.take_sent().swap_remove(0)
    }

    /// Lets time pass until a message of this kind is sent; everything else that is sent is nobody's concern.
    #[track_caller]
    pub(super) fn until(&mut self, kind: DhcpMessageType) -> Asked {
        for _ in 0..100 {
            let deadline = self.turn().deadline;
            let sent = self.take_sent();
            if let Some(frame) = sent.iter().find(|frame| is_message(frame) && read(frame).kind == kind) {
                return Asked(read(frame));
            }
            self.platform.now = self.platform.now.max(deadline.expect("there is something to do"));
        }
        panic!("no {kind:?}");
    }

    /// A machine that has the address of a server, for so many seconds.
    pub(super) fn bound(lease: u32) -> Self {
        let mut wire = start(&[]);
        wire.turn();
        let discover = wire.take_sent().swap_remove(0);
        Server { lease: Some(lease), ..Server::default() }.serve(&mut wire, &discover);
        wire.platform.logged.clear();
        wire
    }
}

/// What is left of a lease.
pub(super) fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}
