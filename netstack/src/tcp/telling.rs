//! Tells the appliance what happened on its streams, and lets it do something about it.

use crate::station::Station;
use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::news::News;
use crate::tcp::rows::List;
use crate::tcp::state::State;
use crate::tcp::stream::TcpStream;
use appliance::{Appliance, End, Network, NoRoom, StreamEvent, StreamId};
use core::net::SocketAddr;
use moment::{Instant, Moment};

/// The network of one turn, as the appliance sees it.
pub(crate) struct Streams<'a> {
    pub(crate) connections: &'a mut Connections,
    pub(crate) stations: &'a mut [Station],
    pub(crate) now: Instant,
}

impl Network for Streams<'_> {
    type Stream<'a>
        = TcpStream<'a>
    where
        Self: 'a;

    #[inline]
    fn stream(&mut self, id: StreamId) -> Option<TcpStream<'_>> {
        self.connections.stream(id, self.now)
    }

    fn dial(&mut self, to: SocketAddr) -> Result<StreamId, NoRoom> {
        self.connections.dial(to, self.stations, self.now).ok_or(NoRoom)
    }
}

impl Streams<'_> {
    /// Tells of as many streams as one turn sees to.
    #[inline]
    pub(crate) fn tell<A: Appliance>(&mut self, appliance: &mut A, now: Moment) {
        for _ in 0..limits::STREAMS_PER_TURN {
            let Some(number) = self.connections.rows.pop(List::Telling) else { break };
            self.tell_of(number, appliance, now);
            self.connections.rows.push(List::Sending, number);
        }
        if appliance.deadline().is_some_and(|deadline| deadline <= now.instant) {
            appliance.on_deadline(self, now);
        }
    }

    #[inline]
    fn tell_of<A: Appliance>(&mut self, number: u32, appliance: &mut A, now: Moment) {
        let id = self.connections.id(number);
        for (news, event) in [
            (News::OPENED, StreamEvent::Opened),
            (News::PROGRESS, StreamEvent::Progress),
            (News::DEADLINE, StreamEvent::DeadlinePassed),
        ] {
            let Some(connection) = self.connections.connections.get_mut(number) else { return };
            if connection.news.take(news) && connection.is_known {
                // Whoever looks at what is new sees everything that is.
                if event == StreamEvent::Opened {
                    connection.news.take(News::PROGRESS);
                }
                appliance.on_stream(id, event, self, now);
            }
        }
        let Some(connection) = self.connections.connections.get_mut(number) else { return };
        let end = match connection.state {
            State::TimeWait => End::Finished,
            State::Closed(end) => end,
            _ => return,
        };
        if connection.is_known && connection.is_over() && connection.news.take(News::CLOSED) {
            connection.is_known = false;
            self.connections.count_end(end);
            appliance.on_stream(id, StreamEvent::Closed(end), self, now);
        }
    }
}
