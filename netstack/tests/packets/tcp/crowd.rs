//! So many connections that the stack looks ahead at what segments that wait will need.

use super::script::Script;
use appliance::StreamEvent;
use netstack::Budget;

/// More than `CROWD` of netstack's.
const CONNECTIONS: u16 = 4200;

/// Takes the frames that were sent to this IPv4 address.
fn take_to(script: &mut Script, address: [u8; 4]) -> Vec<Vec<u8>> {
    script.platform.links[0].outgoing.extract_if(.., |frame| frame[30..34] == address).collect()
}

#[test]
fn in_a_crowd_every_segment_finds_its_connection() {
    let budget = Budget { streams: 8192, buffers: 1 << 22 };
    let mut script = Script::within(budget, "192.0.2.9:4096", "192.0.2.53:7");
    script.platform.links[0].free = usize::MAX;
    let address = |peer: u16| [[10, 0], peer.to_be_bytes()].concat();
    let known: Vec<_> = (0..CONNECTIONS)
        .map(|peer| {
            let [a, b, c, d] = address(peer)[..] else { unreachable!("four octets") };
            script.comes_from(&format!("{a}.{b}.{c}.{d}:4096"));
            script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
            script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
            ([a, b, c, d], script.whom())
        })
        .collect();
    for some in known.chunks(97).map(|some| &some[..some.len().min(20)]) {
        for (_, whom) in some {
            script.is_again(whom).puts("P. 1(4) ack 1");
        }
        // Whoever has no connection, and what is no segment.
        script.comes_from("198.51.100.9:4096").puts("P. 1(4) ack 1");
        script.platform.links[0].incoming.push_back(vec![8; 20]);
        script.turn();
        assert_eq!(take_to(&mut script, [198, 51, 100, 9]).len(), 1, "a reset");
        script.tells(&vec![StreamEvent::Progress; some.len()]);
        let mut sent = core::mem::take(&mut script.platform.links[0].outgoing);
        for (address, whom) in some {
            let own = sent.extract_if(.., |frame| frame[30..34] == *address);
            script.platform.links[0].outgoing.extend(own);
            script.is_again(whom).sends(&[". 1(0) ack 5"]);
        }
        assert_eq!(sent.len(), 0, "nothing else");
    }
}
