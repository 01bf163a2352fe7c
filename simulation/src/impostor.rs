//! Somebody who claims the server's addresses.

use crate::frames::{self, BROADCAST};
use crate::node::{Node, Outbox};
use crate::random::Random;
use crate::wire::{self, Content, Padding};
use anyhow::{Result, ensure};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::{ArpOperation, IPV6_LINK_LOCAL_ALL_NODES, NdiscNeighborFlags, NdiscRepr};

/// Claims a station's addresses until its time is over, and watches how they are defended.
#[derive(Debug)]
pub(crate) struct Impostor {
    random: Random,
    victim: EthernetAddress,
    ipv4: Ipv4Addr,
    ipv6: Ipv6Addr,
    until: Instant,
    next: Instant,
    claims: u64,
    defences: u64,
    last_defence: Option<Instant>,
    breach: Option<Duration>,
}

/// Its hardware address.
pub(crate) const STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0x66, 0x66]);

/// RFC 5227 §1.1, `DEFEND_INTERVAL`.
const DEFEND_INTERVAL: Duration = Duration::from_secs(10);

/// A machine announces its addresses at its start; a defence comes later.
const AFTER_START: Instant = Instant::from_nanoseconds(5_000_000_000);

impl Impostor {
    /// Claims the addresses of `victim` until then.
    #[must_use]
    pub(crate) fn new(
        random: Random,
        victim: EthernetAddress,
        addresses: (Ipv4Addr, Ipv6Addr),
        until: Instant,
    ) -> Self {
        let (ipv4, ipv6) = addresses;
        Self {
            random,
            victim,
            ipv4,
            ipv6,
            until,
            next: AFTER_START,
            claims: 0,
            defences: 0,
            last_defence: None,
            breach: None,
        }
    }

    /// How often it claimed the IPv4 address, and how often that was defended.
    #[must_use]
    pub(crate) const fn fight(&self) -> (u64, u64) {
        (self.claims, self.defences)
    }

    fn frame(&mut self) -> Vec<u8> {
        match self.random.below(4) {
            0 => {
                self.claims += 1;
                self.arp(ArpOperation::Request, self.ipv4)
            }
            1 => {
                self.claims += 1;
                self.arp(ArpOperation::Reply, self.ipv4)
            }
            2 => self.arp(ArpOperation::Request, Ipv4Addr::UNSPECIFIED),
            _ => self.advertisement(),
        }
    }

    fn arp(&self, operation: ArpOperation, sender: Ipv4Addr) -> Vec<u8> {
        frames::ethernet(STATION, BROADCAST, &frames::arp(operation, (STATION, sender), self.ipv4))
    }

    /// To all nodes, overriding what they know (RFC 4861 §4.4).
    fn advertisement(&self) -> Vec<u8> {
        let content = NdiscRepr::NeighborAdvert {
            flags: NdiscNeighborFlags::OVERRIDE,
            target_addr: self.ipv6,
            lladdr: Some(smoltcp::wire::EthernetAddress(STATION.0).into()),
        };
        let everybody = IPV6_LINK_LOCAL_ALL_NODES;
        frames::ethernet(STATION, frames::group(everybody), &frames::discovery(self.ipv6, everybody, content))
    }
}

impl Node for Impostor {
    fn receive(&mut self, _port: usize, frame: Vec<u8>, now: Instant) {
        let Ok(frame) = wire::read(&frame, Padding::Allowed) else { return };
        let Content::Arp { is_reply: false, sender, target } = frame.content else { return };
        if sender != (self.victim, target) || target != self.ipv4 || now < AFTER_START {
            return;
        }
        self.defences += 1;
        let since = self.last_defence.map(|last| now.since(last));
        self.breach = self.breach.or(since.filter(|since| *since < DEFEND_INTERVAL));
        self.last_defence = Some(now);
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        ensure!(self.breach.is_none(), "an address is defended again after {:?}", self.breach);
        if now >= self.next && now < self.until {
            outbox.push((0, self.frame()));
            self.next = now + self.random.duration(Duration::from_secs(3));
        }
        Ok((now < self.until).then_some(self.next))
    }
}
