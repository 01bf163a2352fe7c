use super::*;

/// The most tries that any question took, over some seeds.
fn most_tries(manner: Manner) -> usize {
    let tries = |seed| narrow(Random::new(seed), Record::none(), manner).map(|(_, tries)| tries);
    (0..4).map(|seed| tries(seed).expect("every question is answered")).max().unwrap_or(0)
}

/// That a report makes the next answer fit would be seen if it did not.
#[test]
fn a_bottleneck_that_says_nothing_costs_a_resolver_all_its_tries() {
    assert_eq!(most_tries(Manner::IsSilent), TRIES_WITH_EDNS + 1);
    assert_eq!(most_tries(Manner::Tells), 2);
}
