//! Frames to appliance calls, and answers back to frames.
//!
//! ```text
//!   Platform ── now ──────────────────────────────┐
//!      │                                          ▼
//!      └─ Link ── receive ──▶ turn ──▶ on_frame ──▶ Appliance::on_datagram
//!           ▲                              │              │
//!           ├──────── reply in place ◀─────┴──────────────┘
//!           └──────── announcements (ARP, NDP, MLD), DHCP ◀── what is due
//! ```
//!
//! A datagram is answered in the buffer that it came in: its reply goes back the way it came, so there is no socket, no
//! neighbour look-up, no queue and no copy. Nothing is allocated after [`Netstack::new`], and nothing here keeps state
//! for a peer, but that it may be reached by shorter packets only.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod announcements;
mod arp;
mod autoconfiguration;
mod automatic;
mod bucket;
mod budget;
mod checksum;
mod counters;
mod datagrams;
mod dhcp;
mod errors;
mod extensions;
mod frame;
mod groups;
mod hosts;
mod icmp;
mod interface;
mod ipv4;
mod ipv6;
mod limits;
mod neighbours;
mod notices;
mod paths;
mod quote;
mod random;
mod reception;
mod routes;
mod segments;
mod station;
mod tcp;
mod too_big;
mod turn;
mod unreachable;
mod version;

pub use budget::Budget;
pub use counters::{Counter, Counters};
pub use frame::Frame;
pub use interface::{Interface, Prefix};
pub use turn::{Netstack, Turn};

use appliance::Appliance;
use moment::Instant;
use operator::Request;
use platform::Platform;

/// Serves `appliance` on the links of `platform` for ever, by a stack that was made for both.
///
/// After a turn that found a frame, the links are polled for some microseconds more before the machine sleeps: under
/// load there is no wake-up to pay for. The operator is heard before each sleep, and now and then by a machine that never
/// sleeps: frames pay for it with one comparison a turn.
pub fn serve<P: Platform, A: Appliance>(mut platform: P, mut netstack: Netstack, mut appliance: A) -> ! {
    let (mut poll_until, mut hear_at) = (Instant::START, Instant::START);
    loop {
        let turn = netstack.turn(&mut platform, &mut appliance);
        if turn.frames > 0 {
            poll_until = turn.began + limits::POLL;
        }
        let is_idle = turn.frames == 0 && turn.began >= poll_until;
        if !is_idle && turn.began < hear_at {
            continue;
        }
        hear_at = turn.began + limits::HEARING;
        match platform.request() {
            Some(Request::Statistics) => platform.answer(netstack.statistics().chain(appliance.statistics())),
            None if is_idle => platform.wait(turn.deadline),
            None => {}
        }
    }
}
