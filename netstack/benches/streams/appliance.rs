//! An appliance that answers requests of one length by answers of another, and counts them on each stream.

use crate::{ANSWER, REQUEST};
use appliance::{Appliance, Datagram, Listener, Network, Reply, Stream as _, StreamEvent, StreamId};
use moment::Moment;

/// Where it listens.
pub(crate) const PORT: u16 = 7000;

/// See above.
pub(crate) struct Answering {
    /// How many requests came, by the stream's index.
    answered: Vec<u32>,
    pub(crate) opened: usize,
}

impl Answering {
    pub(crate) fn new(streams: usize) -> Self {
        Self { answered: vec![0; streams], opened: 0 }
    }
}

/// An answer begins with the request's first octets and how many came before it on its stream.
pub(crate) fn write_answer(answer: &mut [u8], request: &[u8], number: u32) {
    answer[..8].copy_from_slice(&request[..8]);
    answer[8..12].copy_from_slice(&number.to_be_bytes());
    answer[12..].fill(number as u8);
}

impl Appliance for Answering {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Stream { port: PORT }]
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    #[inline(never)]
    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, _now: Moment) {
        if event == StreamEvent::Opened {
            self.opened += 1;
        }
        let Some(mut stream) = network.stream(id) else { return };
        while let Some(request) = stream.received().first_chunk::<REQUEST>() {
            let request = *request;
            let number = &mut self.answered[id.index()];
            let room = stream.room(ANSWER);
            write_answer(&mut room[..ANSWER], &request, *number);
            *number += 1;
            stream.commit(ANSWER);
            stream.consume(REQUEST);
        }
    }
}
