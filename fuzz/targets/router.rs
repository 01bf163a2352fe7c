//! Routers' and neighbours' messages → formed addresses.

#![no_main]

#[path = "addresses/machine.rs"]
mod machine;
#[path = "addresses/story.rs"]
mod story;

use libfuzzer_sys::fuzz_target;
use netstack::Interface;

fuzz_target!(|input: &[u8]| {
    let interface = Interface { slaac: true, ..Interface::default() };
    story::tell(interface, input, |message, _| {
        // An octet says what it is, as there are so few that matter; the rest is the message behind its checksum.
        let (kind, rest) = message.split_first().map_or((0, message), |(kind, rest)| (*kind, rest));
        let kind = [134, 134, 134, 135, 136, 2][usize::from(kind) % 6];
        let mut message = [&[kind, 0, 0, 0], rest].concat();
        // Options are eights of octets, and a message with a part of one is dropped whole.
        message.truncate((machine::FRAME - 54).min(message.len()) / 8 * 8);
        if message.is_empty() {
            message.resize(8, 0);
        }
        let length = (message.len() as u16).to_be_bytes();
        let mut addresses = [0; 32];
        addresses[..2].copy_from_slice(&[0xfe, 0x80]);
        addresses[15] = 1;
        addresses[16..18].copy_from_slice(&[0xff, 2]);
        addresses[31] = 1;
        let pseudo =
            addresses.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum::<u32>();
        let sum = story::checksum(&message, pseudo + message.len() as u32 + 58);
        message[2..4].copy_from_slice(&sum);
        let header = [0x60, 0, 0, 0, length[0], length[1], 58, 255];
        [&[0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1][..], &[0x86, 0xdd], &header, &addresses, &message]
            .concat()
    });
});
