//! DHCP messages → client → address.

#![no_main]

#[path = "addresses/machine.rs"]
mod machine;
#[path = "addresses/story.rs"]
mod story;

use libfuzzer_sys::fuzz_target;
use netstack::Interface;

/// Where the exchange's number stands in a message, and where a message begins in a frame.
const NUMBER: core::ops::Range<usize> = 4..8;
const MESSAGE: usize = 42;

fuzz_target!(|input: &[u8]| {
    let interface = Interface { dhcp: true, ..Interface::default() };
    story::tell(interface, input, |message, asked| {
        // What answers nothing is not looked at: the number and the cookie are right, and the addressee nearly always.
        let mut message = message.to_vec();
        if let Some(number) = message.get_mut(NUMBER)
            && let Some(asked) = asked.get(MESSAGE..).and_then(|asked| asked.get(NUMBER))
        {
            number.copy_from_slice(asked);
        }
        if message.len() >= 240 {
            message[..3].copy_from_slice(&[2, 1, 6]);
            message[28..34].copy_from_slice(&machine::OWN.0);
            message[236..240].copy_from_slice(&[99, 130, 83, 99]);
        }
        message.truncate(machine::FRAME - MESSAGE);
        let length = message.len() as u16;
        let [total, datagram] = [length + 28, length + 8].map(u16::to_be_bytes);
        let mut packet =
            [0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 255, 255, 255, 255];
        let sum = story::checksum(&packet, 0);
        packet[10..12].copy_from_slice(&sum);
        let header = [0, 67, 0, 68, datagram[0], datagram[1], 0, 0];
        [&[0xff; 6], &[2, 0, 0, 0, 0, 1][..], &[8, 0], &packet, &header, &message].concat()
    });
});
