//! What a link is told without having asked: that we are here, and what we listen to.
//!
//! At start, and twice more for those who missed it: our groups (RFC 3810 §6.1); whether somebody else has our IPv6
//! addresses (RFC 4862 §5.4); our addresses (RFC 4861 §7.2.6, RFC 5227 §2.3). The addresses are in use from the first
//! frame on, and a conflict is reported but ends nothing (RFC 5227 §2.4(c)): a server that an operator gave an address
//! answers a millisecond after its start, and does not fall silent because somebody else says so.

use crate::arp::write_announcement;
use crate::groups::{Querier, Report, report_count, write_report, write_report_v1};
use crate::limits;
use crate::neighbours::{OVERRIDE, Recipient, write_advertisement, write_probe};
use crate::random::Random;
use crate::station::{ALL_NODES, Station};
use core::net::Ipv4Addr;
use core::time::Duration;
use moment::Instant;

/// What is still to be announced on one link.
pub(crate) struct Announcements {
    /// The round of announcements that is under way or next.
    round: Option<Round>,
    /// The answer to a query that is under way or next, and what the querier understands.
    report: Option<(Querier, Progress)>,
    random: Random,
}

#[derive(Clone, Copy)]
struct Round {
    number: u8,
    progress: Progress,
}

#[derive(Clone, Copy)]
struct Progress {
    due: Instant,
    /// How many frames of it have been sent.
    sent: usize,
}

/// One frame of our own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announcement {
    /// A part of our groups: which of the reports that they all take.
    Groups(usize, Report),
    /// One of our groups, for those who know version 1 only.
    Group(u128),
    Probe(u128),
    Ipv6Address(u128, u8),
    Ipv4Address(u32),
}

impl Announcements {
    /// `seed` makes the delays of this machine differ from others'.
    pub(crate) fn new(seed: u64) -> Self {
        let progress = Progress { due: Instant::START, sent: 0 };
        Self { round: Some(Round { number: 0, progress }), report: None, random: Random::new(seed) }
    }

    /// When the next frame is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let round = self.round.map(|round| round.progress.due);
        let report = self.report.map(|(_, progress)| progress.due);
        round.into_iter().chain(report).min()
    }

    /// Announces everything again, as there is something new; no address is probed.
    pub(crate) fn repeat(&mut self, now: Instant) {
        if self.round.is_none_or(|round| round.number > 0) {
            self.round = Some(Round { number: 1, progress: Progress { due: now, sent: 0 } });
        }
    }

    /// Announces everything again, as there is something new that somebody may object to.
    pub(crate) fn repeat_with_probes(&mut self, now: Instant) {
        self.round = Some(Round { number: 0, progress: Progress { due: now, sent: 0 } });
    }

    /// RFC 3810 §6.2: a report that is due anyway serves both queries, at the sooner of their times (§8.2.1: as
    /// the older querier understands it).
    pub(crate) fn on_query(&mut self, querier: Querier, maximum_delay: Duration, now: Instant) {
        let due = now + self.random.up_to(maximum_delay);
        self.report = match self.report {
            Some((asked, progress)) if progress.sent == 0 => {
                Some((asked.min(querier), Progress { due: progress.due.min(due), sent: 0 }))
            }
            _ => Some((querier, Progress { due, sent: 0 })),
        };
    }
}

impl Station {
    /// Writes the next frame that is due, if one is; returns its length.
    pub(crate) fn write_due(&mut self, frame: &mut [u8], now: Instant) -> Option<usize> {
        if let Some(length) = self.write_automatic(frame, now) {
            return Some(length);
        }
        let announcement = self.next_report(now).or_else(|| self.next_announcement(now))?;
        Some(match announcement {
            Announcement::Groups(part, report) => {
                let groups = self.groups.chunks(limits::GROUPS_PER_REPORT).nth(part)?;
                write_report(frame, self, groups, report)
            }
            Announcement::Group(group) => write_report_v1(frame, self, group),
            Announcement::Probe(address) => write_probe(frame, self.address, address),
            Announcement::Ipv6Address(address, flags) => {
                write_advertisement(frame, self.address, address, Recipient::group(ALL_NODES), flags)
            }
            Announcement::Ipv4Address(address) => {
                write_announcement(frame, self.address, Ipv4Addr::from_bits(address))
            }
        })
    }

    fn next_report(&mut self, now: Instant) -> Option<Announcement> {
        let (querier, progress) = self.announcements.report.filter(|(_, progress)| progress.due <= now)?;
        let announcement = match querier {
            Querier::Version1 => self.groups.get(progress.sent).copied().map(Announcement::Group),
            Querier::Version2 => (progress.sent < report_count(self))
                .then_some(Announcement::Groups(progress.sent, Report::Current)),
        };
        self.announcements.report =
            announcement.map(|_| (querier, Progress { sent: progress.sent + 1, ..progress }));
        announcement
    }

    fn next_announcement(&mut self, now: Instant) -> Option<Announcement> {
        let round = self.announcements.round.filter(|round| round.progress.due <= now)?;
        let Some(announcement) = self.announcement(round.number, round.progress.sent) else {
            let number = round.number + 1;
            let progress = Progress { due: now + limits::ANNOUNCEMENT_INTERVAL, sent: 0 };
            self.announcements.round =
                (number < limits::ANNOUNCEMENT_ROUNDS).then_some(Round { number, progress });
            return None;
        };
        let progress = Progress { sent: round.progress.sent + 1, ..round.progress };
        self.announcements.round = Some(Round { progress, ..round });
        Some(announcement)
    }

    /// The frame at `position` of a round, or `None` after its last.
    fn announcement(&self, round: u8, position: usize) -> Option<Announcement> {
        // An address is probed once, and overrides the caches of others only when the probe has had time (RFC 4429 §3.3).
        let (probes, flags) = if round == 0 { (&*self.ipv6, 0) } else { (&[][..], OVERRIDE) };
        let groups = (0..report_count(self)).map(|part| Announcement::Groups(part, Report::Change));
        let probes = probes.iter().map(|address| Announcement::Probe(*address));
        let ipv6 = self.ipv6.iter().map(|address| Announcement::Ipv6Address(*address, flags));
        let ipv4 = self.ipv4.iter().map(|address| Announcement::Ipv4Address(*address));
        groups.chain(probes).chain(ipv6).chain(ipv4).nth(position)
    }
}
