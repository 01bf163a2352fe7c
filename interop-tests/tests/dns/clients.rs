//! Programs that people use: what they print of our answers, and how many of them they lose.

use anyhow::{Result, bail, ensure};
use interop_tests::process::{Folder, output};
use interop_tests::{Server, tests};

tests![
    dig_reads_an_answer,
    dig_asks_for_nsid,
    dig_finds_no_fault_with_edns,
    kdig_reads_an_answer,
    dig_takes_case_back_as_it_gave_it,
    drill_reads_an_answer,
    dnsperf_loses_nothing_at_a_low_rate,
    dig_completes_over_tcp_what_is_truncated,
    dig_keeps_a_connection,
    kdig_completes_over_tcp_what_is_truncated,
    drill_completes_over_tcp_what_is_truncated,
    dnsperf_loses_nothing_over_tcp,
];

fn at(server: &Server) -> [String; 2] {
    [server.address.ip().to_string(), server.address.port().to_string()]
}

fn dig(server: &Server, words: &[&str]) -> Result<String> {
    let [ip, port] = at(server);
    let mut command =
        vec!["dig", "@", "-p", &port, "+tries=4", "+timeout=2", "+norecurse", "+notcp", "+ignore"];
    let to = format!("@{ip}");
    command[1] = &to;
    command.extend(words);
    let said = output(&command)?;
    ensure!(!said.contains("WARNING") && !said.to_lowercase().contains("malformed"), "dig warns:\n{said}");
    Ok(said)
}

fn dig_reads_an_answer(server: &Server) -> Result<()> {
    let said = dig(server, &["www.example.com", "AAAA"])?;
    ensure!(said.contains("status: NOERROR") && said.contains("flags: qr aa;"), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(words.contains("www.example.com. 3600 IN CNAME example.com."), "{said}");
    ensure!(words.contains("example.com. 3600 IN AAAA 2001:db8::80"), "{said}");
    Ok(())
}

fn dig_asks_for_nsid(server: &Server) -> Result<()> {
    let said = dig(server, &["+nsid", "example.com", "HTTPS"])?;
    ensure!(said.contains("; NSID:"), "{said}");
    ensure!(said.contains("1 . alpn=\"h2,h3\" ipv4hint=192.0.2.80 ipv6hint=2001:db8::80"), "{said}");
    Ok(())
}

fn dig_finds_no_fault_with_edns(server: &Server) -> Result<()> {
    let options = ["+ednsopt=65001:00ff", "+subnet=192.0.2.0/24", "+bufsize=4096", "+dnssec", "+cookie"];
    for option in options {
        let said = dig(server, &[option, "office.example.com", "LOC"])?;
        ensure!(said.contains("52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"), "{option}: {said}");
    }
    let said = dig(server, &["+edns=1", "+noednsneg", "example.com", "SOA"])?;
    ensure!(said.contains("status: BADVERS"), "{said}");
    Ok(())
}

fn kdig(server: &Server, words: &[&str]) -> Result<String> {
    let [ip, port] = at(server);
    let to = format!("@{ip}");
    let mut command = vec!["kdig", &to, "-p", &port, "+retry=4", "+timeout=2", "+ignore"];
    command.extend(words);
    let said = output(&command)?;
    ensure!(!said.contains("WARNING"), "kdig warns:\n{said}");
    Ok(said)
}

fn kdig_reads_an_answer(server: &Server) -> Result<()> {
    let said = kdig(server, &["_25._tcp.mail.example.com", "TLSA", "+norec"])?;
    ensure!(said.contains("status: NOERROR") && said.contains("Flags: qr aa;"), "{said}");
    ensure!(said.contains("3 1 1 0123456789"), "{said}");
    Ok(())
}

fn dig_takes_case_back_as_it_gave_it(server: &Server) -> Result<()> {
    let said = dig(server, &["WWW.eXample.CoM", "A"])?;
    ensure!(said.contains(";WWW.eXample.CoM.") && said.contains("192.0.2.80"), "{said}");
    Ok(())
}

fn drill_reads_an_answer(server: &Server) -> Result<()> {
    let [ip, port] = at(server);
    let said = output(&["drill", "-u", "-p", &port, &format!("@{ip}"), "www.old.example.com", "A"])?;
    ensure!(said.contains("rcode: NOERROR") && said.contains("flags: qr aa rd"), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(words.contains("old.example.com. 3600 IN DNAME new.example.com."), "{said}");
    ensure!(words.contains("www.new.example.com. 3600 IN A 192.0.2.90"), "{said}");
    Ok(())
}

/// 200 queries a second for 2 s, of which none may get lost: no measurement, only a long conversation. It may be tried
/// again: once, of 400 queries the first was lost on the image under KVM while other tests talked to it. Their bursts may
/// have been why; that is not known. 75 conversations of a second, alone with the server, lost nothing.
fn dnsperf_loses_nothing_at_a_low_rate(server: &Server) -> Result<()> {
    const TRIES: usize = 3;
    let folder = Folder::new(&format!("dnsperf-{}", server.name))?;
    let questions = folder.write(
        "questions",
        "example.com SOA\nwww.example.com A\nnowhere.example.com A\nx.wild.example.com TXT\nlease-050.example.com A\n",
    )?;
    let mut last = String::new();
    for _ in 0..TRIES {
        last = dnsperf(server, &questions.to_string_lossy(), "udp")?;
        ensure!(last.contains("NXDOMAIN") && last.contains("NOERROR"), "{last}");
        if last.split_whitespace().collect::<Vec<_>>().join(" ").contains("Queries lost: 0 (0.00%)") {
            return Ok(());
        }
    }
    bail!("{TRIES} times in a row: {last}")
}

fn dnsperf(server: &Server, questions: &str, mode: &str) -> Result<String> {
    let [ip, port] = at(server);
    let mut command = vec!["dnsperf", "-s", &ip, "-p", &port, "-d", questions, "-m", mode];
    command.extend(["-l", "2", "-Q", "200", "-c", "4", "-T", "1", "-t", "5"]);
    output(&command)
}

/// RFC 2181 §9: who finds TC asks again over TCP.
fn dig_completes_over_tcp_what_is_truncated(server: &Server) -> Result<()> {
    let [ip, port] = at(server);
    for (name, records, option) in [
        ("huge.edges.test", 90, "+bufsize=4096"),
        ("many.edges.test", 40, "+noedns"),
        ("huge.edges.test", 90, "+noedns"),
    ] {
        let rtype = if name.starts_with("many") { "A" } else { "TXT" };
        let to = format!("@{ip}");
        let said =
            output(&["dig", &to, "-p", &port, "+tries=4", "+timeout=5", "+norecurse", option, name, rtype])?;
        ensure!(said.contains("Truncated, retrying in TCP mode") && said.contains("(TCP)"), "{said}");
        ensure!(said.contains("flags: qr aa;") && said.contains(&format!("ANSWER: {records},")), "{said}");
        ensure!(
            !said.contains("WARNING") && !said.to_lowercase().contains("malformed"),
            "dig warns:\n{said}"
        );
    }
    Ok(())
}

/// Three questions on one connection, and what the server says of how long it stays.
fn dig_keeps_a_connection(server: &Server) -> Result<()> {
    let [ip, port] = at(server);
    let to = format!("@{ip}");
    let mut command = vec!["dig", &to, "-p", &port, "+tcp", "+keepopen", "+keepalive", "+norecurse"];
    command.extend(["example.com", "SOA", "huge.edges.test", "TXT", "nowhere.example.com", "A"]);
    let said = output(&command)?;
    ensure!(said.contains("ANSWER: 90,") && said.contains("status: NXDOMAIN"), "{said}");
    ensure!(said.matches("(TCP)").count() == 3, "{said}");
    ensure!(!said.contains("WARNING") && !said.to_lowercase().contains("malformed"), "dig warns:\n{said}");
    Ok(())
}

fn kdig_completes_over_tcp_what_is_truncated(server: &Server) -> Result<()> {
    let [ip, port] = at(server);
    let to = format!("@{ip}");
    let said =
        output(&["kdig", &to, "-p", &port, "+retry=4", "+timeout=5", "huge.edges.test", "TXT", "+norec"])?;
    ensure!(
        said.contains("Flags: qr aa;") && said.contains("ANSWER: 90;") && said.contains("(TCP)"),
        "{said}"
    );
    Ok(())
}

fn drill_completes_over_tcp_what_is_truncated(server: &Server) -> Result<()> {
    let [ip, port] = at(server);
    let said = output(&["drill", "-a", "-p", &port, &format!("@{ip}"), "huge.edges.test", "TXT"])?;
    ensure!(said.contains("flags: qr aa rd") && said.contains("ANSWER: 90,"), "{said}");
    Ok(())
}

/// On four connections that stay, several questions on each at a time.
fn dnsperf_loses_nothing_over_tcp(server: &Server) -> Result<()> {
    let folder = Folder::new(&format!("dnsperf-tcp-{}", server.name))?;
    let questions =
        folder.write("questions", "example.com SOA\nhuge.edges.test TXT\nnowhere.example.com A\n")?;
    let said = dnsperf(server, &questions.to_string_lossy(), "tcp")?;
    ensure!(said.contains("NXDOMAIN") && said.contains("NOERROR"), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(words.contains("Queries lost: 0 (0.00%)"), "{said}");
    Ok(())
}
