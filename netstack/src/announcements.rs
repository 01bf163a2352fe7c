//! What a link is told without having asked: that we are here, and what we listen to.
//!
//! At start, and whenever there is a new address, in three rounds: our groups (RFC 3810 §6.1); in the first round, whether
//! somebody else has the IPv6 addresses that are new (RFC 4862 §5.4); our addresses (RFC 4861 §7.2.6, RFC 5227 §2.3). The
//! addresses are in use from the first frame on, and a conflict over those that the operator gave is reported but ends
//! nothing (RFC 5227 §2.4(c)): a server answers a millisecond after its start, and does not fall silent because somebody
//! else says so.

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
    /// When the addresses that are there from the start had been probed for.
    probed: Option<Instant>,
    random: Random,
}

#[derive(Clone, Copy)]
struct Round {
    number: u8,
    /// Whether it asks who has the addresses that are in doubt: an address is asked for once.
    has_probes: bool,
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
        let round = Some(Round::first(Instant::START, true));
        Self { round, report: None, probed: None, random: Random::new(seed) }
    }

    /// When the next frame is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let round = self.round.map(|round| round.progress.due);
        let report = self.report.map(|(_, progress)| progress.due);
        round.into_iter().chain(report).min()
    }

    /// Announces everything again, as there is a new IPv4 address; no address is probed. A first round that is under way
    /// tells of it anyway.
    pub(crate) fn repeat(&mut self, now: Instant) {
        if self.round.is_none_or(|round| round.number > 0) {
            self.round = Some(Round::first(now, false));
        }
    }

    /// Announces everything again, as there is a new IPv6 address, which somebody may object to.
    pub(crate) fn repeat_with_probes(&mut self, now: Instant) {
        self.round = Some(Round::first(now, true));
    }

    /// Whether somebody may still object to the addresses that are there from the start.
    fn is_early(&self, now: Instant) -> bool {
        self.probed.is_none_or(|probed| now < probed + limits::OBJECTION)
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

impl Round {
    fn first(due: Instant, has_probes: bool) -> Self {
        Self { number: 0, has_probes, progress: Progress { due, sent: 0 } }
    }

    /// The one after this, if there is one.
    fn next(self, due: Instant) -> Option<Self> {
        let number = self.number + 1;
        let progress = Progress { due, sent: 0 };
        (number < limits::ANNOUNCEMENT_ROUNDS).then_some(Self { number, has_probes: false, progress })
    }
}

impl Station {
    /// Writes the next frame that is due, if one is; returns its length.
    pub(crate) fn write_due(&mut self, frame: &mut [u8], now: Instant) -> Option<usize> {
        let question = self.write_question(frame, now);
        if question.is_some() {
            return question;
        }
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
        let Some(announcement) = self.announcement(round, now) else {
            self.announcements.probed.get_or_insert(now);
            self.announcements.round = round.next(now + limits::ANNOUNCEMENT_INTERVAL);
            return None;
        };
        let progress = Progress { sent: round.progress.sent + 1, ..round.progress };
        self.announcements.round = Some(Round { progress, ..round });
        Some(announcement)
    }

    /// The next frame of a round, or `None` after its last.
    fn announcement(&self, round: Round, now: Instant) -> Option<Announcement> {
        let Announcements { probed, .. } = self.announcements;
        let is_early = self.announcements.is_early(now);
        let is_to_be_probed =
            |address: &&u128| round.has_probes && (probed.is_none() || self.is_doubtful(**address, now));
        // RFC 4429 §3.3: an address overrides the caches of others only when its own probe has had time.
        let flags = |address| if is_early || self.is_doubtful(address, now) { 0 } else { OVERRIDE };
        let is_arps_round = round.number.is_multiple_of(limits::ROUNDS_PER_ARP_ANNOUNCEMENT);
        let groups = (0..report_count(self)).map(|part| Announcement::Groups(part, Report::Change));
        let probes = self.ipv6.iter().filter(is_to_be_probed).map(|own| Announcement::Probe(*own));
        let ipv6 = self.ipv6.iter().map(|own| Announcement::Ipv6Address(*own, flags(*own)));
        let ipv4 = self.ipv4.iter().filter(|_| is_arps_round).map(|own| Announcement::Ipv4Address(*own));
        groups.chain(probes).chain(ipv6).chain(ipv4).nth(round.progress.sent)
    }
}
