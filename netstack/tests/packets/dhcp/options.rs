//! What servers say, and what they should not: RFC 2132, RFC 3396.

use super::server::{Sent, Server, frame, message, octets, read, start};
use super::{OFFERED, PROBING, question};
use crate::wire::{Manner, Wire};
use core::net::Ipv4Addr;
use netstack::Counter;
use smoltcp::wire::DhcpMessageType;

/// Where options begin.
const OPTIONS: usize = 240;

fn selecting() -> (Wire, Sent) {
    let mut wire = start(&[]);
    wire.turn();
    let discover = read(&wire.take_sent()[0]);
    (wire, discover)
}

/// An offer whose options are these octets, with `file` and `sname` filled by others.
fn raw(asked: &Sent, options: &[u8], file: &[u8], server_name: &[u8]) -> Vec<u8> {
    let server = Server::default();
    let mut bytes = octets(asked, &server);
    bytes.truncate(OPTIONS);
    bytes[44..44 + server_name.len()].copy_from_slice(server_name);
    bytes[108..108 + file.len()].copy_from_slice(file);
    bytes.extend_from_slice(options);
    frame(&server, &bytes)
}

const SOUND: &[u8] = &[53, 1, 2, 54, 4, 192, 0, 2, 1, 51, 4, 0, 0, 14, 16, 1, 4, 255, 255, 255, 0];

#[test]
fn rfc3396_options_are_put_together_from_every_place() {
    for (options, file, server_name) in [
        (SOUND, &[][..], &[][..]),
        (&[0, 0, 53, 1, 2, 0, 54, 4, 192, 0, 2, 1, 255, 51, 9], &[], &[]),
        // Split in the field itself.
        (&[53, 1, 2, 54, 2, 192, 0, 54, 0, 54, 2, 2, 1, 255], &[], &[]),
        // RFC 2132 §9.3: in `file`, in `sname`, in both, `file` first.
        (&[52, 1, 1, 53, 1, 2, 255], &[54, 4, 192, 0, 2, 1, 255], &[]),
        (&[52, 1, 2, 53, 1, 2, 255], &[], &[54, 4, 192, 0, 2, 1, 255]),
        (&[52, 1, 3, 53, 1, 2, 54, 1, 192, 255], &[54, 2, 0, 2, 255], &[54, 1, 1, 255]),
    ] {
        let (mut wire, discover) = selecting();
        wire.receives(raw(&discover, options, file, server_name)).counts(Counter::LeaseMessageTaken);
        let request = read(&wire.take_sent()[0]);
        assert_eq!(request.server, Some(Ipv4Addr::new(192, 0, 2, 1)), "{options:?}");
    }
}

#[test]
fn options_that_contradict_themselves_are_refused() {
    for (options, file) in [
        // Nothing; no kind; no server.
        (&[][..], &[][..]),
        (&[54, 4, 192, 0, 2, 1, 255], &[]),
        (&[53, 1, 2, 255], &[]),
        // Beyond the end; a length that is missing.
        (&[53, 1, 2, 54, 4, 192, 0, 2], &[]),
        (&[53, 1, 2, 54], &[]),
        (&[53, 1, 2, 54, 4, 192, 0, 2, 1, 200, 255], &[]),
        // Lengths that are none.
        (&[53, 2, 2, 2, 54, 4, 192, 0, 2, 1, 255], &[]),
        (&[53, 1, 2, 54, 5, 192, 0, 2, 1, 1, 255], &[]),
        (&[53, 0, 54, 4, 192, 0, 2, 1, 255], &[]),
        // RFC 3396 §7: twice is longer, not other.
        (&[53, 1, 2, 54, 4, 192, 0, 2, 1, 54, 4, 192, 0, 2, 1, 255], &[]),
        // In `file`, which the server does not say holds options; past its end.
        (&[53, 1, 2, 255], &[54, 4, 192, 0, 2, 1, 255]),
        (&[52, 1, 1, 53, 1, 2, 54, 4, 192, 0, 2, 1], &[9; 128]),
    ] {
        let (mut wire, discover) = selecting();
        wire.receives(raw(&discover, options, file, &[]))
            .stays_silent()
            .counts(Counter::LeaseMessageMalformed);
    }
    let (mut wire, discover) = selecting();
    let server = Server::default();
    let whole = octets(&discover, &server);
    for length in 0..OPTIONS {
        wire.receives(frame(&server, &whole[..length])).stays_silent().counts(Counter::LeaseMessageMalformed);
    }
}

#[test]
fn addresses_and_times_that_nobody_can_use_are_not_taken() {
    let address = |text: &str| Server { address: text.parse().unwrap(), ..Server::default() };
    for server in [
        address("0.0.0.0"),
        address("0.1.2.3"),
        address("127.0.0.1"),
        address("224.0.0.1"),
        address("240.0.0.1"),
        address("255.255.255.255"),
        address("169.254.1.1"),
        address("192.0.2.0"),
        address("192.0.2.255"),
        Server { mask: Some(Ipv4Addr::new(255, 0, 255, 0)), ..Server::default() },
        Server { mask: Some(Ipv4Addr::new(255, 255, 255, 178)), ..Server::default() },
        Server { lease: Some(0), ..Server::default() },
        Server { lease: Some(4), ..Server::default() },
    ] {
        let (mut wire, discover) = selecting();
        wire.receives(message(&discover, server.clone())).stays_silent().counts(Counter::LeaseMessageIgnored);
        // Nor is it if it was offered sound.
        let request = {
            wire.receives(message(&discover, Server::default()));
            read(&wire.take_sent()[0])
        };
        wire.receives(message(&request, server.acknowledge()))
            .stays_silent()
            .counts(Counter::LeaseMessageIgnored);
    }
    // An acknowledgement has to say for how long (RFC 2131 §4.3.1, table 3).
    let (mut wire, discover) = selecting();
    wire.receives(message(&discover, Server { lease: None, ..Server::default() }))
        .counts(Counter::LeaseMessageTaken);
    let request = read(&wire.take_sent()[0]);
    let endless = Server { lease: None, ..Server::default() }.acknowledge();
    wire.receives(message(&request, endless)).stays_silent().counts(Counter::LeaseMessageIgnored);
}

#[test]
fn a_network_of_two_or_one_has_no_broadcast_address() {
    for (mask, other) in
        [(Some([255, 255, 255, 254]), "192.0.2.76"), (Some([255; 4]), "192.0.2.255"), (None, "192.0.2.255")]
    {
        let (mut wire, discover) = selecting();
        let server = Server { mask: mask.map(Ipv4Addr::from), ..Server::default() };
        wire.receives(message(&discover, server.clone()));
        let request = read(&wire.take_sent()[0]);
        wire.receives(message(&request, server.acknowledge()));
        wire.rest(PROBING);
        wire.take_sent();
        wire.receives(question(other)).counts(Counter::PacketToOthers);
        wire.receives(question(OFFERED)).counts(Counter::DatagramAnswered);
    }
}

#[test]
fn rfc2132_section_5_1_answers_fit_the_network_that_the_server_describes() {
    for (mtu, expected) in [(1400_u16, 1372), (576, 548), (68, 548), (9000, 1472)] {
        let mut wire = start(&[]);
        wire.turn();
        let discover = wire.take_sent().swap_remove(0);
        let options = vec![(26, mtu.to_be_bytes().to_vec())];
        Server { options, lease: Some(10), ..Server::default() }.serve(&mut wire, &discover);
        wire.receives(question(OFFERED)).take_sent();
        assert_eq!(wire.appliance.asked.as_ref().map(|asked| asked.3), Some(expected));
        wire.appliance.manner = Manner::Lengthy(expected + 1);
        wire.receives(question(OFFERED)).stays_silent().counts(Counter::DatagramAnswerTooLong);
    }
}

#[test]
fn every_flipped_bit_of_an_offer_is_survived() {
    let (_, discover) = selecting();
    let server = Server { options: vec![(58, vec![0, 0, 1, 0]), (52, vec![3])], ..Server::default() };
    let whole = octets(&discover, &server);
    for bit in 0..whole.len() * 8 {
        let (mut wire, discover) = selecting();
        let mut flipped = octets(&discover, &server);
        flipped[bit / 8] ^= 1 << (bit % 8);
        wire.receives(frame(&server, &flipped));
        let sent = wire.take_sent();
        assert!(sent.iter().all(|frame| read(frame).kind == DhcpMessageType::Request));
    }
}
