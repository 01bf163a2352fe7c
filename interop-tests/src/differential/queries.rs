//! What is asked of a world: its names and their neighbours, types that are there and types that are not, and every way
//! to ask.

use super::model::Zone;
use super::names::{self, child_of};
use super::random::Random;
use super::world::World;
use crate::client::Query;
use crate::message::type_number;
use crate::name::Name;
use std::collections::BTreeSet;

/// How many queries each zone suggests at most.
pub const PER_ZONE: usize = 400;

/// Asked of every name whether it is there or not.
const ALWAYS: &[&str] = &["A", "NS", "CNAME", "DS", "ANY", "TYPE65432"];

/// Asked of some names whether it is there or not.
const SOMETIMES: &[&str] = &[
    "AAAA", "SOA", "MX", "TXT", "SRV", "PTR", "DNAME", "HTTPS", "SVCB", "NSEC", "RRSIG", "DNSKEY", "CDS",
    "NAPTR",
];

/// What no zone holds: asked for now and then.
const META: &[u16] = &[0, 41, 128, 249, 250, 251, 252, 253, 254, 65_535];

/// Makes the queries of a world, in an order that does not depend on its size.
pub fn queries(world: &World) -> Vec<Query> {
    let mut random = Random::new(world.seed ^ 0x5eed);
    world.zones.iter().flat_map(|zone| of_zone(zone, &mut random.branch())).collect()
}

fn of_zone(zone: &Zone, random: &mut Random) -> Vec<Query> {
    let mut types: BTreeSet<u16> = ALWAYS.iter().map(|name| number(name)).collect();
    types.extend(zone.records.iter().map(|record| number(&record.rtype)));
    let mut queries = Vec::new();
    for name in names(zone, random) {
        let own: BTreeSet<_> = zone.at(&name).map(|record| number(&record.rtype)).collect();
        for &rtype in &types {
            // What is there is always asked for, what is elsewhere often enough.
            if own.contains(&rtype) || random.one_in(3) {
                queries.push(query(&name, rtype, random));
            }
        }
        if random.one_in(2) {
            queries.push(query(&name, number(random.pick(SOMETIMES)), random));
        }
        if random.one_in(20) {
            queries.push(query(&name, random.pick(META), random));
        }
    }
    while queries.len() > PER_ZONE {
        let last = queries.len() - 1;
        queries.swap(random.below(last), last);
        queries.pop();
    }
    queries
}

fn number(name: &str) -> u16 {
    type_number(name).expect("a type of the tests")
}

/// Those of its records, and what is above, below and beside them.
fn names(zone: &Zone, random: &mut Random) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for record in &zone.records {
        if !seen.insert(record.owner.clone()) {
            continue;
        }
        let mut ancestor = Some(record.owner.clone());
        while let Some(name) = ancestor {
            ancestor = name.parent();
            names.insert(name);
        }
        names.extend(neighbours(&record.owner, random));
        names.extend(record.targets().filter(|target| target.is_within(&zone.apex)).cloned());
    }
    names
}

/// Names near this one, in the tree and in canonical order (RFC 4034 §6.1).
fn neighbours(name: &Name, random: &mut Random) -> Vec<Name> {
    let mut neighbours = Vec::new();
    let labels: [&[u8]; 6] = [b"*", b"zz", b"\0", b"a", b"\xff\xff", b"_a"];
    let below = child_of(name, labels[random.below(6)]);
    neighbours.extend(below.iter().cloned());
    neighbours.extend(below.and_then(|below| child_of(&below, &names::label(random))));
    let mut beside = name.clone();
    if let Some(label) = beside.0.first_mut() {
        let last = label.len() - 1;
        match random.below(4) {
            0 => label[last] = label[last].wrapping_add(1),
            1 => label[last] = label[last].wrapping_sub(1),
            2 if label.len() < 63 => label.push(0),
            _ => *label = names::label(random),
        }
        if beside.octets() <= names::LONGEST {
            neighbours.push(beside);
        }
    }
    if random.one_in(3) {
        let swap = |octet: &u8| {
            if octet.is_ascii_lowercase() { octet.to_ascii_uppercase() } else { octet.to_ascii_lowercase() }
        };
        neighbours.push(Name(name.0.iter().map(|label| label.iter().map(swap).collect()).collect()));
    }
    if random.one_in(4) {
        neighbours.push(names::lengthen(name, names::LONGEST - random.below(3)));
    }
    neighbours
}

/// One of the ways to ask.
fn query(name: &Name, rtype: u16, random: &mut Random) -> Query {
    let mut query = Query { name: name.clone(), rtype, class: 1, flags: 0, edns: None };
    match random.below(20) {
        0..=8 => {}
        9..=13 => query.edns = Some((1232, 0, Vec::new())),
        14..=15 => query.edns = Some((random.pick(SIZES), 0, Vec::new())),
        16 => query.edns = Some((random.pick(SIZES), 0, random.pick(OPTIONS).to_vec())),
        17 => query.edns = Some((1232, random.pick(EDNS_FLAGS), Vec::new())),
        18 => query.flags = 1 << random.pick(&[10, 9, 8, 7, 6, 5, 4]),
        _ => match random.below(8) {
            0 => query.class = random.pick(&[3, 4, 255, 254, 0, 65_535]),
            1 => query.flags = random.pick(&[1, 2, 3, 6, 15]) << 11,
            _ => query.flags = 1 << 8,
        },
    }
    query
}

const SIZES: &[u16] = &[0, 1, 511, 512, 513, 700, 1000, 1231, 1232, 1233, 1400, 4096, 65_535];

/// DO, an unknown flag, a version that nobody has, an extended RCODE.
const EDNS_FLAGS: &[u32] = &[0x8000, 0x8000, 0x8000, 0x4000, 0x0001, 0x0001_0000, 0x00ff_0000, 0x0100_0000];

/// NSID, a cookie, an option that nobody knows, none and several; padding.
const OPTIONS: &[&[u8]] = &[
    &[0, 3, 0, 0],
    &[0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
    &[0xff, 0xe6, 0, 1, 7],
    &[0, 3, 0, 0, 0xff, 0xe6, 0, 0],
    &[0, 12, 0, 4, 0, 0, 0, 0],
];
