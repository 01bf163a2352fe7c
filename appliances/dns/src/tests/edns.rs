//! RFC 6891, RFC 5001, RFC 4892; truncation (RFC 2181 §9).

use super::*;

fn opt(payload: u16, flags: [u8; 4], options: &[u8]) -> Vec<u8> {
    let mut opt = vec![0, 0, 41];
    opt.extend(payload.to_be_bytes());
    opt.extend(flags);
    opt.extend((options.len() as u16).to_be_bytes());
    opt.extend_from_slice(options);
    opt
}

/// Addresses enough for so many octets: an address takes 16.
fn many(addresses: usize) -> String {
    let mut zone = String::from("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n");
    for number in 0..addresses {
        zone += &format!("x A 192.0.2.{number}\n");
    }
    zone
}

/// RFC 6891 §6.2.3 ("values lower than 512 MUST be treated as equal to 512"), §6.2.5.
#[test]
fn a_reply_is_as_large_as_both_sides_want() {
    let mut served = serve(&[("t", &many(250))]);
    for (edns, limit) in [(None, 512), (Some(0), 512), (Some(511), 512), (Some(900), 900), (Some(4096), 1232)]
    {
        let mut asked = ask("x.t A");
        asked.edns = edns.map(|payload| opt(payload, [0; 4], &[]));
        let reply = served.reply(&asked);
        assert!(reply.len() <= limit);
        // A set comes whole or not at all.
        assert_eq!(described(&reply), ["NOERROR aa tc"]);
    }
    // Header, question, 16 octets an address, EDNS: 12 + 9 + 75 * 16 + 11 is exactly 1232.
    let mut fits = serve(&[("t", &many(75))]);
    assert_eq!(fits.reply(&ask("x.t A")).len(), 1232);
    let mut one_less = ask("x.t A").with_edns(&opt(1231, [0; 4], &[]));
    assert_eq!(described(&fits.reply(&one_less)), ["NOERROR aa tc"]);
    one_less.edns = None;
    assert_eq!(described(&serve(&[("t", &many(30))]).reply(&one_less))[0], "NOERROR aa");
    // The buffer is a bound too.
    let mut narrow = ask("x.t A");
    narrow.room = 700;
    assert_eq!(described(&fits.reply(&narrow)), ["NOERROR aa tc"]);
}

#[test]
fn the_operator_sets_the_payload() {
    let mut served = serve_with("[dns]\nudp_payload = 4096\n", &[("t", &many(250))]);
    let mut asked = ask("x.t A").with_edns(&opt(4096, [0; 4], &[]));
    asked.room = 4096;
    let reply = served.reply(&asked);
    assert_eq!(described(&reply).len(), 251);
    let message = Message::from_octets(&reply).expect("long enough");
    assert_eq!(message.opt().expect("it came").udp_payload_size(), 4096);
}

/// RFC 6891 §6.1.3, RFC 3225 §3.
#[test]
fn versions_and_flags() {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    let address = ["NOERROR aa", "? mail.example.com. 3600 A 192.0.2.25"];
    for (flags, expected) in
        [([0, 0, 0x80, 0], 0x8000), ([0, 0, 0xff, 0xff], 0x8000), ([7, 0, 0x7f, 0xff], 0)]
    {
        let asked = ask("mail.example.com A").with_edns(&opt(1232, flags, &[]));
        served.check_asked(&asked, &address);
        let reply = served.reply(&asked);
        assert_eq!(u16::from_be_bytes([reply[reply.len() - 4], reply[reply.len() - 3]]), expected);
    }
    served.check_asked(&ask("mail.example.com A").with_edns(&opt(1232, [0, 1, 0, 0], &[])), &["BADVERS"]);
    served.check_asked(&ask("refused.test A").with_edns(&opt(1232, [0, 255, 0, 0], &[])), &["BADVERS"]);
}

#[test]
fn options() {
    let mut served = serve_with("[dns]\nnsid = \"one\"\n", &[("example.com", EXAMPLE)]);
    let mut nsid = |options: &[u8]| {
        let reply = served.reply(&ask("mail.example.com A").with_edns(&opt(1232, [0; 4], options)));
        reply[reply.len() - 2 - if reply.ends_with(b"one") { 7 } else { 0 }..].to_vec()
    };
    assert_eq!(nsid(&[0, 3, 0, 0]), [0, 7, 0, 3, 0, 3, b'o', b'n', b'e']);
    assert_eq!(nsid(&[0, 8, 0, 1, 9, 0, 3, 0, 0]), [0, 7, 0, 3, 0, 3, b'o', b'n', b'e']);
    assert_eq!(nsid(&[0, 8, 0, 1, 9]), [0, 0]);
    for unsound in [&[0, 3, 0][..], &[0, 3, 0, 1], &[0, 3, 0, 0, 9]] {
        let asked = ask("mail.example.com A").with_edns(&opt(1232, [0; 4], unsound));
        assert_eq!(described(&served.reply(&asked)), ["FORMERR"]);
    }
}

#[test]
fn the_server_speaks_of_itself_as_told() {
    let text = |reply: Vec<u8>| described(&reply);
    let mut silent = serve_with("[dns]\nversion = \"\"\n", &[("example.com", EXAMPLE)]);
    for name in ["version.bind", "version.server", "id.server", "hostname.bind"] {
        assert_eq!(text(silent.reply(&ask(&format!("{name} CH TXT")))), ["REFUSED"]);
    }
    let mut served = serve_with("[dns]\nidentity = \"me\"\nversion = \"1\"\n", &[("example.com", EXAMPLE)]);
    for (name, own) in
        [("ID.server", "me"), ("hostname.bind", "me"), ("version.bind", "1"), ("version.server", "1")]
    {
        let expected = format!("? {name}. 0 TXT \"{own}\"");
        assert_eq!(text(served.reply(&ask(&format!("{name} CH TXT")))), ["NOERROR aa", &expected]);
        assert_eq!(text(served.reply(&ask(&format!("{name} CH ANY")))), ["NOERROR aa", &expected]);
        assert_eq!(text(served.reply(&ask(&format!("{name} CH A")))), ["NOERROR aa"]);
        assert_eq!(text(served.reply(&ask(&format!("{name} TXT")))), ["REFUSED"]);
    }
    assert_eq!(text(served.reply(&ask("authors.bind CH TXT"))), ["REFUSED"]);
    assert_eq!(text(served.reply(&ask("mail.example.com CH A"))), ["REFUSED"]);
    assert_eq!(text(served.reply(&ask("mail.example.com HS A"))), ["REFUSED"]);
}

#[test]
fn settings_have_bounds() {
    let mistakes = |settings: &str| prepared(settings, &[("example.com", EXAMPLE)]).expect_err(settings);
    assert_eq!(mistakes("[dns]\nudp_payload = 511\n"), ["`udp_payload` has to be between 512 and 4096"]);
    assert_eq!(mistakes("[dns]\nport = 0\nnsid = 1\n").len(), 2);
    assert_eq!(
        mistakes("[dns]\ntypo = 1\n[server]\n"),
        ["there is no key `server` here", "there is no key `typo` here"]
    );
    let long = format!("[dns]\nnsid = \"{}\"\n", "x".repeat(129));
    assert_eq!(mistakes(&long), ["`nsid` has more than 128 octets"]);
    let long = format!("[dns]\nidentity = \"{}\"\n", "x".repeat(256));
    assert_eq!(mistakes(&long), ["`identity` has more than 255 octets"]);
}
