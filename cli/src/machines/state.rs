//! What is written of a machine.

use crate::appliance::Kind;
use crate::arguments::Restart;
use crate::processes::Identity;
use crate::publish::Published;
use crate::status::Status;
use core::net::SocketAddr;
use core::time::Duration;
use host::Protocol;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io;
use std::time::SystemTime;

/// Everything that starting a machine takes. Never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) appliance: Kind,
    pub(crate) engine: Engine,
    pub(crate) published: Vec<Published>,
    pub(crate) restart: Restart,
    pub(crate) probe: Option<Probe>,
}

/// What the appliance stands on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Engine {
    /// A virtual machine, started by this command.
    Vm {
        /// The program, then its arguments.
        command: Vec<OsString>,
    },
    /// The sockets of this host.
    Host,
    /// TAP devices of this host, with the network stack of an image in this process.
    Taps {
        /// One for each link of the configuration.
        links: Vec<TapLink>,
    },
}

/// A TAP device, and the Ethernet address of the end that is not Linux's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TapLink {
    pub(crate) device: String,
    pub(crate) ethernet: String,
}

/// How to find out whether an appliance answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Probe {
    /// Where to ask.
    pub(crate) address: SocketAddr,
    pub(crate) transport: Transport,
    /// What to send. An answer starts with the same two octets.
    pub(crate) question: Vec<u8>,
    /// What a person would type to ask.
    pub(crate) command: String,
}

/// How a question travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transport {
    /// As a datagram.
    Udp,
    /// On a stream, two octets that tell its length before it (RFC 1035 §4.2.2).
    Tcp,
}

impl From<Protocol> for Transport {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Udp => Self::Udp,
            Protocol::Tcp => Self::Tcp,
        }
    }
}

/// What became of a machine so far.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// Who looks after it.
    pub(crate) supervisor: Identity,
    /// QEMU.
    pub(crate) guest: Option<Identity>,
    pub(crate) phase: Phase,
    /// When it was started, in seconds since 1970.
    pub(crate) started: u64,
    /// How often it was started again.
    pub(crate) restarts: u32,
}

/// What it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Phase {
    /// It has not answered yet.
    Starting,
    /// It has answered.
    Answering,
    /// It failed, and will be started again after a pause.
    Pausing,
    /// It is over.
    Ended(Status),
    /// Its supervisor was killed.
    Killed,
}

impl State {
    /// A machine that this process has just begun to start.
    pub(crate) fn starting() -> io::Result<Self> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            supervisor: Identity::own()?,
            guest: None,
            phase: Phase::Starting,
            started: now.as_secs(),
            restarts: 0,
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_) | Phase::Killed)
    }

    /// How long ago it was started.
    pub(crate) fn age(&self) -> Duration {
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(self.started);
        SystemTime::now().duration_since(started).unwrap_or_default()
    }
}
