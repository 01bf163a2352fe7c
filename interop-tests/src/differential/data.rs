//! What the records of each type say.

use super::model::{Word, Zone};
use super::names;
use super::random::Random;

/// A word that is written as it is.
pub(super) fn text(word: &str) -> Word {
    Word::Text(word.to_owned())
}

/// The data of one record.
pub(super) fn data(rtype: &str, zone: &Zone, others: &[Zone], random: &mut Random) -> Vec<Word> {
    let number = random.below(250);
    let small = random.below(4);
    let mut target = || Word::Name(names::target(zone, others, random));
    let texts = |words: String| vec![text(&words)];
    match rtype {
        "A" => texts(format!("198.51.100.{number}")),
        "AAAA" => texts(format!("2001:db8::{number:x}")),
        "CNAME" | "DNAME" | "NS" | "PTR" => vec![target()],
        "MX" | "RT" | "KX" | "AFSDB" => vec![text(&format!("{}", small + 1)), target()],
        "RP" | "MINFO" => vec![target(), target()],
        "LP" => vec![text("10"), target()],
        "SRV" => vec![text(&format!("{small} 1 {number}")), target()],
        "NAPTR" => vec![text(&format!("{small} 50 \"s\" \"z3950+i2l\" \"\"")), target()],
        "SVCB" | "HTTPS" if small == 0 => vec![text("0"), target()],
        "SVCB" | "HTTPS" if small == 1 => vec![text("1 ."), text("alpn=h2 port=8443")],
        "SVCB" | "HTTPS" => vec![text("2"), target(), text("ipv4hint=192.0.2.9")],
        "NSEC" => vec![target(), text("A RRSIG NSEC TYPE65280")],
        "RRSIG" => {
            let start = format!("A 13 {} 300 20380101000000 20200101000000 {number}", zone.apex.0.len());
            vec![text(&start), Word::Name(zone.apex.clone()), text("c2lnbmF0dXJlISE=")]
        }
        "DS" => texts(format!("{number} 13 2 {}", "5a".repeat(32))),
        "DNSKEY" => texts(format!("256 3 13 {}", "AAAA".repeat(16) + "AAAAAAAAAAAAAAAAAAAAAAA=")),
        "CAA" => texts(format!("{} issue \"ca{number}.example\"", small * 64 % 256)),
        "HINFO" => texts(format!("\"PDP-{number}\" \"\"")),
        "LOC" => texts(format!("{small} {} 0.{number:03} N 1 2 3 W {number}.5m 1m", small + 1)),
        "SSHFP" => texts(format!("4 2 {}", "ab".repeat(32))),
        "TLSA" => texts(format!("3 1 1 {}", "cd".repeat(32))),
        "URI" => texts(format!("10 {number} \"https://example.com/{number}\"")),
        "TYPE65280" => texts(format!("\\# 4 {number:08x}")),
        "TYPE65281" => texts("\\# 0".to_owned()),
        "EUI48" => texts(format!("00-00-5e-00-53-{number:02x}")),
        "APL" => texts(format!("1:192.0.2.{number}/32 !2:2001:db8::/33")),
        "CERT" => texts(format!("1 {number} 8 AQIDBAU=")),
        "DHCID" => texts("AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=".to_owned()),
        "NID" => texts(format!("10 0014:4fff:ff20:{number:04x}")),
        "L64" => texts(format!("10 2001:0db8:1140:{number:04x}")),
        "CSYNC" => texts(format!("{number} 3 A NS AAAA")),
        "ZONEMD" => texts(format!("1 1 241 {}", "ef".repeat(48))),
        "OPENPGPKEY" => texts("AQIDBAUGBwg=".to_owned()),
        "IPSECKEY" => {
            texts(format!("10 1 2 192.0.2.{number} AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="))
        }
        // What `"`, `\` and octets beyond ASCII are to a string, they are to several.
        _ => texts(match small {
            0 => "\"\"".to_owned(),
            1 => format!("\"a;b\" \"q\\\"uote\" \"\\\\ \\255 \\000 {number}\""),
            2 => format!("unquoted-{number}"),
            _ => format!("\"{}\" \"{number}\"", "y".repeat(number)),
        }),
    }
}
