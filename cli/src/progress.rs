//! Progress, shown where something takes more than a moment and somebody watches.

use core::time::Duration;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

/// What takes less is not worth a bar.
const MOMENT: Duration = Duration::from_secs(1);

/// How often the bar moves of itself.
const TICK: Duration = Duration::from_millis(100);

/// Does `work`, and shows `bar` from the time on when that has taken a moment until it is done.
pub(crate) fn showing<T>(bar: ProgressBar, work: impl FnOnce(&ProgressBar) -> T) -> T {
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let (done, is_done) = channel::<()>();
    let shown = bar.clone();
    let watcher = thread::spawn(move || {
        if is_done.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
            shown.set_draw_target(ProgressDrawTarget::stderr());
            shown.enable_steady_tick(TICK);
        }
    });
    let result = work(&bar);
    drop(done);
    // It only waited and drew: that it has ended is all that matters.
    let _ = watcher.join();
    bar.finish_and_clear();
    result
}

/// A bar for what has no known end.
pub(crate) fn spinner(words: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is sound");
    ProgressBar::new_spinner().with_style(style).with_message(words.to_owned())
}

/// A bar for so many steps.
pub(crate) fn bar(steps: u64, words: String) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix}: {msg:20!} [{wide_bar}] {pos}/{len} {elapsed}")
        .expect("the template is sound")
        .progress_chars("=> ");
    ProgressBar::new(steps).with_style(style).with_prefix(words)
}
