use super::*;
use std::string::ToString;

#[test]
fn every_type_is_found_by_its_mnemonic_and_by_its_number() {
    for &record_type in RecordType::ALL {
        let mnemonic = record_type.to_string();
        assert_eq!(RecordType::from_text(mnemonic.as_bytes()), Some(record_type));
        assert_eq!(RecordType::from_text(mnemonic.to_lowercase().as_bytes()), Some(record_type));
        let number = std::format!("TYPE{}", record_type.0);
        assert_eq!(RecordType::from_text(number.as_bytes()), Some(record_type));
    }
    assert_eq!(RecordType::from_text(b"type65280"), Some(RecordType(65280)));
    assert_eq!(RecordType(65280).to_string(), "TYPE65280");
    for text in ["", "AA", "TYPE", "TYPE65536", "TYPE+1", "TYPE1x", "\0A", "NSEC3PARAMETERSXX"] {
        assert_eq!(RecordType::from_text(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn classes_are_found_likewise() {
    for (text, class) in [("in", Class::IN), ("CH", Class::CH), ("hS", Class::HS), ("CLASS32", Class(32))] {
        assert_eq!(Class::from_text(text.as_bytes()), Some(class));
    }
    assert_eq!(Class::from_text(b"INN"), None);
    assert_eq!(Class(32).to_string(), "CLASS32");
}
