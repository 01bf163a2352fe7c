//! RFC 1034 §4.3.2, the algorithm, with what RFC 2181 and RFC 2308 have made of its ends.

use anyhow::{Result, ensure};
use interop_tests::{Server, tests};

tests![
    a_set_is_answered_whole,
    a_name_that_exists_without_the_type_has_no_data,
    a_name_that_does_not_exist_is_denied,
    an_empty_non_terminal_exists,
    what_is_not_served_is_refused,
    a_chain_of_aliases_is_followed,
    an_alias_is_not_followed_when_it_is_asked_for,
    an_alias_to_nothing_is_denied,
    an_alias_to_another_type_has_no_data,
    an_alias_that_leads_out_ends_the_answer,
    an_alias_that_leads_below_a_cut_ends_in_a_referral,
    a_loop_of_aliases_ends,
    a_delegation_is_a_referral_with_glue,
    a_delegation_holds_for_everything_below,
    nothing_below_a_cut_is_answered,
    sibling_glue_comes_along,
    ds_is_answered_above_the_cut,
    the_parents_ds_has_no_data_where_there_is_none,
    a_child_zone_is_answered_beside_its_parent,
    ds_of_a_child_zone_is_the_parents_to_answer,
    names_are_found_in_any_case,
    escaped_octets_are_octets,
    unknown_types_are_data_like_any_other,
    an_empty_rdata_is_data,
    recursion_is_not_available,
];

fn a_set_is_answered_whole(server: &Server) -> Result<()> {
    server
        .ask("chain-end.edges.test. A")?
        .status_is("NOERROR aa")?
        .answer_is(&["chain-end.edges.test. 3600 A 192.0.2.1", "chain-end.edges.test. 3600 A 192.0.2.2"])?;
    Ok(())
}

/// RFC 2308 §2.2.
fn a_name_that_exists_without_the_type_has_no_data(server: &Server) -> Result<()> {
    server
        .ask("chain-end.edges.test. AAAA")?
        .status_is("NOERROR aa")?
        .answer_is(&[])?
        .denied_by("edges.test.")?;
    Ok(())
}

/// RFC 2308 §2.1.
fn a_name_that_does_not_exist_is_denied(server: &Server) -> Result<()> {
    server
        .ask("nowhere.edges.test. A")?
        .status_is("NXDOMAIN aa")?
        .answer_is(&[])?
        .denied_by("edges.test.")?;
    Ok(())
}

/// RFC 8020 §2: what has something below it exists.
fn an_empty_non_terminal_exists(server: &Server) -> Result<()> {
    for name in ["empty.edges.test.", "b.empty.edges.test."] {
        server
            .ask(&format!("{name} A"))?
            .status_is("NOERROR aa")?
            .answer_is(&[])?
            .denied_by("edges.test.")?;
    }
    server.ask("x.empty.edges.test. A")?.status_is("NXDOMAIN aa")?;
    Ok(())
}

fn what_is_not_served_is_refused(server: &Server) -> Result<()> {
    for name in ["example.net.", "test.", ".", "com."] {
        server.ask(&format!("{name} A"))?.status_is("REFUSED")?.answer_is(&[])?.authority_is(&[])?;
    }
    Ok(())
}

fn a_chain_of_aliases_is_followed(server: &Server) -> Result<()> {
    server.ask("chain1.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        "chain1.edges.test. 300 CNAME chain2.edges.test.",
        "chain2.edges.test. 200 CNAME chain3.edges.test.",
        "chain3.edges.test. 100 CNAME chain-end.edges.test.",
        "chain-end.edges.test. 3600 A 192.0.2.1",
        "chain-end.edges.test. 3600 A 192.0.2.2",
    ])?;
    Ok(())
}

fn an_alias_is_not_followed_when_it_is_asked_for(server: &Server) -> Result<()> {
    let alias = "chain1.edges.test. 300 CNAME chain2.edges.test.";
    server.ask("chain1.edges.test. CNAME")?.status_is("NOERROR aa")?.answer_is(&[alias])?;
    Ok(())
}

/// RFC 6604 §3: the RCODE is that of the last name.
fn an_alias_to_nothing_is_denied(server: &Server) -> Result<()> {
    let reply = server.ask("dangling.edges.test. A")?.status_is("NXDOMAIN aa")?;
    reply.answer_is(&["dangling.edges.test. 3600 CNAME nowhere.edges.test."])?.denied_by("edges.test.")?;
    Ok(())
}

fn an_alias_to_another_type_has_no_data(server: &Server) -> Result<()> {
    let reply = server.ask("dangling-type.edges.test. A")?.status_is("NOERROR aa")?;
    reply
        .answer_is(&["dangling-type.edges.test. 3600 CNAME only-text.edges.test."])?
        .denied_by("edges.test.")?;
    Ok(())
}

fn an_alias_that_leads_out_ends_the_answer(server: &Server) -> Result<()> {
    let reply = server.ask("outside.edges.test. A")?.status_is("NOERROR aa")?;
    reply.answer_is(&["outside.edges.test. 3600 CNAME www.example.invalid."])?.authority_is(&[])?;
    Ok(())
}

/// AA is about the first name of the answer (RFC 1035 §4.1.1), which is the alias.
fn an_alias_that_leads_below_a_cut_ends_in_a_referral(server: &Server) -> Result<()> {
    let reply = server.ask("into-delegation.edges.test. A")?.status_is("NOERROR aa")?;
    reply.answer_is(&["into-delegation.edges.test. 3600 CNAME host.away.edges.test."])?.authority_is(AWAY)?;
    Ok(())
}

fn a_loop_of_aliases_ends(server: &Server) -> Result<()> {
    let reply = server.ask("loop1.edges.test. A")?;
    ensure!(reply.status() == "NOERROR aa" || reply.status() == "SERVFAIL aa", "{reply}");
    reply.answer_is(&[
        "loop1.edges.test. 3600 CNAME loop2.edges.test.",
        "loop2.edges.test. 3600 CNAME loop1.edges.test.",
    ])?;
    server.ask("x.wild-loop.edges.test. A")?;
    Ok(())
}

const AWAY: &[&str] = &[
    "away.edges.test. 3600 NS ns1.away.edges.test.",
    "away.edges.test. 3600 NS ns.beside.edges.test.",
    "away.edges.test. 3600 NS ns.example.invalid.",
];

/// The glue that lies in the delegated zone must come (RFC 9471 §2.1).
const GLUE: &[&str] =
    &["ns1.away.edges.test. 3600 A 192.0.2.30", "ns1.away.edges.test. 3600 AAAA 2001:db8::30"];

fn a_delegation_is_a_referral_with_glue(server: &Server) -> Result<()> {
    let reply = server.ask("away.edges.test. A")?.status_is("NOERROR")?;
    reply.answer_is(&[])?.authority_is(AWAY)?.additional_has(GLUE)?;
    Ok(())
}

/// Even the NS set itself is not ours to answer with authority.
fn a_delegation_holds_for_everything_below(server: &Server) -> Result<()> {
    for question in
        ["away.edges.test. NS", "a.b.c.away.edges.test. TXT", "away.edges.test. SOA", "*.away.edges.test. A"]
    {
        let reply = server.ask(question)?.status_is("NOERROR")?;
        reply.answer_is(&[])?.authority_is(AWAY)?.additional_has(GLUE)?;
    }
    Ok(())
}

fn nothing_below_a_cut_is_answered(server: &Server) -> Result<()> {
    for question in ["hidden.away.edges.test. TXT", "ns1.away.edges.test. A"] {
        server.ask(question)?.status_is("NOERROR")?.answer_is(&[])?.authority_is(AWAY)?;
    }
    Ok(())
}

/// RFC 9471 §2.2: a server below another cut of the same zone; the cut's own referral needs it.
fn sibling_glue_comes_along(server: &Server) -> Result<()> {
    let reply = server.ask("beside.edges.test. A")?.status_is("NOERROR")?;
    reply.additional_has(&["ns.beside.edges.test. 3600 A 192.0.2.31"])?;
    Ok(())
}

/// RFC 4035 §3.1.4.1.
fn ds_is_answered_above_the_cut(server: &Server) -> Result<()> {
    let reply = server.ask("signed.edges.test. DS")?.status_is("NOERROR aa")?;
    ensure!(reply.answer.len() == 1 && reply.authority.is_empty(), "expected the DS record{reply}");
    Ok(())
}

fn the_parents_ds_has_no_data_where_there_is_none(server: &Server) -> Result<()> {
    server.ask("away.edges.test. DS")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("edges.test.")?;
    Ok(())
}

fn a_child_zone_is_answered_beside_its_parent(server: &Server) -> Result<()> {
    let www = "www.child.edges.test. 1800 A 192.0.2.41";
    server.ask("www.child.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[www])?;
    let reply = server.ask("nowhere.child.edges.test. A")?.status_is("NXDOMAIN aa")?;
    reply.denied_by("child.edges.test.")?;
    server.ask("child.edges.test. NS")?.status_is("NOERROR aa")?.answer_is(&[
        "child.edges.test. 1800 NS ns.child.edges.test.",
        "child.edges.test. 1800 NS ns.edges.test.",
    ])?;
    Ok(())
}

/// RFC 4035 §3.1.4.1: "the name server MUST … reply from the parent" when it has both.
fn ds_of_a_child_zone_is_the_parents_to_answer(server: &Server) -> Result<()> {
    server.ask("child.edges.test. DS")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("edges.test.")?;
    Ok(())
}

/// RFC 4343 §3 and §4.1: found in any case; the question comes back as it was written (which every reply is checked for).
fn names_are_found_in_any_case(server: &Server) -> Result<()> {
    let reply = server.ask("mIxEd.eDGES.TeSt. TXT")?.status_is("NOERROR aa")?;
    let data: Vec<_> = reply.answer.iter().map(|record| record.data.as_str()).collect();
    ensure!(data == ["\"CaSe\""], "expected one TXT record, its case kept{reply}");
    server.ask("NOWHERE.EDGES.TEST. A")?.status_is("NXDOMAIN aa")?;
    Ok(())
}

fn escaped_octets_are_octets(server: &Server) -> Result<()> {
    let dot = "a\\.b.edges.test. 3600 TXT \"a dot inside a label\"";
    server.ask("a\\.b.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[dot])?;
    server.ask("a.b.edges.test. TXT")?.status_is("NXDOMAIN aa")?;
    let octets = "\\000\\255.edges.test. 3600 TXT \"octets\"";
    server.ask("\\000\\255.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[octets])?;
    Ok(())
}

/// RFC 3597 §3 and §5.
fn unknown_types_are_data_like_any_other(server: &Server) -> Result<()> {
    let strange = "strange.edges.test. 3600 TYPE65280 \\# 4 deadbeef";
    server.ask("strange.edges.test. TYPE65280")?.status_is("NOERROR aa")?.answer_is(&[strange])?;
    server
        .ask("strange.edges.test. TYPE65282")?
        .status_is("NOERROR aa")?
        .answer_is(&[])?
        .denied_by("edges.test.")?;
    Ok(())
}

fn an_empty_rdata_is_data(server: &Server) -> Result<()> {
    let empty = "strange.edges.test. 3600 TYPE65281 \\# 0 ";
    server.ask("strange.edges.test. TYPE65281")?.status_is("NOERROR aa")?.answer_is(&[empty])?;
    Ok(())
}

fn recursion_is_not_available(server: &Server) -> Result<()> {
    let mut query = interop_tests::client::Query::parse("ns.edges.test. A")?;
    query.flags = 1 << 8;
    server.ask_with(&query)?.status_is("NOERROR aa")?;
    Ok(())
}
