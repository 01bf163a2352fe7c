//! RFC 1034 §3.6.2 and §4.3.2 step 3a; RFC 6672.

use super::*;

const ZONE: &str = "
$TTL 60
@ SOA ns h 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
one CNAME two
two CNAME Three.deep
three.deep A 192.0.2.3
in CNAME three.deep.in
three.deep.in CNAME three.deep
out CNAME www.example.org.
nowhere CNAME nope.deep
cut CNAME x.y.child
child NS ns.child
ns.child A 192.0.2.54
loop1 CNAME loop2
loop2 CNAME loop1
self CNAME self
*.wild CNAME one
old DNAME new
a.new A 192.0.2.9
b.new CNAME ns
up DNAME .
under DNAME d.under
apart DNAME there.example.org.
long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
";

fn served() -> Served {
    let other = "@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nwww 9 CNAME two.t.\n";
    serve(&[("t", ZONE), ("example.org", other)])
}

const DENIAL: &str = "! t. 5 SOA ns.t. h.t. 1 2 3 4 5";

#[test]
fn an_alias_is_followed() {
    let end = "? Three.deep.t. 60 A 192.0.2.3";
    let two = "? two.t. 60 CNAME Three.deep.t.";
    served().check("two.t A", &["NOERROR aa", two, end]);
    served().check("one.t A", &["NOERROR aa", "? one.t. 60 CNAME two.t.", two, end]);
    served().check(
        "in.t A",
        &[
            "NOERROR aa",
            "? in.t. 60 CNAME three.deep.in.t.",
            "? three.deep.in.t. 60 CNAME three.deep.t.",
            "? three.deep.t. 60 A 192.0.2.3",
        ],
    );
    served().check("one.t MX", &["NOERROR aa", "? one.t. 60 CNAME two.t.", two, DENIAL]);
    // The name that is not found is the last one (RFC 6604 §3).
    served().check("nowhere.t A", &["NXDOMAIN aa", "? nowhere.t. 60 CNAME nope.deep.t.", DENIAL]);
}

#[test]
fn an_alias_that_is_asked_for_is_not_followed() {
    served().check("one.t CNAME", &["NOERROR aa", "? one.t. 60 CNAME two.t."]);
    served().check("one.t ANY", &["NOERROR aa", "? one.t. 60 CNAME two.t."]);
}

#[test]
fn an_alias_is_followed_as_far_as_our_zones_go() {
    served().check(
        "out.t A",
        &[
            "NOERROR aa",
            "? out.t. 60 CNAME www.example.org.",
            "? www.example.org. 9 CNAME two.t.",
            "? two.t. 60 CNAME Three.deep.t.",
            "? Three.deep.t. 60 A 192.0.2.3",
        ],
    );
    served().check(
        "www.apart.t A",
        &[
            "NXDOMAIN aa",
            "? apart.t. 60 DNAME there.example.org.",
            "? www.apart.t. 60 CNAME www.there.example.org.",
            "! example.org. 5 SOA ns.example.org. h.example.org. 1 2 3 4 5",
        ],
    );
}

#[test]
fn an_alias_below_a_cut_ends_in_a_referral() {
    served().check(
        "cut.t A",
        &[
            "NOERROR aa",
            "? cut.t. 60 CNAME x.y.child.t.",
            "! child.t. 60 NS ns.child.t.",
            "+ ns.child.t. 60 A 192.0.2.54",
        ],
    );
}

#[test]
fn a_loop_ends() {
    served().check("self.t A", &["NOERROR aa", "? self.t. 60 CNAME self.t."]);
    served()
        .check("loop1.t A", &["NOERROR aa", "? loop1.t. 60 CNAME loop2.t.", "? loop2.t. 60 CNAME loop1.t."]);
}

#[test]
fn a_chain_ends_at_its_bound() {
    let mut zone = String::from("$TTL 9\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n");
    for number in 0..40 {
        zone += &format!("c{number} CNAME c{}\n", number + 1);
    }
    let reply = serve(&[("t", &zone)]).reply(&ask("c0.t A"));
    assert_eq!(described(&reply).len(), 1 + limits::ALIASES);
}

/// RFC 4592 §2.3, RFC 1034 §4.3.3: the alias has the name that was asked for.
#[test]
fn a_wildcard_may_be_an_alias() {
    served().check(
        "x.wild.t A",
        &[
            "NOERROR aa",
            "? x.wild.t. 60 CNAME one.t.",
            "? one.t. 60 CNAME two.t.",
            "? two.t. 60 CNAME Three.deep.t.",
            "? Three.deep.t. 60 A 192.0.2.3",
        ],
    );
}

/// RFC 6672 §3.1.
#[test]
fn a_dname_renames_what_is_below_it() {
    let dname = "? old.t. 60 DNAME new.t.";
    served().check(
        "a.old.t A",
        &["NOERROR aa", dname, "? a.old.t. 60 CNAME a.new.t.", "? a.new.t. 60 A 192.0.2.9"],
    );
    served().check(
        "b.OLD.t A",
        &[
            "NOERROR aa",
            "? OLD.t. 60 DNAME new.t.",
            "? b.OLD.t. 60 CNAME b.new.t.",
            "? b.new.t. 60 CNAME ns.t.",
            "? ns.t. 60 A 192.0.2.53",
        ],
    );
    served().check("x.y.old.t A", &["NXDOMAIN aa", dname, "? x.y.old.t. 60 CNAME x.y.new.t.", DENIAL]);
    served().check("old.t A", &["NOERROR aa", DENIAL]);
    served().check("old.t DNAME", &["NOERROR aa", dname]);
    served().check("a.old.t CNAME", &["NOERROR aa", dname, "? a.old.t. 60 CNAME a.new.t."]);
    served().check(
        "ns.t.up.t A",
        &["NOERROR aa", "? up.t. 60 DNAME .", "? ns.t.up.t. 60 CNAME ns.t.", "? ns.t. 60 A 192.0.2.53"],
    );
}

/// RFC 6672 §2.2: "if the resulting name is too long, the RCODE is YXDOMAIN".
#[test]
fn a_name_that_becomes_too_long_is_told_so() {
    let target = ["a", "b", "c"].map(|letter| letter.repeat(63)).join(".") + ".t.";
    let dname = format!("? long.t. 60 DNAME {target}");
    let fits = "d".repeat(59);
    let alias = format!("? {fits}.long.t. 60 CNAME {fits}.{target}");
    served().check(&format!("{fits}.long.t A"), &["NXDOMAIN aa", &dname, &alias, DENIAL]);
    served().check(&format!("d{fits}.long.t A"), &["YXDOMAIN aa", &dname]);
}

#[test]
fn a_dname_that_leads_below_itself_is_in_the_answer_once() {
    let lines =
        described(&served().reply(&ask("x.under.t A").with_edns(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])));
    let count = |kind: &str| lines.iter().filter(|line| line.contains(kind)).count();
    assert_eq!((count(" DNAME "), count(" CNAME ")), (1, limits::ALIASES), "{lines:?}");
}
