//! Frame → netstack → appliance → frame.
//!
//! The first octet says how the rest is taken: bit 0, the device vouches for the transport checksum; bit 1, the
//! checksums are mended first, so that what lies behind them is reached.

#![no_main]

#[path = "frame/machine.rs"]
mod machine;

use appliance::{Appliance, Datagram, Listener, Reply};
use libfuzzer_sys::fuzz_target;
use machine::Machine;
use moment::{Instant, Moment};
use netstack::{Budget, Frame, Interface, Netstack, Prefix};
use platform::Checksum;

/// For streams that are opened by one frame and get no further.
const BUDGET: Budget = Budget { streams: 8, buffers: 1 << 17 };

/// Sends every datagram back, twice as long where there is room.
struct Echo;

impl Appliance for Echo {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Datagram { port: 53 }, Listener::Stream { port: 53 }]
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, _: Moment) -> Reply {
        assert!(datagram.length <= datagram.buffer.len());
        Reply::Send { length: (2 * datagram.length).min(datagram.buffer.len()) }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&manner, frame)) = input.split_first() else { return };
    let mut buffer = [0xa5; machine::FRAME];
    let length = frame.len().min(buffer.len());
    buffer[..length].copy_from_slice(&frame[..length]);
    if manner & 2 != 0 {
        mend(&mut buffer[..length]);
    }

    let mut machine = Machine::default();
    let addresses = ["192.0.2.53", "2001:db8::53"].map(|address| address.parse().expect("an address"));
    let prefix =
        |address: core::net::IpAddr| Prefix { address, length: if address.is_ipv4() { 24 } else { 64 } };
    let interface =
        Interface { addresses: addresses.map(prefix).to_vec(), gateways: Vec::new(), ..Interface::default() };
    let mut netstack = Netstack::new(&mut machine, &[interface], Echo.listeners(), BUDGET);
    let checksum = if manner & 1 == 0 { Checksum::Unverified } else { Checksum::Verified };
    let now = Moment { instant: Instant::from_nanoseconds(60_000_000_000), unix_time: None };
    let frame = Frame { buffer: &mut buffer, length, checksum };
    if let Reply::Send { length } = netstack.on_frame(0, frame, &mut Echo, now) {
        assert!((14..=machine::FRAME).contains(&length), "a frame of {length} octets");
    }
});

/// Writes the right checksums over those of an IPv4 header, of ICMP, of ICMPv6, of TCP and of UDP.
fn mend(frame: &mut [u8]) {
    let Some((header, packet)) = frame.split_at_mut_checked(14) else { return };
    match header[12..] {
        [0x08, 0x00] if packet.len() >= 20 => {
            let end = (usize::from(packet[0] & 15) * 4).clamp(20, packet.len());
            let (header, payload) = packet.split_at_mut(end);
            mend_at(header, 10, 0);
            let pseudo = sum(&header[12..20]) + u32::from(header[9]);
            mend_transport(header[9], payload, pseudo);
        }
        [0x86, 0xdd] if packet.len() >= 40 => {
            let (header, payload) = packet.split_at_mut(40);
            let pseudo = sum(&header[8..40]) + u32::from(header[6]);
            mend_transport(header[6], payload, pseudo);
        }
        _ => {}
    }
}

fn mend_transport(protocol: u8, payload: &mut [u8], pseudo: u32) {
    let length = u32::try_from(payload.len()).expect("a frame's");
    match protocol {
        1 => mend_at(payload, 2, 0),
        6 => mend_at(payload, 16, pseudo + length),
        17 if payload.len() >= 8 => {
            let told = usize::from(u16::from_be_bytes([payload[4], payload[5]])).clamp(8, payload.len());
            mend_at(&mut payload[..told], 6, pseudo + u32::try_from(told).expect("a frame's"));
        }
        58 => mend_at(payload, 2, pseudo + length),
        _ => {}
    }
}

/// Writes the checksum of `octets` and of a pseudo-header at `place`.
fn mend_at(octets: &mut [u8], place: usize, pseudo: u32) {
    if octets.len() < place + 2 {
        return;
    }
    octets[place..place + 2].fill(0);
    let mut sum = sum(octets) + pseudo;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    octets[place..place + 2].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

/// RFC 1071, not folded.
fn sum(octets: &[u8]) -> u32 {
    octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0))).sum()
}
