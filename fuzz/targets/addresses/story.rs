//! A story: after some time, something comes; again and again.

use crate::machine::Machine;
use appliance::{Appliance, Datagram, Listener, Reply};
use core::time::Duration;
use moment::Moment;
use netstack::{Budget, Interface, Netstack};

/// The most that happens at once, whatever came: a machine that goes on for ever is a finding.
const FRAMES_AT_ONCE: usize = 200;
/// The most turns that a stretch of time takes.
const TURNS: usize = 200;

struct Silent;

impl Appliance for Silent {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Datagram { port: 53 }]
    }
    fn on_datagram(&mut self, _: Datagram<'_>, _: Moment) -> Reply {
        Reply::Silence
    }
}

/// Tells it to a machine whose network gives it addresses. Each part of `input` is a time, in seconds (an octet, squared), a length
/// in eights, and a message, which `frame` puts into what the machine takes; it is shown what the machine sent last.
pub(crate) fn tell(interface: Interface, mut input: &[u8], frame: impl Fn(&[u8], &[u8]) -> Vec<u8>) {
    let mut machine = Machine::new();
    let mut netstack = Netstack::new(&mut machine, &[interface], Silent.listeners(), Budget::NONE);
    while let [time, length, rest @ ..] = input {
        let (message, rest) = rest.split_at(usize::from(*length).saturating_mul(8).min(rest.len()));
        input = rest;
        let end = machine.now + Duration::from_secs(u64::from(*time) * u64::from(*time));
        for _ in 0..TURNS {
            machine.cable().count = 0;
            let turn = netstack.turn(&mut machine, &mut Silent);
            assert!(machine.cable().count <= FRAMES_AT_ONCE, "{} frames at once", machine.cable().count);
            match turn.deadline.filter(|deadline| *deadline <= end) {
                Some(deadline) => machine.now = machine.now.max(deadline),
                None => break,
            }
        }
        machine.now = machine.now.max(end);
        netstack.turn(&mut machine, &mut Silent);
        let cable = machine.cable();
        cable.incoming = Some(frame(message, &cable.sent));
        netstack.turn(&mut machine, &mut Silent);
    }
}

/// RFC 1071 over some octets and what was summed before.
pub(crate) fn checksum(octets: &[u8], before: u32) -> [u8; 2] {
    let words =
        octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum = words.sum::<u32>() + before;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}
