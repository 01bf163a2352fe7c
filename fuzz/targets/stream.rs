//! Streams of octets, in any pieces → replies, by a server of the zones that the interop tests use.
//!
//! An input is a story: each octet says what happens next, and the octets behind it with what. However it is told, every
//! reply is whole and is the one that a datagram gets, and every query of a stream that is not closed has one.

#![no_main]

#[path = "dns/conversation.rs"]
mod conversation;
#[path = "../../appliances/dns/src/tests/network.rs"]
mod network;
#[path = "dns/records.rs"]
mod records;
#[path = "dns/same.rs"]
mod same;
#[path = "dns/server.rs"]
mod server;
#[path = "dns/zones.rs"]
mod zones;

use conversation::Conversation;
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    /// One for streams, one for datagrams.
    static SERVERS: RefCell<[dns::Dns; 2]> = RefCell::new(
        [(); 2].map(|()| server::configure(server::SETTINGS, &zones::compiled()).expect("sound zones")),
    );
}

fuzz_target!(|input: &[u8]| {
    SERVERS.with_borrow_mut(|[served, oracle]| {
        let mut conversation = Conversation::new(served);
        let mut rest = input;
        while let Some((step, behind)) = rest.split_first() {
            rest = conversation.step(*step, behind);
        }
        conversation.end(oracle);
    });
});
