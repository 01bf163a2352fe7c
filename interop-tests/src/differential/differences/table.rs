//! All that is known.

use super::{Difference, aliases, faults, refusals, sizes};
use crate::subject::Subject::{Bind, Knot, Nsd};

/// Where a reference differs from ours, and the sentence that lets them.
pub const DIFFERENCES: &[Difference] = &[
    Difference {
        who: &[Bind],
        what: "copies CD into its replies",
        why: "RFC 4035 §3.1.6: a name server SHOULD clear the CD bit when composing an authoritative response",
        amend: refusals::checking_disabled,
    },
    Difference {
        who: &[Bind],
        what: "sets AD where AD or DO is set",
        why: "RFC 4035 §3.1.6: not unless configured to hold its zones for authentic",
        amend: refusals::authentic_data,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "add an extended error",
        why: "RFC 8914 §2: may be added to any reply",
        amend: refusals::extended_error,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "the question in replies to unknown opcodes",
        why: "RFC 1035 §4.1.1: NOTIMP is all that is said of them",
        amend: refusals::opcode,
    },
    Difference {
        who: &[Nsd],
        what: "REFUSED comes without its question",
        why: "RFC 1035 §4.1.1: no word on which sections a refusal has",
        amend: refusals::question_of_refusal,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "classes but IN: other RCODEs; `*` taken for IN; BIND limits the rate of CH",
        why: "RFC 1034 §6.2.2: an answer for class `*` can never be authoritative; RFC 1035 §4.1.1: REFUSED for reasons of policy",
        amend: refusals::class,
    },
    Difference {
        who: &[Knot],
        what: "FORMERR for an EDNS size below 512",
        why: "RFC 6891 §6.2.3: values lower than 512 MUST be treated as equal to 512",
        amend: refusals::small_size,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "transfers over UDP and types that are no data: other RCODEs, or a denial",
        why: "RFC 6895 §3.1 (meta-types), RFC 5936 §4.2 (AXFR over UDP is not defined), RFC 1995 §2 (IXFR may be refused)",
        amend: refusals::meta_type,
    },
    Difference {
        who: &[Knot],
        what: "NOTIMP for type 0",
        why: "RFC 6895 §3.1: it is never allocated, so no name has it; it is no meta-type",
        amend: refusals::type_zero,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "ANY: another set of the name's, or none",
        why: "RFC 8482 §4.1: a subset of the available RRsets; an alias need not be followed",
        amend: aliases::any,
    },
    Difference {
        who: &[Bind, Knot],
        what: "an alias is followed in its own zone only",
        why: "RFC 1034 §4.3.2 step 3a: \"go back to step 1\" finds the other zone; the requestor will ask again in any case",
        amend: aliases::into_another_zone,
    },
    Difference {
        who: &[Nsd],
        what: "a name, or a wildcard, of one zone exists in the zone above or below it",
        why: "RFC 1034 §4.2: a zone is complete in itself, and ends at its cuts",
        amend: aliases::one_tree,
    },
    Difference {
        who: &[Bind, Knot],
        what: "NSEC and RRSIG of an alias are denied",
        why: "RFC 1034 §4.3.2 step 3a: followed if QTYPE doesn't match CNAME; RFC 4035 §2.5 lets them be beside it",
        amend: aliases::security_of_alias,
    },
    Difference {
        who: &[Bind],
        what: "NSEC of a cut is answered, not referred",
        why: "RFC 4035 §3.1: for types on both sides of a cut a server may return either, consistently",
        amend: aliases::denial_of_cut,
    },
    Difference {
        who: &[Bind],
        what: "SERVFAIL for aliases in a circle",
        why: "RFC 1034 §5.2.2: an error for the resolver; the records that were found are the answer",
        amend: aliases::circle,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "glue that does not fit is left out without TC",
        why: "RFC 9471 §3.1: all in-domain glue that does not fit MUST set TC",
        amend: sizes::glue,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "another size by a few names, at the very limit",
        why: "RFC 1035 §4.1.4: compression is optional",
        amend: sizes::compression,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "RCODE and AA of a truncated reply",
        why: "RFC 2181 §9: a reply with TC is to be ignored, and asked again over TCP",
        amend: sizes::rcode_of_truncated,
    },
    Difference {
        who: &[Nsd, Bind],
        what: "fewer addresses beside an answer or a referral",
        why: "RFC 1034 §4.3.2 step 6: anything useful; no glue of the cut's own is missing (RFC 9471)",
        amend: sizes::additional,
    },
    Difference {
        who: &[Knot],
        what: "SVCB records that are their own target twice",
        why: "RFC 2181 §5: servers should suppress such duplicates",
        amend: sizes::twice,
    },
    Difference {
        who: &[Knot],
        what: "a wildcard's addresses beside some SVCB have the wildcard's name",
        why: "RFC 1034 §4.3.2 step 3c: the owner is the name that was looked for, not the node with the `*` label",
        amend: sizes::owner_of_wildcard,
    },
    Difference {
        who: &[Knot],
        what: "no addresses beside AFSDB, RT, KX and some SVCB",
        why: "RFC 1183 §1 and §3.3, RFC 2230 §3, RFC 9460 §4.1: additional section processing",
        amend: sizes::later_additional,
    },
    Difference {
        who: &[Knot],
        what: "a DNAME makes a name too long: NXDOMAIN, or an SOA or its target's records beside YXDOMAIN",
        why: "RFC 6672 §2.2: YXDOMAIN, a name that is too long, is no denial (RFC 2308 §2)",
        amend: aliases::too_long,
    },
    Difference {
        who: &[Nsd, Knot],
        what: "addresses of the root where it is a target",
        why: "RFC 7505 §3, RFC 2782: a target of `.` is no host",
        amend: sizes::root,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "other addresses where there is no room for all",
        why: "RFC 2181 §9: what is additional is left out without TC",
        amend: sizes::full,
    },
    Difference {
        who: &[Knot],
        what: "glue beside an answer that is no referral",
        why: "RFC 2181 §5.4.1: glue is for finding name servers, and no data of this zone",
        amend: sizes::glue_beside_answer,
    },
    Difference {
        who: &[Nsd, Knot, Bind],
        what: "aliases without end, by a DNAME that leads below itself, are cut off elsewhere",
        why: "RFC 1034 §5.2.2: no more than a bound on the work for one query is asked for",
        amend: aliases::endless,
    },
    Difference {
        who: &[Bind],
        what: "signatures of glue, without DO",
        why: "RFC 4035 §3: without DO an RRSIG is as any other RRset; §2.2: glue MUST NOT be signed",
        amend: faults::signature_of_glue,
    },
    Difference {
        who: &[Nsd],
        what: "TC where only addresses of servers outside the cut do not fit",
        why: "RFC 9471 §3.2: MAY set TC=1 but is not obligated to do so",
        amend: faults::truncated_for_others,
    },
    Difference {
        who: &[Knot],
        what: "a denial after an alias leaves out an SOA that does not fit, without TC",
        why: "RFC 2308 §3: MUST include the SOA record; RFC 2181 §9: TC where a required set does not fit",
        amend: faults::denial_without_soa,
    },
    Difference {
        who: &[Nsd],
        what: "a few octets more than there is room for, beside YXDOMAIN",
        why: "RFC 6891 §6.2.3: the requestor's size is that of the largest payload that it can take",
        amend: faults::excess,
    },
];
