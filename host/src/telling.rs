//! What an operator is told who connects.

use operator::{END, Statistic};
use std::io::Write;
use std::os::unix::net::UnixStream;

/// Tells one who connected how often everything happened. All of it fits in what the system keeps for a reader who is slow;
/// one who is gone is told nothing.
pub(crate) fn tell(mut stream: UnixStream, statistics: impl Iterator<Item = Statistic>) {
    let text: String = statistics.map(|statistic| format!("{statistic}\n")).collect();
    let _ = stream.set_nonblocking(true).and_then(|()| stream.write_all(format!("{text}{END}\n").as_bytes()));
}
