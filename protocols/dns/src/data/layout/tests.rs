use super::*;
use std::vec::Vec;

fn names(record_type: RecordType, data: &[u8]) -> Vec<(usize, usize, bool)> {
    embedded_names(record_type, data)
        .map(|embedded| (embedded.offset, embedded.name.as_wire().len(), embedded.compressible))
        .collect()
}

#[test]
fn names_are_found_where_they_lie() {
    assert_eq!(names(RecordType::MX, b"\0\x0a\x01a\0"), [(2, 3, true)]);
    assert_eq!(names(RecordType::SRV, b"\0\0\0\0\0\0\x01a\0"), [(6, 3, false)]);
    let soa = b"\x01a\0\x02bb\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05";
    assert_eq!(names(RecordType::SOA, soa), [(0, 3, true), (3, 4, true)]);
    assert_eq!(names(RecordType::HIP, b"\x01\x02\0\x01TK\x01a\0\0"), [(6, 3, false), (9, 1, false)]);
    assert_eq!(names(RecordType::IPSECKEY, b"\x0a\x03\x02\x01a\0key"), [(3, 3, false)]);
    assert_eq!(names(RecordType::IPSECKEY, b"\x0a\x01\x02\xc0\0\x02\x01key"), []);
    assert_eq!(names(RecordType::AMTRELAY, b"\x0a\x83\x01a\0"), [(2, 3, false)]);
    assert_eq!(names(RecordType::A6, b"\x40\0\0\0\0\0\0\0\x01\x01a\0"), [(9, 3, false)]);
    assert_eq!(names(RecordType::A6, &[0; 17]), []);
    assert_eq!(names(RecordType::NAPTR, b"\0\0\0\0\x01S\0\0\x01a\0"), [(8, 3, false)]);
    assert_eq!(names(RecordType(65280), b"\x01a\0"), []);
}

#[test]
fn data_that_is_cut_or_too_long_is_refused() {
    let whole: [(RecordType, &[u8]); 8] = [
        (RecordType::A, b"\xc0\0\x02\x01"),
        (RecordType::MX, b"\0\x0a\x01a\0"),
        (RecordType::NSEC3PARAM, b"\x01\0\0\x0a\x02\xab\xcd"),
        (RecordType::DS, b"\x12\x34\x08\x0201234567890123456789012345678901"),
        (RecordType::AMTRELAY, b"\x0a\x83\x01a\0"),
        (RecordType::HTTPS, b"\0\x01\0\0\x01\0\x03\x02h2"),
        (RecordType::NAPTR, b"\0\0\0\0\x01S\0\0\x01a\0"),
        (RecordType::LOC, b"\0\x12\x16\x13\x8b\x11\x11\x11\x81\x11\x11\x11\0\x98\x96\x80"),
    ];
    for (record_type, data) in whole {
        assert_eq!(validate(record_type, data), Ok(()), "{record_type}");
        for length in 0..data.len() {
            let lenient = record_type == RecordType::HTTPS && length == 3;
            assert_eq!(validate(record_type, &data[..length]).is_ok(), lenient, "{record_type} {length}");
        }
        assert!(validate(record_type, &[data, b"\0"].concat()).is_err(), "{record_type}");
    }
    assert_eq!(validate(RecordType::A, b"\xc0\0\x02\x01\x05"), Err(DataError::Excess));
    assert_eq!(validate(RecordType(65280), b"anything"), Ok(()));
}

#[test]
fn bitmaps_have_ascending_windows_without_zeros_at_their_ends() {
    assert_eq!(validate(RecordType::NSEC, b"\0\0\x01\x40\x01\x01\x40"), Ok(()));
    for data in [&b"\0\0\x02\x40\0"[..], b"\0\0\0", b"\0\x01\x01\x40\0\x01\x40", b"\0\0\x21"] {
        assert!(validate(RecordType::NSEC, data).is_err());
    }
}

#[test]
fn service_parameters_are_checked_key_by_key() {
    let sound: [&[u8]; 4] = [
        b"",
        b"\0\x01\0\x03\x02h2\0\x02\0\0\0\x03\0\x02\x01\xbb",
        b"\0\0\0\x02\0\x04\0\x04\0\x04\xc0\0\x02\x01",
        b"\0\x07\0\x10/dns-query{?dns}",
    ];
    for parameters in sound {
        assert_eq!(validate(RecordType::SVCB, &[b"\0\x01\0", parameters].concat()), Ok(()));
    }
    let unsound: [&[u8]; 9] = [
        b"\0",
        b"\0\x02\0\0",                           // no-default-alpn without alpn
        b"\0\x03\0\x02\0\x35\0\x03\0\x02\0\x35", // twice
        b"\0\x03\0\x02\0\x35\0\x01\0\x03\x02h2", // out of order
        b"\0\x01\0\x03\x03h2",                   // an identifier that is cut
        b"\0\x01\0\x01\0",                       // an empty identifier
        b"\0\0\0\x02\0\x04",                     // mandatory and missing
        b"\0\x04\0\x03\xc0\0\x02",               // a part of an address
        b"\xff\xff\0\0",                         // the key that is invalid
    ];
    for parameters in unsound {
        assert!(validate(RecordType::SVCB, &[b"\0\x01\0", parameters].concat()).is_err(), "{parameters:?}");
    }
}
