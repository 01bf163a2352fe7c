//! A zone as people write it: with all the abbreviations of RFC 1035 §5.1, RFC 2308 §4 and BIND's `$GENERATE`.

use super::model::{Record, Word, Zone, label_text, master};
use super::random::Random;
use crate::name::Name;
use core::fmt::Write;

/// The text of a zone.
#[derive(Clone, Debug)]
pub struct Texts {
    /// Its own file.
    pub main: String,
    /// The file that it includes, if it does.
    pub included: String,
}

/// Writes a zone; `included` is the path of the file that it may include.
pub fn write(zone: &Zone, included: &str, random: &mut Random) -> Texts {
    let mut writer =
        Writer { random, text: String::new(), origin: zone.apex.clone(), owner: None, ttl: None };
    let split = if writer.random.one_in(4) {
        1 + writer.random.below(zone.records.len())
    } else {
        zone.records.len()
    };
    let (first, rest) = zone.records.split_at(split);
    writer.records(first);
    let mut texts = Texts { main: String::new(), included: String::new() };
    if !rest.is_empty() {
        let origin = writer.origin.clone();
        writeln!(writer.text, "$INCLUDE {included} {} ; the rest", master(&zone.apex)).expect("room");
        texts.main = core::mem::take(&mut writer.text);
        // The included file has its own origin and owner, and inherits the TTL.
        (writer.origin, writer.owner) = (zone.apex.clone(), None);
        writer.records(rest);
        texts.included = core::mem::take(&mut writer.text);
        writer.origin = origin;
    } else {
        texts.main = writer.text;
    }
    texts
}

struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    origin: Name,
    /// Whose records came last.
    owner: Option<Name>,
    /// `$TTL`, once it was given.
    ttl: Option<u32>,
}

impl Writer<'_> {
    fn records(&mut self, records: &[Record]) {
        let mut rest = records;
        while let Some((record, others)) = rest.split_first() {
            let run = run_length(rest);
            if run >= 3 {
                self.generate(record, run);
                rest = &rest[run..];
                continue;
            }
            self.directive(record);
            self.record(record);
            rest = others;
        }
    }

    fn directive(&mut self, record: &Record) {
        match self.random.below(24) {
            0 => {
                let origin = record.owner.parent().unwrap_or_else(|| record.owner.clone());
                writeln!(self.text, "$ORIGIN {}", master(&origin)).expect("room");
                self.origin = origin;
            }
            1 => {
                writeln!(self.text, "$TTL {}", duration(record.ttl)).expect("room");
                self.ttl = Some(record.ttl);
            }
            2 => self.text.push_str("\n  ; a comment with \"quotes\" and (parentheses\n\t\n"),
            _ => {}
        }
    }

    /// `h1 … h9 A 192.0.2.1 … 192.0.2.9` in one line.
    fn generate(&mut self, record: &Record, count: usize) {
        let first = run_number(record).expect("it begins a run");
        let below = record.owner.parent().expect("it has a number in front");
        let step = if self.random.one_in(2) { "" } else { "/1" };
        let (ttl, last) = (record.ttl, first + count - 1);
        let names = ["h$", "h${0}", "h${0,0,d}"];
        let left = format!("{}.{}", self.random.pick(&names), master(&below)).replace("..", ".");
        writeln!(self.text, "$GENERATE {first}-{last}{step} {left} {ttl} IN A 192.0.2.${{0,1}}")
            .expect("room");
        self.owner = None;
    }

    fn record(&mut self, record: &Record) {
        let owner = match &self.owner {
            Some(owner) if *owner == record.owner && self.random.one_in(2) => String::new(),
            _ => self.name(&record.owner),
        };
        self.owner = Some(record.owner.clone());
        let is_open = self.random.one_in(6);
        let mut words = Vec::new();
        if self.ttl != Some(record.ttl) || self.random.one_in(2) {
            words.push(if self.random.one_in(3) { duration(record.ttl) } else { record.ttl.to_string() });
        }
        if self.random.one_in(2) {
            let at = self.random.below(words.len() + 1);
            words.insert(at, if self.random.one_in(3) { "in" } else { "IN" }.to_owned());
        }
        words.extend(self.data(record));
        let mut text = owner;
        let opening = if is_open { self.random.below(words.len()) } else { usize::MAX };
        for (at, word) in words.iter().enumerate() {
            text.push_str(self.random.pick(&[" ", " ", "\t", "   "]));
            if at == opening {
                text.push_str("( ");
            } else if at > opening && self.random.one_in(3) {
                text.push_str(" ; goes on\n  ");
            }
            text.push_str(word);
        }
        if is_open {
            text.push_str(self.random.pick(&[" )", ")", "\n)"]));
        }
        text.push_str(self.random.pick(&["\n", "\n", "\n", " \n", " ; said\n", "\r\n"]));
        self.text.push_str(&text);
    }

    fn data(&mut self, record: &Record) -> Vec<String> {
        let mut words = vec![record.rtype.clone()];
        if self.random.one_in(5) {
            words[0] = words[0].to_lowercase();
        }
        if let ("A", [Word::Text(address)], true) =
            (record.rtype.as_str(), record.data.as_slice(), self.random.one_in(8))
        {
            let address: core::net::Ipv4Addr = address.parse().expect("an address of the tests");
            return vec![
                "TYPE1".to_owned(),
                "\\#".to_owned(),
                "4".to_owned(),
                format!("{:08x}", address.to_bits()),
            ];
        }
        for word in &record.data {
            words.push(match word {
                Word::Name(name) => self.name(name),
                Word::Text(word) => word.clone(),
            });
        }
        words
    }

    /// Absolute, or as seen from the origin.
    fn name(&mut self, name: &Name) -> String {
        let own = name.0.len().checked_sub(self.origin.0.len());
        match own.filter(|own| name.0[*own..] == self.origin.0) {
            Some(0) if self.random.one_in(2) => "@".to_owned(),
            Some(own) if own > 0 && !self.random.one_in(4) => {
                let labels: Vec<_> = name.0[..own].iter().map(|label| self.label(label)).collect();
                labels.join(".")
            }
            _ => master(name),
        }
    }

    /// Any octet may be escaped.
    fn label(&mut self, label: &[u8]) -> String {
        if self.random.one_in(20) {
            return label.iter().fold(String::new(), |text, octet| text + &format!("\\{octet:03}"));
        }
        let text = label_text(label);
        if self.random.one_in(2) { text.replace("\\092", "\\\\") } else { text }
    }
}

/// In weeks, days, hours, minutes and seconds, as BIND first had it.
fn duration(seconds: u32) -> String {
    let mut rest = seconds;
    let mut text = String::new();
    for (unit, length) in [('w', 604_800), ('D', 86_400), ('h', 3_600), ('M', 60), ('s', 1)] {
        if rest >= length {
            write!(text, "{}{unit}", rest / length).expect("room");
            rest %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// The number of `h7 A 192.0.2.7`.
fn run_number(record: &Record) -> Option<usize> {
    let label = core::str::from_utf8(record.owner.0.first()?).ok()?;
    let number: usize = label.strip_prefix('h')?.parse().ok()?;
    let is_its = record.data == [Word::Text(format!("192.0.2.{number}"))];
    (record.rtype == "A" && is_its && label == format!("h{number}")).then_some(number)
}

/// How many records from the first on `$GENERATE` can make.
fn run_length(records: &[Record]) -> usize {
    let Some(first) = records.first().and_then(run_number) else { return 0 };
    let continues = |(at, record): &(usize, &Record)| {
        run_number(record) == Some(first + at)
            && record.ttl == records[0].ttl
            && record.owner.parent() == records[0].owner.parent()
    };
    records.iter().enumerate().take_while(continues).count()
}
