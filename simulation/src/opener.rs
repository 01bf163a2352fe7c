//! Somebody who begins connections and never goes on with them (RFC 4987 §2), from addresses that are nobody's.

use crate::frames::{ethernet, packet};
use crate::node::{Node, Outbox};
use crate::random::Random;
use anyhow::Result;
use core::net::IpAddr;
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::{IpProtocol, TcpPacket};

/// Floods a station with SYNs until its time is over.
#[derive(Debug)]
pub(crate) struct Opener {
    random: Random,
    victim: EthernetAddress,
    /// How many ports of the victim's it knows.
    ports: u16,
    until: Instant,
    next: Instant,
}

/// Its hardware address.
const STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x66]);

/// The most SYNs at once: fewer than a link has buffers, so that honest frames find some.
const BURST: u64 = 60;

/// A maximum segment size of 1460, selective acknowledgement, timestamps, a window scale of 7 (as Linux sends them).
const OPTIONS: [u8; 20] = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];

impl Opener {
    /// Floods `victim`, which accepts at so many ports.
    pub(crate) const fn new(random: Random, victim: EthernetAddress, ports: u16, until: Instant) -> Self {
        Self { random, victim, ports, until, next: Instant::START }
    }

    fn opening(&mut self) -> Vec<u8> {
        let host = self.random.number() as u16;
        let (from, to): (IpAddr, IpAddr) = if self.random.chance(0.5) {
            let [a, b] = host.to_be_bytes();
            ([198, 51, a & 1 | 100, b].into(), [192, 0, 2, 2].into())
        } else {
            ([0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, host].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into())
        };
        let mut octets = [&[0; 20][..], &OPTIONS].concat();
        let mut segment = TcpPacket::new_unchecked(&mut octets);
        segment.set_src_port(self.random.between(1024, 65_535) as u16);
        segment.set_dst_port(1000 + self.random.below(self.ports.into()) as u16);
        segment.set_seq_number(smoltcp::wire::TcpSeqNumber(self.random.number() as i32));
        segment.set_header_len(40);
        segment.set_syn(true);
        segment.set_window_len(u16::MAX);
        segment.fill_checksum(&from.into(), &to.into());
        ethernet(STATION, self.victim, &packet(from, to, IpProtocol::Tcp, 64, &octets))
    }
}

impl Node for Opener {
    /// It is not interested.
    fn receive(&mut self, _port: usize, _frame: Vec<u8>, _now: Instant) {}

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        if now >= self.next && now < self.until {
            let count = self.random.between(1, BURST);
            outbox.extend((0..count).map(|_| (0, self.opening())));
            self.next = now + Duration::from_micros(count * self.random.between(200, 4000));
        }
        Ok((now < self.until).then_some(self.next))
    }
}
