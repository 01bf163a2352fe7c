//! What an operator asks of a running machine, and the lines that go to and fro.
//!
//! ```text
//! operator   statistics
//! machine    statistic dns_queries_total{transport="udp4"} 17
//! machine    statistic machine_turns_total 40012
//! machine    end
//! machine    log 192.0.2.53 is also used by 52:54:00:12:34:56
//! ```
//!
//! An answer comes in one piece: no `log` stands between its first line and its `end`.

#![no_std]
#![forbid(unsafe_code)]

use core::fmt;

/// What an operator may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// How often everything happened that is counted.
    Statistics,
}

impl Request {
    /// The line that asks it, without its end.
    #[must_use]
    pub const fn line(self) -> &'static str {
        match self {
            Self::Statistics => "statistics",
        }
    }

    /// Reads a line, without its end; `None` if nobody here knows what it asks.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        [Self::Statistics].into_iter().find(|request| request.line().as_bytes() == line)
    }
}

/// How often something happened since the start, or how much of something there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// A metric and its labels, as Prometheus writes them: `queries_total{transport="udp4"}`.
    pub name: &'static str,
    /// Starts again from 0 after 2^64.
    pub value: u64,
}

impl fmt::Display for Statistic {
    /// Its name and its value, as in a line of an answer.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.value)
    }
}

/// What a line of a machine's begins with that is to be kept, ...
pub const LOG: &str = "log ";
/// ... and one that holds a statistic.
pub const STATISTIC: &str = "statistic ";
/// An answer's last line.
pub const END: &str = "end";

/// The most octets of an answer, ends of lines among them: a machine has room for so many before it takes a request.
pub const ANSWER: usize = 16 << 10;
