extern crate std;

use super::*;
use crate::zone::{LookUp, Sought, Zone, Zones};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use bytes::Bytes;
use configuration::{Diagnostics, Files};
use dns_protocol::master_file;

struct OneText(Bytes);

impl Files for OneText {
    fn read(&mut self, _path: &str) -> Result<Bytes, String> {
        Ok(self.0.clone())
    }
}

/// A record that owns its parts.
type Owned = (NameBuffer, RecordType, u32, Vec<u8>);

fn records(text: &str) -> Vec<Owned> {
    let mut records = Vec::new();
    let mut diagnostics = Diagnostics::new();
    let origin = NameBuffer::from_text("t").expect("a name");
    let mut text = OneText(Bytes::copy_from_slice(text.as_bytes()));
    master_file::read("t", origin.as_name(), &mut text, &mut diagnostics, |record, _| {
        records.push((record.owner.into(), record.record_type, record.ttl, record.data.to_vec()));
    });
    assert_eq!(diagnostics.errors(), 0, "{diagnostics:?}");
    records
}

fn compile_owned(records: &[Owned], class: Class) -> Result<Vec<u8>, CompileError> {
    let record = |(owner, record_type, ttl, data): &'static Owned| Record {
        owner: owner.as_name(),
        record_type: *record_type,
        class,
        ttl: *ttl,
        data,
    };
    let records: &'static [Owned] = Vec::leak(records.to_vec());
    let apex = NameBuffer::from_text("t").expect("a name");
    compile(apex.as_name(), &records.iter().map(record).collect::<Vec<_>>())
}

const HEAD: &str = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n";

#[track_caller]
fn check_fault(text: &str, fault: Fault) {
    let error = compile_owned(&records(&format!("{HEAD}{text}")), Class::IN).expect_err(text);
    assert_eq!(error.fault, fault, "{error}");
}

#[test]
fn what_makes_no_zone_is_refused() {
    check_fault("x CNAME y\nx A 192.0.2.1\n", Fault::AliasWithOthers);
    check_fault("x CNAME y\nx CNAME z\n", Fault::NotAlone);
    check_fault("x DNAME y\nx DNAME z\n", Fault::NotAlone);
    check_fault("@ SOA ns h 2 2 3 4 5\n", Fault::NotAlone);
    check_fault("x SOA ns h 2 2 3 4 5\n", Fault::OutOfZone);
    check_fault("x.elsewhere. A 192.0.2.1\n", Fault::OutOfZone);
    let types: String = (1000..1256).map(|number| format!("x TYPE{number} \\# 0\n")).collect();
    check_fault(&types, Fault::TooManyTypes);
    let texts: String = (0..260).map(|number| format!("x TXT {number:0255}\n")).collect();
    check_fault(&texts, Fault::RecordSetTooLarge);

    let fault = |records: &[Owned], class| compile_owned(records, class).expect_err("no zone").fault;
    let sound = records(HEAD);
    assert_eq!(fault(&sound[1..], Class::IN), Fault::NoSoa);
    assert_eq!(fault(&sound, Class::CH), Fault::Class);
    let with = |record_type, data: &[u8]| {
        let mut records = sound.clone();
        records.push((sound[0].0, record_type, 60, data.to_vec()));
        fault(&records, Class::IN)
    };
    assert_eq!(with(RecordType::A, &[1, 2, 3]), Fault::Data);
    assert_eq!(with(RecordType::OPT, &[]), Fault::MetaType);
    assert_eq!(with(RecordType::ANY, &[]), Fault::MetaType);
}

#[test]
fn signatures_may_stand_beside_an_alias_and_keep_their_ttls() {
    let signature = "20300101000000 20200101000000 1 t. AA==";
    let text =
        format!("{HEAD}x CNAME y\nx 30 RRSIG CNAME 8 2 30 {signature}\nx 60 RRSIG NSEC 8 2 60 {signature}\n");
    let compiled = compile_owned(&records(&text), Class::IN).expect("a zone");
    let zones = Zones::new(vec![Zone::load(&Bytes::from(compiled)).expect("sound")]).expect("one zone");
    let name = NameBuffer::from_text("x.t").expect("a name");
    let LookUp::Found(node) = look_up(&zones, &name) else { panic!("it is there") };
    let signatures = node.record_set(RecordType::RRSIG).expect("sound").expect("they are there");
    let length = signatures.template.len() / 2;
    let ttls = signatures.template.chunks(length).map(|record| record[6..10].to_vec());
    assert!(ttls.eq([30_u32, 60].map(|ttl| ttl.to_be_bytes().to_vec())));
}

fn look_up<'z>(zones: &'z Zones, name: &NameBuffer) -> LookUp<'z> {
    let labels = crate::zone::Labels::parse(name.as_name().as_wire()).expect("a name");
    let sought = Sought::new(name.as_name().as_wire(), &labels).expect("whole");
    let found = zones.find(&sought, RecordType::A).expect("our zone");
    found.zone.look_up(&sought, found.hash, RecordType::A).expect("sound")
}

#[test]
fn the_order_of_records_does_not_matter() {
    let mut records = records(&format!(
        "{HEAD}ns A 192.0.2.1\na.b.c A 192.0.2.2\n*.d TXT x\nd NS ns.d\nns.d A 192.0.2.3\n\\000.\\001 A 192.0.2.4\n"
    ));
    let compiled = compile_owned(&records, Class::IN).expect("a zone");
    for _ in 0..records.len() {
        records.rotate_left(1);
        assert_eq!(compile_owned(&records, Class::IN).expect("a zone"), compiled);
    }
    records.reverse();
    assert_eq!(compile_owned(&records, Class::IN).expect("a zone"), compiled);
}

/// At most 70 octets a record, and that every name is found within the bound on probes.
#[test]
fn a_record_takes_at_most_seventy_octets_and_is_found() {
    const NAMES: usize = 30_000;
    let text: String = (0..NAMES).map(|number| format!("h{number:07}.example A 192.0.2.1\n")).collect();
    let compiled = compile_owned(&records(&format!("{HEAD}{text}")), Class::IN).expect("a zone");
    std::println!("{} octets a record", compiled.len() as f64 / NAMES as f64);
    assert!(compiled.len() <= 70 * NAMES);
    let zones = Zones::new(vec![Zone::load(&Bytes::from(compiled)).expect("sound")]).expect("one zone");
    for number in 0..NAMES {
        let there = NameBuffer::from_text(&format!("H{number:07}.Example.T")).expect("a name");
        assert!(matches!(look_up(&zones, &there), LookUp::Found(_)), "{there:?}");
        let missing = NameBuffer::from_text(&format!("i{number:07}.example.t")).expect("a name");
        assert!(matches!(look_up(&zones, &missing), LookUp::NoSuchName), "{missing:?}");
    }
}

/// Beyond the reach of compression pointers names are written out.
#[test]
fn long_sets_are_compressed_as_far_as_pointers_reach() {
    let servers: String =
        (0..1500).map(|number| format!("x NS a-rather-long-label-{number:04}.ns\n")).collect();
    let compiled = compile_owned(&records(&format!("{HEAD}{servers}")), Class::IN).expect("a zone");
    let zones = Zones::new(vec![Zone::load(&Bytes::from(compiled)).expect("sound")]).expect("one zone");
    let LookUp::Delegated(node) = look_up(&zones, &NameBuffer::from_text("x.t").expect("a name")) else {
        panic!("it is a cut")
    };
    let set = node.record_set(RecordType::NS).expect("sound").expect("it is there");
    // Each: 12 octets, a label of 25, a pointer; the first has `ns` besides.
    assert_eq!((set.records, set.template.len()), (1500, 1500 * (12 + 25 + 2) + 3));
}

#[test]
fn names_of_one_hash_are_refused_and_not_tried_for_ever() {
    let same: Vec<(u64, u32)> = (0..100).map(|node| (7, node)).collect();
    assert!(placement::Placement::find(&same).is_none());
    let few: Vec<(u64, u32)> = (0..crate::limits::PROBES as u32).map(|node| (7, node)).collect();
    assert!(placement::Placement::find(&few).is_some());
}
