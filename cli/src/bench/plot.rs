//! Results as a picture: a panel for each figure that is worth one, a bar for each contestant.
//!
//! Bars begin at zero and are as long as the median; a whisker goes from the least to the greatest.

use super::figures::{FIGURES, Figure};
use super::results::{Entry, Results};
use core::fmt::Write as _;
use laboratory::statistics::{median, number, range};

const WIDTH: f64 = 920.0;
const COLUMNS: usize = 2;
const MARGIN: f64 = 28.0;
const GAP: f64 = 36.0;
const PANEL_WIDTH: f64 = (WIDTH - 2.0 * MARGIN - GAP) / COLUMNS as f64;
/// Names are left of the bars, values right of them.
const NAMES: f64 = 122.0;
const VALUES: f64 = 84.0;
const BARS: f64 = PANEL_WIDTH - NAMES - VALUES;
const HEADING: f64 = 112.0;
const PANEL_HEADING: f64 = 34.0;
const ROW: f64 = 23.0;
const BAR: f64 = 13.0;
const PANEL_GAP: f64 = 26.0;
const FOOTING: f64 = 46.0;

/// A page may be light or dark; the picture follows.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;font-size:12px;fill:#3d444d}\
.title{font-size:20px;font-weight:600;fill:#1f2328}.panel{font-size:13px;font-weight:600;fill:#1f2328}\
.note{font-size:11px;fill:#656d76}.own{font-weight:600;fill:#1f2328}.ground{fill:#ffffff}.axis{stroke:#d1d9e0}\
.ours{fill:#c2410c}.native{fill:#8b98a9}.guest{fill:#c3ccd6}.whisker{stroke:#1f2328;stroke-opacity:.55;stroke-width:1.2}\
@media (prefers-color-scheme:dark){text{fill:#c9d1d9}.title,.panel,.own{fill:#f0f6fc}.note{fill:#9198a1}\
.ground{fill:#0d1117}.axis{stroke:#3d444d}.ours{fill:#f97316}.native{fill:#768390}.guest{fill:#4b5663}\
.whisker{stroke:#f0f6fc}}";

/// The picture, as SVG.
pub(crate) fn svg(results: &Results) -> String {
    let panels: Vec<_> =
        FIGURES.iter().filter_map(|figure| Some((figure, figure.caption.as_ref()?))).collect();
    let panel_height = PANEL_HEADING + ROW * results.contestants.len() as f64;
    let lines = panels.len().div_ceil(COLUMNS) as f64;
    let height = HEADING + lines * (panel_height + PANEL_GAP) + FOOTING;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"Isopod beside other DNS servers\"><style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n"
    );
    text(&mut svg, "title", MARGIN, 42.0, "Authoritative DNS: Isopod beside other servers");
    let [first, second] = subject(results);
    text(&mut svg, "note", MARGIN, 64.0, &first);
    text(&mut svg, "note", MARGIN, 81.0, &second);
    for (place, (figure, caption)) in panels.iter().enumerate() {
        let x = MARGIN + (place % COLUMNS) as f64 * (PANEL_WIDTH + GAP);
        let y = HEADING + (place / COLUMNS) as f64 * (panel_height + PANEL_GAP);
        panel(&mut svg, figure, caption, &results.contestants, (x, y));
    }
    let [first, second] = footing(results);
    text(&mut svg, "note", MARGIN, height - 34.0, &first);
    text(&mut svg, "note", MARGIN, height - 17.0, &second);
    svg.push_str("</svg>\n");
    svg
}

/// What was asked, and how to read the rest.
fn subject(results: &Results) -> [String; 2] {
    let settings = &results.settings;
    [
        format!(
            "A zone of {} names, 80 % of the questions about names that exist; one worker, or one processor, each.",
            number(settings.zone_names.into(), 0)
        ),
        format!(
            "Bars are medians of {} rounds, whiskers the least and the greatest. Longer is better in the first panel, shorter in \
             the others.",
            settings.rounds
        ),
    ]
}

/// Where it was measured: without that, a figure says nothing.
fn footing(results: &Results) -> [String; 2] {
    let fact = |name: &str| results.machine.get(name).map_or("unknown", String::as_str);
    let until = |text: &str, end: char| text.split(end).next().unwrap_or_default().to_owned();
    let qemu = until(fact("QEMU").trim_start_matches("QEMU emulator version "), ' ');
    let natives = results.contestants.iter().filter(|entry| entry.contestant.is_native());
    let versions: Vec<_> =
        natives.map(|entry| format!("{} {}", entry.name, until(&entry.version, '-'))).collect();
    [
        format!("{}. KVM: {}.", fact("processor"), until(fact("KVM"), ':')),
        format!("QEMU {qemu}, dnsperf {} on the same machine, {}.", fact("dnsperf"), versions.join(", ")),
    ]
}

fn panel(svg: &mut String, figure: &Figure, caption: &str, contestants: &[Entry], (x, y): (f64, f64)) {
    text(svg, "panel", x, y + 14.0, caption);
    let values: Vec<_> = contestants.iter().map(|entry| figure.values(entry)).collect();
    let greatest = values.iter().flatten().copied().fold(0.0, f64::max);
    let scale = if greatest > 0.0 { BARS / greatest } else { 0.0 };
    let zero = x + NAMES;
    for (row, (entry, values)) in contestants.iter().zip(&values).enumerate() {
        let top = y + PANEL_HEADING + row as f64 * ROW;
        let middle = top + ROW / 2.0;
        let contestant = entry.contestant;
        let (bar, name) = match () {
            () if contestant.is_ours() => ("ours", "own"),
            () if contestant.is_native() => ("native", "name"),
            () => ("guest", "name"),
        };
        text(svg, name, x, middle + 4.0, &entry.name);
        if values.is_empty() {
            text(svg, "note", zero + 6.0, middle + 4.0, "not measured");
            continue;
        }
        let (middle_value, (least, most)) = (median(values), range(values));
        let width = (middle_value * scale).max(1.0);
        let _ = writeln!(
            svg,
            "<rect class=\"{bar}\" x=\"{zero:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BAR}\"/>",
            middle - BAR / 2.0
        );
        let (from, to) = (zero + least * scale, zero + most * scale);
        if to - from >= 1.5 {
            let _ = writeln!(
                svg,
                "<path class=\"whisker\" fill=\"none\" d=\"M{from:.1} {middle:.1}H{to:.1}M{from:.1} {:.1}v6M{to:.1} {:.1}v6\"/>",
                middle - 3.0,
                middle - 3.0
            );
        }
        let value = format!("{} {}", rounded(middle_value), figure.unit);
        text(svg, name, (zero + width).max(to) + 6.0, middle + 4.0, &value);
    }
    let (top, bottom) = (y + PANEL_HEADING - 2.0, y + PANEL_HEADING + contestants.len() as f64 * ROW + 2.0);
    let _ = writeln!(svg, "<path class=\"axis\" d=\"M{zero:.1} {top:.1}V{bottom:.1}\"/>");
}

/// The number with three digits that mean something.
fn rounded(value: f64) -> String {
    let places = 2.0 - value.abs().max(0.001).log10().floor();
    let unit = 10_f64.powf(-places);
    number((value / unit).round() * unit, places.clamp(0.0, 2.0) as usize)
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
}
