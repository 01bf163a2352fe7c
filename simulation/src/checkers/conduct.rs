//! How a machine behaves on a link: every frame that it sends is sound, from itself, and an answer to somebody who asked,
//! or one of the few that a machine sends of its own accord.

use super::Ledger;
use super::segments::{Resets, Segments};
use crate::cable::ETHERNET_HEADER;
use crate::limits;
use crate::wire::{self, Content, Frame, Message, Padding, socket};
use anyhow::{Context, Result, bail, ensure};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use std::collections::{HashMap, VecDeque};

/// Who a machine is on a link.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its hardware address.
    pub station: EthernetAddress,
    /// Its addresses, that of the link among them.
    pub addresses: Vec<IpAddr>,
    /// The longest packet of the link.
    pub mtu: usize,
}

/// Watches one link of a machine.
#[derive(Debug)]
pub struct Conduct {
    own: Own,
    /// What somebody leases the machine, if it asks for addresses.
    ledger: Option<Ledger>,
    /// Watches its streams, if it has any.
    segments: Option<Segments>,
    questions: HashMap<Question, u32>,
    /// The latest packets that came, each of which may be reported once.
    packets: VecDeque<Vec<u8>>,
    /// Frames that nobody asked for: since when, how many.
    unasked: (Instant, u32),
}

/// Something that may be answered once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    Datagram { from: SocketAddr, to: SocketAddr },
    Segment { from: SocketAddr, to: SocketAddr },
    Echo { from: IpAddr, to: IpAddr, content: Vec<u8> },
    Arp { from: Ipv4Addr, target: Ipv4Addr },
    Solicitation { from: IpAddr, target: Ipv6Addr },
}

impl Conduct {
    /// Watches the machine that is `own`.
    #[must_use]
    pub fn new(own: Own) -> Self {
        let unasked = (Instant::START, 0);
        let (questions, packets) = (HashMap::new(), VecDeque::new());
        Self { own, ledger: None, segments: None, questions, packets, unasked }
    }

    /// The machine may ask for addresses, and use those that the ledger says it has.
    #[must_use]
    pub fn with_leases(self, ledger: Ledger) -> Self {
        Self { ledger: Some(ledger), ..self }
    }

    /// The machine has streams, and may look for its peers.
    #[must_use]
    pub fn with_streams(self, resets: Resets) -> Self {
        let segments = Some(Segments::new(resets, self.own.mtu));
        Self { segments, ..self }
    }

    /// A frame came to the machine. One that is not sound asks nothing.
    pub fn on_received(&mut self, frame: &[u8]) {
        let Ok(Frame { destination, packet, content, .. }) = wire::read(frame, Padding::Allowed) else {
            self.remember(frame.get(ETHERNET_HEADER..).unwrap_or_default());
            return;
        };
        if destination == self.own.station {
            self.remember(packet);
        }
        if let (
            Some(segments),
            Content::Packet { source, destination: to, message: Message::Segment(segment) },
        ) = (&mut self.segments, &content)
        {
            let (from, to) = (socket(*source, segment.source_port), socket(*to, segment.destination_port));
            return segments.on_received(from, to, segment);
        }
        if let Some(question) = question(&content) {
            *self.questions.entry(question).or_default() += 1;
        }
    }

    fn remember(&mut self, packet: &[u8]) {
        self.packets.push_back(packet.to_vec());
        if self.packets.len() > limits::REMEMBERED {
            self.packets.pop_front();
        }
    }

    /// The machine sent a frame.
    pub fn on_sent(&mut self, octets: &[u8], now: Instant) -> Result<()> {
        /// The headers of any frame.
        const SHOWN: usize = 128;
        let shown = &octets[..octets.len().min(SHOWN)];
        self.check(octets, now).with_context(|| format!("a frame that must not be sent: {shown:02x?}"))
    }

    fn check(&mut self, octets: &[u8], now: Instant) -> Result<()> {
        ensure!(octets.len() <= ETHERNET_HEADER + self.own.mtu, "{} octets", octets.len());
        let frame = wire::read(octets, Padding::Refused)?;
        ensure!(frame.source == self.own.station, "from station {}", frame.source);
        ensure!(frame.destination != self.own.station, "to ourselves");
        match frame.content {
            Content::Arp { is_reply, sender, target } => self.check_arp(is_reply, sender, target, now),
            Content::Packet { source, destination, message } => {
                self.check_message(source, destination, &message, now)
            }
        }
    }

    fn check_arp(
        &mut self,
        is_reply: bool,
        (station, sender): (EthernetAddress, Ipv4Addr),
        target: Ipv4Addr,
        now: Instant,
    ) -> Result<()> {
        ensure!(station == self.own.station, "ARP for station {station}");
        // RFC 5227 §2.1.1: before a leased address is used, somebody may have it.
        if sender.is_unspecified() && !is_reply && self.has_leased(target.into(), now) {
            return self.count_unasked(now);
        }
        self.ensure_own(sender.into(), now)?;
        if is_reply {
            return self.take(&Question::Arp { from: target, target: sender });
        }
        ensure!(sender == target || self.segments.is_some(), "ARP asks for {target}");
        self.count_unasked(now)
    }

    fn check_message(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        message: &Message<'_>,
        now: Instant,
    ) -> Result<()> {
        if !source.is_unspecified() {
            self.ensure_own(source, now)?;
        }
        match *message {
            // RFC 2131 §4.1.
            Message::Datagram { source_port: 68, destination_port: 67, .. } if self.ledger.is_some() => {
                self.count_unasked(now)
            }
            Message::Datagram { source_port, destination_port, .. } => self.take(&Question::Datagram {
                from: socket(destination, destination_port),
                to: socket(source, source_port),
            }),
            Message::Segment(ref segment) => {
                let from = socket(source, segment.source_port);
                let to = socket(destination, segment.destination_port);
                match &mut self.segments {
                    Some(segments) => segments.on_sent(from, to, segment),
                    None => self.take(&Question::Segment { from: to, to: from }),
                }
            }
            Message::Echo { is_reply: true, content } => {
                let content = content.to_vec();
                self.take(&Question::Echo { from: destination, to: source, content })
            }
            Message::Error { quote } => self.take_quoted(quote),
            Message::Advertisement { target, is_solicited: true } => {
                self.ensure_own(target.into(), now)?;
                self.take(&Question::Solicitation { from: destination, target })
            }
            Message::Solicitation { .. } if self.segments.is_some() => self.count_unasked(now),
            Message::Advertisement { target, is_solicited: false } | Message::Solicitation { target } => {
                self.ensure_own(target.into(), now)?;
                self.count_unasked(now)
            }
            Message::Report => self.count_unasked(now),
            Message::Echo { is_reply: false, .. } => bail!("an echo request"),
            Message::Other { protocol, kind } => bail!("protocol {protocol}, type {kind:?}"),
        }
    }

    fn ensure_own(&self, address: IpAddr, now: Instant) -> Result<()> {
        let is_own = self.own.addresses.contains(&address) || self.has_leased(address, now);
        ensure!(is_own, "{address} is not ours");
        Ok(())
    }

    fn has_leased(&self, address: IpAddr, now: Instant) -> bool {
        let (Some(ledger), IpAddr::V4(address)) = (&self.ledger, address) else { return false };
        ledger.is_granted(address, now)
    }

    fn take(&mut self, question: &Question) -> Result<()> {
        match self.questions.get_mut(question) {
            Some(count) if *count > 0 => *count -= 1,
            _ => bail!("nobody asked: {question:?}"),
        }
        Ok(())
    }

    fn take_quoted(&mut self, quote: &[u8]) -> Result<()> {
        let at = self.packets.iter().position(|packet| !quote.is_empty() && packet.starts_with(quote));
        self.packets.remove(at.context("an error about a packet that never came")?);
        Ok(())
    }

    fn count_unasked(&mut self, now: Instant) -> Result<()> {
        let (since, count) = &mut self.unasked;
        if now.since(*since) >= Duration::from_secs(1) {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        ensure!(*count <= limits::UNASKED_FRAMES, "{count} frames in a second that nobody asked for");
        Ok(())
    }
}

fn question(content: &Content<'_>) -> Option<Question> {
    Some(match *content {
        Content::Arp { is_reply: false, sender: (_, from), target } => Question::Arp { from, target },
        Content::Arp { .. } => return None,
        Content::Packet { source, destination, ref message } => match *message {
            Message::Datagram { source_port, destination_port, .. } => Question::Datagram {
                from: socket(source, source_port),
                to: socket(destination, destination_port),
            },
            Message::Segment(ref segment) => Question::Segment {
                from: socket(source, segment.source_port),
                to: socket(destination, segment.destination_port),
            },
            Message::Echo { is_reply: false, content } => {
                Question::Echo { from: source, to: destination, content: content.to_vec() }
            }
            Message::Solicitation { target } => Question::Solicitation { from: source, target },
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests;
