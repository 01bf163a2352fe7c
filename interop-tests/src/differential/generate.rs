//! Zones that every server loads, full of names that meet: under wildcards, cuts and aliases, and beside each other.

use super::data::{data, text};
use super::model::{Record, Word, Zone};
use super::names::{self, child_of, name};
use super::random::Random;
use crate::name::Name;

/// A zone beside the generated ones: who answers for it is alive.
pub const PROBE: &str =
    "@ 300 IN SOA ns hostmaster 1 7200 3600 1209600 60\n@ 300 IN NS ns\nns 300 IN A 192.0.2.53\n";

/// Beyond so many records of one type at a name BIND refuses a zone.
const RECORDS_PER_TYPE: usize = 100;

/// Makes so many zones, which lead to each other.
pub fn zones(random: &mut Random, count: usize) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    while zones.len() < count {
        let apex = apex(&zones, random);
        if zones.iter().all(|zone| zone.apex != apex) {
            let zone = zone(apex, &zones, random);
            zones.push(zone);
        }
    }
    // NSD looks for what is below a DNAME in all of its zones.
    let all = zones.clone();
    for zone in &mut zones {
        let hides = |alias: &Record| {
            let is_below = |other: &Record| {
                other.owner.0.len() > alias.owner.0.len() && other.owner.is_within(&alias.owner)
            };
            alias.rtype == "DNAME" && all.iter().any(|zone| zone.records.iter().any(is_below))
        };
        zone.records.retain(|record| !hides(record));
    }
    zones
}

fn apex(zones: &[Zone], random: &mut Random) -> Name {
    let number = zones.len();
    let own = name(&format!("g{number}.test."));
    match random.below(24) {
        0 => name("test."),
        1 if random.one_in(3) => Name(Vec::new()),
        2 => names::lengthen(&own, 100 + random.below(100)),
        3..=4 => child_of(&own, b"_tcp").expect("short"),
        // Beside its parent, or its grandparent, which may know of it or not.
        5..=10 if number > 0 => {
            let parent = random.pick(zones);
            let owner = names::owner(&parent, random);
            let is_simple = |label: &Vec<u8>| {
                label.len() <= 4 && label.is_ascii() && label.iter().all(u8::is_ascii_alphanumeric)
            };
            if owner.0.iter().all(is_simple) { owner.lower() } else { own }
        }
        _ => own,
    }
}

fn zone(apex: Name, others: &[Zone], random: &mut Random) -> Zone {
    let mut zone = Zone { apex: apex.clone(), records: Vec::new() };
    let server = child_of(&apex, b"ns").unwrap_or_else(|| apex.clone());
    let [ttl, minimum] = [random.pick(TTLS), random.pick(TTLS)];
    let timers = format!("1 7200 3600 1209600 {minimum}");
    let data =
        vec![Word::Name(server.clone()), Word::Name(name("hostmaster.example.invalid.")), text(&timers)];
    add(&mut zone, Record { owner: apex.clone(), ttl, rtype: "SOA".to_owned(), data });
    let server = if random.one_in(4) { name("ns.example.invalid.") } else { server };
    add_name_server(&mut zone, apex, server, random);
    for _ in 0..4 + random.below(28) {
        let owner = names::owner(&zone, random);
        add_records(&mut zone, others, owner, random);
    }
    if random.one_in(4) {
        add_large_set(&mut zone, random);
    }
    zone
}

const TTLS: &[u32] = &[0, 1, 60, 300, 3600, 86_400, 604_800, 2_147_483_647];

/// Types, those that decide where an answer comes from the most often.
const TYPES: &[&str] = &[
    "A",
    "A",
    "A",
    "AAAA",
    "AAAA",
    "TXT",
    "TXT",
    "NS",
    "NS",
    "NS",
    "NS",
    "CNAME",
    "CNAME",
    "CNAME",
    "CNAME",
    "DNAME",
    "DNAME",
    "MX",
    "MX",
    "SRV",
    "SRV",
    "DS",
    "DS",
    "PTR",
    "CAA",
    "SVCB",
    "HTTPS",
    "NAPTR",
    "HINFO",
    "RP",
    "AFSDB",
    "RT",
    "KX",
    "LOC",
    "SSHFP",
    "TLSA",
    "URI",
    "NSEC",
    "RRSIG",
    "TYPE65280",
    "TYPE65281",
    "SPF",
    "EUI48",
    "APL",
    "CERT",
    "DHCID",
    "MINFO",
    "NID",
    "L64",
    "LP",
    "DNSKEY",
    "CSYNC",
    "ZONEMD",
    "OPENPGPKEY",
    "IPSECKEY",
];

fn add_records(zone: &mut Zone, others: &[Zone], owner: Name, random: &mut Random) {
    let rtype = random.pick(TYPES);
    if rtype == "NS" {
        let inside = child_of(&owner, b"ns").filter(|_| random.one_in(2));
        let server = inside.unwrap_or_else(|| names::target(zone, others, random));
        return add_name_server(zone, owner, server, random);
    }
    let ttl = random.pick(TTLS);
    for _ in 0..1 + random.below(3) / 2 {
        let data = data(rtype, zone, others, random);
        add(zone, Record { owner: owner.clone(), ttl, rtype: rtype.to_owned(), data });
    }
}

/// With its addresses where nobody else can have them.
fn add_name_server(zone: &mut Zone, owner: Name, server: Name, random: &mut Random) {
    let ttl = random.pick(TTLS);
    let record = Record { owner, ttl, rtype: "NS".to_owned(), data: vec![Word::Name(server.clone())] };
    let mut trial = zone.clone();
    if !add(&mut trial, record) {
        return;
    }
    let families: &[&str] = random.pick(&[&["A"][..], &["AAAA"], &["A", "AAAA"]]);
    for family in families {
        let data = data(family, &trial, &[], random);
        add(&mut trial, Record { owner: server.clone(), ttl, rtype: (*family).to_owned(), data });
    }
    if is_legal(&trial) {
        *zone = trial;
    }
}

/// More than a datagram may carry, or nearly.
fn add_large_set(zone: &mut Zone, random: &mut Random) {
    let owner = names::owner(zone, random);
    let count = 5 + random.below(70);
    match random.below(4) {
        0 => {
            for number in 1..=count {
                let data = vec![text(&format!("192.0.2.{number}"))];
                add(zone, Record { owner: owner.clone(), ttl: 300, rtype: "A".to_owned(), data });
            }
        }
        1 => {
            for number in 1..=count {
                let Some(owner) = child_of(&owner, format!("h{number}").as_bytes()) else { return };
                let data = vec![text(&format!("192.0.2.{number}"))];
                add(zone, Record { owner, ttl: 300, rtype: "A".to_owned(), data });
            }
        }
        2 => {
            for number in 1..=count {
                let data = vec![text(&format!("\"{number} {}\"", "x".repeat(random.below(200))))];
                add(zone, Record { owner: owner.clone(), ttl: 300, rtype: "TXT".to_owned(), data });
            }
        }
        _ => {
            for number in 1..=count / 3 {
                let Some(server) = child_of(&owner, format!("ns{number}").as_bytes()) else { return };
                add_name_server(zone, owner.clone(), server, random);
            }
        }
    }
}

/// Adds a record if servers load the zone with it.
fn add(zone: &mut Zone, record: Record) -> bool {
    let mut record = record;
    if record.rtype == "RRSIG" {
        // What it says is the original TTL (RFC 4034 §3.1.4).
        record.ttl = 300;
    }
    if let Some(same) = zone.at(&record.owner).find(|other| other.rtype == record.rtype) {
        record.ttl = same.ttl;
    }
    let fits = fits(zone, &record);
    if fits {
        zone.records.push(record);
    }
    fits
}

/// Whether servers load it: what a zone may not hold is for tests of their own.
pub fn is_legal(zone: &Zone) -> bool {
    let mut part = Zone { apex: zone.apex.clone(), records: Vec::new() };
    for record in &zone.records {
        if !fits(&part, record) {
            return false;
        }
        part.records.push(record.clone());
    }
    zone.has(&zone.apex, "SOA")
        && zone.has(&zone.apex, "NS")
        && zone.records.iter().all(|record| has_glue(zone, record))
}

/// A delegation can be followed: what only its servers can say of their addresses is there.
fn has_glue(zone: &Zone, record: &Record) -> bool {
    let is_needed = |server: &&Name| {
        let is_own = record.owner == zone.apex && server.is_within(&zone.apex);
        is_own && zone.highest(server, "NS").is_none()
            || record.owner != zone.apex && server.is_within(&record.owner)
    };
    let has_address = |server: &Name| zone.has(server, "A") || zone.has(server, "AAAA");
    record.rtype != "NS" || record.targets().filter(is_needed).all(has_address)
}

fn fits(zone: &Zone, record: &Record) -> bool {
    let (owner, rtype) = (&record.owner, record.rtype.as_str());
    let is_apex = owner.lower() == zone.apex;
    let there: Vec<_> = zone.at(owner).collect();
    let same_type = there.iter().filter(|other| other.rtype == rtype).count();
    let is_new = there.iter().all(|other| other.plain().to_lowercase() != record.plain().to_lowercase());
    let is_beside_alias = |rtype: &str| ["CNAME", "NSEC", "RRSIG"].contains(&rtype);
    let is_allowed = match rtype {
        "SOA" => is_apex && same_type == 0,
        "CNAME" => !is_apex && same_type == 0 && there.iter().all(|other| is_beside_alias(&other.rtype)),
        "DNAME" => {
            let is_below =
                |other: &Record| other.owner.0.len() > owner.0.len() && other.owner.is_within(owner);
            let is_cut = !is_apex && zone.has(owner, "NS");
            same_type == 0 && !is_cut && !is_wild(owner) && !zone.records.iter().any(is_below)
        }
        "NS" => !is_wild(owner) && (is_apex || !zone.has(owner, "DNAME")),
        "DS" => !is_apex && zone.has(owner, "NS"),
        _ => true,
    };
    owner.is_within(&zone.apex)
        && is_new
        && is_allowed
        && !is_renamed(zone, owner)
        && same_type < RECORDS_PER_TYPE
        && (is_beside_alias(rtype) || !zone.has(owner, "CNAME"))
}

/// Whether a name is below a DNAME of the zone.
fn is_renamed(zone: &Zone, name: &Name) -> bool {
    let above = name.parent().filter(|parent| parent.is_within(&zone.apex));
    above.is_some_and(|above| zone.has(&zone.apex, "DNAME") || zone.highest(&above, "DNAME").is_some())
}

fn is_wild(name: &Name) -> bool {
    name.0.first().is_some_and(|label| label == b"*")
}
