//! Archive → server → answer: what a machine trusts no further than its bounds.
//!
//! If the first octet is zero, sound settings are followed by compiled zones; else it is the length of the settings. Seeded
//! with sound ones.

#![no_main]

#[path = "dns/question.rs"]
mod question;
#[path = "dns/server.rs"]
mod server;

use configuration::{Archive, Network};
use libfuzzer_sys::fuzz_target;

const NAMES: [&[u8]; 6] = [
    b"\x04test\x00",
    b"\x01a\x04test\x00",
    b"\x01q\x01a\x04test\x00",
    b"\x01b\x01a\x04test\x00",
    b"\x01d\x04test\x00",
    b"\x01x\x01d\x04test\x00",
];

fuzz_target!(|input: &[u8]| {
    if let Ok(archive) = Archive::new(bytes::Bytes::copy_from_slice(input)) {
        let _sound_or_not = archive.value::<Network>(Archive::NETWORK);
    }
    let Some((&length, rest)) = input.split_first() else { return };
    let Some((settings, zones)) = rest.split_at_checked(usize::from(length)) else { return };
    let settings = if length == 0 { server::SETTINGS } else { settings };
    let Ok(mut server) = server::configure(settings, zones) else { return };
    for name in NAMES {
        for rtype in [1, 2, 5, 6, 16, 255] {
            // What a corrupt zone makes of an answer is its own affair, as long as it is an answer that fits.
            let mut buffer = [0; server::ROOM];
            let asked = question::question(name, rtype, true);
            buffer[..asked.len()].copy_from_slice(&asked);
            let reply = server::send(&mut server, &mut buffer, asked.len());
            assert!(reply.is_none_or(|length| length <= server::ROOM));
        }
    }
});
