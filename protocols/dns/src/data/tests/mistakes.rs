use super::read;
use crate::RecordType;

/// Mnemonic, text, and a part of what is said of it.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("A", "", "expected an IPv4 address, found the end"),
    ("A", "192.0.2", "expected an IPv4 address, found `192.0.2`"),
    ("A", "192.0.2.256", "IPv4"),
    ("A", "192.0.2.01", "IPv4"),
    ("A", "192.0.2.1.", "IPv4"),
    ("A", "192.0.2.1 192.0.2.2", "should end before `192.0.2.2`"),
    ("AAAA", "2001:db8:::1", "IPv6"),
    ("MX", "65536 a.", "up to 65535"),
    ("MX", "mail.example. 10", "found `mail.example.`"),
    ("NS", "a..b.", "a label is empty"),
    ("NS", "\"a.\"", "not quoted"),
    ("NS", "a\\999.", "backslash"),
    ("TXT", "", "character-string"),
    ("TXT", "\"open", "quote that is not closed"),
    ("TXT", "a \\", "backslash"),
    ("SOA", "a. b. 1 2 3 4", "period"),
    ("SOA", "a. b. 4294967296 2 3 4 5", "4294967295"),
    ("SOA", "a. b. 1 2x 3 4 5", "period"),
    ("CAA", "0 is-sue \"x\"", "tag"),
    ("CAA", "256 issue \"x\"", "255"),
    ("DS", "1 8 2 abcd", "a digest of 2 octets, and its kind has 32"),
    ("DS", "1 8 9 abc", "odd number"),
    ("DS", "1 8 9", "digest"),
    ("DS", "1 8 9 zz", "hexadecimal digit"),
    ("DNSKEY", "256 3 8", "Base64"),
    ("NSEC", "a.", "record types"),
    ("DNSKEY", "256 3 8 AQ", "within a group of four"),
    ("DNSKEY", "256 3 8 AR==", "padding"),
    ("DNSKEY", "256 3 8 AQ==AQ==", "goes on"),
    ("DNSKEY", "256 3 NONE AQ==", "algorithm"),
    ("NSEC3", "1 0 0 - 2vptu5timamqttgl4luu9kg21e0aor3 A", "Base32hex"),
    ("NSEC3", "1 0 0 abc 2vptu5timamqttgl4luu9kg21e0aor3s A", "salt"),
    ("NSEC", "a. NOTHING", "record type"),
    ("RRSIG", "A 8 2 1 20260230000000 20260101000000 1 a. AQ==", "YYYYMMDDHHmmSS"),
    ("LOC", "91 N 0 E 0", "in range"),
    ("LOC", "90 0 1 N 0 E 0", "in range"),
    ("LOC", "1 2 3 4 N 0 E 0", "`N` or `S`"),
    ("LOC", "1 N 1 E -100000.01", "altitude"),
    ("LOC", "1 N 1 E 0 90000001", "size"),
    ("APL", "1:192.0.2.0/33", "address prefix"),
    ("APL", "3:192.0.2.0/24", "address prefix"),
    ("WKS", "192.0.2.1 tcp nothing", "service"),
    ("EUI48", "00-00-5e-00-53", "48-bit"),
    ("NID", "10 14:4fff:ff20", "four groups"),
    ("IPSECKEY", "10 4 2 . AQ==", "kind of gateway"),
    ("IPSECKEY", "10 0 2 a. AQ==", "no gateway"),
    ("A6", "64 2001:db8::1 a.", "bits in its prefix"),
    ("A6", "129 ::1 a.", "prefix length"),
    ("HIP", "2 200 AQ==", "tag"),
    ("SVCB", "1 . port=53 port=54", "twice"),
    ("SVCB", "1 . port=65536", "port"),
    ("SVCB", "1 . port", "needs a value"),
    ("SVCB", "1 . nothing=1", "service parameter"),
    ("SVCB", "1 . key65535=a", "service parameter"),
    ("SVCB", "1 . key01=a", "service parameter"),
    ("SVCB", "1 . no-default-alpn=a", "no value"),
    ("SVCB", "1 . no-default-alpn", "`alpn`"),
    ("SVCB", "1 . mandatory=port", "`port`"),
    ("SVCB", "1 . mandatory=mandatory", "itself"),
    ("SVCB", "1 . mandatory=port,port port=1", "twice"),
    ("SVCB", "1 . alpn=", "1 to 255"),
    ("SVCB", "1 . alpn=h2,,h3", "1 to 255"),
    ("SVCB", "1 . ipv4hint=192.0.2.1,", "IPv4"),
    ("SVCB", "1 . ech=A", "Base64"),
    ("SVCB", "1 . dohpath=/dns-query", "dns"),
    ("TYPE65280", "abc", "\\# LENGTH HEX"),
    ("TYPE65280", "\\# 2 01", "has 1 octets, and says that it has 2"),
    ("TYPE65280", "\\# 65536 01", "65535"),
    ("A", "\\# 3 010203", "not the data of a record of type A"),
    ("MX", "\\# 4 000a0161", "not the data of a record of type MX"),
    ("TXT", "( \"a\"", "parenthesis"),
    ("TXT", "\"a\" )", "without an opening one"),
];

#[test]
fn mistakes_are_named() {
    for (mnemonic, text, expected) in MISTAKES {
        let record_type = RecordType::from_text(mnemonic.as_bytes()).expect(mnemonic);
        let message = read(record_type, text).expect_err(text);
        assert!(message.contains(expected), "{mnemonic} {text}: {message}");
    }
}

#[test]
fn a_string_has_255_octets_at_most() {
    let longest = "x".repeat(255);
    assert_eq!(read(RecordType::TXT, &longest).expect("short enough").len(), 256);
    assert!(read(RecordType::TXT, &std::format!("{longest}x")).is_err());
    assert_eq!(read(RecordType::URI, &std::format!("1 1 \"{longest}x\"")).expect("a long text").len(), 260);
}

#[test]
fn data_has_65535_octets_at_most() {
    let text = std::format!("1 1 \"{}\"", "x".repeat(65_531));
    assert_eq!(read(RecordType::URI, &text).expect("short enough").len(), 65_535);
    let text = std::format!("1 1 \"{}\"", "x".repeat(65_532));
    assert!(read(RecordType::URI, &text).is_err());
}
