//! RFC 1034 §4.3.2 steps 2, 3a and 6; RFC 2308; additional records.

use super::*;

#[test]
fn what_is_there_is_answered() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    served.check(
        "www.example.com A",
        &["NOERROR aa", "? www.example.com. 3600 A 192.0.2.80", "? www.example.com. 3600 A 192.0.2.81"],
    );
    served.check("mail.example.com A", &["NOERROR aa", "? mail.example.com. 3600 A 192.0.2.25"]);
    served.check("a.b.c.example.com A", &["NOERROR aa", "? a.b.c.example.com. 3600 A 192.0.2.3"]);
    served.check("example.com A", &["NOERROR aa", "? example.com. 3600 A 192.0.2.80"]);
}

/// "Name servers and resolvers must compare labels in a case-insensitive manner" (RFC 1034 §3.1), and the question's case
/// comes back: in the question, and in the owners that point there.
#[test]
fn case_does_not_matter_and_is_kept() {
    let mut served = serve(&[("Example.COM", EXAMPLE)]);
    served.check("MAIL.exAMPle.com A", &["NOERROR aa", "? MAIL.exAMPle.com. 3600 A 192.0.2.25"]);
    served.check(
        "www.EXAMPLE.com CNAME",
        &[
            "NOERROR aa",
            "! EXAMPLE.com. 300 SOA ns1.EXAMPLE.com. hostmaster.EXAMPLE.com. 1 7200 3600 1209600 300",
        ],
    );
}

/// RFC 2308 §2.1 and §3: the SOA's TTL is the lesser of its own and its MINIMUM.
#[test]
fn what_is_not_there_is_denied() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    served.check("nope.example.com A", &["NXDOMAIN aa", SOA]);
    served.check("x.y.z.nope.example.com A", &["NXDOMAIN aa", SOA]);
    served.check("below.www.example.com A", &["NXDOMAIN aa", SOA]);
    served.check("www.example.com AAAA", &["NOERROR aa", SOA]);
    served.check("www.example.com TYPE65534", &["NOERROR aa", SOA]);

    let short = "@ 60 SOA ns1 h 1 2 3 4 300\n@ 60 NS ns1.example.net.\n";
    let mut served = serve(&[("example.org", short)]);
    served.check(
        "x.example.org A",
        &["NXDOMAIN aa", "! example.org. 60 SOA ns1.example.org. h.example.org. 1 2 3 4 300"],
    );
    served.check(
        "example.org SOA",
        &["NOERROR aa", "? example.org. 60 SOA ns1.example.org. h.example.org. 1 2 3 4 300"],
    );
}

/// RFC 8020 §2, RFC 4592 §2.2.2: "an empty non-terminal exists".
#[test]
fn an_empty_non_terminal_has_no_data() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    served.check("c.example.com A", &["NOERROR aa", SOA]);
    served.check("b.c.example.com A", &["NOERROR aa", SOA]);
    served.check("x.c.example.com A", &["NXDOMAIN aa", SOA]);
}

#[test]
fn addresses_come_along() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    served.check(
        "example.com NS",
        &[
            "NOERROR aa",
            "? example.com. 3600 NS ns1.example.com.",
            "? example.com. 3600 NS ns2.example.net.",
            "+ ns1.example.com. 3600 A 192.0.2.53",
            "+ ns1.example.com. 3600 AAAA 2001:db8::53",
        ],
    );
    served.check(
        "example.com MX",
        &[
            "NOERROR aa",
            "? example.com. 3600 MX 10 mail.example.com.",
            "+ mail.example.com. 3600 A 192.0.2.25",
        ],
    );
    let services = "@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nns 9 A 192.0.2.1\n_s._tcp 9 SRV 1 2 3 ns\n\
        @ 9 HTTPS 1 . alpn=h2\nalias 9 SVCB 0 ns\n@ 9 A 192.0.2.2\n*.wild 9 A 192.0.2.3\n@ 9 MX 1 any.wild\n@ 9 MX 2 any.wild\n\
        _d._tcp 9 SVCB 1 _p\n_p 9 SVCB 1 . port=53\n_p 9 HTTPS 1 .\n_e 9 HTTPS 0 _p\n*.own 9 SVCB 1 a.own\n\
        cut 9 NS _p.cut\n_p.cut 9 A 192.0.2.4\n_p.cut 9 SVCB 1 .\n_o 9 SVCB 1 _p.cut\n\
        self 9 NS self\nself 9 A 192.0.2.5\n_q._tcp 9 SRV 1 2 3 self\n";
    let mut served = serve(&[("t", services)]);
    served.check("_s._tcp.t SRV", &["NOERROR aa", "? _s._tcp.t. 9 SRV 1 2 3 ns.t", "+ ns.t. 9 A 192.0.2.1"]);
    served.check("t HTTPS", &["NOERROR aa", "? t. 9 HTTPS 1 . alpn=h2", "+ t. 9 A 192.0.2.2"]);
    served.check("alias.t SVCB", &["NOERROR aa", "? alias.t. 9 SVCB 0 ns.t.", "+ ns.t. 9 A 192.0.2.1"]);
    // The target's own bindings as well, of the type that was asked for (RFC 9460 §4.1), and none twice.
    served.check(
        "_d._tcp.t SVCB",
        &["NOERROR aa", "? _d._tcp.t. 9 SVCB 1 _p.t.", "+ _p.t. 9 SVCB 1 . port=53"],
    );
    served.check("_e.t HTTPS", &["NOERROR aa", "? _e.t. 9 HTTPS 0 _p.t.", "+ _p.t. 9 HTTPS 1 ."]);
    served.check("_p.t SVCB", &["NOERROR aa", "? _p.t. 9 SVCB 1 . port=53"]);
    served.check("a.own.t SVCB", &["NOERROR aa", "? a.own.t. 9 SVCB 1 a.own.t."]);
    served.check("_o.t SVCB", &["NOERROR aa", "? _o.t. 9 SVCB 1 _p.cut.t."]);
    served.check("cut.t SVCB", &["NOERROR", "! cut.t. 9 NS _p.cut.t.", "+ _p.cut.t. 9 A 192.0.2.4"]);
    // The address of a cut's own name is glue too: for its referrals, not for answers.
    served.check("_q._tcp.t SRV", &["NOERROR aa", "? _q._tcp.t. 9 SRV 1 2 3 self.t"]);
    served.check("self.t A", &["NOERROR", "! self.t. 9 NS self.t.", "+ self.t. 9 A 192.0.2.5"]);
    // A name that two records have comes once, and a wildcard may stand in for it.
    served.check(
        "t MX",
        &["NOERROR aa", "? t. 9 MX 1 any.wild.t.", "? t. 9 MX 2 any.wild.t.", "+ any.wild.t. 9 A 192.0.2.3"],
    );
}

/// RFC 2181 §5, §5.2.
#[test]
fn records_given_twice_count_once_and_have_one_ttl() {
    let zone = "@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nx 30 A 192.0.2.1\nx 20 A 192.0.2.2\nx 40 A 192.0.2.1\n";
    let mut served = serve(&[("t", zone)]);
    served.check("x.t A", &["NOERROR aa", "? x.t. 20 A 192.0.2.1", "? x.t. 20 A 192.0.2.2"]);
}

#[test]
fn the_longest_zone_answers() {
    let child = "@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nns 9 A 192.0.2.1\n";
    let other = "@ 9 SOA ns h 7 2 3 4 5\n@ 9 NS ns.example.net.\n";
    let parent =
        format!("{EXAMPLE}child NS ns.child\nns.child A 192.0.2.1\nchild DS 1 8 2 {}\n", "ab".repeat(32));
    let mut served =
        serve(&[("example.com", &parent), ("child.example.com", child), ("a.b.t", other), ("t", other)]);
    served.check("ns.child.example.com A", &["NOERROR aa", "? ns.child.example.com. 9 A 192.0.2.1"]);
    served.check("x.b.t A", &["NXDOMAIN aa", "! t. 5 SOA ns.t. h.t. 7 2 3 4 5"]);
    served.check("x.a.b.t A", &["NXDOMAIN aa", "! a.b.t. 5 SOA ns.a.b.t. h.a.b.t. 7 2 3 4 5"]);
    served.check("example.org A", &["REFUSED"]);
    served.check("com A", &["REFUSED"]);
    served.check(". NS", &["REFUSED"]);
    // RFC 4035 §3.1.4.1: the parent's DS, though the child's zone is the longer one.
    let digest = "ab".repeat(32);
    served.check(
        "child.example.com DS",
        &["NOERROR aa", &format!("? child.example.com. 3600 DS 1 8 2 {digest}")],
    );
    served.check("a.b.t DS", &["NXDOMAIN aa", "! t. 5 SOA ns.t. h.t. 7 2 3 4 5"]);
    served.check("t DS", &["NOERROR aa", "! t. 5 SOA ns.t. h.t. 7 2 3 4 5"]);
}

#[test]
fn the_root_is_a_zone_like_any_other() {
    let root = ". 9 SOA ns.nic. h.nic. 1 2 3 4 5\n. 9 NS ns.nic.\nns.nic. 9 A 192.0.2.1\ntest. 9 NS ns.test.\nns.test. 9 A 192.0.2.2\n";
    let mut served = serve(&[(".", root)]);
    served.check(". NS", &["NOERROR aa", "? . 9 NS ns.nic.", "+ ns.nic. 9 A 192.0.2.1"]);
    served.check(". SOA", &["NOERROR aa", "? . 9 SOA ns.nic. h.nic. 1 2 3 4 5"]);
    served.check(". A", &["NOERROR aa", "! . 5 SOA ns.nic. h.nic. 1 2 3 4 5"]);
    served.check("nope. A", &["NXDOMAIN aa", "! . 5 SOA ns.nic. h.nic. 1 2 3 4 5"]);
    served.check("a.test. A", &["NOERROR", "! test. 9 NS ns.test.", "+ ns.test. 9 A 192.0.2.2"]);
}

/// RFC 8482 §4.1: one RRset.
#[test]
fn any_is_one_set() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    served.check("example.com ANY", &["NOERROR aa", "? example.com. 3600 A 192.0.2.80"]);
    served.check("c.example.com ANY", &["NOERROR aa", SOA]);
    served.check("nope.example.com ANY", &["NXDOMAIN aa", SOA]);
}

/// RFC 1035 §4.1.4; RFC 3597 §4: only names in types of RFC 1035 are compressed.
#[test]
fn names_are_compressed_where_they_may_be() {
    let zone = "@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\n@ 9 MX 1 a.mail\n@ 9 MX 2 b.mail\n@ 9 MX 3 a.mail\n@ 9 SRV 1 2 3 a.mail\n";
    let mut served = serve(&[("example", zone)]);
    let length = |reply: &[u8]| reply.len() - 12 - 13 - OPT.len();
    // Each: owner 2, fixed 10, preference 2; then `a`, `mail`, pointer; `b`, pointer; pointer.
    assert_eq!(length(&served.reply(&ask("example MX"))), 3 * 14 + (2 + 5 + 2) + (2 + 2) + 2);
    assert_eq!(length(&served.reply(&ask("example SRV"))), 12 + 6 + 2 + 5 + 8 + 1);
    served.check(
        "example MX",
        &[
            "NOERROR aa",
            "? example. 9 MX 1 a.mail.example.",
            "? example. 9 MX 2 b.mail.example.",
            "? example. 9 MX 3 a.mail.example.",
        ],
    );
}

/// RFC 2181 §9: an SOA that is missing is not a denial; the rcode holds all the same.
#[test]
fn a_denial_that_does_not_fit_is_truncated() {
    let long = ["a", "b", "c"].map(|letter| letter.repeat(60)).join(".");
    let zone = format!("@ 9 SOA {long} {} 1 2 3 4 5\n@ 9 NS ns.example.net.\n", long.replace('c', "d"));
    let mut served = serve(&[("t", &zone)]);
    let asked = ask(&format!("{}.t A", long.replace('a', "e"))).without_edns();
    served.check_asked(&asked, &["NXDOMAIN aa tc"]);
}

#[test]
fn many_zones_are_told_apart() {
    let zone = |serial: usize| {
        format!("@ 9 SOA ns.example.net. h.example.net. {serial} 2 3 4 5\n@ 9 NS ns.example.net.\n")
    };
    let names: Vec<String> =
        (0..300).map(|number| format!("z{number}.{}", ["t", "deep.t", "a.b.c.t"][number % 3])).collect();
    let zones: Vec<String> = (0..names.len()).map(zone).collect();
    let served_zones: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(zones.iter().map(String::as_str)).collect();
    let mut served = serve(&served_zones);
    for (serial, name) in names.iter().enumerate() {
        let soa = format!("! {name}. 5 SOA ns.example.net. h.example.net. {serial} 2 3 4 5");
        served.check(&format!("x.y.{name} A"), &["NXDOMAIN aa", &soa]);
    }
    served.check("z300.t A", &["REFUSED"]);
    served.check("z0.deep.t A", &["REFUSED"]);
}
