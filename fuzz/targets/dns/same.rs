//! What a stream's replies have to be.

use crate::server::{ROOM, send};
use dns::Dns;
use interop_tests::message::{Message, Record};

/// Octets of a header; a message with fewer ends its stream.
const HEADER: usize = 12;

const TC: u16 = 0x0200;
const FORMERR: u16 = 1;
const REFUSED: u16 = 5;

/// The option that datagrams are not answered, as it begins (RFC 7828).
const KEEP_ALIVE: [u8; 2] = [0, 11];

/// Checks that a stream's replies are those of its queries, in order, as far as they go; says how many are missing.
pub(crate) fn check(oracle: &mut Dns, sent: &[u8], replies: &[u8]) -> usize {
    let mut replies = messages(replies);
    let mut unanswered = 0;
    for query in messages(sent).take_while(|query| query.len() >= HEADER) {
        let mut buffer = query.to_vec();
        buffer.resize(query.len().max(ROOM), 0xa5);
        let Some(length) = send(oracle, &mut buffer, query.len()) else { continue };
        match replies.next() {
            Some(reply) => compare(query, reply, &buffer[..length]),
            None => unanswered += 1,
        }
    }
    assert!(replies.next().is_none(), "a reply to nothing");
    assert!(replies.rest.is_empty(), "half a reply");
    unanswered
}

/// By stream, by datagram: the same but for what does not fit into a datagram, and what only streams are told.
fn compare(query: &[u8], by_stream: &[u8], by_datagram: &[u8]) {
    let [by_stream, by_datagram] = [by_stream, by_datagram]
        .map(|reply| Message::parse(reply).unwrap_or_else(|error| panic!("{error:#} in {reply:02x?}")));
    assert_eq!(by_stream.id, by_datagram.id, "in order");
    let transfer = by_datagram.rcode() == FORMERR && by_stream.rcode() == REFUSED;
    let option = by_stream.rcode() == FORMERR && query.windows(2).any(|octets| octets == KEEP_ALIVE);
    if by_datagram.flags & TC != 0 || transfer || option {
        return;
    }
    assert_eq!(by_stream.flags, by_datagram.flags);
    assert_eq!(by_stream.questions.len(), by_datagram.questions.len());
    assert_eq!(by_stream.answer, by_datagram.answer);
    assert_eq!(by_stream.authority, by_datagram.authority);
    let is_there = |record: &Record| by_stream.additional.contains(record);
    assert!(by_datagram.additional.iter().all(is_there), "{by_stream:?} {by_datagram:?}");
    assert_eq!(by_stream.opt.is_some(), by_datagram.opt.is_some());
}

/// The whole messages of a stream.
fn messages(octets: &[u8]) -> Messages<'_> {
    Messages { rest: octets }
}

struct Messages<'o> {
    rest: &'o [u8],
}

impl<'o> Iterator for Messages<'o> {
    type Item = &'o [u8];

    fn next(&mut self) -> Option<&'o [u8]> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (message, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.rest = rest;
        Some(message)
    }
}
