//! Guest cycles, answers a second, and time of the host's processor for each answer.

use super::guest::{Accelerator, Guest};
use super::image::Image;
use super::table::{Row, Values};
use super::{Workbench, say};
use anyhow::{Result, anyhow};
use core::time::Duration;
use laboratory::Network;
use laboratory::load::{self, Load, Outcome, Transport};
use laboratory::statistics::{median, number};
use laboratory::zone::{self, MIXES, Mix};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// Zones of so many names, and how many cycles their answers may cost.
const ZONES: [(u32, &str); 2] = [(10_000, "≤ 600 (KVM)"), (1_000_000, "≤ 1,200 (KVM)")];

/// How many questions are on the way at a time: few in a turn, dnsperf's own choice, more than a turn takes.
const DEPTHS: [u32; 3] = [20, 100, 300];

/// How long a guest is asked before anything counts.
const WARM_UP_SECONDS: u64 = 1;

/// How long a guest has to become idle and to say so.
const SETTLING: Duration = Duration::from_millis(100);

/// Measures every zone under every accelerator.
pub(super) fn measure(bench: &Workbench<'_>) -> Result<Vec<Row>> {
    let network = bench.network()?;
    let mut rows = Vec::new();
    for (names, goal) in ZONES {
        let folder = bench.folder.path().join(names.to_string());
        fs::create_dir_all(&folder)?;
        say(&format!("a zone of {names} names"));
        let image = Image::build(&zone::write(&folder, names)?, &folder.join("dns.elf"))?;
        let mut questions = Vec::new();
        for mix in MIXES {
            questions.push((mix, zone::write_questions(&folder, names, mix)?));
        }
        for accelerator in Accelerator::ALL {
            bench.go_on()?;
            let zone = Zone { bench, network, image: &image, questions: &questions, names, goal };
            rows.extend(zone.measure(accelerator).unwrap_or_else(|error| {
                let figure = format!("answers, {} names, {accelerator}", number(names.into(), 0));
                vec![Row::missing(&figure, &error)]
            }));
        }
        fs::remove_dir_all(folder)?;
    }
    Ok(rows)
}

/// A zone that is measured.
struct Zone<'a> {
    bench: &'a Workbench<'a>,
    network: &'a Network,
    image: &'a Image,
    questions: &'a [(Mix, PathBuf)],
    names: u32,
    goal: &'static str,
}

/// One run of dnsperf.
struct Run {
    round: usize,
    mix: Mix,
    depth: u32,
    outcome: Outcome,
    /// What QEMU took of the host's processors.
    processor_time: Duration,
    windows: Vec<Window>,
}

/// What the guest said at once: so many frames since the last time, and mean and median of what each took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    frames: u64,
    cycles: u64,
    median: u64,
}

impl Zone<'_> {
    fn measure(&self, accelerator: Accelerator) -> Result<Vec<Row>> {
        let runs = self.runs(accelerator)?;
        let mut rows = Vec::new();
        for (mix, _) in self.questions {
            let runs: Vec<_> = runs.iter().filter(|run| run.mix == *mix).collect();
            rows.push(self.cycles(accelerator, *mix, &runs));
        }
        let runs: Vec<_> = runs.iter().filter(|run| run.mix == MIXES[0]).collect();
        rows.push(self.rate(accelerator, &runs));
        rows.push(self.processor_time(accelerator, &runs));
        Ok(rows)
    }

    /// Every mix at every depth, in turn, so that a busy moment of this machine falls on all of them.
    fn runs(&self, accelerator: Accelerator) -> Result<Vec<Run>> {
        let mut guest = Guest::start(self.network, self.image, accelerator, None)?;
        guest.first_answer(self.bench, &self.network.socket()?)?;
        for (_, questions) in self.questions {
            self.ask(questions, WARM_UP_SECONDS, DEPTHS[1])?;
        }
        thread::sleep(SETTLING);
        guest.news();
        let mut runs = Vec::new();
        for round in 0..self.bench.choice.rounds {
            say(&format!("{} names, {accelerator}, round {}", self.names, round + 1));
            for (mix, questions) in self.questions {
                for depth in DEPTHS {
                    self.bench.go_on()?;
                    let before = guest.processor_time()?;
                    let outcome = self.ask(questions, self.bench.choice.seconds, depth)?;
                    thread::sleep(SETTLING);
                    let processor_time = guest.processor_time()?.saturating_sub(before);
                    let windows = guest.news().iter().filter_map(|line| Window::read(line)).collect();
                    runs.push(Run { round, mix: *mix, depth, outcome, processor_time, windows });
                }
            }
        }
        Ok(runs)
    }

    fn ask(&self, questions: &Path, seconds: u64, depth: u32) -> Result<Outcome> {
        let load = Load {
            over: Transport::Udp,
            questions,
            seconds,
            depth,
            pace: None,
            folder: self.bench.folder.path(),
        };
        load.run(self.network, &self.bench.interruption)
    }

    /// The row of a figure of this zone: what `value` makes of every round's runs.
    fn row(
        &self,
        figure: String,
        values: impl Iterator<Item = Option<f64>>,
        (unit, digits): (&'static str, usize),
        note: String,
    ) -> Row {
        let values: Vec<f64> = values.flatten().collect();
        let measured = if values.is_empty() {
            Err(anyhow!("too few answers to tell; try more --seconds").to_string())
        } else {
            Ok(Values { values, unit, digits, note })
        };
        Row { figure, goal: "", measured, method: String::new() }
    }

    fn cycles(&self, accelerator: Accelerator, mix: Mix, runs: &[&Run]) -> Row {
        let by_depth = DEPTHS.map(|depth| {
            let mean = mean(runs.iter().filter(|run| run.depth == depth).copied());
            format!("{depth}: {}", mean.map_or("–".to_owned(), |mean| number(mean, 0)))
        });
        let windows = || runs.iter().flat_map(|run| &run.windows);
        let medians: Vec<_> = windows().map(|window| window.median as f64).collect();
        let note = format!(
            "median {}; least window {}; with queries on the way {}",
            number(median(&medians), 0),
            windows()
                .map(|window| window.cycles)
                .min()
                .map_or("–".to_owned(), |least| number(least as f64, 0)),
            by_depth.join(", ")
        );
        let figure = self.title("cycles an answer", accelerator, &format!(", {}", mix.name));
        let values = self.rounds().map(|round| mean(runs.iter().filter(|run| run.round == round).copied()));
        Row {
            goal: if accelerator == Accelerator::Kvm && mix == MIXES[0] { self.goal } else { "" },
            method:
                "the image's own time-stamp counter, first frame of a turn to before the doorbell; mean of \
                     a round's frames"
                    .to_owned(),
            ..self.row(figure, values, ("ticks", 0), note)
        }
    }

    fn rate(&self, accelerator: Accelerator, runs: &[&Run]) -> Row {
        let total = |count: fn(&Outcome) -> u64| runs.iter().map(|run| count(&run.outcome)).sum::<u64>();
        let (sent, answered) = (total(|outcome| outcome.sent), total(|outcome| outcome.answered));
        let lost = sent.saturating_sub(answered);
        let note = format!("{} of {} lost", number(lost as f64, 0), number(sent as f64, 0));
        let values = self.rounds().map(|round| {
            let of_round = runs.iter().filter(|run| run.round == round);
            of_round.map(|run| run.outcome.rate).max_by(f64::total_cmp)
        });
        let figure = self.title("answers a second", accelerator, "");
        let method = format!(
            "dnsperf, {} sockets, TAP, sharing this machine's processors; best of the depths in a round",
            load::CLIENTS
        );
        Row { method, ..self.row(figure, values, ("/s", 0), note) }
    }

    fn processor_time(&self, accelerator: Accelerator, runs: &[&Run]) -> Row {
        let values = self.rounds().map(|round| {
            let of_round = || runs.iter().filter(|run| run.round == round);
            let time: f64 = of_round().map(|run| run.processor_time.as_secs_f64()).sum();
            let answered: u64 = of_round().map(|run| run.outcome.answered).sum();
            (answered > 0).then(|| time * 1e6 / answered as f64)
        });
        let figure = self.title("processor time an answer", accelerator, "");
        let method = "utime + stime of QEMU, guest and all, over answers".to_owned();
        Row { method, ..self.row(figure, values, ("µs", 2), String::new()) }
    }

    fn title(&self, figure: &str, accelerator: Accelerator, more: &str) -> String {
        format!("{figure}, {} names{more}, {accelerator}", number(self.names.into(), 0))
    }

    fn rounds(&self) -> core::ops::Range<usize> {
        0..self.bench.choice.rounds
    }
}

/// The mean of all frames' cycles, if there were any.
fn mean<'a>(runs: impl Iterator<Item = &'a Run>) -> Option<f64> {
    let (mut frames, mut cycles) = (0, 0);
    for window in runs.flat_map(|run| &run.windows) {
        frames += window.frames;
        cycles += window.frames * window.cycles;
    }
    (frames > 0).then(|| cycles as f64 / frames as f64)
}

impl Window {
    /// Reads `isopod: 12345 frames, 543 cycles each, median 520`.
    fn read(line: &str) -> Option<Self> {
        let (frames, cycles) = line.trim().strip_prefix("isopod: ")?.split_once(" frames, ")?;
        let (cycles, median) = cycles.split_once(" cycles each, median ")?;
        let [frames, cycles, median] = [frames, cycles, median].map(|number| number.parse().ok());
        Some(Self { frames: frames?, cycles: cycles?, median: median? })
    }
}

#[cfg(test)]
mod tests {
    use super::{MIXES, Outcome, Run, Window, mean};
    use core::time::Duration;

    #[test]
    fn the_guests_words_are_read() {
        let window = Window::read("isopod: 12345 frames, 543 cycles each, median 520\r");
        assert_eq!(window, Some(Window { frames: 12_345, cycles: 543, median: 520 }));
        assert_eq!(Window::read("isopod: ready after 1.234 ms"), None);
    }

    #[test]
    fn windows_weigh_as_much_as_they_have_frames() {
        let windows = [(30_000, 500), (10_000, 900)];
        let windows = windows.map(|(frames, cycles)| Window { frames, cycles, median: 480 }).to_vec();
        let outcome = Outcome::default();
        let run =
            Run { round: 0, mix: MIXES[0], depth: 20, outcome, processor_time: Duration::ZERO, windows };
        assert_eq!(mean([&run].into_iter()), Some(600.0));
        assert_eq!(mean([].into_iter()), None);
    }
}
