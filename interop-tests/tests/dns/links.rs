//! The image with two links, Linux at the other end of both: each is a host of its own on its own network (RFC 1122 §3.3.4.2,
//! the strong model).

use anyhow::{Context, Result, ensure};
use core::net::{Ipv4Addr, Ipv6Addr};
use interop_tests::cable::{Cables, Ends};
use interop_tests::zones::Zones;
use libtest_mimic::Trial;

type Test = (&'static str, fn(&Cables) -> Result<()>);

const ENDS: [Ends; 2] = [
    Ends { image: &["192.0.2.53", "2001:db8::53"], linux: &["192.0.2.1/24", "2001:db8::1/64"] },
    Ends { image: &["198.51.100.53", "2001:db8:1::53"], linux: &["198.51.100.1/24", "2001:db8:1::1/64"] },
];

/// In this order: the last looks at all frames.
const TESTS: [Test; 4] = [
    ("every_link_answers", every_link_answers),
    ("no_link_knows_of_the_addresses_of_another", no_link_knows_of_the_addresses_of_another),
    ("no_link_takes_packets_for_another", no_link_takes_packets_for_another),
    ("nothing_leaks_across", nothing_leaks_across),
];

/// Lays the cables and makes a trial of all tests, one after the other.
pub(crate) fn trials(zones: &Zones, accel: &'static str) -> Vec<Trial> {
    let name = format!("image-{accel}::links");
    if let Some(reason) = Cables::missing() {
        return vec![Trial::test(format!("{name}: {reason}"), || Ok(())).with_ignored_flag(true)];
    }
    let failed = |error: anyhow::Error| format!("{error:#}");
    let cables = Cables::lay(zones, accel, &ENDS).map_err(failed);
    let run = move || {
        let cables = cables?;
        for (name, test) in TESTS {
            test(&cables).with_context(|| name).map_err(failed)?;
        }
        Ok(())
    };
    vec![Trial::test(name, run)]
}

fn every_link_answers(cables: &Cables) -> Result<()> {
    for address in ENDS.iter().flat_map(|ends| ends.image) {
        let to = format!("@{address}");
        let said =
            cables.run(&["dig", &to, "+tries=3", "+timeout=2", "+notcp", "www.example.com", "AAAA"])?;
        ensure!(said.contains("status: NOERROR") && said.contains("2001:db8::80"), "{address}: {said}");
        let said = cables.run(&["ping", "-n", "-c", "2", "-i", "0.2", "-W", "2", address])?;
        ensure!(said.contains("2 received, 0% packet loss"), "{address}: {said}");
    }
    Ok(())
}

/// Asks for each address through the other cable while `meanwhile` says how its station is to be found there.
fn ask_through_the_other(
    cables: &Cables,
    meanwhile: impl Fn(&str, &str) -> Result<()>,
    expected: impl Fn(&str, &str) -> Result<()>,
) -> Result<()> {
    for (ends, tap) in ENDS.iter().zip(["tap1", "tap0"]) {
        for address in ends.image {
            let host = format!("{address}/{}", if address.contains(':') { 128 } else { 32 });
            cables.run(&["ip", "route", "add", &host, "dev", tap])?;
            meanwhile(address, tap)?;
            let said =
                cables.fails(&["ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-I", tap, address])?;
            ensure!(said.contains("0 received"), "{address} on {tap}: {said}");
            expected(address, tap)?;
            cables.run(&["ip", "route", "delete", &host, "dev", tap])?;
            cables.run(&["ip", "neighbour", "flush", "to", address, "dev", tap, "nud", "all"])?;
        }
    }
    every_link_answers(cables)
}

/// What Linux knows of an address on a cable.
fn neighbour(cables: &Cables, address: &str, tap: &str) -> Result<String> {
    cables.run(&["ip", "neighbour", "show", "to", address, "dev", tap])
}

/// ARP and neighbour discovery find nobody.
fn no_link_knows_of_the_addresses_of_another(cables: &Cables) -> Result<()> {
    let finds_nobody = |address: &str, tap: &str| {
        let said = neighbour(cables, address, tap)?;
        let is_sought = said.contains("INCOMPLETE") || said.contains("FAILED");
        ensure!(is_sought && !said.contains("lladdr"), "{address} on {tap}: {said}");
        Ok(())
    };
    ask_through_the_other(cables, |_, _| Ok(()), finds_nobody)
}

/// Not even if they come to the link's own station.
fn no_link_takes_packets_for_another(cables: &Cables) -> Result<()> {
    let stations = stations(cables)?;
    let lead_to_the_station = |address: &str, tap: &str| {
        let station = if tap == "tap0" { &stations[0] } else { &stations[1] };
        let entry =
            ["ip", "neighbour", "replace", address, "lladdr", station, "dev", tap, "nud", "permanent"];
        cables.run(&entry).map(|_| ())
    };
    ask_through_the_other(cables, lead_to_the_station, |_, _| Ok(()))
}

/// The image's Ethernet addresses.
fn stations(cables: &Cables) -> Result<Vec<String>> {
    let station = |(ends, tap): (&Ends, &str)| {
        let said = neighbour(cables, ends.image[0], tap)?;
        let mut words = said.split_whitespace().skip_while(|word| *word != "lladdr");
        Ok(words.nth(1).with_context(|| said.clone())?.to_owned())
    };
    ENDS.iter().zip(["tap0", "tap1"]).map(station).collect()
}

/// Every frame that the image sent came from that link's own station and speaks for that link's own addresses.
fn nothing_leaks_across(cables: &Cables) -> Result<()> {
    let stations = stations(cables)?;
    ensure!(stations[0] != stations[1], "{stations:?}");
    for (number, ends) in ENDS.iter().enumerate() {
        let (mut asked, mut sent) = (0, 0);
        for frame in cables.frames(number)? {
            ensure!(frame.len() >= 42, "a frame of {} octets", frame.len());
            let station =
                frame[6..12].iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":");
            if station == stations[number] {
                sent += 1;
                check_speaker(&frame, ends).with_context(|| format!("on cable {number}: {frame:02x?}"))?;
            } else {
                asked += 1;
                ensure!(station != stations[1 - number], "the other link's station is on cable {number}");
            }
        }
        ensure!(
            asked >= 20 && sent >= 20,
            "cable {number}: {asked} frames from Linux, {sent} from the image"
        );
    }
    Ok(())
}

/// Whom a frame is from, above Ethernet: ARP's sender, the packet's source.
fn check_speaker(frame: &[u8], ends: &Ends) -> Result<()> {
    let (speaker, is_nobodys) = match frame[12..14] {
        [0x08, 0x06] => (ipv4(&frame[28..32]), false),
        [0x08, 0x00] => (ipv4(&frame[26..30]), false),
        [0x86, 0xdd] => {
            let source: [u8; 16] = frame[22..38].try_into()?;
            let source = Ipv6Addr::from(source);
            // Who asks whether an address is free has none; routers and neighbours know a link by its link-local address.
            (source.to_string(), source.is_unspecified() || source.is_unicast_link_local())
        }
        _ => anyhow::bail!("neither ARP nor IP"),
    };
    ensure!(is_nobodys || ends.image.contains(&speaker.as_str()), "from {speaker}");
    Ok(())
}

fn ipv4(octets: &[u8]) -> String {
    octets.first_chunk::<4>().map_or_else(String::new, |octets| Ipv4Addr::from(*octets).to_string())
}
