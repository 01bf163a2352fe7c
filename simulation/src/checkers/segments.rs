//! How a machine speaks TCP on a link, as somebody sees it who watches what comes to it and what it sends (RFC 9293 §3.4 to §3.10).
//!
//! Everything that came may have been taken up when something is sent, and nothing has to have been: what is demanded here
//! holds either way.

mod connection;
mod ranges;

use crate::wire::Segment;
use anyhow::{Context as _, Result, bail, ensure};
use connection::Connection;
use core::net::SocketAddr;
use std::collections::HashMap;

/// When a machine may reset a stream that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resets {
    /// Never: nobody tells it to, and it has room for all streams.
    Never,
    /// When its appliance aborts it, or for want of room.
    AtWill,
}

/// Watches the streams of a machine on a link.
#[derive(Debug)]
pub(super) struct Segments {
    resets: Resets,
    /// The longest packet of the link.
    mtu: usize,
    /// By the machine's end and the peer's.
    connections: HashMap<(SocketAddr, SocketAddr), Connection>,
}

impl Segments {
    pub(super) fn new(resets: Resets, mtu: usize) -> Self {
        Self { resets, mtu, connections: HashMap::new() }
    }

    /// A segment came, and was sound.
    pub(super) fn on_received(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment<'_>) {
        self.connections.entry((to, from)).or_default().on_received(segment);
    }

    /// The machine sent a segment.
    pub(super) fn on_sent(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment<'_>) -> Result<()> {
        let ensured = self.check(from, to, segment);
        ensured.with_context(|| format!("{from} to {to}: {segment}"))
    }

    fn check(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment<'_>) -> Result<()> {
        ensure!(!segment.urgent, "urgent data");
        ensure!(segment.options.fault.is_none(), "options: {:?}", segment.options.fault);
        let controls = u32::from(segment.syn) + u32::from(segment.fin) + u32::from(segment.reset);
        ensure!(controls <= 1, "more than one of SYN, FIN and RST");
        if segment.syn {
            let headers = if from.is_ipv4() { 40 } else { 60 };
            let most = self.mtu - headers;
            return self.connections.entry((from, to)).or_default().on_opening(segment, most);
        }
        let Some(connection) = self.connections.get_mut(&(from, to)) else { bail!("of no connection") };
        if segment.reset {
            return connection.on_reset(segment, self.resets);
        }
        let default = if from.is_ipv4() { 536 } else { 1220 };
        connection.on_sent(segment, default)
    }
}

#[cfg(test)]
mod tests;
