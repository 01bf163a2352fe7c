//! What is asked for and not served.

use super::Comparison;
use crate::differential::reading::Reading;
use crate::subject::Subject;

/// RCODEs of a server that does not do what it is asked.
const REFUSALS: &[&str] = &["FORMERR", "NOTIMP", "NOTAUTH", "REFUSED"];

/// Opcodes that nobody serves: whether the question comes back.
pub(super) fn opcode(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if let (Some(ours), Reading::Reply(theirs)) = (comparison.our_reply(), theirs)
        && comparison.query.flags & 0x7800 != 0
        && theirs.is_bare()
    {
        theirs.questions = ours.questions;
    }
}

/// REFUSED without its question.
pub(super) fn question_of_refusal(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if let (Some(ours), Reading::Reply(theirs)) = (comparison.our_reply(), theirs)
        && theirs.is_bare()
        && theirs.has_rcode(&["REFUSED"])
    {
        theirs.questions = ours.questions;
    }
}

/// Classes but IN.
pub(super) fn class(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let Some(ours) = comparison.our_reply() else { return };
    let refuses = ours.is_bare() && ours.has_rcode(REFUSALS);
    let is_explained = match (&*theirs, comparison.who) {
        (Reading::Silence, Subject::Bind) => comparison.query.class == 3,
        (Reading::Reply(theirs), _) if theirs.is_bare() && theirs.has_rcode(REFUSALS) => true,
        (Reading::Reply(_), Subject::Nsd | Subject::Knot) => comparison.query.class == 255,
        _ => false,
    };
    if comparison.query.class != 1 && refuses && is_explained {
        *theirs = comparison.ours.clone();
    }
}

/// Types that are none.
pub(super) fn meta_type(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let is_meta = matches!(comparison.query.rtype, 41 | 128 | 249..=254);
    if let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), theirs)
        && is_meta
        && ours.is_bare()
        && ours.has_rcode(REFUSALS)
    {
        reply.take_answer_of(ours);
    }
}

/// Type 0.
pub(super) fn type_zero(comparison: &Comparison<'_>, theirs: &mut Reading) {
    if let (Some(ours), Reading::Reply(reply)) = (comparison.our_reply(), theirs)
        && comparison.query.rtype == 0
        && reply.is_bare()
        && reply.has_rcode(&["NOTIMP"])
    {
        reply.take_answer_of(ours);
    }
}

/// An EDNS size below 512.
pub(super) fn small_size(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let is_small = comparison.query.edns.as_ref().is_some_and(|(size, ..)| *size < 512);
    if let Reading::Reply(reply) = &*theirs
        && is_small
        && reply.is_bare()
        && reply.has_rcode(&["FORMERR"])
    {
        *theirs = comparison.ours.clone();
    }
}

/// Extended DNS errors.
pub(super) fn extended_error(_: &Comparison<'_>, theirs: &mut Reading) {
    if let Reading::Reply(theirs) = theirs {
        theirs.options.retain(|option| !option.starts_with("15 "));
    }
}

/// CD copied.
pub(super) fn checking_disabled(_: &Comparison<'_>, theirs: &mut Reading) {
    if let Reading::Reply(theirs) = theirs {
        theirs.set("cd", false);
    }
}

/// AD where the requestor would understand it.
pub(super) fn authentic_data(comparison: &Comparison<'_>, theirs: &mut Reading) {
    let wants_dnssec = comparison.query.edns.as_ref().is_some_and(|(_, flags, _)| flags & 0x8000 != 0);
    if let Reading::Reply(theirs) = theirs
        && (wants_dnssec || comparison.query.flags & (1 << 5) != 0)
    {
        theirs.set("ad", false);
    }
}
