use super::{read, write};
use crate::RecordType;
use crate::data::{embedded_names, validate};
use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;

fn record_types() -> impl Strategy<Value = RecordType> {
    prop_oneof![
        9 => proptest::sample::select(RecordType::ALL),
        1 => any::<u16>().prop_map(RecordType),
    ]
}

/// Octets among which names, lengths and small numbers are common.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![3 => 0..=4_u8, 1 => Just(b'1'), 1 => Just(b'a'), 1 => any::<u8>()];
    vec(octet, 0..48)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_the_data_its_text_is_read_as_the_same(record_type in record_types(), data in octets()) {
        let text = write(record_type, &data);
        if validate(record_type, &data).is_ok() {
            prop_assert_eq!(read(record_type, &text), Ok(data), "{} {}", record_type, text);
        } else {
            // Written in the generic form, which is refused for a type that is known.
            prop_assert!(text.starts_with("\\#"));
            prop_assert!(read(record_type, &text).is_err());
        }
    }

    #[test]
    fn whatever_the_text_what_is_read_is_sound(record_type in record_types(), text in "[ -~\\t\\n]{0,60}") {
        if let Ok(data) = read(record_type, &text) {
            prop_assert_eq!(validate(record_type, &data), Ok(()));
            let written = write(record_type, &data);
            prop_assert_eq!(read(record_type, &written), Ok(data), "{} {}", record_type, written);
        }
    }

    #[test]
    fn names_lie_within_the_data_in_order(record_type in record_types(), data in octets()) {
        let mut end = 0;
        for embedded in embedded_names(record_type, &data) {
            prop_assert!(embedded.offset >= end);
            end = embedded.offset + embedded.name.as_wire().len();
            prop_assert_eq!(&data[embedded.offset..end], embedded.name.as_wire());
        }
    }
}
