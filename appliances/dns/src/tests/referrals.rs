//! RFC 1034 §4.3.2 step 3b; RFC 9471.

use super::*;

const ZONE: &str = "
$TTL 60
@ SOA ns h 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
child NS ns1.child
child NS ns2.child
child NS ns
child NS ns.sister
child NS ns.example.net.
ns1.child A 192.0.2.1
ns2.child AAAA 2001:db8::2
txt.child TXT hidden
sister NS ns.sister
ns.sister A 192.0.2.3
deep.child NS ns.deep.child
";

const REFERRAL: [&str; 10] = [
    "NOERROR",
    "! child.t. 60 NS ns1.child.t.",
    "! child.t. 60 NS ns2.child.t.",
    "! child.t. 60 NS ns.t.",
    "! child.t. 60 NS ns.sister.t.",
    "! child.t. 60 NS ns.example.net.",
    // What lies below the cut comes first: without it nobody gets any further.
    "+ ns1.child.t. 60 A 192.0.2.1",
    "+ ns2.child.t. 60 AAAA 2001:db8::2",
    "+ ns.t. 60 A 192.0.2.53",
    "+ ns.sister.t. 60 A 192.0.2.3",
];

#[test]
fn what_is_at_or_below_a_cut_is_referred() {
    let mut served = serve(&[("t", ZONE)]);
    for question in [
        "child.t A",
        "child.t NS",
        "child.t SOA",
        "child.t ANY",
        "x.child.t A",
        "a.b.c.child.t A",
        "ns1.child.t A",
        "txt.child.t TXT",
        "x.deep.child.t A",
        "deep.child.t NS",
        "txt.child.t DS",
    ] {
        served.check(question, &REFERRAL);
    }
}

/// RFC 4035 §3.1.4.1.
#[test]
fn ds_at_a_cut_is_the_parents() {
    let mut served = serve(&[("t", ZONE)]);
    served.check("child.t DS", &["NOERROR aa", "! t. 5 SOA ns.t. h.t. 1 2 3 4 5"]);
}

/// RFC 9471 §3: in-domain glue or TC; §2.2 and RFC 2181 §9: all else may be missing.
#[test]
fn glue_that_is_needed_and_does_not_fit_truncates() {
    let mut zone = String::from("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\n");
    for number in 0..14 {
        zone += &format!("in NS ns{number}.in\nns{number}.in A 192.0.2.1\nns{number}.in AAAA 2001:db8::1\n");
        zone += &format!("by NS ns{number}.in\n");
    }
    let mut served = serve(&[("t", &zone)]);
    let needed = served.reply(&ask("x.in.t A").without_edns());
    let lines = described(&needed);
    assert_eq!(lines[0], "NOERROR tc");
    assert_eq!(lines.iter().filter(|line| line.starts_with("! in.t. 60 NS ")).count(), 14);
    assert!(needed.len() <= 512);
    let sister = described(&served.reply(&ask("x.by.t A").without_edns()));
    assert_eq!(sister[0], "NOERROR");
    assert_eq!(sister.iter().filter(|line| line.starts_with("! by.t. 60 NS ")).count(), 14);
    let whole = described(&served.reply(&ask("x.in.t A")));
    assert_eq!((whole[0].as_str(), whole.len()), ("NOERROR", 1 + 14 + 28));
}
