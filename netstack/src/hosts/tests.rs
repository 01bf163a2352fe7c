use super::Hosts;
use crate::limits;
use alloc::vec::Vec;
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

const STATION: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 9]);

fn at(milliseconds: u64) -> Instant {
    Instant::START + Duration::from_millis(milliseconds)
}

#[test]
fn rfc4861_section_7_2_2_a_neighbour_is_asked_for_three_times_and_again_when_it_is_wanted_again() {
    let mut hosts = Hosts::new();
    assert!(hosts.deadline().is_none() && hosts.question(at(0)).is_none());
    for start in [0, 10_000] {
        assert_eq!(hosts.find(9, 53, at(start)), None);
        for asked in [0, 1000, 2000] {
            assert_eq!(hosts.deadline(), Some(at(start + asked)));
            let question = hosts.question(at(start + asked)).expect("a question");
            assert_eq!((question.address, question.own), (9, 53));
            // Not twice, however often it is wanted.
            assert_eq!(hosts.find(9, 53, at(start + asked)), None);
            assert!(hosts.question(at(start + asked + 999)).is_none());
        }
        assert!(hosts.deadline().is_none() && hosts.question(at(start + 9000)).is_none());
    }
}

#[test]
fn an_answer_is_believed_for_half_a_minute_and_only_of_who_was_asked_for() {
    let mut hosts = Hosts::new();
    assert!(!hosts.on_answer(9, STATION, at(0)));
    assert_eq!(hosts.find(9, 53, at(0)), None);
    assert!(!hosts.on_answer(8, STATION, at(0)));
    assert!(hosts.on_answer(9, STATION, at(0)));
    assert!(hosts.deadline().is_none() && hosts.question(at(0)).is_none());
    assert_eq!(hosts.find(9, 53, at(29_999)), Some(STATION));
    assert_eq!(hosts.find(9, 53, at(30_000)), None);
    assert!(hosts.question(at(30_000)).is_some());
}

#[test]
fn of_too_many_the_one_is_forgotten_that_was_wanted_longest_ago() {
    let mut hosts = Hosts::new();
    let most = limits::NEIGHBOURS as u128;
    for address in 0..most {
        hosts.find(address, 53, at(address as u64));
        hosts.on_answer(address, STATION, at(1000));
    }
    assert_eq!(hosts.find(0, 53, at(1000)), Some(STATION));
    hosts.find(most, 53, at(1001));
    let known: Vec<u128> = (0..most).filter(|address| hosts.on_answer(*address, STATION, at(1001))).collect();
    assert_eq!(known, (0..most).filter(|address| *address != 1).collect::<Vec<_>>());
}
