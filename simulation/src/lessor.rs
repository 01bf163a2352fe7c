//! A scripted DHCP server (RFC 2131 §4.3), which also asks who has the addresses that it gives.

use crate::checkers::Ledger;
use crate::frames::{self, BROADCAST};
use crate::node::{Node, Outbox};
use crate::random::Random;
use crate::wire::{self, Content, Message, Padding, socket};
use anyhow::{Result, anyhow};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::{ArpOperation, DhcpMessageType, DhcpOption, DhcpPacket, DhcpRepr};

/// Leases addresses to one tenant. In a bad mood, until its time is over, it may be silent, refuse, or move the tenant.
pub(crate) struct Lessor {
    random: Random,
    ledger: Ledger,
    tenant: EthernetAddress,
    lease: Duration,
    /// What the tenant has or is offered.
    address: Ipv4Addr,
    replies: Vec<Vec<u8>>,
    moody_until: Instant,
    silent_until: Instant,
    next_question: Instant,
    /// When the tenant answered last at the address that it has.
    heard: Option<Instant>,
}

/// Its hardware address and its own.
const STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x01]);
const OWN: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

const FIRST: u8 = 100;
const LAST: u8 = 110;

const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;

impl Lessor {
    /// Leases for `lease` at a time, in bad moods until then.
    pub(crate) fn new(
        random: Random,
        ledger: Ledger,
        tenant: EthernetAddress,
        lease: Duration,
        moody_until: Instant,
    ) -> Self {
        Self {
            random,
            ledger,
            tenant,
            lease,
            address: address(FIRST),
            replies: Vec::new(),
            moody_until,
            silent_until: Instant::START,
            next_question: Instant::START,
            heard: None,
        }
    }

    /// When the tenant answered last at the address that it has.
    pub(crate) const fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// How this request is met: a kind of reply, or silence.
    fn decide(&mut self, request: &DhcpRepr<'_>, now: Instant) -> Option<DhcpMessageType> {
        let is_moody = now < self.moody_until;
        if is_moody && self.random.chance(0.1) {
            self.silent_until = now + self.random.duration(self.lease * 2);
        }
        if now < self.silent_until && is_moody {
            return None;
        }
        match request.message_type {
            DhcpMessageType::Discover => {
                let is_free = !self.ledger.is_granted(self.address, now);
                if is_free && is_moody && self.random.chance(0.5) {
                    self.move_on();
                }
                Some(DhcpMessageType::Offer)
            }
            // RFC 2131 §4.3.2: of our offer, or of what the tenant has, which then has to be what it was given.
            DhcpMessageType::Request => {
                let is_renewal = request.server_identifier.is_none();
                let wanted = if is_renewal { Some(request.client_ip) } else { request.requested_ip };
                let is_due = !is_renewal || self.ledger.is_granted(self.address, now);
                let is_kind = !is_moody || !self.random.chance(0.1);
                Some(match wanted == Some(self.address) && is_due && is_kind {
                    true => DhcpMessageType::Ack,
                    false => DhcpMessageType::Nak,
                })
            }
            DhcpMessageType::Decline => {
                self.move_on();
                None
            }
            _ => None,
        }
    }

    fn move_on(&mut self) {
        let [.., last] = self.address.octets();
        self.address = address(if last == LAST { FIRST } else { last + 1 });
    }

    fn on_request(&mut self, payload: &[u8], now: Instant) -> Result<()> {
        let packet = DhcpPacket::new_checked(payload).map_err(|_| anyhow!("DHCP: cut short"))?;
        let request = DhcpRepr::parse(&packet).map_err(|_| anyhow!("DHCP: malformed"))?;
        let Some(kind) = self.decide(&request, now) else { return Ok(()) };
        let is_refusal = kind == DhcpMessageType::Nak;
        if kind == DhcpMessageType::Ack {
            self.ledger.grant(self.address, now + self.lease);
        }
        let seconds = self.lease.as_secs() as u32;
        // T1 and T2 (RFC 2132 §9.11, §9.12), as some servers give them.
        let times =
            [58, 59].map(|kind| (kind, (seconds / if kind == 58 { 2 } else { 1 }) - u32::from(kind == 59)));
        let octets = times.map(|(kind, time)| (kind, time.to_be_bytes()));
        let options = octets.each_ref().map(|(kind, data)| DhcpOption { kind: *kind, data });
        let has_times = !is_refusal && self.random.chance(0.5);
        let reply = DhcpRepr {
            message_type: kind,
            your_ip: if is_refusal { Ipv4Addr::UNSPECIFIED } else { self.address },
            server_identifier: Some(OWN),
            subnet_mask: (!is_refusal).then_some(Ipv4Addr::new(255, 255, 255, 0)),
            lease_duration: (!is_refusal).then_some(seconds),
            additional_options: if has_times { &options } else { &[] },
            client_identifier: None,
            requested_ip: None,
            parameter_request_list: None,
            max_size: None,
            ..request
        };
        let mut message = vec![0; reply.buffer_len()];
        reply.emit(&mut DhcpPacket::new_unchecked(&mut message)).map_err(|_| anyhow!("DHCP: no room"))?;
        let (station, to) =
            if is_refusal { (BROADCAST, Ipv4Addr::BROADCAST) } else { (self.tenant, self.address) };
        let packet = frames::datagram(
            SocketAddr::from((OWN, SERVER_PORT)),
            SocketAddr::from((to, CLIENT_PORT)),
            &message,
        );
        self.replies.push(frames::ethernet(STATION, station, &packet));
        Ok(())
    }

    /// Asks who has an address, and asks the tenant something there: that which it has now, or another that it may have had.
    fn questions(&mut self) -> [Vec<u8>; 3] {
        let other = address(self.random.between(FIRST.into(), LAST.into()) as u8);
        let arp = |target| frames::arp(ArpOperation::Request, (STATION, OWN), target);
        let query = frames::datagram(socket(OWN.into(), 4096), socket(other.into(), 53), &QUERY);
        [
            frames::ethernet(STATION, BROADCAST, &arp(self.address)),
            frames::ethernet(STATION, BROADCAST, &arp(other)),
            frames::ethernet(STATION, self.tenant, &query),
        ]
    }
}

/// The SOA record of the example (RFC 1035 §4.1).
const QUERY: [u8; 29] = *b"\0\x01\0\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x06\0\x01";

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

impl Node for Lessor {
    fn receive(&mut self, _port: usize, frame: Vec<u8>, now: Instant) {
        let Ok(frame) = wire::read(&frame, Padding::Allowed) else { return };
        match frame.content {
            Content::Arp { is_reply: true, sender, .. } if sender == (self.tenant, self.address) => {
                self.heard = Some(now);
            }
            Content::Packet {
                destination: IpAddr::V4(Ipv4Addr::BROADCAST | OWN),
                message: Message::Datagram { destination_port: SERVER_PORT, payload, .. },
                ..
            } => {
                // What is not a request gets no reply; that none is malformed, the tenant's own checks see to.
                let _is_answered = self.on_request(payload, now).is_ok();
            }
            _ => {}
        }
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        outbox.extend(self.replies.drain(..).map(|frame| (0, frame)));
        if now >= self.next_question {
            outbox.extend(self.questions().map(|frame| (0, frame)));
            self.next_question =
                now + Duration::from_millis(500) + self.random.duration(Duration::from_millis(500));
        }
        Ok(Some(self.next_question))
    }
}
