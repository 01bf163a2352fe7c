//! What fits, and what is left out.

use super::{Comparison, fields};
use crate::differential::reading::{Reading, Reply};
use crate::name::Name;
use std::collections::BTreeSet;

/// The most octets of a reply to this query, as every server here is configured.
pub(super) fn limit(comparison: &Comparison<'_>) -> usize {
    comparison.query.edns.as_ref().map_or(512, |(size, ..)| usize::from(*size).clamp(512, 1232))
}

/// How many octets the names of a reply take that compression may save or not.
fn names(reply: &Reply) -> usize {
    let lines = || [&reply.answer, &reply.authority, &reply.additional].into_iter().flatten();
    lines()
        .map(|line| {
            line.split(' ').filter_map(|word| Name::parse(word).ok()).map(|name| name.octets()).sum::<usize>()
        })
        .sum()
}

/// Octets of the aliases' targets that are names of servers too.
fn targets_that_serve(reply: &Reply) -> usize {
    let data = |records: &BTreeSet<String>, wanted: &str| -> BTreeSet<String> {
        let fields = records.iter().filter_map(|line| fields(line));
        fields.filter(|(_, rtype, _)| *rtype == wanted).map(|(.., data)| data.to_owned()).collect()
    };
    let targets = data(&reply.answer, "CNAME");
    let names = data(&reply.authority, "NS");
    targets.intersection(&names).filter_map(|name| Name::parse(name).ok()).map(|name| name.octets()).sum()
}

/// A reply that just fits, or just does not, by how far its names are compressed.
pub(super) fn compression(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let limit = limit(comparison);
    // Ours compresses what it serves against the zone's names, not against labels of the question below a cut.
    let is_explained = match (ours.is_truncated(), reply.is_truncated()) {
        (false, true) => ours.octets + names(ours) > limit,
        (true, false) => reply.octets + comparison.query.name.octets() + targets_that_serve(reply) > limit,
        _ => false,
    };
    if is_explained {
        reply.take_answer_of(ours);
    }
}

/// The RCODE of a reply that is cut off on the way to the name that it would be about.
pub(super) fn rcode_of_truncated(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_known = |reply: &Reply| reply.has_rcode(&["NOERROR", "NXDOMAIN", "YXDOMAIN"]);
    if reply.is_truncated() && ours.is_truncated() && is_known(ours) && is_known(reply) {
        reply.rcode.clone_from(&ours.rcode);
        reply.set("aa", ours.flags.contains("aa"));
    }
}

/// Octets of an address record whose owner is not compressed.
const LONGEST_ADDRESS: usize = 255 + 10 + 16;

/// Glue that does not fit.
pub(super) fn glue(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_left_out = |line: &String| {
        let Some((cut, "NS", server)) = fields(line) else { return false };
        let (Ok(cut), Ok(server)) = (Name::parse(cut), Name::parse(server)) else { return false };
        let Some(zone) = comparison.world.zone_of(&cut.parent().unwrap_or_else(|| cut.clone())) else {
            return false;
        };
        let addresses =
            zone.at(&server).filter(|record| ["A", "AAAA"].contains(&record.rtype.as_str())).count();
        let given = reply
            .additional
            .iter()
            .filter_map(|line| fields(line))
            .filter(|(owner, ..)| *owner == server.to_string())
            .count();
        server.is_within(&cut) && given < addresses
    };
    // The same names uncompressed, and one more address.
    let is_full = ours.is_truncated() || reply.octets + LONGEST_ADDRESS > limit(comparison);
    // AA speaks of the alias that led below the cut, if one did (RFC 1034 §6.2.7).
    let is_alias =
        |line: &String| fields(line).is_some_and(|(_, rtype, _)| ["CNAME", "DNAME"].contains(&rtype));
    let is_referral =
        !reply.is_truncated() && reply.answer == ours.answer && reply.answer.iter().all(is_alias);
    if is_full && is_referral && reply.authority.iter().any(is_left_out) {
        reply.take_answer_of(ours);
    }
}

/// Addresses that are of use and not needed.
pub(super) fn additional(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_cut_off = |line: &&String| {
        let owner = fields(line).and_then(|(owner, ..)| Name::parse(owner).ok());
        let cuts =
            ours.authority.iter().filter_map(|line| fields(line)).filter(|(_, rtype, _)| *rtype == "NS");
        let mut cuts = cuts.filter_map(|(cut, ..)| Name::parse(cut).ok());
        owner.is_none_or(|owner| cuts.any(|cut| owner.is_within(&cut)))
    };
    let mut missing = ours.additional.difference(&reply.additional);
    if reply.additional.is_subset(&ours.additional) && !missing.any(|line| is_cut_off(&line)) {
        reply.additional.clone_from(&ours.additional);
    }
}

/// Records of the answer once more beside it.
pub(super) fn twice(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if let Reading::Reply(reply) = theirs
        && comparison.asks_for(&["SVCB", "HTTPS"])
    {
        reply.additional.retain(|line| !reply.answer.contains(line));
    }
}

/// Addresses that a wildcard stands in for.
pub(super) fn owner_of_wildcard(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    if comparison.asks_for(&["SVCB", "HTTPS"]) {
        reply.additional.retain(|line| !line.starts_with("*.") || ours.additional.contains(line));
    }
}

/// The same of types that RFCs after 1035 name.
pub(super) fn later_additional(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if comparison.asks_for(&["AFSDB", "RT", "KX", "SVCB", "HTTPS", "SRV"]) {
        additional(comparison, theirs);
    }
}

/// Octets of the longer address set of a server, its owner compressed: sets are sent whole.
fn octets_of_addresses(comparison: &Comparison<'_>, server: &str) -> usize {
    let Ok(server) = Name::parse(server) else { return 0 };
    let count = |rtype: &str| {
        let zone = comparison.world.zone_of(&server);
        zone.map_or(0, |zone| zone.at(&server).filter(|record| record.rtype == rtype).count())
    };
    usize::max(count("A") * (12 + 4), count("AAAA") * (12 + 16))
}

/// Whether one more set of the server's addresses does not fit.
pub(super) fn is_full_for(comparison: &Comparison<'_>, octets: usize, server: &str) -> bool {
    octets + octets_of_addresses(comparison, server) > limit(comparison)
}

/// Another choice of the addresses where there is no room for all.
pub(super) fn full(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let servers: Vec<_> = [&ours.answer, &ours.authority]
        .into_iter()
        .flatten()
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    let longest = servers.iter().map(|server| octets_of_addresses(comparison, server)).max();
    let is_full = |octets: usize| octets + longest.unwrap_or(0) > limit(comparison);
    let is_of_server = |line: &String| fields(line).is_some_and(|(owner, ..)| servers.contains(&owner));
    let is_same = reply.answer == ours.answer && reply.authority == ours.authority;
    // Ours may have room for more by compressing more.
    let is_choice = is_full(ours.octets) || reply.additional.is_subset(&ours.additional);
    if is_same && is_choice && is_full(reply.octets) && reply.additional.iter().all(is_of_server) {
        reply.additional.clone_from(&ours.additional);
    }
}

/// The root as a host.
pub(super) fn root(_: &Comparison<'_>, theirs: &mut Reading) {
    if let Reading::Reply(theirs) = theirs {
        theirs.additional.retain(|line| !line.starts_with(". "));
    }
}

/// Addresses from below a cut, beside an answer.
pub(super) fn glue_beside_answer(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let is_glue = |line: &String| {
        let owner = fields(line).and_then(|(owner, ..)| Name::parse(owner).ok());
        owner.is_some_and(|owner| {
            let zone = comparison.world.zone_of(&comparison.query.name);
            zone.is_some_and(|zone| zone.highest(&owner, "NS").is_some())
        })
    };
    if let Reading::Reply(theirs) = theirs
        && !theirs.answer.is_empty()
    {
        theirs.additional.retain(|line| !is_glue(line));
    }
}
