//! Segments as scripts write them.

/// A segment, as a script writes it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) flags: u8,
    pub(super) notification: Option<u8>,
    pub(super) sequence: u32,
    pub(super) length: usize,
    pub(super) acknowledged: Option<u32>,
    pub(super) window: Option<u32>,
    pub(super) options: Option<Vec<String>>,
    pub(super) other: String,
}

impl Told {
    pub(super) fn read(text: &str) -> Self {
        if text.starts_with("other") {
            return Self { other: text.into(), ..Self::default() };
        }
        let (front, options) = text.split_once(" <").map_or((text, None), |(front, options)| {
            (front, Some(options.trim_end_matches('>').split(',').map(str::to_string).collect()))
        });
        let mut words = front.split_whitespace();
        let mut told = Self { options, ..Self::default() };
        for letter in words.next().expect("flags").chars() {
            match letter {
                'S' => told.flags |= 2,
                'F' => told.flags |= 1,
                'R' => told.flags |= 4,
                'P' => told.flags |= 8,
                '.' => told.flags |= 16,
                'E' => told.flags |= 64,
                'W' => told.flags |= 128,
                'N' => told.notification = Some(2),
                'C' => told.notification = Some(3),
                '-' => {}
                _ => panic!("{letter}"),
            }
        }
        let (sequence, length) = words.next().and_then(|word| word.split_once('(')).expect("a number");
        let number = |word: &str| word.parse::<i64>().expect("a number") as u32;
        (told.sequence, told.length) = (number(sequence), number(length.trim_end_matches(')')) as usize);
        while let Some(word) = words.next() {
            let value = number(words.next().expect("a value"));
            match word {
                "ack" => told.acknowledged = Some(value),
                "win" => told.window = Some(value),
                _ => panic!("{word}"),
            }
        }
        told
    }

    /// Whether this is what was expected, as far as that says.
    pub(super) fn is_as(&self, expected: &Self) -> bool {
        let fixed = |told: &Self| {
            // Who pushes is of no interest.
            (
                told.flags & !8,
                told.notification,
                told.sequence,
                told.length,
                told.acknowledged,
                told.other.clone(),
            )
        };
        fixed(self) == fixed(expected)
            && (expected.window.is_none() || self.window == expected.window)
            && (expected.options.is_none() || self.options == expected.options)
    }

    /// The octets of the options; acknowledged numbers are ours.
    pub(super) fn options(&self, first: u32, clock: u32) -> Vec<u8> {
        let mut octets = Vec::new();
        for option in self.options.iter().flatten() {
            let mut words = option.split_whitespace();
            let Some(name) = words.next() else { continue };
            let values: Vec<u32> = words.map(|word| word.parse::<i64>().expect("a number") as u32).collect();
            match name {
                "mss" => octets.extend([2, 4, (values[0] >> 8) as u8, values[0] as u8]),
                "wscale" => octets.extend([1, 3, 3, values[0] as u8]),
                "sackOK" => octets.extend([1, 1, 4, 2]),
                "ts" => {
                    octets.extend([1, 1, 8, 10]);
                    octets.extend(values[0].to_be_bytes());
                    let echo = if values[1] == 0 && clock == 0 { 0 } else { clock.wrapping_add(values[1]) };
                    octets.extend(echo.to_be_bytes());
                }
                "sack" => {
                    octets.extend([1, 1, 5, 2 + 4 * values.len() as u8]);
                    values.iter().for_each(|edge| octets.extend(first.wrapping_add(*edge).to_be_bytes()));
                }
                _ => panic!("{name}"),
            }
        }
        octets
    }
}
