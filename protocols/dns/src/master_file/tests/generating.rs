use super::records;
use std::format;
use std::string::String;
use std::vec::Vec;

/// The first `count` fields of each record.
fn generated(text: &str) -> Vec<String> {
    records(&format!("$TTL 1\n{text}\n"))
}

#[test]
fn numbers_take_every_form_that_bind_has() {
    assert_eq!(
        generated("$GENERATE 1-3 host-$ A 192.0.2.$"),
        [
            "host-1.example. 1 IN A 192.0.2.1",
            "host-2.example. 1 IN A 192.0.2.2",
            "host-3.example. 1 IN A 192.0.2.3"
        ]
    );
    assert_eq!(
        generated("$GENERATE 0-20/10 ${-5,3,d}x 60 IN CNAME ${3}.${0,4}.${10,0,x}.${250,4,X}.${8,0,o}"),
        [
            "-05x.example. 60 IN CNAME 3.0000.a.00FA.10.example.",
            "005x.example. 60 IN CNAME 13.0010.14.0104.22.example.",
            "015x.example. 60 IN CNAME 23.0020.1e.010E.34.example.",
        ]
    );
    assert_eq!(
        generated("$GENERATE 26-26 ${0,0,n}.${0,7,N}. PTR a$$b\\$c"),
        ["a.1.A.1.0.0. 1 IN PTR a\\$b\\$c.example."]
    );
}

#[test]
fn data_is_a_quoted_whole_or_the_rest_of_the_entry() {
    let expected = ["a1.example. 1 IN MX 10 mail1.example."];
    assert_eq!(generated("$GENERATE 1-1 a$ MX \"10 mail$\""), expected);
    assert_eq!(generated("$GENERATE 1-1 a$ MX 10 mail$"), expected);
    assert_eq!(generated("$GENERATE 1-1 a$ MX ( 10 ; x\n mail$ )"), expected);
    assert_eq!(generated("$GENERATE 1-1 a$ TXT \"\\\"b $\\\" c\""), ["a1.example. 1 IN TXT \"b 1\" \"c\""]);
    assert_eq!(generated("$GENERATE 1-1 a$ TXT b \"c d$\""), ["a1.example. 1 IN TXT \"b\" \"c d1\""]);
    assert_eq!(
        generated("$GENERATE 1-1 a$ HTTPS 1 . alpn=\"h2,h3\" port=$"),
        ["a1.example. 1 IN HTTPS 1 . alpn=\"h2,h3\" port=1"]
    );
}
