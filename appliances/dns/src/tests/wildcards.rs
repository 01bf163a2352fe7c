//! RFC 4592, its own example (§2.2.1) among others.

use super::*;

const ZONE: &str = "
$TTL 3600
@ SOA ns.example.com. h.example.com. 1 2 3 4 5
@ NS ns.example.com.
@ NS ns.example.net.
*.example. TXT \"this is a wildcard\"
*.example. MX 10 host1.example.
sub.*.example. TXT \"this is not a wildcard\"
host1.example. A 192.0.2.1
_ssh._tcp.host1.example. SRV 0 0 22 host1.example.
_ssh._tcp.host2.example. SRV 0 0 22 host1.example.
subdel.example. NS ns.example.com.
subdel.example. NS ns.example.net.
*.a.b A 192.0.2.7
x.*.e A 192.0.2.8
";

const DENIAL: &str = "! example. 5 SOA ns.example.com. h.example.com. 1 2 3 4 5";

#[test]
fn the_example_of_the_rfc() {
    let mut served = serve(&[("example", ZONE)]);
    served.check(
        "host3.example MX",
        &["NOERROR aa", "? host3.example. 3600 MX 10 host1.example.", "+ host1.example. 3600 A 192.0.2.1"],
    );
    served.check("host3.example A", &["NOERROR aa", DENIAL]);
    served
        .check("foo.bar.example TXT", &["NOERROR aa", "? foo.bar.example. 3600 TXT \"this is a wildcard\""]);
    served.check("host1.example MX", &["NOERROR aa", DENIAL]);
    served.check("sub.*.example MX", &["NOERROR aa", DENIAL]);
    served.check("_telnet._tcp.host1.example SRV", &["NXDOMAIN aa", DENIAL]);
    served.check(
        "host.subdel.example A",
        &[
            "NOERROR",
            "! subdel.example. 3600 NS ns.example.com.",
            "! subdel.example. 3600 NS ns.example.net.",
        ],
    );
    served.check("ghost.*.example MX", &["NXDOMAIN aa", DENIAL]);
}

#[test]
fn the_closest_encloser_decides() {
    let mut served = serve(&[("example", ZONE)]);
    served.check("x.a.b.example A", &["NOERROR aa", "? x.a.b.example. 3600 A 192.0.2.7"]);
    served.check("x.y.z.a.b.example A", &["NOERROR aa", "? x.y.z.a.b.example. 3600 A 192.0.2.7"]);
    served.check("x.b.example TXT", &["NXDOMAIN aa", DENIAL]);
    served.check("b.example TXT", &["NOERROR aa", DENIAL]);
    served.check("*.a.b.example A", &["NOERROR aa", "? *.a.b.example. 3600 A 192.0.2.7"]);
    // A wildcard may itself be an empty non-terminal.
    served.check("q.e.example A", &["NOERROR aa", DENIAL]);
    served.check("x.q.e.example A", &["NOERROR aa", DENIAL]);
}

/// The longest names: 127 labels, the wildcard all the way up.
#[test]
fn the_longest_name_is_looked_up() {
    let mut served = serve(&[("example", ZONE)]);
    let name = "a.".repeat(122) + "example";
    served.check(
        &format!("{name} TXT"),
        &["NOERROR aa", &format!("? {name}. 3600 TXT \"this is a wildcard\"")],
    );
}
