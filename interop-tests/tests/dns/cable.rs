//! Our own network stack, in an image and in a process, with Linux at the other end of the cable.

use anyhow::{Context, Result, ensure};
use interop_tests::cable::{Cables, Ends};
use interop_tests::process::Folder;
use interop_tests::zones::Zones;
use libtest_mimic::Trial;

type Test = (&'static str, fn(&Cables) -> Result<()>);

const ADDRESSES: [&str; 4] = ["192.0.2.53", "198.51.100.53", "2001:db8::53", "2001:db8:1::53"];

const ENDS: Ends = Ends {
    image: &ADDRESSES,
    linux: &["192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64", "2001:db8:1::1/64"],
};

const TESTS: &[Test] = &[
    ("every_address_is_answered_on", every_address_is_answered_on),
    ("echoes_come_back", echoes_come_back),
    ("a_closed_port_is_told", a_closed_port_is_told),
    ("fragments_are_dropped", fragments_are_dropped),
    ("the_neighbour_stays_reachable", the_neighbour_stays_reachable),
    ("a_large_answer_comes_in_one_frame", a_large_answer_comes_in_one_frame),
    ("what_is_truncated_is_whole_over_tcp", what_is_truncated_is_whole_over_tcp),
    ("streams_lose_nothing", streams_lose_nothing),
];

/// The same, and what is recorded of the image alone.
const OF_IMAGE: Test = ("every_checksum_on_the_wire_is_right", every_checksum_on_the_wire_is_right);

/// The same, and what the process alone does.
const OF_PROCESS: Test = ("linux_cuts_what_is_long", linux_cuts_what_is_long);

/// Lays the cable to the image and makes a trial of the tests; they run one after the other, the last looks at all frames.
pub(crate) fn trials(zones: &Zones) -> Vec<Trial> {
    trial("image-tcg::cable", || Cables::lay(zones, "tcg", &[ENDS]), OF_IMAGE)
}

/// The same of a process at the end of the cable.
pub(crate) fn process_trials(zones: &Zones) -> Vec<Trial> {
    trial("host::cable", || Cables::lay_to_process(zones, &[ENDS]), OF_PROCESS)
}

fn trial(name: &'static str, lay: impl FnOnce() -> Result<Cables>, last: Test) -> Vec<Trial> {
    if let Some(reason) = Cables::missing() {
        return vec![Trial::test(format!("{name}: {reason}"), || Ok(())).with_ignored_flag(true)];
    }
    let failed = |error: anyhow::Error| format!("{error:#}");
    let cable = lay().map_err(failed);
    let run = move || {
        let cable = cable?;
        for (name, test) in TESTS.iter().chain([&last]) {
            test(&cable).with_context(|| *name).map_err(failed)?;
        }
        Ok(())
    };
    vec![Trial::test(name, run)]
}

fn ask(cable: &Cables, address: &str, words: &[&str]) -> Result<String> {
    let to = format!("@{address}");
    let mut command = vec!["dig", &to, "+tries=3", "+timeout=2", "+norecurse", "+notcp", "+ignore"];
    command.extend(words);
    cable.run(&command)
}

fn every_address_is_answered_on(cable: &Cables) -> Result<()> {
    for address in ADDRESSES {
        let said = ask(cable, address, &["www.example.com", "AAAA"])?;
        ensure!(said.contains("status: NOERROR") && said.contains("2001:db8::80"), "{address}: {said}");
    }
    Ok(())
}

/// RFC 792, RFC 4443 §4; with as much as fits in a frame.
fn echoes_come_back(cable: &Cables) -> Result<()> {
    for address in ADDRESSES {
        for size in ["0", "56", "1400"] {
            let said = cable.run(&["ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "-s", size, address])?;
            ensure!(said.contains("3 received, 0% packet loss"), "{address}: {said}");
        }
    }
    Ok(())
}

/// RFC 1122 §4.1.3.1, RFC 4443 §3.1: dig is told that nobody listens.
fn a_closed_port_is_told(cable: &Cables) -> Result<()> {
    for address in ADDRESSES {
        let to = format!("@{address}");
        let said = cable.fails(&["dig", &to, "-p", "99", "+tries=1", "+timeout=5", "example.com"])?;
        ensure!(said.contains("connection refused"), "{address}: {said}");
    }
    Ok(())
}

/// By policy: nobody needs more than a frame to ask a question.
fn fragments_are_dropped(cable: &Cables) -> Result<()> {
    for address in [ADDRESSES[0], ADDRESSES[2]] {
        let said = cable
            .fails(&["ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-s", "2000", "-M", "dont", address])?;
        ensure!(said.contains("0 received"), "{address}: {said}");
    }
    every_address_is_answered_on(cable)
}

fn the_neighbour_stays_reachable(cable: &Cables) -> Result<()> {
    cable.run(&["ip", "neighbour", "flush", "dev", "tap0"])?;
    every_address_is_answered_on(cable)?;
    let said = cable.run(&["ip", "neighbour", "show", "dev", "tap0"])?;
    for address in ADDRESSES {
        let line = said.lines().find(|line| line.starts_with(&format!("{address} ")));
        ensure!(line.is_some_and(|line| line.contains("lladdr")), "{address}: {said}");
    }
    Ok(())
}

fn a_large_answer_comes_in_one_frame(cable: &Cables) -> Result<()> {
    for address in ADDRESSES {
        let said = ask(cable, address, &["+bufsize=1232", "big.edges.test", "TXT"])?;
        ensure!(said.contains("ANSWER: 7,") && !said.contains(" tc"), "{address}: {said}");
    }
    Ok(())
}

/// Some 8 KiB: several segments each.
fn what_is_truncated_is_whole_over_tcp(cable: &Cables) -> Result<()> {
    for address in ADDRESSES {
        let to = format!("@{address}");
        let said =
            cable.run(&["dig", &to, "+tries=3", "+timeout=5", "+norecurse", "huge.edges.test", "TXT"])?;
        ensure!(
            said.contains("Truncated, retrying in TCP mode") && said.contains("(TCP)"),
            "{address}: {said}"
        );
        ensure!(said.contains("flags: qr aa;") && said.contains("ANSWER: 90,"), "{address}: {said}");
    }
    Ok(())
}

/// On twenty connections that stay, with more on its way than any window holds.
fn streams_lose_nothing(cable: &Cables) -> Result<()> {
    let folder = Folder::new("cable-questions")?;
    let questions =
        folder.write("questions", "huge.edges.test TXT\nexample.com SOA\nnowhere.example.com A\n")?;
    let questions = questions.to_string_lossy();
    for address in [ADDRESSES[0], ADDRESSES[2]] {
        let command =
            ["dnsperf", "-s", address, "-d", &*questions, "-m", "tcp", "-c", "20", "-l", "2", "-t", "5"];
        let said = cable.run(&command)?;
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(words.contains("Queries lost: 0 (0.00%)") && said.contains("NXDOMAIN"), "{address}: {said}");
    }
    Ok(())
}

/// Answers of several segments were left to Linux to be cut.
fn linux_cuts_what_is_long(cable: &Cables) -> Result<()> {
    let statistics = cable.statistics()?;
    for name in ["host_long_frames_total{direction=\"sent\"}", "dns_requests_total{transport=\"tcp6\"}"] {
        ensure!(statistics.value(name) > 0, "{name} is 0: {statistics:?}");
    }
    ensure!(statistics.value("host_frames_lost_total") == 0, "Linux did not take a frame: {statistics:?}");
    Ok(())
}

/// How the hardware addresses begin that `isopod` gives to guests; Linux draws those of its TAP devices from all.
const OUR_STATIONS: [u8; 3] = [0x52, 0x54, 0x00];

/// Linux forgives a missing UDP checksum over IPv4 and, on a TAP device, one that it is told to trust: these look at the
/// frames themselves. Both ends speak the truth, so whoever sent a frame is not asked.
fn every_checksum_on_the_wire_is_right(cable: &Cables) -> Result<()> {
    let frames = cable.frames(0)?;
    let mut looked_at = 0;
    for frame in frames.iter().filter(|frame| frame.get(6..9) == Some(&OUR_STATIONS)) {
        looked_at += usize::from(check(frame).with_context(|| format!("in {frame:02x?}"))?);
    }
    ensure!(looked_at >= 50, "only {looked_at} of {} frames have checksums", frames.len());
    Ok(())
}

/// Whether a frame has checksums, all of them right.
fn check(frame: &[u8]) -> Result<bool> {
    let (header, packet) = frame.split_at_checked(14).context("no Ethernet header")?;
    let (protocol, pseudo, payload) = match header[12..] {
        [0x08, 0x00] => {
            let (header, rest) = packet.split_at_checked(20).context("no IPv4 header")?;
            ensure!(sum(header) == 0xffff, "the header's checksum");
            let length = usize::from(u16::from_be_bytes([header[2], header[3]])) - 20;
            (header[9], header[12..20].to_vec(), rest.get(..length).context("longer than its frame")?)
        }
        [0x86, 0xdd] => {
            let (header, rest) = packet.split_at_checked(40).context("no IPv6 header")?;
            let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
            (header[6], header[8..40].to_vec(), rest.get(..length).context("longer than its frame")?)
        }
        _ => return Ok(false),
    };
    let length = u16::try_from(payload.len())?.to_be_bytes();
    let pseudo = [pseudo, vec![0, protocol], length.to_vec()].concat();
    match protocol {
        1 => ensure!(sum(payload) == 0xffff, "ICMP's checksum"),
        17 => {
            ensure!(payload.get(6..8).is_some_and(|sum| sum != [0, 0]), "UDP has no checksum");
            ensure!(sum(&[&pseudo, payload].concat()) == 0xffff, "UDP's checksum");
        }
        58 => ensure!(sum(&[&pseudo, payload].concat()) == 0xffff, "ICMPv6's checksum"),
        _ => return Ok(false),
    }
    Ok(true)
}

/// RFC 1071.
fn sum(octets: &[u8]) -> u32 {
    let words =
        octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}
