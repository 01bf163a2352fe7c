//! What strangers do to a machine with streams, while an honest client works, whom nothing of it may disturb.

use super::stage::{Ours, Stage};
use crate::abuse::frames::{IPV4, Station, TCP, ethernet, ipv4, recording, tcp};
use crate::abuse::random::Random;
use anyhow::{Context as _, Result, ensure};
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use laboratory::streams::{self, EXCHANGES, GENERATOR, octet};
use laboratory::{CLIENT, Interruption, Network, Program, SERVER, SERVER_ETHERNET, TAP};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;

const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// As Linux sends them: a maximum segment size, selective acknowledgement, timestamps, a window scale of 7.
const OPTIONS: [u8; 20] = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];

/// Frames a second, which an emulated machine takes beside honest work.
const PACE: u32 = 10_000;

/// Connections that the honest client opens in a minute.
const HONEST: u64 = 3_000;

const PATIENCE: Duration = Duration::from_secs(10);

/// A stream that is open all the while.
struct Lasting(TcpStream);

impl Lasting {
    fn open(network: &Network, port: u16) -> Result<Self> {
        let server = SocketAddr::new(SERVER.parse()?, port);
        let stream = network.at_client(|| Ok(TcpStream::connect_timeout(&server, PATIENCE)?))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Asks for some lines.
    fn exchange(&mut self, length: u32) -> Result<()> {
        self.0.write_all(&length.to_be_bytes())?;
        self.expect(0, length as usize)
    }

    fn expect(&mut self, from: u64, length: usize) -> Result<()> {
        let mut came = vec![0; length];
        self.0.read_exact(&mut came).context("a stream that should last")?;
        ensure!((from..).zip(&came).all(|(place, said)| octet(place) == *said), "an octet is another");
        Ok(())
    }
}

/// Plays frames at a pace while somebody honest does something.
fn beside<T>(
    stage: &Stage<'_>,
    network: &Network,
    frames: &[Vec<u8>],
    honest: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let recorded = stage.folder().join("abuse.pcap");
    fs::write(&recorded, recording(frames.iter().map(Vec::as_slice)))?;
    let mut command = Command::new("tcpreplay");
    command.args(["--intf1", TAP, "--preload-pcap", "--pps", &PACE.to_string()]).arg(&recorded);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(stage.folder().join("tcpreplay.err"))?);
    let mut attacker = Program::start_at_client(network, command)?;
    let done = honest()?;
    let time = Duration::from_secs(30 + frames.len() as u64 / u64::from(PACE));
    let status = attacker.end_within(time, stage.interruption)?;
    ensure!(status.success(), "tcpreplay ended with {status}");
    Ok(done)
}

fn station() -> Station {
    let mut octets =
        SERVER_ETHERNET.split(':').map(|octet| u8::from_str_radix(octet, 16).unwrap_or_default());
    core::array::from_fn(|_| octets.next().unwrap_or_default())
}

/// A segment to the machine in a frame.
fn frame(
    from: (Ipv4Addr, u16),
    port: u16,
    numbers: (u32, u32),
    flags: u8,
    options: &[u8],
) -> Result<Vec<u8>> {
    let server: Ipv4Addr = SERVER.parse()?;
    let segment = tcp((from, (server, port)), numbers, flags, options);
    Ok(ethernet(station(), [0x06, 0, 0, 0, 0, 9], IPV4, &ipv4(from.0, server, 0, TCP, &segment)))
}

/// Honest work for some seconds: short connections, none of which may fail, and exchanges on one that lasts.
fn work(network: &Network, seconds: u64, interruption: &Interruption) -> Result<()> {
    let mut lasting = Lasting::open(network, EXCHANGES)?;
    lasting.exchange(1000)?;
    let short = streams::open_and_close(network, HONEST, 100, Duration::from_secs(seconds), interruption)?;
    ensure!(short.failed == 0, "{} honest connections failed: {}", short.failed, short.failures.join("; "));
    ensure!(!short.latencies.is_empty(), "nobody honest did anything");
    lasting.exchange(100_000)
}

fn counted(ours: &Ours, before: &BTreeMap<String, u64>, name: &str) -> Result<u64> {
    let after = ours.guest.statistics()?;
    let value = after.get(name).with_context(|| format!("nothing is counted as {name}"))?;
    Ok(value - before.get(name).unwrap_or(&0))
}

/// SYNs from addresses that are nobody's (RFC 4987 §2).
pub(super) fn half_open_flood(stage: &Stage<'_>, ours: &mut Ours) -> Result<()> {
    const COUNT: usize = 30_000;
    let mut random = Random::new(1);
    let opening = |_| {
        let [a, b, c, d, e, f, g, h] = random.word().to_be_bytes();
        let from = (Ipv4Addr::new(198, 51, 100 | a & 1, b), u16::from_be_bytes([c | 4, d]));
        frame(from, EXCHANGES, (u32::from_be_bytes([e, f, g, h]), 0), SYN, &OPTIONS)
    };
    let frames: Vec<_> = (0..COUNT).map(opening).collect::<Result<_>>()?;
    let before = ours.guest.statistics()?;
    beside(stage, &ours.network, &frames, || work(&ours.network, 3, stage.interruption))?;
    let cookies = counted(ours, &before, "network_stream_cookies_given_total")?;
    ensure!(cookies > 0, "of {COUNT} half-open connections none was answered with a cookie");
    work(&ours.network, 1, stage.interruption)
}

/// Readers who don't read: what waits for them is bounded, and keeps nobody else from anything.
pub(super) fn slow_readers(stage: &Stage<'_>, ours: &mut Ours) -> Result<()> {
    const COUNT: usize = 64;
    /// What one of them reads at last: what Linux has in its buffers, and what ours has.
    const READ: usize = 4 << 20;
    let mut readers: Vec<_> =
        (0..COUNT).map(|_| Lasting::open(&ours.network, GENERATOR)).collect::<Result<_>>()?;
    thread::sleep(Duration::from_secs(1));
    work(&ours.network, 3, stage.interruption)?;
    readers.truncate(4);
    readers.iter_mut().try_for_each(|reader| reader.expect(0, READ))
}

/// RSTs, SYNs and acknowledgements for a connection that lasts, over the whole space of sequence numbers: some are in its window
/// wherever that is (RFC 5961 §1.2), and none but an exact RST may end it.
pub(super) fn sweep(stage: &Stage<'_>, ours: &mut Ours) -> Result<()> {
    /// As far as a window: at least one lies in it.
    const STEP: u32 = 1 << 17;
    let mut lasting = Lasting::open(&ours.network, EXCHANGES)?;
    lasting.exchange(1000)?;
    let from = (CLIENT.parse()?, lasting.0.local_addr()?.port());
    for flags in [RST, SYN, RST | ACK] {
        // RFC 7323 §3.2: on this stream all but resets have timestamps.
        let options: &[u8] = if flags & RST == 0 { &OPTIONS } else { &[] };
        // Odd places: an exact one is as unlikely as can be.
        let frames = (0..u32::MAX / STEP)
            .map(|number| frame(from, EXCHANGES, (number * STEP + 12_345, 1), flags, options));
        let frames: Vec<_> = frames.collect::<Result<_>>()?;
        let before = ours.guest.statistics()?;
        beside(stage, &ours.network, &frames, || {
            (0..100).try_for_each(|_| {
                thread::sleep(Duration::from_millis(30));
                lasting.exchange(100)
            })
        })
        .with_context(|| format!("flags {flags:#04x}"))?;
        // RFC 5961 §3.2, §4.2: one in the window is answered, by a rate.
        let challenged = counted(ours, &before, "network_frames_total{fate=\"segment_challenged\"}")?;
        ensure!(challenged > 0, "flags {flags:#04x}: nothing was in the window");
    }
    Ok(())
}

/// nmap's scans, each of which has to find what there is.
pub(super) fn scan(stage: &Stage<'_>, ours: &mut Ours) -> Result<()> {
    const PORTS: &str = "1-100,1919,2000";
    const OPEN: [&str; 5] = ["7/tcp", "9/tcp", "19/tcp", "1919/tcp", "2000/tcp"];
    for (kind, state) in [
        ("-sT", "open "),
        ("-sS", "open "),
        ("-sF", "open|filtered"),
        ("-sX", "open|filtered"),
        ("-sN", "open|filtered"),
    ] {
        let said = stage.folder().join("nmap.out");
        let mut command = Command::new("nmap");
        command
            .args(["-n", "-Pn", kind, "-p", PORTS, SERVER])
            .stdin(Stdio::null())
            .stdout(File::create(&said)?);
        let mut nmap = Program::start_at_client(&ours.network, command)?;
        work(&ours.network, 2, stage.interruption)?;
        let status = nmap.end_within(Duration::from_secs(120), stage.interruption)?;
        let said = fs::read_to_string(&said)?;
        ensure!(status.success(), "nmap {kind} ended with {status}: {said}");
        for port in OPEN {
            let is_found = said.lines().any(|line| line.starts_with(port) && line.contains(state));
            ensure!(is_found, "nmap {kind} does not find {port} {state}: {said}");
        }
    }
    Ok(())
}
