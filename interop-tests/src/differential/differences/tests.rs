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
