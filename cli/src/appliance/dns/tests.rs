use super::Question;
use dns_protocol::NameBuffer;
use host::Protocol;

#[test]
fn the_question_is_a_dns_message() {
    let question =
        Question { zone: "example.com".into(), name: NameBuffer::from_text("example.com").unwrap() };
    let probe = question.probe("127.0.0.1:5300".parse().unwrap(), Protocol::Udp);
    assert_eq!(probe.question[2..], *b"\0\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x06\0\x01");
    assert_eq!(probe.command, "dig @127.0.0.1 -p 5300 example.com");
    let by_tcp = question.probe("[2001:db8::53]:53".parse().unwrap(), Protocol::Tcp);
    assert_eq!(by_tcp.command, "dig +tcp @2001:db8::53 example.com");
}
