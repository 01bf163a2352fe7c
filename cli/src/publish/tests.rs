use super::Published;

#[track_caller]
fn check(text: &str, expected: Result<&str, &str>) {
    let read = text.parse::<Published>();
    assert_eq!(
        read.map(|published| published.to_string()).as_deref(),
        expected.map_err(String::from).as_deref()
    );
}

#[test]
fn published_ports() {
    const FORM: &str = "it is [ADDRESS:]PORT:GUEST-PORT/udp, such as 127.0.0.1:5300:53/udp";
    check("5300:53/udp", Ok("127.0.0.1:5300:53/udp"));
    check("0.0.0.0:53:53/udp", Ok("0.0.0.0:53:53/udp"));
    check("[::1]:5300:53/udp", Ok("[::1]:5300:53/udp"));
    check("5300:53", Err(FORM));
    check("53/udp", Err(FORM));
    check("5300:53/tcp", Err("`tcp` can't be published, only udp can"));
    check("5300:0/udp", Err("`0` is no port"));
    check("0:53/udp", Err("`0` is no port"));
    check("65536:53/udp", Err("`65536` is no port"));
    check("::1:5300:53/udp", Err("`::1` is no IP address; IPv6 goes in brackets"));
    check("[127.0.0.1]:5300:53/udp", Err("`[127.0.0.1]` is no IP address; IPv6 goes in brackets"));
    check("localhost:5300:53/udp", Err("`localhost` is no IP address; IPv6 goes in brackets"));
}
