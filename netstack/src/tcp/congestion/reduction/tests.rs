use super::Reduction;
use crate::tcp::congestion::Delivery;

/// One octet a segment.
fn delivery(octets: u32, in_flight: u32) -> Delivery {
    Delivery { octets, in_flight, acknowledged: 0, next: 0, round_trip: None, is_window_limited: true }
}

/// Acknowledges what is in flight, one segment at a time, and says how many each one let out.
fn sent(
    in_flight: &mut u32,
    reduction: &mut Reduction,
    threshold: u32,
    count: usize,
    progress: bool,
) -> Vec<u32> {
    let mut sends = |_| {
        *in_flight -= 1;
        let sent = reduction.allowance(&delivery(1, *in_flight), threshold, 1, progress).unwrap();
        reduction.on_sent(sent);
        *in_flight += sent;
        sent
    };
    (0..count).map(&mut sends).collect()
}

extern crate std;
use std::vec::Vec;

/// RFC 6937 §4, the first example: one of twenty is lost and the threshold is ten. Two more were sent for the
/// first two duplicates; from the third on every other acknowledgement lets one out.
#[test]
fn one_loss() {
    let mut reduction = Reduction::new(20);
    // 22 sent, 2 acknowledged, 1 lost.
    let mut in_flight = 19;
    let sends = sent(&mut in_flight, &mut reduction, 10, 17, false);
    assert_eq!(sends, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0]);
    assert_eq!(in_flight, 10);
    sent(&mut in_flight, &mut reduction, 10, 10, true);
    assert_eq!(in_flight, 10);
}

/// RFC 6937 §4, the second: the first fifteen of twenty are lost, and far less is in flight than the threshold. One goes for
/// each that arrives; two once what was lost arrives (PRR-SSRB), up to the threshold.
#[test]
fn many_losses() {
    let mut reduction = Reduction::new(20);
    let mut in_flight = 5;
    assert_eq!(sent(&mut in_flight, &mut reduction, 10, 4, false), [1, 1, 1, 1]);
    assert_eq!(sent(&mut in_flight, &mut reduction, 10, 8, true), [2, 2, 2, 2, 2, 1, 1, 1]);
    assert_eq!(in_flight, 10);
}

/// As much as arrived and was not sent for is made up for, no more.
#[test]
fn conservation() {
    let mut reduction = Reduction::new(100);
    // Over the threshold, little goes; then much is found lost.
    assert_eq!(reduction.allowance(&delivery(10, 80), 70, 1, false), Some(7));
    reduction.on_sent(2);
    assert_eq!(reduction.allowance(&delivery(1, 20), 70, 1, false), Some(9));
    reduction.on_sent(9);
    assert_eq!(reduction.allowance(&delivery(1, 20), 70, 1, false), Some(1));
}

#[test]
fn first_retransmission_is_not_kept_back() {
    let mut reduction = Reduction::new(100_000);
    assert_eq!(reduction.allowance(&delivery(0, 95_000), 70_000, 1_460, false), Some(1_460));
    reduction.on_sent(1_460);
    assert_eq!(reduction.allowance(&delivery(0, 95_000), 70_000, 1_460, false), None);
    assert_eq!(reduction.allowance(&delivery(1_000, 94_000), 70_000, 1_460, false), Some(0));
}

/// At the end as much is in flight as the threshold says, whatever it is.
#[test]
fn ends_at_the_threshold() {
    for before in [10, 50, 333, 10_000] {
        for threshold in [before / 2, before * 7 / 10] {
            let mut reduction = Reduction::new(before);
            let mut in_flight = before - 1;
            sent(&mut in_flight, &mut reduction, threshold, before as usize - 1, true);
            assert!(in_flight.abs_diff(threshold) <= 1, "{before} to {threshold}: {in_flight}");
        }
    }
}

#[test]
fn nothing_overflows() {
    for number in [0, 1, u32::MAX] {
        let mut reduction = Reduction::new(number);
        for _ in 0..3 {
            reduction.allowance(&delivery(u32::MAX, number), number, 65_535, true);
            reduction.on_sent(u32::MAX);
            reduction.allowance(&delivery(number, 0), u32::MAX, 65_535, true);
        }
    }
}
