//! Every type: a text, the text that its data is written as, and, where an RFC or another server gives it, the data.

use super::{hexadecimal, read, write};
use crate::RecordType;
use crate::data::{Field, validate};
use std::println;
use std::vec::Vec;

/// Mnemonic, text, text as written (empty: the same).
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("A", "192.0.2.1", ""),
    ("NS", "ns1.example.com.", ""),
    ("MD", "mail", "mail.example."),
    ("MF", "mail.example.", ""),
    ("CNAME", "@", "example."),
    ("SOA", "ns. host\\.master. 1 2h 30m 4w 1h5s", "ns. host\\.master. 1 7200 1800 2419200 3605"),
    ("MB", "mail.example.", ""),
    ("MG", "mail.example.", ""),
    ("MR", "mail.example.", ""),
    ("NULL", "\\# 3 010203", ""),
    ("WKS", "192.0.2.1 tcp smtp 80 domain", "192.0.2.1 6 25 53 80"),
    ("WKS", "192.0.2.1 17", ""),
    ("PTR", "host.example.", ""),
    ("HINFO", "Generic\\032PC \"Net BSD\"", "\"Generic PC\" \"Net BSD\""),
    ("MINFO", "a.example. b.example.", ""),
    ("MX", "10 mail.example.", ""),
    (
        "TXT",
        "one \"two three\" \"\\\"\\\\\\000\\255\" \"\"",
        "\"one\" \"two three\" \"\\\"\\\\\\000\\255\" \"\"",
    ),
    ("RP", "host.example. txt.example.", ""),
    ("AFSDB", "1 afs.example.", ""),
    ("X25", "311061700956", "\"311061700956\""),
    ("ISDN", "150862028003217 004", "\"150862028003217\" \"004\""),
    ("ISDN", "\"150862028003217\"", ""),
    ("RT", "2 relay.example.", ""),
    (
        "NSAP",
        "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00",
        "0x47000580005a0000000001e133ffffff00016100",
    ),
    ("NSAP-PTR", "host.example.", ""),
    ("SIG", "A 5 2 3600 20261122000000 20261022000000 12345 example. AQIDBA==", ""),
    ("KEY", "256 3 RSASHA256 AQIDBA==", "256 3 8 AQIDBA=="),
    ("KEY", "49152 3 5", ""),
    ("PX", "10 a.example. b.example.", ""),
    ("GPOS", "\"-32.6882\" \"116.8652\" \"10.0\"", ""),
    ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
    (
        "LOC",
        "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
        "52 22 23.000 N 4 53 32.000 E -2.00m 0m 10000m 10m",
    ),
    ("LOC", "90 S 180 W 42849672.95", "90 0 0.000 S 180 0 0.000 W 42849672.95m 1m 10000m 10m"),
    ("LOC", "1 2 N 3 4 5.6 E 7.8m 12m 345m 0.09", "1 2 0.000 N 3 4 5.600 E 7.80m 10m 300m 0.09m"),
    ("NXT", "b.example. A MX SIG NXT", ""),
    ("EID", "0123456789abcdef", ""),
    ("NIMLOC", "0123 4567", "01234567"),
    ("SRV", "10 60 5060 sip.example.", ""),
    ("ATMA", "+358400123123", ""),
    ("ATMA", "39.246f.000e7c9c031200010001.000012345678.00", "39246f000e7c9c03120001000100001234567800"),
    ("NAPTR", "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b.example!i\" .", ""),
    ("KX", "10 kx.example.", ""),
    ("CERT", "PKIX 12345 RSASHA256 AQIDBA==", "PKIX 12345 8 AQIDBA=="),
    ("CERT", "65279 0 0 AQI=", ""),
    ("A6", "0 2001:db8::1", ""),
    ("A6", "64 ::1234:5678:1:2 prefix.example.", "64 ::1234:5678:1:2 prefix.example."),
    ("A6", "128 whole.example.", ""),
    ("DNAME", "target.example.", ""),
    ("SINK", "1 2 3 AQID", ""),
    ("APL", "1:192.0.2.32/27 !1:192.0.2.38/28 2:2001:db8::/32 1:0.0.0.0/0", ""),
    ("APL", "", ""),
    (
        "DS",
        "60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118",
        "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
    ),
    ("SSHFP", "2 1 123456789abcdef67890123456789abcdef67890", ""),
    ("IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", ""),
    ("IPSECKEY", "10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", ""),
    ("IPSECKEY", "10 3 2 mygateway.example.com. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", ""),
    ("IPSECKEY", "10 2 2 2001:db8:0:8002::2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", ""),
    (
        "RRSIG",
        "A ECDSAP256SHA256 2 3600 20300102030405 1704067200 12345 example. AQIDBA==",
        "A 13 2 3600 20300102030405 20240101000000 12345 example. AQIDBA==",
    ),
    ("NSEC", "host.example. A MX RRSIG NSEC TYPE1234", ""),
    ("NSEC", "host.example. CAA NSEC A AAAA", "host.example. A AAAA NSEC CAA"),
    ("DNSKEY", "257 3 13 AQID BA==", "257 3 13 AQIDBA=="),
    ("DHCID", "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", ""),
    ("NSEC3", "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG", ""),
    ("NSEC3", "1 0 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S", "1 0 0 - 2vptu5timamqttgl4luu9kg21e0aor3s"),
    ("NSEC3PARAM", "1 0 12 aabbccdd", ""),
    ("NSEC3PARAM", "1 0 0 -", ""),
    ("TLSA", "0 0 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971", ""),
    ("TLSA", "3 1 0 308201", ""),
    ("SMIMEA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971", ""),
    (
        "HIP",
        "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs1.example. rvs2",
        "2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs1.example. rvs2.example.",
    ),
    ("HIP", "2 20010010 AwEA", ""),
    ("NINFO", "\"one\" \"two\"", ""),
    ("RKEY", "0 255 1 AQIDBA==", ""),
    ("TALINK", "a.example. b.example.", ""),
    ("CDS", "0 0 0 00", ""),
    ("CDNSKEY", "0 3 0 AA==", ""),
    ("OPENPGPKEY", "AQIDBA==", ""),
    ("CSYNC", "66 3 A NS AAAA", ""),
    (
        "ZONEMD",
        "2018031900 1 1 C68090D90A7AED716BC459F9340E3D7C1370D4D24B7E2FC3A1DDC0B9A87153B9A9713B3C9AE5CC27777F98B8E730044C",
        "2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c",
    ),
    ("SVCB", "0 foo.example.com.", ""),
    ("SVCB", "16 foo.example.com. port=53", ""),
    ("SVCB", "1 . dohpath=/dns-query{?dns} alpn=h2", "1 . alpn=\"h2\" dohpath=\"/dns-query{?dns}\""),
    ("HTTPS", "1 . alpn=\"h2,h3\" ipv4hint=192.0.2.80 ipv6hint=2001:db8::80", ""),
    (
        "HTTPS",
        "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
        "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1",
    ),
    (
        "HTTPS",
        "1 svc.example. key65534=\"a b\\255\" port=8443",
        "1 svc.example. port=8443 key65534=\"a b\\255\"",
    ),
    (
        "HTTPS",
        "1 svc.example. no-default-alpn alpn=h3 ech=AQIDBA==",
        "1 svc.example. alpn=\"h3\" no-default-alpn ech=AQIDBA==",
    ),
    ("DSYNC", "CDS NOTIFY 5359 scanner.example.", "CDS 1 5359 scanner.example."),
    ("HHIT", "AQIDBA==", ""),
    ("BRID", "AQIDBA==", ""),
    ("SPF", "\"v=spf1 -all\"", ""),
    ("UINFO", "\\# 2 0102", ""),
    ("UID", "\\# 2 0102", ""),
    ("GID", "\\# 2 0102", ""),
    ("UNSPEC", "\\# 2 0102", ""),
    ("NID", "10 0014:4fff:ff20:ee64", "10 14:4fff:ff20:ee64"),
    ("L32", "10 10.1.2.0", ""),
    ("L64", "10 2001:0DB8:1140:1000", "10 2001:db8:1140:1000"),
    ("LP", "10 l64-subnet1.example.com.", ""),
    ("EUI48", "00-00-5e-00-53-2a", ""),
    ("EUI64", "00-00-5E-ef-10-00-00-2a", "00-00-5e-ef-10-00-00-2a"),
    ("URI", "10 1 \"ftp://ftp1.example.com/public\"", ""),
    ("CAA", "0 issue \"ca1.example.net; account=230123\"", ""),
    ("CAA", "128 tbs Unknown", "128 tbs \"Unknown\""),
    ("AVC", "\"app-name:WOLFGANG|app-class:OAM\"", ""),
    ("DOA", "1234567890 1234567890 1 \"image/gif\" AQIDBA==", ""),
    ("DOA", "0 1 2 \"\" -", ""),
    ("AMTRELAY", "10 0 1 203.0.113.15", ""),
    ("AMTRELAY", "10 1 2 2001:db8::15", ""),
    ("AMTRELAY", "128 1 3 amtrelays.example.com.", ""),
    ("AMTRELAY", "10 0 0 .", ""),
    ("RESINFO", "qnamemin \"exterr=15-17\"", "\"qnamemin\" \"exterr=15-17\""),
    ("WALLET", "\"BTC\" \"wallet\"", ""),
    ("CLA", "\"TCP-v4-v6\"", ""),
    ("IPN", "3141592653589793", ""),
    ("TA", "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", ""),
    ("DLV", "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", ""),
    ("TYPE65280", "\\# 4 0A000001", "\\# 4 0a000001"),
    ("TYPE65280", "\\# 0", ""),
    ("A", "\\# 4 C0 000201", "192.0.2.1"),
];

fn examples() -> impl Iterator<Item = (RecordType, &'static str, &'static str)> {
    EXAMPLES.iter().map(|(mnemonic, text, written)| {
        let record_type = RecordType::from_text(mnemonic.as_bytes()).expect(mnemonic);
        (record_type, *text, if written.is_empty() { *text } else { *written })
    })
}

#[test]
fn text_becomes_data_and_the_data_the_same_text() {
    for (record_type, text, written) in examples() {
        let data =
            read(record_type, text).unwrap_or_else(|mistake| panic!("{record_type} {text}: {mistake}"));
        assert_eq!(validate(record_type, &data), Ok(()), "{record_type} {text}");
        assert_eq!(write(record_type, &data), written, "{record_type}");
        assert_eq!(read(record_type, written).as_ref(), Ok(&data), "{record_type} {written}");
        if std::env::var_os("PRINT").is_some() {
            println!("{record_type}\t{text}\t\\# {} {}", data.len(), hexadecimal(&data));
        }
    }
}

#[test]
fn every_type_of_a_zone_has_an_example() {
    for &record_type in RecordType::ALL.iter().filter(|record_type| !record_type.is_meta()) {
        let opaque = record_type.layout() == [Field::Opaque];
        let shown =
            examples().any(|(shown, text, _)| shown == record_type && (opaque || !text.starts_with("\\#")));
        assert!(shown, "{record_type}");
    }
}

#[test]
fn the_generic_form_serves_for_every_type() {
    for (record_type, text, _) in examples() {
        let data = read(record_type, text).expect(text);
        let generic = std::format!("\\# {} {}", data.len(), hexadecimal(&data));
        assert_eq!(read(record_type, &generic), Ok(data), "{record_type} {text}");
    }
}

/// RFC 9460 appendix D: text and data.
const SERVICES: &[(&str, &str)] = &[
    ("0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00"),
    ("1 .", "000100"),
    ("16 foo.example.com. port=53", "001003666f6f076578616d706c6503636f6d00000300020035"),
    ("1 foo.example.com. key667=hello", "000103666f6f076578616d706c6503636f6d00029b000568656c6c6f"),
    (
        "1 foo.example.com. key667=\"hello\\210qoo\"",
        "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f",
    ),
    (
        "1 foo.example.com. (\nipv6hint=\"2001:db8::1,2001:db8::53:1\"\n)",
        "000103666f6f076578616d706c6503636f6d000006002020010db800000000000000000000000120010db8000000000000000000530001",
    ),
    (
        "16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )",
        "001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d31390004 0004c0000201",
    ),
    (
        r#"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#,
        "001003666f6f076578616d706c65036f72670000 01000c08665c6f6f2c626172026832",
    ),
    (
        r"16 foo.example.org. alpn=f\\\092oo\092,bar,h2",
        "001003666f6f076578616d706c65036f72670000 01000c08665c6f6f2c626172026832",
    ),
];

#[test]
fn service_bindings_are_those_of_rfc_9460_appendix_d() {
    for (text, expected) in SERVICES {
        let expected: Vec<char> = expected.chars().filter(|digit| *digit != ' ').collect();
        let data = read(RecordType::SVCB, text).expect(text);
        assert_eq!(hexadecimal(&data), expected.into_iter().collect::<std::string::String>(), "{text}");
        assert_eq!(read(RecordType::SVCB, &write(RecordType::SVCB, &data)), Ok(data), "{text}");
    }
}
