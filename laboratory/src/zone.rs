//! The zones that are asked, and what is asked.

use anyhow::{Context, Result};
use core::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What `isopod` is told; the zone lies beside it.
const CONFIGURATION: &str = "\
[network]
address = [\"192.0.2.53/24\"]

[[zone]]
name = \"example.com\"
file = \"example.com.zone\"
";

/// Records of a zone beside its addresses.
pub const OTHER_RECORDS: u32 = 3;

/// The file of the zone, beside the configuration.
pub const FILE: &str = "example.com.zone";

/// Writes a configuration and its zone of so many names, `h0000000.example.com` and on, one address each; returns the
/// configuration's path.
///
/// # Errors
/// The folder can't be written to.
pub fn write(folder: &Path, names: u32) -> Result<PathBuf> {
    let mut text = String::from(
        "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n  NS ns1\nns1 A \
         192.0.2.53\n",
    );
    for number in 0..names {
        let [_, b, c, d] = number.to_be_bytes();
        let _ = writeln!(text, "h{number:07} A 10.{b}.{c}.{d}");
    }
    let configuration = folder.join("appliance.toml");
    write_file(&folder.join(FILE), &text)?;
    write_file(&configuration, CONFIGURATION)?;
    Ok(configuration)
}

/// How many questions are about names that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// What it is called.
    pub name: &'static str,
    /// Of a hundred.
    hits: u64,
}

/// What is asked; the first is what the figures are about.
pub const MIXES: [Mix; 3] = [
    Mix { name: "80 % hits", hits: 80 },
    Mix { name: "hits only", hits: 100 },
    Mix { name: "NXDOMAIN only", hits: 0 },
];

/// How many questions a file has before it begins again.
const QUESTIONS: usize = 1_000_000;

/// Writes questions about random names of a zone of so many; returns their file.
///
/// # Errors
/// The folder can't be written to.
pub fn write_questions(folder: &Path, names: u32, mix: Mix) -> Result<PathBuf> {
    let path = folder.join(format!("questions-{}", mix.hits));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut text = String::with_capacity(QUESTIONS * "h0000000.example.com A\n".len());
    for _ in 0..QUESTIONS {
        let letter = if random.below(100) < mix.hits { 'h' } else { 'm' };
        let _ = writeln!(text, "{letter}{:07}.example.com A", random.below(u64::from(names)));
    }
    write_file(&path, &text)?;
    Ok(path)
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// Marsaglia's xorshift: the same questions in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
