use super::{age, table, words};
use crate::machines::Phase;
use crate::status::Status;
use core::time::Duration;

#[test]
fn columns_are_as_wide_as_they_need_to_be() {
    let row = |name: &str, published: &str, state: &str| {
        [name, "dns", "vm", "3 s", published, state].map(String::from)
    };
    let rows = [row("a-long-name", "127.0.0.1:5300:53/udp", "answering"), row("b", "", "killed")];
    assert_eq!(
        table(&rows),
        "\
NAME          APPLIANCE   ON   AGE   PUBLISHED               STATE
a-long-name   dns         vm   3 s   127.0.0.1:5300:53/udp   answering
b             dns         vm   3 s                           killed
"
    );
    assert_eq!(table(&[]), "NAME   APPLIANCE   ON   AGE   PUBLISHED   STATE\n");
}

#[test]
fn ages() {
    for (seconds, expected) in
        [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (7_200, "2 h"), (200_000, "2 d")]
    {
        assert_eq!(age(Duration::from_secs(seconds)), expected);
    }
}

#[test]
fn phases() {
    assert_eq!(words(Phase::Answering, 0), "answering");
    assert_eq!(words(Phase::Answering, 1), "answering (started again once)");
    assert_eq!(
        words(Phase::Ended(Status::Fault), 2),
        "ended: the guest panicked or faulted (started again 2 times)"
    );
}
