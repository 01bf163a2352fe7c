//! RFC 4592 §2.2.1: the RFC's own zone and its own table of what is synthesised and what is not.

use anyhow::Result;
use interop_tests::{Server, tests};

tests![
    host3_mx_is_synthesised,
    host3_a_has_no_data,
    foo_bar_txt_is_synthesised,
    host1_mx_is_not_because_host1_exists,
    sub_star_mx_is_not_because_sub_star_exists,
    telnet_is_not_because_tcp_host1_exists,
    host_subdel_is_not_because_of_the_delegation,
    ghost_star_is_not_because_star_exists,
    the_wildcard_itself_is_asked_for,
    an_alias_is_synthesised,
    an_empty_non_terminal_hides_the_wildcard,
    below_an_empty_non_terminal_is_nothing,
    the_closest_encloser_decides,
    a_star_is_an_ordinary_label_inside_a_name,
];

fn host3_mx_is_synthesised(server: &Server) -> Result<()> {
    server
        .ask("host3.example. MX")?
        .status_is("NOERROR aa")?
        .answer_is(&["host3.example. 3600 MX 10 host1.example."])?;
    Ok(())
}

fn host3_a_has_no_data(server: &Server) -> Result<()> {
    server.ask("host3.example. A")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("example.")?;
    Ok(())
}

fn foo_bar_txt_is_synthesised(server: &Server) -> Result<()> {
    let expected = "foo.bar.example. 3600 TXT \"this is a wildcard\"";
    server.ask("foo.bar.example. TXT")?.status_is("NOERROR aa")?.answer_is(&[expected])?;
    Ok(())
}

fn host1_mx_is_not_because_host1_exists(server: &Server) -> Result<()> {
    server.ask("host1.example. MX")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("example.")?;
    Ok(())
}

fn sub_star_mx_is_not_because_sub_star_exists(server: &Server) -> Result<()> {
    server.ask("sub.*.example. MX")?.status_is("NOERROR aa")?.answer_is(&[])?.denied_by("example.")?;
    Ok(())
}

fn telnet_is_not_because_tcp_host1_exists(server: &Server) -> Result<()> {
    let reply = server.ask("_telnet._tcp.host1.example. SRV")?;
    reply.status_is("NXDOMAIN aa")?.answer_is(&[])?.denied_by("example.")?;
    Ok(())
}

fn host_subdel_is_not_because_of_the_delegation(server: &Server) -> Result<()> {
    let servers = ["subdel.example. 3600 NS ns.example.com.", "subdel.example. 3600 NS ns.example.net."];
    server.ask("host.subdel.example. A")?.status_is("NOERROR")?.answer_is(&[])?.authority_is(&servers)?;
    Ok(())
}

fn ghost_star_is_not_because_star_exists(server: &Server) -> Result<()> {
    server.ask("ghost.*.example. MX")?.status_is("NXDOMAIN aa")?.answer_is(&[])?.denied_by("example.")?;
    Ok(())
}

/// RFC 4592 §2.3: as a QNAME it is a name like any other.
fn the_wildcard_itself_is_asked_for(server: &Server) -> Result<()> {
    server
        .ask("*.example. MX")?
        .status_is("NOERROR aa")?
        .answer_is(&["*.example. 3600 MX 10 host1.example."])?;
    Ok(())
}

/// RFC 4592 §3.3.3.
fn an_alias_is_synthesised(server: &Server) -> Result<()> {
    server.ask("x.wild-alias.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[
        "x.wild-alias.edges.test. 3600 CNAME chain-end.edges.test.",
        "chain-end.edges.test. 3600 A 192.0.2.1",
        "chain-end.edges.test. 3600 A 192.0.2.2",
    ])?;
    Ok(())
}

/// RFC 4592 §2.2.2: empty.wild exists, because deep.empty.wild does.
fn an_empty_non_terminal_hides_the_wildcard(server: &Server) -> Result<()> {
    server
        .ask("empty.wild.edges.test. A")?
        .status_is("NOERROR aa")?
        .answer_is(&[])?
        .denied_by("edges.test.")?;
    Ok(())
}

fn below_an_empty_non_terminal_is_nothing(server: &Server) -> Result<()> {
    server
        .ask("x.empty.wild.edges.test. A")?
        .status_is("NXDOMAIN aa")?
        .answer_is(&[])?
        .denied_by("edges.test.")?;
    Ok(())
}

/// RFC 4592 §3.3.1: the wildcard of the closest encloser, never one further up.
fn the_closest_encloser_decides(server: &Server) -> Result<()> {
    let inner = "y.x.inner.wild.edges.test. 3600 A 192.0.2.12";
    server.ask("y.x.inner.wild.edges.test. A")?.status_is("NOERROR aa")?.answer_is(&[inner])?;
    server.ask("x.here.wild.edges.test. A")?.status_is("NXDOMAIN aa")?.answer_is(&[])?;
    Ok(())
}

/// RFC 4592 §2.1.1: only the first label makes a wildcard; here both are stars, and both occur.
fn a_star_is_an_ordinary_label_inside_a_name(server: &Server) -> Result<()> {
    let two = "x.*.stars.edges.test. 3600 TXT \"two stars\"";
    server.ask("x.*.stars.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[two])?;
    server.ask("x.y.stars.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[])?;
    server.ask("x.stars.edges.test. TXT")?.status_is("NOERROR aa")?.answer_is(&[])?;
    Ok(())
}
