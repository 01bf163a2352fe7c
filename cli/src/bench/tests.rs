use super::contestant::Contestant;
use super::figures::FIGURES;
use super::peer::Peer;
use super::results::{Entry, Latency, Paced, Results, Round, Saturated, Settings};
use super::{svg, text};
use crate::qemu::command::Accelerator;
use std::collections::BTreeMap;

/// A round in which everything is `speed` times as good as in another.
fn round(number: u32, speed: f64) -> Round {
    let saturated = |depth, share: f64| Saturated {
        depth,
        sent: 1000,
        answered: 1000,
        rate: 1000.0 * speed * share,
        processor_seconds: 0.002 / speed,
        machine_seconds: 0.004 / speed,
    };
    let latency = |seconds: f64| seconds / speed;
    Round {
        number,
        first_answer_seconds: 0.1 / speed,
        saturated: vec![saturated(20, 0.5), saturated(100, 1.0), saturated(300, 0.9)],
        paced: Paced {
            pace: 800,
            sent: 800,
            answered: 796,
            latency_seconds: Latency {
                p50: latency(1e-4),
                p90: latency(2e-4),
                p99: latency(4e-4),
                p999: latency(1e-3),
                greatest: latency(2e-3),
            },
        },
        memory: (1024.0 * 1024.0 * 30.0 / speed) as u64,
    }
}

fn entry(contestant: Contestant, speeds: &[f64]) -> Entry {
    Entry {
        contestant,
        name: contestant.name(),
        version: "1.0".to_owned(),
        size: 1 << 20,
        least_memory_mib: None,
        rounds: (1..).zip(speeds).map(|(number, &speed)| round(number, speed)).collect(),
        failures: Vec::new(),
    }
}

fn results() -> Results {
    Results {
        machine: BTreeMap::from([("processor", "a <processor>".to_owned()), ("KVM", "none".to_owned())]),
        settings: Settings { zone_names: 10_000, over: "UDP", seconds: 1, rounds: 3 },
        contestants: vec![
            entry(Contestant::Ours(Accelerator::Tcg), &[2.0, 4.0, 9.0]),
            entry(Contestant::Native(Peer::Nsd), &[1.0, 8.0, 3.0]),
            entry(Contestant::Guest(Peer::Nsd), &[]),
        ],
    }
}

#[test]
fn values_are_of_the_best_run_of_a_round() {
    let results = results();
    let values = |name: &str| {
        let figure = FIGURES.iter().find(|figure| figure.name.starts_with(name)).expect("it is there");
        figure.values(&results.contestants[0])
    };
    assert_eq!(values("answers a second"), [2000.0, 4000.0, 9000.0]);
    assert_eq!(values("lost"), [0.5, 0.5, 0.5]);
    assert_eq!(values("the server's processor time").first().map(|micro| micro.round()), Some(1.0));
    assert_eq!(values("memory held").first().map(|mebibytes| mebibytes.round()), Some(15.0));
}

#[test]
fn ratios_are_taken_round_by_round() {
    let results = results();
    let [ours, nsd, linux] = &results.contestants[..] else { panic!("three take part") };
    // 2 ÷ 1, 4 ÷ 8, 9 ÷ 3: the median is 2, where that of the medians would be 4 ÷ 3.
    assert_eq!(FIGURES[0].ratio(ours, nsd), Some(2.0));
    assert_eq!(FIGURES[0].ratio(ours, linux), None);
    let lost = FIGURES.iter().find(|figure| figure.name.starts_with("lost")).expect("it is there");
    assert_eq!(lost.ratio(ours, nsd), None);
}

#[test]
fn the_table_has_everybody() {
    let text = text(&results());
    assert!(text.contains("4,000 (2,000–9,000) /s"), "{text}");
    assert!(text.contains("NSD in Linux, TCG     –"), "{text}");
}

#[test]
fn the_picture_has_a_bar_for_everything_measured() {
    let svg = svg(&results());
    let count = |part: &str| svg.matches(part).count();
    let panels = FIGURES.iter().filter(|figure| figure.caption.is_some()).count();
    assert_eq!((count("<rect class=\"ours\""), count("<rect class=\"native\"")), (panels, panels));
    // Of the one that failed in every round, only the size is known.
    assert_eq!((count("<rect class=\"guest\""), count("not measured")), (1, panels - 1));
    assert!(svg.contains("a &lt;processor>") && !svg.contains("NaN"), "{svg}");
    assert_eq!(count("<text"), count("</text>"));
    assert!(svg.contains(">4,000 /s<") && svg.contains(">NSD in Linux, TCG<"), "{svg}");
}
