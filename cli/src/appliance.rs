//! The appliances that there are: what each is built from, how it is configured, asked and served.

mod archive;
mod dns;

use crate::arguments::Format;
use crate::machines::{Engine, Folder, Phase, Plan, Probe, State, TapLink};
use crate::progress;
use crate::publish::{Port, Published};
use crate::report::Report;
use crate::status::{Failure, Status};
use crate::supervise::Console;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use clap::ValueEnum;
use configuration::{Archive, Configure as _, Diagnostics, Document, Network};
use core::fmt;
use core::net::SocketAddr;
use host::{Protocol, Publication, Sockets, Taps, Termination};
use std::io;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// A kind of appliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// An authoritative DNS server.
    Dns,
}

impl Kind {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
        }
    }

    /// Its package.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Dns => "dns",
        }
    }

    /// The binary of its package that is its image.
    pub(crate) fn binary(self) -> &'static str {
        match self {
            Self::Dns => "dns-image",
        }
    }

    /// Where its manifest lies in the source tree.
    pub(crate) fn manifest_path(self) -> &'static str {
        match self {
            Self::Dns => "appliances/dns/Cargo.toml",
        }
    }

    /// Its manifest.
    pub(crate) fn manifest(self) -> &'static str {
        match self {
            Self::Dns => include_str!("../../appliances/dns/Cargo.toml"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A configuration that can be served.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What an image is given.
    pub(crate) archive: Bytes,
    pub(crate) network: Network,
    /// The ports that the appliance listens on.
    pub(crate) ports: Vec<Port>,
    /// Asks the appliance something that it knows.
    question: dns::Question,
}

impl Prepared {
    /// How to find out whether the appliance answers at `address`.
    pub(crate) fn probe(&self, address: SocketAddr, protocol: Protocol) -> Probe {
        self.question.probe(address, protocol)
    }
}

/// What was found in a configuration.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) diagnostics: Diagnostics,
    /// What the paths of its files are relative to.
    pub(crate) folder: PathBuf,
    /// What can be served, if there was no error.
    pub(crate) prepared: Option<Prepared>,
}

/// Reads a configuration and everything that it names.
pub(crate) fn check(kind: Kind, configuration: &Path) -> Result<Checked> {
    let text = std::fs::read(configuration)
        .with_context(|| format!("cannot read the configuration {}", configuration.display()))?;
    let text = Bytes::from(text);
    let folder = configuration.parent().unwrap_or(Path::new("")).to_owned();
    let mut diagnostics = Diagnostics::new();
    let words = format!("reading {}", configuration.display());
    let prepared = progress::showing(progress::spinner(&words), |_| {
        // Paths are shown relative to the folder; only the root of an archive is always named alike.
        let name = configuration.file_name().unwrap_or_default().to_string_lossy();
        let document = Document::parse(&name, &text, &mut diagnostics)?;
        match kind {
            Kind::Dns => dns::prepare(&text, &document, &folder, &mut diagnostics),
        }
    });
    Ok(Checked { diagnostics, folder, prepared })
}

/// Reads a configuration that is to be served: says what is wrong with it on standard error, and fails if that is an
/// error.
pub(crate) fn prepare(kind: Kind, configuration: &Path) -> Result<Prepared, Failure> {
    let checked = check(kind, configuration)?;
    let report = Report::new(&checked.diagnostics, &checked.folder);
    report.print(Format::Human, &mut io::stderr())?;
    checked.prepared.ok_or_else(|| {
        let summary = report.summary().unwrap_or_default();
        eprintln!("* {}: {summary}", configuration.display());
        Failure::silent(Status::Configuration)
    })
}

/// Serves an appliance on this host: on sockets, or on TAP devices.
pub(crate) fn serve(
    plan: &Plan,
    folder: &Folder,
    console: &mut Console,
    operator: &UnixListener,
    termination: &Termination,
    state: &mut State,
) -> Result<Status> {
    let archive = Archive::new(std::fs::read(folder.archive())?.into())?;
    let mut appliance = match plan.appliance {
        Kind::Dns => ::dns::Dns::configure(&archive)?,
    };
    state.phase = Phase::Answering;
    match &plan.engine {
        Engine::Taps { links } => {
            let taps = attach(links)?;
            folder.write_state(state)?;
            for TapLink { device, ethernet } in links {
                console.remark(format_args!(
                    "{} is at the other end of {device}, as {ethernet}",
                    plan.appliance
                ));
            }
            console.invite(plan.probe.as_ref());
            let network = archive.value::<Network>(Archive::NETWORK)?;
            let mut log = |line: fmt::Arguments<'_>| console.line(&format!("isopod: {line}"), "");
            taps.serve(&mut appliance, &network, operator, termination, &mut log)?;
        }
        Engine::Host | Engine::Vm { .. } => {
            let sockets = bind(&plan.published)?;
            folder.write_state(state)?;
            for Publication { host, protocol, .. } in sockets.publications() {
                console.remark(format_args!("{} answers on {host}/{protocol}", plan.appliance));
            }
            console.invite(plan.probe.as_ref());
            sockets.serve(&mut appliance, operator, termination)?;
        }
    }
    Ok(Status::Done)
}

/// Binds a socket for all that is published.
pub(crate) fn bind(published: &[Published]) -> Result<Sockets> {
    let publications: Vec<_> = published.iter().map(|Published(publication)| *publication).collect();
    Ok(Sockets::bind(&publications)?)
}

fn attach(links: &[TapLink]) -> Result<Taps> {
    let mut devices = Vec::new();
    for TapLink { device, ethernet } in links {
        let address =
            ethernet.parse().ok().with_context(|| format!("`{ethernet}` is no Ethernet address"))?;
        devices.push((device.as_str(), address));
    }
    Ok(Taps::attach(devices)?)
}
