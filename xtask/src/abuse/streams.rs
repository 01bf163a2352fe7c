//! Abuse of streams: scans, resets and SYNs of somebody who only guesses, peers that keep a stream and say nothing, floods of SYNs.

use super::Subject;
use super::flood::{Flood, Played};
use super::frames::{IPV4, RST, SYN, Segment, TCP, ethernet, ipv4};
use super::honest::{Conversation, beside, question};
use super::random::Random;
use super::subject::{IDLE_SECONDS, Statistics};
use crate::program::output;
use crate::tally::Tally;
use anyhow::{Context, Result};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use laboratory::{CLIENT, CLIENT_ETHERNET, Interruption, SERVER};
use std::io::{ErrorKind, Read, Write};
use std::process::Command;
use std::thread;
use std::time::Instant;

pub(super) const PORT: u16 = 53;

/// Every abuse of streams once; says what came of it.
pub(super) fn check(subject: &mut Subject, interruption: &Interruption) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut say = |name: &str, is_sound: bool, what: &str| {
        println!("abuse: {name}: {what} … {}", if is_sound { "ok" } else { "FAILED" });
        tally += Tally::one(is_sound);
    };
    for scan in SCANS {
        let (is_sound, what) = subject.scan(scan)?;
        say(scan.name, is_sound, &what);
    }
    for (name, flags) in [("blind resets", RST), ("blind SYNs", SYN)] {
        let (is_sound, what) = subject.guess(flags, interruption)?;
        say(name, is_sound, &what);
    }
    let (is_sound, what) = subject.reset()?;
    say("exact reset", is_sound, &what);
    let (is_sound, what) = subject.hold(interruption)?;
    say("silent streams", is_sound, &what);
    let (is_sound, what) = subject.flood(interruption)?;
    say("SYN flood", is_sound, &what);
    subject.ensure_running()?;
    Ok(tally)
}

/// How much a count grew.
pub(super) fn growth(before: &Statistics, after: &Statistics, name: &str) -> u64 {
    after.get(name).unwrap_or(&0).saturating_sub(*before.get(name).unwrap_or(&0))
}

const CLOSED_BY_RESET: &str = "network_streams_closed_total/reset";
const CLOSED_FOR_SILENCE: &str = "dns_connections_closed_total/idle";
const SHED: &str = "dns_connections_closed_total/shed";
const CHALLENGED: &str = "network_frames_total/segment_challenged";

/// A scan of nmap's, and what it has to say of the one port that is open.
#[derive(Clone, Copy)]
struct Scan {
    name: &'static str,
    option: &'static str,
    open: &'static str,
}

/// Where something listens, nothing answers what is neither SYN nor ACK nor RST (RFC 9293 §3.10.7.2).
const SCANS: [Scan; 4] = [
    Scan { name: "scan by SYN", option: "-sS", open: "open" },
    Scan { name: "scan by FIN", option: "-sF", open: "open|filtered" },
    Scan { name: "scan by nothing", option: "-sN", open: "open|filtered" },
    Scan { name: "scan by FIN, PSH and URG", option: "-sX", open: "open|filtered" },
];

/// Probes a second: fewer than the resets that a machine sends, 1,000.
const PROBES_EACH_SECOND: &str = "700";

impl Subject {
    /// Of the first thousand ports, one is open, and every other says that it is closed.
    fn scan(&self, scan: Scan) -> Result<(bool, String)> {
        let mut command = Command::new("nmap");
        command.args([scan.option, "-n", "-Pn", "-p", "1-1000", "--max-rate", PROBES_EACH_SECOND]);
        command.args(["--max-retries", "3", "--host-timeout", "30s", "-oG", "-", SERVER]);
        let said = self.network.at_client(|| output(command))?;
        let ports = said.lines().find_map(|line| Some(line.split_once("Ports: ")?.1)).unwrap_or(&said);
        let (found, others) = ports.split_once('\t').unwrap_or((ports, ""));
        let expected = format!("{PORT}/{}/tcp//domain///", scan.open);
        let is_sound = found.trim() == expected && others.contains("Ignored State: closed (999)");
        Conversation::open(&self.network)?.ask()?;
        Ok((is_sound, ports.trim().replace('\t', ", ")))
    }
}

/// Guessed numbers are so far apart: less than any window, so one of them lies in it.
const GUESSES_APART: u32 = 1 << 16;
/// Frames a second that somebody who guesses sends, and how often the pace is halved where some get lost before the machine.
const GUESSES_EACH_SECOND: u32 = 20_000;
pub(super) const SLOWER: u32 = 3;

impl Subject {
    /// Segments with every sequence number that matters into a stream that is open, by somebody who knows its ports (RFC 5961):
    /// that they came into the window, too, is seen by the challenge. That one is exact happens once in 65,536 times.
    fn guess(&self, flags: u8, interruption: &Interruption) -> Result<(bool, String)> {
        // Timestamps would make most of the guesses fail before their numbers are looked at.
        self.network.set("net.ipv4.tcp_timestamps", "0")?;
        let conversation = Conversation::open(&self.network);
        self.network.set("net.ipv4.tcp_timestamps", "1")?;
        let mut conversation = conversation?;
        let from = conversation.0.local_addr()?.port();
        let first = u32::try_from(Random::new(u64::from(from)).word() >> 32).expect("32 bits");
        let frames: Vec<_> = (0..u32::MAX / GUESSES_APART + 1)
            .map(|number| first.wrapping_add(number * GUESSES_APART))
            .map(|sequence| self.forged(Segment { from, to: PORT, sequence, flags }))
            .collect::<Result<_>>()?;
        let flood = self.record(frames.iter().map(|frame| &**frame))?;
        let mut pace = GUESSES_EACH_SECOND;
        let mut slower = 0;
        loop {
            // The stream must not be closed for silence meanwhile.
            let before = self.statistics()?;
            let (played, asked) = self.guess_once(&flood, pace, &mut conversation, interruption)?;
            let after = self.statistics()?;
            if played.dropped > 0 && slower < SLOWER && asked.is_ok() {
                (pace, slower) = (pace / 2, slower + 1);
                continue;
            }
            let (challenges, ended) =
                (growth(&before, &after, CHALLENGED), growth(&before, &after, CLOSED_BY_RESET));
            let Played { sent, dropped, .. } = played;
            let is_sound = asked.is_ok() && dropped == 0 && challenges > 0 && ended == 0;
            let went_on =
                asked.map_or_else(|error| format!("{error:#}"), |()| "the stream went on".to_owned());
            let what = format!(
                "{sent} frames, {dropped} lost before the machine, {challenges} challenged; {went_on}"
            );
            return Ok((is_sound, what));
        }
    }

    /// All guesses once, while the stream is asked now and then, so that it is not idle.
    fn guess_once(
        &self,
        flood: &Flood<'_>,
        pace: u32,
        conversation: &mut Conversation,
        interruption: &Interruption,
    ) -> Result<(Played, Result<()>)> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let asking = scope.spawn(|| -> Result<()> {
                while !is_over.load(Ordering::Relaxed) {
                    conversation.ask()?;
                    thread::sleep(Duration::from_millis(100));
                }
                conversation.ask()
            });
            let played = flood.whole(|flood| flood.play_rounds(pace, 1), interruption);
            is_over.store(true, Ordering::Relaxed);
            let asked = asking.join().ok().context("who asked panicked")?;
            Ok((played?, asked))
        })
    }

    /// A frame as the client would send it.
    fn forged(&self, segment: Segment) -> Result<Vec<u8>> {
        let (from, to) = (CLIENT.parse()?, self.target.four);
        let mut station = [0; 6];
        for (octet, digits) in station.iter_mut().zip(CLIENT_ETHERNET.split(':')) {
            *octet = u8::from_str_radix(digits, 16)?;
        }
        let packet = ipv4(from, to, 0, TCP, &segment.over_ipv4(from, to));
        Ok(ethernet(self.target.station, station, IPV4, &packet))
    }

    /// Linux resets a stream that is dropped with octets that nobody read: with the very number that is waited for.
    fn reset(&self) -> Result<(bool, String)> {
        let before = self.statistics()?;
        let mut conversation = Conversation::open(&self.network)?;
        conversation.0.write_all(&question())?;
        conversation.0.peek(&mut [0; 2]).context("waiting for an answer")?;
        drop(conversation);
        let ended = self.wait(|now| growth(&before, now, CLOSED_BY_RESET) > 0, Duration::from_secs(5))?;
        Ok((ended, format!("the stream {}", if ended { "ended" } else { "went on" })))
    }

    /// Whether what is counted comes to that in time.
    fn wait(&self, is_so: impl Fn(&Statistics) -> bool, patience: Duration) -> Result<bool> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if is_so(&self.statistics()?) {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

/// Streams that send half a message, and streams that ask and never read: fewer than one client may have, the honest one's beside.
const SILENT: usize = 150;
const GREEDY: usize = 20;
/// How long the greedy ones ask.
const ASKING: Duration = Duration::from_secs(1);
/// How much later than it should a busy machine may close a stream.
const LATE: Duration = Duration::from_secs(10);

impl Subject {
    /// Streams that cost something and give nothing are closed when their time is over, and others are served meanwhile.
    fn hold(&self, interruption: &Interruption) -> Result<(bool, String)> {
        let before = self.statistics()?;
        let ((closed, shed, ended), honest) = beside(&self.network, || {
            let open = |_| Conversation::open(&self.network);
            let mut silent: Vec<_> = (0..SILENT).map(open).collect::<Result<_>>()?;
            for conversation in &mut silent {
                conversation.0.write_all(&[0, 40])?;
            }
            let mut greedy: Vec<_> = (0..GREEDY).map(open).collect::<Result<_>>()?;
            ask_and_never_read(&mut greedy)?;
            interruption.go_on()?;
            let all = (SILENT + GREEDY) as u64;
            let patience = Duration::from_secs(IDLE_SECONDS) + LATE;
            let closed = |now: &Statistics, why| growth(&before, now, why);
            self.wait(|now| closed(now, CLOSED_FOR_SILENCE) + closed(now, SHED) >= all, patience)?;
            let now = self.statistics()?;
            // Who only sent a length sees the end; the first that does not is waited for, and no other.
            let has_ended = |one: &mut Conversation| match one.0.read(&mut [0]) {
                Ok(count) => count == 0,
                Err(error) => error.kind() == ErrorKind::ConnectionReset,
            };
            let ended = silent.iter_mut().map(has_ended).take_while(|has_ended| *has_ended).count();
            Ok((closed(&now, CLOSED_FOR_SILENCE), closed(&now, SHED), ended))
        })?;
        // Who never reads makes memory short: then whoever uses some in vain is given up a little sooner.
        let is_sound = closed + shed == (SILENT + GREEDY) as u64 && ended == SILENT && honest.is_served();
        let what = format!(
            "{SILENT} with half a message and {GREEDY} that never read, {closed} closed for silence, {shed} to have \
             memory for others; {honest}"
        );
        Ok((is_sound, what))
    }
}

/// Asks until no question is taken any more, or long enough.
fn ask_and_never_read(conversations: &mut [Conversation]) -> Result<()> {
    let questions = question().repeat(500);
    let deadline = Instant::now() + ASKING;
    for conversation in &mut *conversations {
        conversation.0.set_nonblocking(true)?;
    }
    while Instant::now() < deadline {
        for conversation in &mut *conversations {
            // A part of a question that was taken is no matter: what follows is octets to the machine.
            match conversation.0.write(&questions) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("asking without reading"),
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
