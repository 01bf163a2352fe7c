//! RFC 6891 and what it carries: sizes and truncation (RFC 2181 §9), NSID (RFC 5001), ANY (RFC 8482), CHAOS (RFC 4892).

use anyhow::{Context, Result, ensure};
use interop_tests::client::Query;
use interop_tests::subject::IDENTITY;
use interop_tests::{Server, tests};

tests![
    without_edns_512_octets_are_the_bound,
    a_larger_answer_comes_with_edns,
    what_is_larger_than_any_datagram_is_truncated,
    a_size_below_512_means_512,
    the_server_says_1232,
    do_comes_back,
    unknown_edns_flags_do_not,
    nsid_comes_when_asked_for,
    nsid_does_not_come_unasked,
    any_is_one_set_of_several,
    any_of_an_alias_is_the_alias,
    any_of_nothing_is_denied,
    version_bind_is_told,
    id_server_is_told,
    additional_records_never_truncate,
];

fn without_edns_512_octets_are_the_bound(server: &Server) -> Result<()> {
    server.ask("big.edges.test. TXT")?.status_is("NOERROR aa tc")?;
    server.ask("many.edges.test. A")?.status_is("NOERROR aa tc")?;
    Ok(())
}

fn a_larger_answer_comes_with_edns(server: &Server) -> Result<()> {
    for (question, count) in [("big.edges.test. TXT", 7), ("many.edges.test. A", 40)] {
        let reply = server.ask_with(&Query::parse(question)?.with_edns(1232))?.status_is("NOERROR aa")?;
        ensure!(reply.answer.len() == count, "expected {count} records{reply}");
    }
    Ok(())
}

/// Whatever size the client offers, 1232 octets are the server's own bound.
fn what_is_larger_than_any_datagram_is_truncated(server: &Server) -> Result<()> {
    for size in [1232, 4096, 65535] {
        let query = Query::parse("huge.edges.test. TXT")?.with_edns(size);
        let reply = server.ask_with(&query)?.status_is("NOERROR aa tc")?;
        ensure!(reply.octets <= 1232, "{} octets", reply.octets);
    }
    Ok(())
}

/// §6.2.3.
fn a_size_below_512_means_512(server: &Server) -> Result<()> {
    let at_511 = server.ask_with(&Query::parse("ns.edges.test. A")?.with_edns(12))?;
    at_511.status_is("NOERROR aa")?.answer_is(&["ns.edges.test. 3600 A 192.0.2.53"])?;
    server.ask_with(&Query::parse("big.edges.test. TXT")?.with_edns(0))?.status_is("NOERROR aa tc")?;
    Ok(())
}

fn the_server_says_1232(server: &Server) -> Result<()> {
    let reply = server.ask_with(&Query::parse("ns.edges.test. A")?.with_edns(4096))?;
    let opt = reply.opt.as_ref().context("checked by every reply")?;
    ensure!(opt.class == 1232, "expected a size of 1232{reply}");
    Ok(())
}

/// RFC 3225 §3: DO is copied.
fn do_comes_back(server: &Server) -> Result<()> {
    let query = Query { edns: Some((1232, 0x8000, vec![])), ..Query::parse("ns.edges.test. A")? };
    let reply = server.ask_with(&query)?.status_is("NOERROR aa")?;
    ensure!(reply.opt.as_ref().is_some_and(|opt| opt.ttl == 0x8000), "expected DO{reply}");
    Ok(())
}

/// §6.1.4: "MUST be ignored by receivers", and set to zero by senders.
fn unknown_edns_flags_do_not(server: &Server) -> Result<()> {
    let query = Query { edns: Some((1232, 0x1234, vec![])), ..Query::parse("ns.edges.test. A")? };
    let reply = server.ask_with(&query)?.status_is("NOERROR aa")?;
    ensure!(reply.opt.as_ref().is_some_and(|opt| opt.ttl == 0), "expected no flags{reply}");
    Ok(())
}

/// RFC 5001 §2.1.
fn nsid_comes_when_asked_for(server: &Server) -> Result<()> {
    let query = Query { edns: Some((1232, 0, vec![0, 3, 0, 0])), ..Query::parse("ns.edges.test. A")? };
    let reply = server.ask_with(&query)?.status_is("NOERROR aa")?;
    let opt = reply.opt.as_ref().context("checked by every reply")?;
    ensure!(opt.data.contains(" 0003"), "expected NSID{reply}");
    let identity: String = IDENTITY.bytes().map(|octet| format!("{octet:02x}")).collect();
    ensure!(opt.data.contains(&identity), "expected {IDENTITY}{reply}");
    Ok(())
}

fn nsid_does_not_come_unasked(server: &Server) -> Result<()> {
    let reply = server.ask_with(&Query::parse("ns.edges.test. A")?.with_edns(1232))?;
    ensure!(reply.opt.as_ref().is_some_and(|opt| opt.data == "\\# 0 "), "expected no options{reply}");
    Ok(())
}

/// RFC 8482 §4.1.
fn any_is_one_set_of_several(server: &Server) -> Result<()> {
    let reply = server.ask("any.edges.test. ANY")?.status_is("NOERROR aa")?;
    ensure!(reply.answer.len() == 1, "expected one of four sets{reply}");
    Ok(())
}

fn any_of_an_alias_is_the_alias(server: &Server) -> Result<()> {
    let reply = server.ask("chain1.edges.test. ANY")?.status_is("NOERROR aa")?;
    let first = reply.answer.first().map(ToString::to_string);
    ensure!(first.as_deref() == Some("chain1.edges.test. 300 CNAME chain2.edges.test."), "{reply}");
    Ok(())
}

fn any_of_nothing_is_denied(server: &Server) -> Result<()> {
    server.ask("nowhere.edges.test. ANY")?.status_is("NXDOMAIN aa")?.denied_by("edges.test.")?;
    server.ask("empty.edges.test. ANY")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("edges.test.")?;
    Ok(())
}

fn version_bind_is_told(server: &Server) -> Result<()> {
    chaos(server, "version.bind. TXT")
}

fn id_server_is_told(server: &Server) -> Result<()> {
    chaos(server, "id.server. TXT")
}

/// RFC 4892 §3: one TXT record of class CHAOS.
fn chaos(server: &Server, question: &str) -> Result<()> {
    let reply = server.ask_with(&Query { class: 3, ..Query::parse(question)? })?;
    let [record] = reply.answer.as_slice() else { anyhow::bail!("expected one record{reply}") };
    ensure!(
        reply.rcode() == 0 && record.class == 3 && record.data == format!("\"{IDENTITY}\""),
        "expected {IDENTITY}{reply}"
    );
    Ok(())
}

/// RFC 2181 §9: TC is for what is required; glue that lies in the zone is (RFC 9471 §3), other addresses are left out.
fn additional_records_never_truncate(server: &Server) -> Result<()> {
    let reply = server.ask("mail.edges.test. MX")?.status_is("NOERROR aa")?;
    ensure!(reply.answer.len() == 3, "expected three records{reply}");
    Ok(())
}
