use super::{Port, Published, Wish, all};
use host::Protocol::{self, Tcp, Udp};

#[track_caller]
fn check(text: &str, expected: Result<&str, &str>) {
    let read = text.parse::<Wish>();
    assert_eq!(read.map(|wish| wish.to_string()).as_deref(), expected.map_err(String::from).as_deref());
}

#[test]
fn wishes() {
    const FORM: &str =
        "it is [ADDRESS:]PORT:GUEST-PORT, such as 127.0.0.1:5300:53, and /udp or /tcp for one of both";
    check("5300:53/udp", Ok("127.0.0.1:5300:53/udp"));
    check("5300:53/tcp", Ok("127.0.0.1:5300:53/tcp"));
    check("5300:53", Ok("127.0.0.1:5300:53"));
    check("0.0.0.0:53:53", Ok("0.0.0.0:53:53"));
    check("[::1]:5300:53/udp", Ok("[::1]:5300:53/udp"));
    check("53/udp", Err(FORM));
    check("53", Err(FORM));
    check("5300:53/sctp", Err("`sctp` can't be published, only udp and tcp can"));
    check("5300:53/", Err("`` can't be published, only udp and tcp can"));
    check("5300:0/udp", Err("`0` is no port"));
    check("0:53/udp", Err("`0` is no port"));
    check("65536:53", Err("`65536` is no port"));
    check("::1:5300:53/udp", Err("`::1` is no IP address; IPv6 goes in brackets"));
    check("[127.0.0.1]:5300:53/udp", Err("`[127.0.0.1]` is no IP address; IPv6 goes in brackets"));
    check("example.com:5300:53/udp", Err("`example.com` is no IP address; IPv6 goes in brackets"));
}

fn ports(ports: &[(u16, Protocol)]) -> Vec<Port> {
    ports.iter().map(|&(number, protocol)| Port { number, protocol }).collect()
}

fn words(published: impl IntoIterator<Item = Published>) -> Vec<String> {
    published.into_iter().map(|published| published.to_string()).collect()
}

#[test]
fn a_wish_without_a_protocol_is_for_each_that_is_listened_by() {
    let granted =
        |text: &str, have: &[(u16, Protocol)]| words(text.parse::<Wish>().unwrap().grant(&ports(have)));
    let dns = [(53, Udp), (53, Tcp), (853, Tcp)];
    assert_eq!(granted("5300:53", &dns), ["127.0.0.1:5300:53/udp", "127.0.0.1:5300:53/tcp"]);
    assert_eq!(granted("5300:53/tcp", &dns), ["127.0.0.1:5300:53/tcp"]);
    assert_eq!(granted("[::1]:5300:853", &dns), ["[::1]:5300:853/tcp"]);
    assert!(granted("5300:853/udp", &dns).is_empty());
    assert!(granted("5300:54", &dns).is_empty());
}

#[test]
fn unless_wished_otherwise_all_is_published() {
    assert_eq!(
        words(all(&ports(&[(53, Udp), (53, Tcp), (853, Tcp)]))),
        ["127.0.0.1:5300:53/udp", "127.0.0.1:5300:53/tcp", "127.0.0.1:5301:853/tcp"]
    );
    assert!(all(&[]).is_empty());
}

#[test]
fn plans_name_the_protocol() {
    for text in ["127.0.0.1:5300:53/udp", "[::1]:5300:53/tcp"] {
        assert_eq!(Published::try_from(text.to_owned()).unwrap().to_string(), text);
    }
    assert!(Published::try_from("127.0.0.1:5300:53".to_owned()).is_err());
}
