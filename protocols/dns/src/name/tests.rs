use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

#[test]
fn text_becomes_a_name_and_text_again() {
    for text in [".", "a.", "www.Example.COM.", "a\\.b.c.", "\\000\\255.x.", "*.x.", "\\@.", "-_.1."] {
        let name = NameBuffer::from_text(text).expect(text);
        assert_eq!(name.as_name().to_string(), text);
        assert_eq!(Name::parse(name.as_name().as_wire()), Ok(name.as_name()));
    }
    assert_eq!(NameBuffer::from_text("a.b").expect("no final dot").as_name().to_string(), "a.b.");
}

#[test]
fn what_is_no_name_is_refused() {
    let long_label = "x".repeat(64);
    let long_name = "x.".repeat(128);
    for text in
        ["", "..", "a..b", ".a", "\\", "\\1", "\\25x", "\\256", long_label.as_str(), long_name.as_str()]
    {
        assert!(NameBuffer::from_text(text).is_err(), "{text}");
    }
    assert!(NameBuffer::from_text(&"x.".repeat(127)).is_ok());
    assert_eq!(Name::parse(b"\x01a"), Err(NameError::Incomplete));
    assert_eq!(Name::parse(b"\xc0\x0c"), Err(NameError::Label));
}

#[test]
fn order_is_the_example_of_rfc_4034_section_6_1() {
    let sorted = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        "\\001.z.example.",
        "*.z.example.",
        "\\200.z.example.",
    ];
    for pair in sorted.windows(2) {
        let [first, second] = [pair[0], pair[1]].map(|text| NameBuffer::from_text(text).expect(text));
        assert!(first.as_name() < second.as_name(), "{} {}", pair[0], pair[1]);
    }
}

#[test]
fn descent_counts_whole_labels() {
    let name = |text| NameBuffer::from_text(text).expect("a name");
    assert!(name("a.Example.").as_name().is_at_or_below(name("eXample.").as_name()));
    assert!(name("example.").as_name().is_at_or_below(Name::ROOT));
    assert!(!name("badexample.").as_name().is_at_or_below(name("example.").as_name()));
    assert!(!name("example.").as_name().is_at_or_below(name("a.example.").as_name()));
}

/// A name of a few short labels, many of them alike.
fn names() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let octet = prop_oneof![Just(0), Just(b'a'), Just(b'A'), Just(b'b'), Just(b'['), Just(0xff)];
    vec(vec(octet, 1..4), 0..4)
}

fn wire(labels: &[Vec<u8>]) -> Vec<u8> {
    let mut wire: Vec<u8> =
        labels.iter().flat_map(|label| [&[label.len() as u8], label.as_slice()].concat()).collect();
    wire.push(0);
    wire
}

proptest! {
    #[test]
    fn order_is_that_of_labels_from_the_right_in_small_letters(one in names(), other in names()) {
        let model = |labels: &[Vec<u8>]| -> Vec<Vec<u8>> {
            labels.iter().rev().map(|label| label.to_ascii_lowercase()).collect()
        };
        let (one_wire, other_wire) = (wire(&one), wire(&other));
        let names = (Name::parse(&one_wire).expect("a name"), Name::parse(&other_wire).expect("a name"));
        prop_assert_eq!(names.0.cmp(&names.1), model(&one).cmp(&model(&other)));
        prop_assert_eq!(names.0 == names.1, model(&one) == model(&other));
        prop_assert_eq!(names.0.is_at_or_below(names.1), model(&one).starts_with(&model(&other)));
    }
}
