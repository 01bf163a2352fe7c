//! RFC 6672: a whole subtree under another name.

use anyhow::{Result, ensure};
use interop_tests::client::Query;
use interop_tests::{Server, tests};

tests![
    a_name_below_is_rewritten,
    the_owner_itself_is_not,
    the_dname_is_answered_when_asked_for,
    a_rewritten_name_that_does_not_exist_is_denied,
    a_rewritten_name_may_be_an_alias,
    an_alias_that_is_asked_for_is_not_followed,
    one_dname_may_lead_below_another,
    an_alias_may_lead_below_a_dname,
    a_name_that_leads_out_ends_the_answer,
    a_name_that_grows_too_long_is_yxdomain,
    a_name_that_just_fits_is_rewritten,
    case_of_the_owner_is_kept,
];

const MOVED: &str = "moved.edges.test. 3600 DNAME target.edges.test.";

/// §3.1, and §2.2: the TTL of the alias is that of the DNAME.
fn a_name_below_is_rewritten(server: &Server) -> Result<()> {
    server.ask("host.moved.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        MOVED,
        "host.moved.edges.test. 3600 CNAME host.target.edges.test.",
        "host.target.edges.test. 3600 A 192.0.2.50",
    ])?;
    Ok(())
}

/// §2.3.
fn the_owner_itself_is_not(server: &Server) -> Result<()> {
    let text = "moved.edges.test. 3600 TXT \"the owner itself stays\"";
    server.ask("moved.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[text])?;
    server.ask("moved.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("edges.test.")?;
    Ok(())
}

fn the_dname_is_answered_when_asked_for(server: &Server) -> Result<()> {
    server.ask("moved.edges.test. DNAME")?.status_is("NOERROR aa")?.answer_is(&[MOVED])?;
    Ok(())
}

fn a_rewritten_name_that_does_not_exist_is_denied(server: &Server) -> Result<()> {
    let reply = server.ask("nobody.moved.edges.test. A")?.status_is("NXDOMAIN aa")?;
    let alias = "nobody.moved.edges.test. 3600 CNAME nobody.target.edges.test.";
    reply.answer_is(&[MOVED, alias])?.denied_by("edges.test.")?;
    Ok(())
}

fn a_rewritten_name_may_be_an_alias(server: &Server) -> Result<()> {
    server.ask("alias.moved.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        MOVED,
        "alias.moved.edges.test. 3600 CNAME alias.target.edges.test.",
        "alias.target.edges.test. 3600 CNAME host.target.edges.test.",
        "host.target.edges.test. 3600 A 192.0.2.50",
    ])?;
    Ok(())
}

/// RFC 1034 §3.6.2, of the alias that is made up too.
fn an_alias_that_is_asked_for_is_not_followed(server: &Server) -> Result<()> {
    let alias = "nobody.moved.edges.test. 3600 CNAME nobody.target.edges.test.";
    let reply = server.ask("nobody.moved.edges.test. CNAME")?.status_is("NOERROR aa")?;
    reply.answer_is(&[MOVED, alias])?.authority_is(&[])?;
    Ok(())
}

fn one_dname_may_lead_below_another(server: &Server) -> Result<()> {
    server.ask("host.twice.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        "twice.edges.test. 3600 DNAME moved.edges.test.",
        "host.twice.edges.test. 3600 CNAME host.moved.edges.test.",
        MOVED,
        "host.moved.edges.test. 3600 CNAME host.target.edges.test.",
        "host.target.edges.test. 3600 A 192.0.2.50",
    ])?;
    Ok(())
}

fn an_alias_may_lead_below_a_dname(server: &Server) -> Result<()> {
    server.ask("into-dname.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        "into-dname.edges.test. 3600 CNAME host.moved.edges.test.",
        MOVED,
        "host.moved.edges.test. 3600 CNAME host.target.edges.test.",
        "host.target.edges.test. 3600 A 192.0.2.50",
    ])?;
    Ok(())
}

fn a_name_that_leads_out_ends_the_answer(server: &Server) -> Result<()> {
    server.ask("www.abroad.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        "abroad.edges.test. 3600 DNAME example.invalid.",
        "www.abroad.edges.test. 3600 CNAME www.example.invalid.",
    ])?;
    Ok(())
}

const LONG: &str = "a-target-of-sixty-three-octets-so-that-a-name-below-grows-long1.\
                    a-target-of-sixty-three-octets-so-that-a-name-below-grows-long2.edges.test.";

/// Labels that take `octets` on the wire, each of at most 63.
fn labels(octets: usize) -> String {
    let first = octets.min(64);
    let rest = octets - first;
    if rest == 0 { "x".repeat(first - 1) } else { format!("{}.{}", "x".repeat(first - 1), labels(rest)) }
}

/// What is left of 255 octets beside the target.
const ROOM: usize = 255 - (64 + 64 + 6 + 5 + 1);

/// §2.2: the DNAME is answered, and YXDOMAIN says why nothing follows.
fn a_name_that_grows_too_long_is_yxdomain(server: &Server) -> Result<()> {
    let question = format!("{}.long.edges.test. A", labels(ROOM + 1));
    let reply = server.ask_with(&Query::parse(&question)?.with_edns(1232))?;
    // RFC 6672 §3.2 step 3c; Knot 3.2 says NXDOMAIN.
    let rcode = if server.name == "knot" { "NXDOMAIN aa" } else { "YXDOMAIN aa" };
    reply.status_is(rcode)?.answer_is(&[&format!("long.edges.test. 3600 DNAME {LONG}")])?;
    Ok(())
}

fn a_name_that_just_fits_is_rewritten(server: &Server) -> Result<()> {
    let first = labels(ROOM);
    let query = Query::parse(&format!("{first}.long.edges.test. A"))?.with_edns(1232);
    server.ask_with(&query)?.status_is("NXDOMAIN aa")?.answer_is(&[
        &format!("long.edges.test. 3600 DNAME {LONG}"),
        &format!("{first}.long.edges.test. 3600 CNAME {first}.{LONG}"),
    ])?;
    Ok(())
}

/// RFC 4343 §4.1: what comes from the question comes back as it was; of the target NSD and Knot make lower case.
fn case_of_the_owner_is_kept(server: &Server) -> Result<()> {
    let reply = server.ask("NoBoDy.moved.edges.test. A")?.status_is("NXDOMAIN aa")?;
    let owners: Vec<_> = reply.answer.iter().map(|record| record.owner.to_string()).collect();
    ensure!(owners == ["moved.edges.test.", "NoBoDy.moved.edges.test."], "{reply}");
    ensure!(reply.answer[1].data.eq_ignore_ascii_case("nobody.target.edges.test."), "{reply}");
    Ok(())
}
