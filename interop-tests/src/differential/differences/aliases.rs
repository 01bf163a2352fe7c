//! How far aliases are followed, and what a name is that several zones know.

use super::{Comparison, fields};
use crate::differential::model::Zone;
use crate::differential::reading::{Reading, Reply};
use crate::differential::world::World;
use crate::name::Name;

/// The name asked for, and those that the CNAME records of a reply lead to, in turn.
fn chain(comparison: &Comparison<'_>, reply: &Reply) -> Vec<Name> {
    let mut names = vec![comparison.query.name.lower()];
    loop {
        let last = names.last().expect("there is one").to_string();
        let alias = reply.answer.iter().filter_map(|line| fields(line));
        let target = alias
            .filter(|(owner, rtype, _)| *owner == last && *rtype == "CNAME")
            .map(|(.., data)| data)
            .next();
        match target.map(Name::parse) {
            Some(Ok(target)) if !names.contains(&target) => names.push(target),
            _ => return names,
        }
    }
}

/// An alias into another zone of the same server: it stays in the one that the first name is in.
pub(super) fn into_another_zone(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let names = chain(comparison, ours);
    let zone_of = |name: &Name| comparison.zone_answering(name).map(|zone| zone.apex.clone());
    let own = zone_of(&names[0]);
    let Some(left) = names.iter().position(|name| zone_of(name) != own) else { return };
    let stays =
        |name: &str| Name::parse(name).is_ok_and(|name| own.as_ref().is_some_and(|own| name.is_within(own)));
    let followed: Vec<_> = names[..left].iter().map(ToString::to_string).collect();
    let is_before = |line: &String| {
        fields(line)
            .is_some_and(|(owner, rtype, _)| rtype == "DNAME" || followed.iter().any(|name| name == owner))
    };
    // The same as far as the zone reaches; from there on what the zone says, which is no authority there.
    let ours_before = ours.answer.iter().filter(|line| is_before(line));
    let has_same = ours_before.clone().all(|line| reply.answer.contains(line) || line.contains(" DNAME "));
    // A wildcard of its own may stand in for the name that the other zone has.
    let next = names[left].to_string();
    let is_own = |line: &String| fields(line).is_some_and(|(owner, ..)| owner == next);
    let has_no_more = reply.answer.iter().all(|line| ours.answer.contains(line) || is_own(line));
    let stays_inside =
        reply.authority.iter().all(|line| fields(line).is_some_and(|(owner, ..)| stays(owner)));
    if left > 0 && has_same && has_no_more && stays_inside && reply.has_rcode(&["NOERROR", "NXDOMAIN"]) {
        reply.take_answer_of(ours);
    }
}

/// A name that two zones know of, one above the other: NSD has one tree of names for both.
pub(super) fn one_tree(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let all: Vec<&Zone> = comparison.world.zones.iter().collect();
    let is_known_twice = |name: &Name| {
        let Some(own) = comparison.zone_answering(name) else { return false };
        let length = World::encloser(&[own], name);
        let encloser = Name(name.0[name.0.len() - length..].to_vec());
        // The same name of both, or the other's wildcard below the same name.
        [name.clone(), encloser.child("*")]
            .iter()
            .any(|name| World::encloser(&[own], name) != World::encloser(&all, name))
    };
    let names = chain(comparison, ours).into_iter().chain(chain(comparison, reply));
    let is_about_it = reply.has_rcode(&["NOERROR", "NXDOMAIN"]) && reply.answer.is_subset(&ours.answer);
    if is_about_it && names.into_iter().any(|name| is_known_twice(&name)) {
        reply.take_answer_of(ours);
    }
}

/// ANY: one set of several.
pub(super) fn any(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let mut owners: Vec<_> =
        ours.answer.iter().filter_map(|line| fields(line)).map(|(owner, ..)| owner).collect();
    let asked = comparison.query.name.lower().to_string();
    owners.push(&asked);
    let is_of_name = |line: &String| fields(line).is_some_and(|(owner, ..)| owners.contains(&owner));
    // BIND takes none where there are only signatures and keys.
    let is_there = !ours.answer.is_empty() || ours.is_truncated();
    // Who takes an alias for the one set does not come to where it leads.
    let is_alias = |line: &String| fields(line).is_some_and(|(_, rtype, _)| rtype == "CNAME");
    let stops = reply.has_rcode(&["NOERROR"]) && ours.answer.iter().any(is_alias);
    let is_same_name = (reply.rcode == ours.rcode || stops) && reply.answer.iter().all(is_of_name);
    if comparison.asks_for(&["ANY"]) && is_there && is_same_name {
        reply.take_answer_of(ours);
    }
}

/// NSEC or RRSIG of an alias.
pub(super) fn security_of_alias(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_soa = |line: &String| fields(line).is_some_and(|(_, rtype, _)| rtype == "SOA");
    let last = chain(comparison, reply).last().expect("there is one").to_string();
    let is_alias = |line: &String| matches!(fields(line), Some((owner, "CNAME", _)) if owner == last);
    let denies = reply.has_rcode(&["NOERROR"]) && reply.authority.iter().all(is_soa);
    let has_less =
        reply.answer.is_subset(&ours.answer) && ours.answer.difference(&reply.answer).any(is_alias);
    if comparison.asks_for(&["NSEC", "RRSIG"]) && denies && has_less {
        reply.take_answer_of(ours);
    }
}

/// NSEC of a cut: the parent's.
pub(super) fn denial_of_cut(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let is_referral = ours.answer.is_empty() && !ours.flags.contains("aa");
    if comparison.asks_for(&["NSEC"]) && is_referral && reply.flags.contains("aa") {
        reply.take_answer_of(ours);
    }
}

/// Aliases that come back to themselves.
pub(super) fn circle(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let names = chain(comparison, ours);
    let last = names.last().expect("there is one").to_string();
    let goes_on = ours
        .answer
        .iter()
        .filter_map(|line| fields(line))
        .any(|(owner, rtype, _)| owner == last && rtype == "CNAME");
    if goes_on && ours.rcode == "NOERROR" && reply.has_rcode(&["SERVFAIL"]) {
        reply.take_answer_of(ours);
    }
}

/// A name that gets too long by a DNAME: a denial with an SOA, or the records of the DNAME's target instead.
pub(super) fn too_long(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let targets: Vec<_> = ours
        .answer
        .iter()
        .filter_map(|line| fields(line))
        .filter(|(_, rtype, _)| *rtype == "DNAME")
        .map(|(.., target)| target)
        .collect();
    let is_of_target = |line: &String| fields(line).is_some_and(|(owner, ..)| targets.contains(&owner));
    if ours.has_rcode(&["YXDOMAIN"])
        && reply.has_rcode(&["YXDOMAIN", "NXDOMAIN"])
        && reply.answer.is_superset(&ours.answer)
        && reply.answer.difference(&ours.answer).all(is_of_target)
    {
        reply.take_answer_of(ours);
    }
}

/// A DNAME that leads below itself: aliases without end, cut off somewhere.
pub(super) fn endless(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), &mut *theirs) else { return };
    let grows = |line: &String| {
        let Some((owner, "DNAME", target)) = fields(line) else { return false };
        matches!((Name::parse(owner), Name::parse(target)), (Ok(owner), Ok(target)) if target.is_within(&owner))
    };
    let has_no_more = reply.answer.is_subset(&ours.answer) || ours.is_truncated();
    if ours.answer.iter().any(grows) && has_no_more && reply.has_rcode(&["NOERROR", "SERVFAIL", "YXDOMAIN"]) {
        reply.take_answer_of(ours);
    }
}
