//! What Linux knows of processes: proc(5).

use anyhow::{Context, Result};
use core::time::Duration;
use std::fs;

/// A process and all its descendants.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        // Who has ended meanwhile has no children.
        let threads = fs::read_dir(format!("/proc/{member}/task")).into_iter().flatten().flatten();
        for thread in threads {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        next += 1;
    }
    family
}

/// Time of the processors that its threads have taken so far, in user and system mode.
pub(crate) fn processor_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let ticks = ticks(&stat).context("/proc/PID/stat is not as proc(5) says")?;
    Ok(Duration::from_nanos(ticks * (1_000_000_000 / rustix::param::clock_ticks_per_second())))
}

/// `utime` and `stime`, fields 14 and 15; behind the name, which may hold anything, begins field 3.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(14 - 3);
    let [user, system] = [fields.next()?, fields.next()?].map(|field| field.parse::<u64>().ok());
    user?.checked_add(system?)
}

/// Octets of memory that it holds; what it shares with others counts by its share (`Pss`).
pub(crate) fn memory(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    proportional(&text).with_context(|| format!("{path} is not as proc(5) says"))
}

fn proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// Time that all processors of this machine were busy so far, with whatever.
pub(crate) fn machine_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let ticks = busy(&stat).context("/proc/stat is not as proc(5) says")?;
    Ok(Duration::from_nanos(ticks * (1_000_000_000 / rustix::param::clock_ticks_per_second())))
}

/// user, nice, system, irq and softirq; not idle, iowait and steal. Guests' time is in user already.
fn busy(stat: &str) -> Option<u64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, _idle, _iowait, irq, softirq, ..] = fields[..] else { return None };
    Some(user + nice + system + irq + softirq)
}

#[cfg(test)]
mod tests {
    use super::{busy, family, proportional, ticks};

    #[test]
    fn what_linux_says_is_read() {
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 700 30 0 0 20 0 1 0";
        assert_eq!(ticks(stat), Some(730));
        assert_eq!(ticks("42 (a) S 1"), None);
        assert_eq!(proportional("00-ff ---p [rollup]\nRss: 9 kB\nPss:      261 kB\n"), Some(261 * 1024));
        assert_eq!(proportional("Rss: 9 kB\n"), None);
        assert_eq!(busy("cpu  100 20 30 4000 500 6 7 8 90 0\ncpu0 1\n"), Some(163));
        assert_eq!(busy("cpu  100 20\n"), None);
    }

    #[test]
    fn a_family_has_children() {
        let mut child = std::process::Command::new("sleep").arg("9").spawn().expect("sleep");
        let family = family(std::process::id());
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        assert!(family.contains(&child.id()), "{family:?}");
    }
}
