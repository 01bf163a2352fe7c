//! Results for a person.

use super::figures::{FIGURES, Figure};
use super::results::{Entry, Results};
use core::fmt::Write as _;
use laboratory::statistics::{median, number, range};

/// Facts, then a block for each figure with a line for each contestant.
pub(crate) fn text(results: &Results) -> String {
    let mut text = String::new();
    for (name, value) in &results.machine {
        let _ = writeln!(text, "{name:18} {value}");
    }
    for entry in &results.contestants {
        let _ = writeln!(text, "{:18} {}", entry.name, entry.version);
    }
    let settings = &results.settings;
    let _ = writeln!(
        text,
        "\nover {}; names in the zone: {}; rounds: {}; seconds of each run of dnsperf: {}; median (least–greatest); ratios are ours over \
         the other's in the same round, their median",
        settings.over,
        number(settings.zone_names.into(), 0),
        settings.rounds,
        settings.seconds
    );
    for figure in FIGURES {
        block(&mut text, figure, &results.contestants);
    }
    for entry in &results.contestants {
        for failure in &entry.failures {
            let _ = writeln!(text, "\n{}, {failure}", entry.name);
        }
    }
    text
}

fn block(text: &mut String, figure: &Figure, contestants: &[Entry]) {
    let ours: Vec<_> = contestants.iter().filter(|entry| entry.contestant.is_ours()).collect();
    let _ = write!(text, "\n{:62}", figure.name);
    for one in &ours {
        let _ = write!(text, "{:>14}", one.name);
    }
    text.push('\n');
    for entry in contestants {
        let _ = write!(text, "  {:22}{:38}", entry.name, values(figure, entry));
        for one in &ours {
            let ratio = figure.ratio(one, entry).map_or_else(|| "–".to_owned(), show_ratio);
            let _ = write!(text, "{ratio:>14}");
        }
        text.push('\n');
    }
}

/// With three digits that mean something, whether it is of hundreds or a hundredth.
fn show_ratio(ratio: f64) -> String {
    let digits = (2.0 - ratio.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{} ×", number(ratio, digits))
}

/// Median and range.
fn values(figure: &Figure, entry: &Entry) -> String {
    let values = figure.values(entry);
    let show = |value| number(value, figure.digits);
    match values[..] {
        [] => "–".to_owned(),
        [value] => format!("{} {}", show(value), figure.unit),
        _ => {
            let (least, greatest) = range(&values);
            format!("{} ({}–{}) {}", show(median(&values)), show(least), show(greatest), figure.unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::show_ratio;

    #[test]
    fn ratios_have_three_digits() {
        for (ratio, text) in [
            (222.03, "222 ×"),
            (68.07, "68.1 ×"),
            (4.166, "4.17 ×"),
            (0.0132, "0.0132 ×"),
            (1234.0, "1,234 ×"),
        ] {
            assert_eq!(show_ratio(ratio), text);
        }
    }
}
