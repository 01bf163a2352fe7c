use super::{Comparison, DIFFERENCES, Judgement};
use crate::client::Query;
use crate::differential::model::{Record, Word, Zone};
use crate::differential::reading::{Reading, Reply};
use crate::differential::world::World;
use crate::name::Name;
use crate::subject::Subject;
use std::collections::BTreeSet;

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn zone(apex: &str, owners: &[&str]) -> Zone {
    let record = |owner: &&str| {
        let data = vec![Word::Text("192.0.2.1".to_owned())];
        Record { owner: name(owner), ttl: 300, rtype: "A".to_owned(), data }
    };
    Zone { apex: name(apex), records: owners.iter().map(record).collect() }
}

fn denial(rcode: &str) -> Reading {
    Reading::Reply(Box::new(Reply {
        rcode: rcode.to_owned(),
        flags: BTreeSet::from(["aa"]),
        questions: 1,
        edns: None,
        options: BTreeSet::new(),
        answer: BTreeSet::new(),
        authority: BTreeSet::from(["d.test. 300 SOA ns.test. h.test. 1 2 3 4 5".to_owned()]),
        additional: BTreeSet::new(),
        repeated: BTreeSet::new(),
        octets: 99,
        excess: 0,
    }))
}

fn judge(world: &World, asked: &str, who: Subject) -> Judgement {
    let query = Query::parse(asked).expect("a query");
    let (ours, theirs) = (denial("NXDOMAIN"), denial("NOERROR"));
    Comparison { query: &query, world, who, ours: &ours, theirs: &theirs }.judge()
}

#[test]
fn a_name_of_another_zone_explains_what_nsd_says_and_nobody_else() {
    let zones = vec![zone("test.", &["test.", "*.c.d.test."]), zone("d.test.", &["d.test."])];
    let world = World { seed: 0, zones };
    let Judgement::Explained(numbers) = judge(&world, "x.y.c.d.test. TXT", Subject::Nsd) else {
        panic!("it is not explained")
    };
    assert!(numbers.iter().all(|number| DIFFERENCES[*number].what.contains("above or below")));
    assert_eq!(judge(&world, "x.y.c.d.test. TXT", Subject::Knot), Judgement::Unexplained);
    assert_eq!(judge(&world, "x.y.d.test. TXT", Subject::Nsd), Judgement::Unexplained);
}

#[test]
fn a_wildcard_of_another_zone_does_below_a_name_of_both() {
    let zones = vec![zone("test.", &["test.", "*.c.d.test."]), zone("d.test.", &["d.test.", "x.c.d.test."])];
    let world = World { seed: 0, zones };
    assert!(matches!(judge(&world, "y.c.d.test. TXT", Subject::Nsd), Judgement::Explained(_)));
    assert_eq!(judge(&world, "y.x.c.d.test. TXT", Subject::Nsd), Judgement::Unexplained);
}

#[test]
fn the_same_is_the_same() {
    let world = World { seed: 0, zones: vec![zone("test.", &["test."])] };
    let query = Query::parse("a.test. A").expect("a query");
    let said = denial("NXDOMAIN");
    let comparison =
        Comparison { query: &query, world: &world, who: Subject::Bind, ours: &said, theirs: &said };
    assert_eq!(comparison.judge(), Judgement::Same);
}

#[test]
fn a_record_twice_is_never_right() {
    let world = World { seed: 0, zones: vec![zone("test.", &["test."])] };
    let query = Query::parse("a.test. A").expect("a query");
    let theirs = denial("NXDOMAIN");
    let mut ours = theirs.clone();
    let Reading::Reply(reply) = &mut ours else { panic!("it is a reply") };
    reply.repeated.insert("d.test. 300 SOA ns.test. h.test. 1 2 3 4 5".to_owned());
    let comparison =
        Comparison { query: &query, world: &world, who: Subject::Bind, ours: &ours, theirs: &theirs };
    assert_eq!(comparison.judge(), Judgement::Unexplained);
    assert!(comparison.parts().contains("repetition"));
}

#[test]
fn what_ours_does_not_refuse_is_compared() {
    let world = World { seed: 0, zones: vec![zone("test.", &["test."])] };
    let query = Query::parse("test. AXFR").expect("a query");
    let denies = denial("NOERROR");
    let mut refuses = denial("REFUSED");
    let Reading::Reply(reply) = &mut refuses else { panic!("it is a reply") };
    reply.authority.clear();
    let judge =
        |ours, theirs| Comparison { query: &query, world: &world, who: Subject::Nsd, ours, theirs }.judge();
    assert_eq!(judge(&denies, &refuses), Judgement::Unexplained);
    assert!(matches!(judge(&refuses, &denies), Judgement::Explained(_)));
}

/// A referral of so many octets to this server, with these records beside it.
fn referral(server: &str, additional: &[&str], octets: usize) -> Reply {
    let Reading::Reply(denial) = denial("NOERROR") else { unreachable!("it is a reply") };
    Reply {
        flags: BTreeSet::new(),
        authority: BTreeSet::from([format!("c.test. 300 NS {server}")]),
        additional: additional.iter().map(|line| (*line).to_owned()).collect(),
        octets,
        ..*denial
    }
}

fn judge_referrals(asked: &str, who: Subject, ours: Reply, theirs: Reply) -> Judgement {
    // Sixteen addresses each.
    let owners = [["test."; 16], ["ns.test."; 16], ["ns.c.test."; 16]].concat();
    let world = World { seed: 0, zones: vec![zone("test.", &owners)] };
    let query = Query::parse(asked).expect("a query");
    let [ours, theirs] = [ours, theirs].map(|reply| Reading::Reply(Box::new(reply)));
    Comparison { query: &query, world: &world, who, ours: &ours, theirs: &theirs }.judge()
}

#[test]
fn nsd_truncates_for_servers_outside_the_cut_only_where_they_do_not_fit() {
    let judge = |server: &str, octets| {
        let mut theirs = referral(server, &[], octets);
        theirs.set("tc", true);
        judge_referrals("a.c.test. A", Subject::Nsd, referral(server, &[], octets), theirs)
    };
    assert!(matches!(judge("ns.test.", 300), Judgement::Explained(_)));
    assert_eq!(judge("ns.test.", 100), Judgement::Unexplained);
    // Ours is wrong here: the cut's own glue is missing without TC (RFC 9471 §3.1).
    assert_eq!(judge("ns.c.test.", 300), Judgement::Unexplained);
}

#[test]
fn bind_gives_signatures_of_glue_and_of_nothing_else() {
    let judge = |server: &str| {
        let address = format!("{server} 300 A 192.0.2.1");
        let signature = format!("{server} 300 RRSIG A 13 2 300 0 0 1 test. 00");
        let ours = referral(server, &[&address], 99);
        let theirs = referral(server, &[&address, &signature], 199);
        judge_referrals("a.c.test. A", Subject::Bind, ours, theirs)
    };
    assert!(matches!(judge("ns.c.test."), Judgement::Explained(_)));
    assert_eq!(judge("ns.test."), Judgement::Unexplained);
}

#[test]
fn a_reply_is_too_long_even_where_ours_is_the_same() {
    let ours = referral("ns.test.", &[], 512);
    let theirs = Reply { octets: 513, excess: 1, ..ours.clone() };
    assert_eq!(judge_referrals("a.c.test. A", Subject::Nsd, ours, theirs), Judgement::Unexplained);
}
