//! Names that meet: few labels, taken again and again, and some that nobody would choose.

use super::model::Zone;
use super::random::Random;
use crate::name::Name;

/// Octets of the longest name (RFC 1035 §2.3.4).
pub const LONGEST: usize = 255;

const COMMON: &[&[u8]] = &[b"a", b"b", b"c", b"d", b"*"];
const ODD: &[&[u8]] = &[
    b"*",
    b"Ab",
    b"_tcp",
    b"_443",
    b"-",
    b"1",
    b"a.b",
    b"\\",
    b"\0",
    b"\xff",
    b"*a",
    b"@",
    b"$x",
    b"; (\")",
    b"label-of-sixty-three-octets-that-is-as-long-as-any-label-can-be",
];

/// A label of any owner.
pub fn label(random: &mut Random) -> Vec<u8> {
    let pool = if random.one_in(6) { ODD } else { COMMON };
    random.pick(pool).to_vec()
}

/// A name at or below the apex that perhaps no record has yet.
pub fn owner(zone: &Zone, random: &mut Random) -> Name {
    let mut name = match random.below(6) {
        0 => zone.apex.clone(),
        1..=3 => apex_child(zone, random),
        _ => existing(zone, random),
    };
    if random.one_in(5) {
        name = above(zone, name);
    }
    for _ in 0..random.below(3) {
        name = child_of(&name, &label(random)).unwrap_or(name);
    }
    if random.one_in(60) { lengthen(&name, LONGEST - random.below(3)) } else { name }
}

/// What a record may lead to.
pub fn target(zone: &Zone, others: &[Zone], random: &mut Random) -> Name {
    match random.below(20) {
        0..=9 => existing(zone, random),
        10..=12 => {
            let name = existing(zone, random);
            child_of(&name, &label(random)).unwrap_or(name)
        }
        13 => zone.apex.clone(),
        14..=15 => owner(zone, random),
        16..=17 if !others.is_empty() => existing(&random.pick(others), random),
        18 => name(if random.one_in(3) { "." } else { "b.example.invalid." }),
        _ => name("www.example.invalid."),
    }
}

/// The owner of one of its records, or an ancestor of it.
pub fn existing(zone: &Zone, random: &mut Random) -> Name {
    let name = zone.records[random.below(zone.records.len())].owner.clone();
    if random.one_in(8) { above(zone, name) } else { name }
}

/// A name of the tests' own.
pub fn name(text: &str) -> Name {
    Name::parse(text).expect("a name of the tests")
}

/// With a label in front, if it has room for it.
pub fn child_of(name: &Name, label: &[u8]) -> Option<Name> {
    let mut labels = vec![label.to_vec()];
    labels.extend_from_slice(&name.0);
    Some(Name(labels)).filter(|name| name.octets() <= LONGEST)
}

/// A name below this one with so many octets, or with one less.
pub fn lengthen(name: &Name, octets: usize) -> Name {
    let mut name = name.clone();
    while let Some(room) = octets.checked_sub(name.octets() + 1).filter(|room| *room > 0) {
        name = child_of(&name, &vec![b'l'; room.min(63)]).unwrap_or(name);
    }
    name
}

fn apex_child(zone: &Zone, random: &mut Random) -> Name {
    child_of(&zone.apex, &label(random)).unwrap_or_else(|| zone.apex.clone())
}

fn above(zone: &Zone, name: Name) -> Name {
    name.parent().filter(|parent| parent.is_within(&zone.apex)).unwrap_or(name)
}
