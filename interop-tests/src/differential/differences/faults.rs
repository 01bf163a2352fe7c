//! What a reference says too much of, or leaves out, at the limit.

use super::sizes::{is_full_for, limit};
use super::{Comparison, fields};
use crate::differential::reading::Reading;
use crate::name::Name;

/// Octets of an OPT record without options.
const OPT: usize = 11;

/// Octets of an SOA record but for its names: the header, five numbers.
const SOA: usize = 10 + 20;

const DO: u32 = 0x8000;

/// RRSIG beside the addresses of a cut's servers.
pub(super) fn signature_of_glue(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let wants_signatures = comparison.query.edns.as_ref().is_some_and(|(_, flags, _)| flags & DO != 0);
    let Reading::Reply(reply) = theirs else { return };
    let owner_of = |line: &String, types: &[&str]| match fields(line) {
        Some((owner, rtype, _)) if types.contains(&rtype) => Name::parse(owner).ok(),
        _ => None,
    };
    let addresses: Vec<_> =
        reply.additional.iter().filter_map(|line| owner_of(line, &["A", "AAAA"])).collect();
    let cuts: Vec<_> = reply.authority.iter().filter_map(|line| owner_of(line, &["NS"])).collect();
    let is_of_glue = |line: &String| {
        owner_of(line, &["RRSIG"])
            .is_some_and(|owner| addresses.contains(&owner) && cuts.iter().any(|cut| owner.is_within(cut)))
    };
    if !wants_signatures {
        reply.additional.retain(|line| !is_of_glue(line));
    }
}

/// TC on a referral that lacks addresses of servers that are not below the cut, and no others.
pub(super) fn truncated_for_others(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_same = reply.answer == ours.answer && reply.authority == ours.authority;
    let servers: Vec<_> = ours
        .authority
        .iter()
        .filter_map(|line| fields(line))
        .filter(|(_, rtype, _)| *rtype == "NS")
        .filter_map(|(cut, _, server)| Some((Name::parse(cut).ok()?, server)))
        .collect();
    let is_within = |cut: &Name, server: &str| Name::parse(server).is_ok_and(|name| name.is_within(cut));
    let (inside, outside): (Vec<_>, Vec<_>) =
        servers.into_iter().partition(|(cut, server)| is_within(cut, server));
    let is_there = |server: &str| {
        let Ok(name) = Name::parse(server) else { return false };
        let known = comparison.world.zone_of(&name).map_or(0, |zone| {
            zone.at(&name).filter(|record| ["A", "AAAA"].contains(&record.rtype.as_str())).count()
        });
        let given = ours.additional.iter().filter_map(|line| fields(line));
        given.filter(|(owner, ..)| *owner == server).count() == known
    };
    let is_left_out = |server: &str| !is_there(server) && is_full_for(comparison, ours.octets, server);
    if reply.is_truncated()
        && !ours.is_truncated()
        && is_same
        && reply.additional.is_subset(&ours.additional)
        && inside.iter().all(|(_, server)| is_there(server))
        && outside.iter().any(|(_, server)| is_left_out(server))
    {
        reply.set("tc", false);
        reply.additional.clone_from(&ours.additional);
    }
}

/// A denial of what an alias leads to, full without its SOA.
pub(super) fn denial_without_soa(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let octets = |line: &String| {
        let names = line.split(' ').filter_map(|word| Name::parse(word).ok());
        SOA + names.map(|name| name.octets()).sum::<usize>()
    };
    let mut authority = ours.authority.iter();
    let (Some(soa), None) = (authority.next(), authority.next()) else { return };
    let is_soa = fields(soa).is_some_and(|(_, rtype, _)| rtype == "SOA");
    let is_alias = !ours.answer.is_empty() && reply.answer == ours.answer;
    let is_full = reply.octets + octets(soa) > limit(comparison);
    if is_soa && is_alias && reply.authority.is_empty() && is_full {
        reply.authority.clone_from(&ours.authority);
    }
}

/// A reply that is too long by less than its OPT record.
pub(super) fn excess(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if let Reading::Reply(reply) = theirs
        && reply.has_rcode(&["YXDOMAIN"])
        && comparison.query.edns.is_some()
        && reply.excess < OPT
    {
        reply.excess = 0;
    }
}
