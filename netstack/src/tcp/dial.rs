//! Connections that we open (RFC 9293 §3.10.1).

use crate::station::Station;
use crate::tcp::connection::{Beginning, Connection, Route};
use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::timers::LossTimer;
use crate::tcp::tuple::Tuple;
use appliance::StreamId;
use core::net::{IpAddr, SocketAddr};
use moment::Instant;

impl Connections {
    /// Begins to open a connection; `None` if there is no room for one, or no link on the way.
    pub(super) fn dial(
        &mut self,
        to: SocketAddr,
        stations: &mut [Station],
        now: Instant,
    ) -> Option<StreamId> {
        if to.port() == 0 || !self.make_place(now) {
            return None;
        }
        let remote = to.ip().to_canonical();
        let (link, from) = choose_link(remote, stations)?;
        let tuple = self.choose_port(from, SocketAddr::new(remote, to.port()))?;
        let beginning = Beginning {
            tuple,
            route: Route { link: u8::try_from(link).ok()?, station: None },
            sequence: self.identity.sequence(&tuple, now),
            clock_offset: self.identity.clock_offset(&tuple),
            segment: stations[link].segment_to(remote, now),
        };
        self.dialled = self.dialled.wrapping_add(1);
        let hash = self.identity.hash(&tuple);
        let number = self.add(hash, Connection::dial(&beginning, now))?;
        Some(self.id(number))
    }

    /// RFC 6056 §3.3: a free port, from one on and in steps that nobody can foresee; one of a connection that is over is not.
    fn choose_port(&self, from: IpAddr, to: SocketAddr) -> Option<Tuple> {
        const PORTS: u64 = (u16::MAX - limits::FIRST_PORT) as u64 + 1;
        let mut tuple = Tuple::new(SocketAddr::new(from, 0), to);
        let chance = self.identity.port_offset(&tuple);
        // An odd step visits every port of a power of two of them before any comes again.
        let (first, step) = (chance.wrapping_add(self.dialled), chance >> 32 | 1);
        (0..limits::PORT_TRIES).find_map(|number| {
            tuple.local_port = limits::FIRST_PORT + (first.wrapping_add(number * step) % PORTS) as u16;
            let is_free = !self.is_taken(&tuple) && !self.ports.contains(&tuple.local_port);
            is_free.then_some(tuple)
        })
    }
}

/// The link that an address is reached through, and our own address there.
fn choose_link(to: IpAddr, stations: &[Station]) -> Option<(usize, IpAddr)> {
    let directly = stations.iter().enumerate().find(|(_, station)| station.is_neighbour(to));
    let by_router = || stations.iter().enumerate().find(|(_, station)| station.router(to).is_some());
    let (link, station) = directly.or_else(by_router)?;
    Some((link, station.source_for(to)?))
}

impl Connection {
    /// Looks for the station that the peer is reached by, or asks for it.
    #[cold]
    pub(super) fn find_station(&mut self, station: &mut Station, now: Instant) {
        // Its SYN's own timer asks again, and gives up in the end; so it does where no way is known any more.
        if self.loss_timer == LossTimer::Idle {
            self.set_shared_timer(now);
        }
        let to = self.tuple.remote_address().ip();
        let hop = if station.is_neighbour(to) { Some(to) } else { station.router(to) };
        let Some(hop) = hop else { return };
        self.route.station = station.neighbour(hop, self.tuple.local_address().ip(), now);
        // What it took to find it is no part of the round trip.
        if self.route.station.is_some() && self.tries == 0 {
            self.progress_at = now;
        }
    }
}
