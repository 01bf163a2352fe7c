//! The streams that are served: how many there are, of whom, and which has been idle for longest.

use super::client::Client;
use super::table::{Key, Table};
use alloc::vec::Vec;
use appliance::StreamId;
use moment::Instant;

/// A stream that is served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    id: StreamId,
    pub(super) client: Client,
    /// When it opened, or its last query was answered. A part of a message changes nothing (RFC 7766 §6.2.3: "servers SHOULD
    /// reset the idle timeout on the receipt of a full DNS message"), and neither does a message without an answer.
    idle_since: Instant,
    /// Octets of the reply that there was no room for. The query was counted.
    pub(super) owed: Option<u16>,
    /// Its neighbours in the order of `idle_since`.
    older: Option<Place>,
    newer: Option<Place>,
}

impl Connection {
    /// One that opened.
    pub(super) const fn new(id: StreamId, client: Client, now: Instant) -> Self {
        Self { id, client, idle_since: now, owed: None, older: None, newer: None }
    }
}

/// Where a connection is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// All streams that are served, with room for as many as there may be.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Those of free places are whatever was there.
    connections: Vec<Connection>,
    free: Vec<Place>,
    places: Table<StreamId>,
    /// How many each client has.
    clients: Table<Client>,
    most: usize,
    most_per_client: u32,
    oldest: Option<Place>,
    newest: Option<Place>,
}

impl Connections {
    /// Room for `most` connections, and for `most_per_client` of one client.
    pub(crate) fn new(most: u16, most_per_client: u16) -> Self {
        let most = usize::from(most);
        Self {
            connections: Vec::with_capacity(most),
            free: Vec::with_capacity(most),
            places: Table::new(most),
            clients: Table::new(most),
            most,
            most_per_client: most_per_client.into(),
            oldest: None,
            newest: None,
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.connections.len() - self.free.len()
    }

    /// Whether there are as many as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.count() >= self.most
    }

    /// Whether a client has as many as it may have.
    pub(super) fn has_enough_of(&self, client: Client) -> bool {
        self.clients.get(client).is_some_and(|count| count >= self.most_per_client)
    }

    /// Takes a connection in; `None` if there is no room, or if it is there.
    pub(super) fn add(&mut self, connection: Connection) -> Option<Place> {
        if self.is_full() || self.places.get(connection.id).is_some() {
            return None;
        }
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.connections.push(connection);
                Place(self.connections.len() as u32 - 1)
            }
        };
        *self.at(place) = connection;
        self.places.set(connection.id, place.0);
        self.clients.set(connection.client, self.clients.get(connection.client).unwrap_or(0) + 1);
        self.append(place);
        Some(place)
    }

    /// Where a connection is.
    pub(super) fn find(&self, id: StreamId) -> Option<Place> {
        self.places.get(id).map(Place)
    }

    /// The connection that was found there.
    pub(super) fn at(&mut self, place: Place) -> &mut Connection {
        &mut self.connections[place.0 as usize]
    }

    /// A query was answered: the connection is the least idle.
    pub(super) fn note_answer(&mut self, place: Place, now: Instant) {
        self.at(place).idle_since = now;
        if self.newest != Some(place) {
            self.unlink(place);
            self.append(place);
        }
    }

    /// The connection that has been idle for longest, and since when.
    pub(super) fn oldest(&self) -> Option<(StreamId, Instant)> {
        let oldest = &self.connections[self.oldest?.0 as usize];
        Some((oldest.id, oldest.idle_since))
    }

    /// Forgets a connection; `None` if it is not known.
    pub(super) fn remove(&mut self, id: StreamId) -> Option<()> {
        let place = Place(self.places.remove(id)?);
        let client = self.at(place).client;
        match self.clients.get(client) {
            Some(count @ 2..) => self.clients.set(client, count - 1),
            _ => _ = self.clients.remove(client),
        }
        self.unlink(place);
        self.free.push(place);
        Some(())
    }

    fn append(&mut self, place: Place) {
        let older = self.newest.replace(place);
        let connection = self.at(place);
        (connection.older, connection.newer) = (older, None);
        match older {
            Some(older) => self.at(older).newer = Some(place),
            None => self.oldest = Some(place),
        }
    }

    fn unlink(&mut self, place: Place) {
        let Connection { older, newer, .. } = *self.at(place);
        match older {
            Some(older) => self.at(older).newer = newer,
            None => self.oldest = newer,
        }
        match newer {
            Some(newer) => self.at(newer).older = older,
            None => self.newest = older,
        }
    }
}

impl Key for StreamId {
    fn number(self) -> u64 {
        self.index() as u64
    }
}
