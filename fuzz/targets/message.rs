//! Message → answer, by a server of the zones that the interop tests use.

#![no_main]

#[path = "dns/ask.rs"]
mod ask;
#[path = "dns/records.rs"]
mod records;
#[path = "dns/server.rs"]
mod server;
#[path = "dns/zones.rs"]
mod zones;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static SERVER: RefCell<dns::Dns> =
        RefCell::new(server::configure(server::SETTINGS, &zones::compiled()).expect("sound zones"));
}

fuzz_target!(|input: &[u8]| {
    SERVER.with_borrow_mut(|server| ask::ask(server, input));
});
