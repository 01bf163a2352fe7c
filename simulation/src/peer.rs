//! An independent peer: smoltcp's network stack and sockets, and a client on them.

use crate::cable::ETHERNET_HEADER;
use crate::limits;
use crate::node::{Node, Outbox};
use crate::random::Random;
use anyhow::Result;
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::iface::{Config, Interface, PollResult, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::wire::IpCidr;
use std::collections::VecDeque;

/// A machine with smoltcp's stack, and what runs on it.
pub struct Peer<C> {
    interface: Interface,
    sockets: SocketSet<'static>,
    device: Queues,
    client: C,
}

/// What runs on a peer.
pub trait Client: 'static {
    /// Does with its sockets what is to be done now; when to call it again if nothing arrives before. An error is something
    /// that must never be.
    fn act(
        &mut self,
        interface: &mut Interface,
        sockets: &mut SocketSet<'static>,
        now: Instant,
    ) -> Result<Option<Instant>>;
}

/// Who a peer is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its hardware address.
    pub station: EthernetAddress,
    /// Its addresses and how much of each its neighbours share.
    pub addresses: Vec<IpCidr>,
    /// Its longest packet.
    pub mtu: usize,
}

impl<C: Client> Peer<C> {
    /// A peer with a client, which gets its sockets from `client`.
    pub fn new(
        identity: &Identity,
        random: &mut Random,
        client: impl FnOnce(&mut SocketSet<'static>) -> C,
    ) -> Self {
        let mut device = Queues { mtu: identity.mtu, incoming: VecDeque::new(), outgoing: Vec::new() };
        let station = smoltcp::wire::EthernetAddress(identity.station.0);
        let mut config = Config::new(station.into());
        config.random_seed = random.number();
        let mut interface = Interface::new(config, &mut device, time(Instant::START));
        interface.update_ip_addrs(|addresses| {
            addresses.extend(identity.addresses.iter().copied());
        });
        let mut sockets = SocketSet::new(Vec::new());
        let client = client(&mut sockets);
        Self { interface, sockets, device, client }
    }

    /// What runs on it.
    pub const fn client(&self) -> &C {
        &self.client
    }

    /// What runs on it.
    pub const fn client_mut(&mut self) -> &mut C {
        &mut self.client
    }
}

impl<C: Client> Node for Peer<C> {
    fn receive(&mut self, _port: usize, frame: Vec<u8>, _now: Instant) {
        // What smoltcp's device would never hand it.
        if frame.len() <= self.device.mtu + ETHERNET_HEADER {
            self.device.incoming.push_back(frame);
        }
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        let timestamp = time(now);
        self.interface.poll(timestamp, &mut self.device, &mut self.sockets);
        let mut next = self.client.act(&mut self.interface, &mut self.sockets, now)?;
        while self.interface.poll(timestamp, &mut self.device, &mut self.sockets)
            == PollResult::SocketStateChanged
        {
            next = self.client.act(&mut self.interface, &mut self.sockets, now)?;
        }
        outbox.extend(self.device.outgoing.drain(..).map(|frame| (0, frame)));
        let due = self.interface.poll_at(timestamp, &self.sockets).map(instant);
        Ok(due.into_iter().chain(next).min().map(|due| due.max(now + limits::PEER_TICK)))
    }
}

/// smoltcp's clock has microseconds.
fn time(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros((now.nanoseconds() / 1000).cast_signed())
}

fn instant(time: smoltcp::time::Instant) -> Instant {
    Instant::START + Duration::from_micros(time.total_micros().cast_unsigned())
}

/// A card for smoltcp.
struct Queues {
    mtu: usize,
    incoming: VecDeque<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

struct Arrived(Vec<u8>);

struct Room<'a>(&'a mut Vec<Vec<u8>>);

impl Device for Queues {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _timestamp: smoltcp::time::Instant) -> Option<(Arrived, Room<'_>)> {
        Some((Arrived(self.incoming.pop_front()?), Room(&mut self.outgoing)))
    }

    fn transmit(&mut self, _timestamp: smoltcp::time::Instant) -> Option<Room<'_>> {
        Some(Room(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = self.mtu + ETHERNET_HEADER;
        capabilities
    }
}

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut frame = vec![0; length];
        let result = write(&mut frame);
        self.0.push(frame);
        result
    }
}

impl<C> core::fmt::Debug for Peer<C> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Peer").finish_non_exhaustive()
    }
}
