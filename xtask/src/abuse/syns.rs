//! A flood of SYNs from addresses that never asked, beside an honest client.

use super::Subject;
use super::flood::Played;
use super::frames::{IPV4, IPV6, SYN, Segment, TCP, ethernet, ipv4, ipv6};
use super::honest::{Honest, beside};
use super::random::Random;
use super::streams::{PORT, SLOWER, growth};
use anyhow::Result;
use core::net::{Ipv4Addr, Ipv6Addr};
use laboratory::Interruption;

const COOKIES_GIVEN: &str = "network_stream_cookies_given_total/";
const COOKIES_TAKEN: &str = "network_stream_cookies_taken_total/";

/// Different SYNs of a flood, and how long it takes beside the honest client, in seconds.
const SYNS: u32 = 50_000;
const FLOOD_SECONDS: u32 = 3;
/// A flood is no slower than this, whatever a busy host can do.
const LEAST_PACE: u32 = 5_000;
/// The pace is halved if more than one of these is lost before the machine.
const LOST_ONE_OF: u64 = 100;

impl Subject {
    /// SYNs from everywhere: first as many as this system can send, then as many as hardly any is lost of before the machine,
    /// beside the honest client.
    pub(super) fn flood(&self, interruption: &Interruption) -> Result<(bool, String)> {
        let frames = self.syns(&mut Random::new(1));
        let flood = self.record(frames.iter().map(|frame| &**frame))?;
        let most = flood.whole(|flood| flood.play_for(1), interruption)?;
        let mut pace = (most.arrived_each_second() / 2).max(LEAST_PACE);
        let mut slower = 0;
        loop {
            let before = self.statistics()?;
            let rounds = (u64::from(pace) * u64::from(FLOOD_SECONDS)).div_ceil(u64::from(SYNS));
            let (played, honest): (Played, Honest) =
                beside(&self.network, || flood.whole(|flood| flood.play_rounds(pace, rounds), interruption))?;
            let after = self.statistics()?;
            if played.dropped * LOST_ONE_OF > played.sent && slower < SLOWER {
                (pace, slower) = ((pace / 2).max(LEAST_PACE), slower + 1);
                continue;
            }
            let (given, taken) =
                (growth(&before, &after, COOKIES_GIVEN), growth(&before, &after, COOKIES_TAKEN));
            let is_sound = honest.is_served() && given > played.sent / 2 && taken > 0;
            let what = format!(
                "{} SYNs a second sent and {} taken at most; then {} a second, {} lost before the machine, {given} \
                 cookies given, {taken} taken; {honest}",
                most.sent_each_second(),
                most.arrived_each_second(),
                played.sent_each_second(),
                played.dropped
            );
            return Ok((is_sound, what));
        }
    }

    /// From addresses that never asked, every other over IPv6 (RFC 2544 §C.2.2, RFC 3849).
    fn syns(&self, random: &mut Random) -> Vec<Vec<u8>> {
        let (four, six) = (self.target.four, self.target.six);
        let syn = |number: u32| {
            let [a, b, c, d, e, f] = random.octets();
            let station = [0x06, 0, a, b, c, d];
            let from = 1024 | u16::from_be_bytes([a, b]);
            let segment = Segment { from, to: PORT, sequence: u32::from_be_bytes([c, d, e, f]), flags: SYN };
            if number.is_multiple_of(2) {
                let source = Ipv4Addr::new(198, 18 | (e & 1), f, d);
                let packet = ipv4(source, four, 0, TCP, &segment.over_ipv4(source, four));
                ethernet(self.target.station, station, IPV4, &packet)
            } else {
                let [network, host] = [u16::from_be_bytes([e, f]), u16::from_be_bytes([c, d])];
                let source = Ipv6Addr::new(0x2001, 0xdb8, network | 0x8000, 0, 0, 0, 0, host);
                let packet = ipv6(source, six, 64, TCP, &segment.over_ipv6(source, six));
                ethernet(self.target.station, station, IPV6, &packet)
            }
        };
        (0..SYNS).map(syn).collect()
    }
}
