//! Where streams are measured: networks, cables, and who is at their ends.

use super::Choice;
use crate::dist::{self, Image};
use crate::image;
use crate::program::{cargo, succeeds};
use crate::{root, target};
use anyhow::{Context as _, Result, ensure};
use core::time::Duration;
use laboratory::cable::{Cable, Weather};
use laboratory::guest::{Accelerator, Guest, Start};
use laboratory::streams::LinuxServer;
use laboratory::{Folder, Interruption, Network};
use std::path::PathBuf;

/// What everything is measured with.
pub(super) struct Stage<'a> {
    pub(super) choice: Choice,
    pub(super) interruption: &'a Interruption,
    folder: Folder,
    image: PathBuf,
    cable: PathBuf,
}

/// The image that serves streams.
pub(crate) const SERVICES: Image = Image { package: "services", binary: "services-image" };

/// Our guest at one end of a network. What stands first goes first.
pub(super) struct Ours {
    pub(super) guest: Guest,
    cable: Option<Cable>,
    pub(super) network: Network,
}

/// Linux at both ends.
pub(super) struct Theirs {
    _server: LinuxServer,
    cable: Option<Cable>,
    pub(super) network: Network,
}

impl<'a> Stage<'a> {
    /// Builds what is needed.
    pub(super) fn build(choice: Choice, interruption: &'a Interruption) -> Result<Self> {
        let image = dist::build_image(root(), image::home().as_deref(), &target().join("image"), &SERVICES)?;
        ensure!(
            succeeds(cargo(&["build", "--quiet", "--release", "--package", "cable"]))?,
            "the cable can't be built"
        );
        let folder = Folder::new(&target(), "streams")?;
        Ok(Self { choice, interruption, folder, image, cable: target().join("release/cable") })
    }

    /// How long every stream is measured.
    pub(super) fn time(&self) -> Duration {
        Duration::from_secs(self.choice.seconds)
    }

    /// Our guest behind a TAP device, or behind a cable in this weather.
    pub(super) fn ours(&self, weather: Option<Weather>) -> Result<Ours> {
        let network = if weather.is_some() { Network::wire_to_guest() } else { Network::tap() }?;
        settle(&network)?;
        let cable = weather.map(|weather| self.lay(&network, weather)).transpose()?;
        let start = Start { backend: cable.as_ref().and_then(Cable::backend), ..self.start() };
        let guest = Guest::start(&network, &start, self.interruption).context("our guest")?;
        Ok(Ours { guest, cable, network })
    }

    /// Our guest behind a TAP device with no less memory than this in MiB; emulated where KVM is not usable.
    pub(super) fn ours_anyhow(&self, memory: u32) -> Result<Ours> {
        let network = Network::tap()?;
        settle(&network)?;
        let start = Start { memory: self.choice.memory.max(memory), ..self.start() };
        let guest = Guest::start(&network, &start, self.interruption).or_else(|error| {
            ensure!(start.accelerator == Accelerator::Kvm, error);
            eprintln!("  emulated, as KVM is not usable here: {error:#}");
            let start = Start { accelerator: Accelerator::Tcg, ..start };
            Guest::start(&network, &start, self.interruption)
        });
        Ok(Ours { guest: guest.context("our guest")?, cable: None, network })
    }

    fn start(&self) -> Start<'_> {
        Start {
            image: &self.image,
            accelerator: self.choice.accelerator(),
            memory: self.choice.memory,
            backend: None,
            folder: self.folder.path(),
        }
    }

    /// Linux over a pair of veth devices, or a cable in this weather.
    pub(super) fn theirs(&self, weather: Option<Weather>) -> Result<Theirs> {
        let network = if weather.is_some() { Network::wire() } else { Network::veth() }?;
        settle(&network)?;
        let cable = weather.map(|weather| self.lay(&network, weather)).transpose()?;
        Ok(Theirs { _server: LinuxServer::start(&network)?, cable, network })
    }

    fn lay(&self, network: &Network, weather: Weather) -> Result<Cable> {
        Cable::lay(&self.cable, network, weather, self.folder.path())
    }
}

impl Ours {
    pub(super) fn ensure_whole(&mut self) -> Result<()> {
        self.cable.iter_mut().try_for_each(Cable::ensure_whole)
    }
}

impl Theirs {
    pub(super) fn ensure_whole(&mut self) -> Result<()> {
        self.cable.iter_mut().try_for_each(Cable::ensure_whole)
    }
}

/// No memory of what a path was like, since the next path is another; and ports enough for many short connections.
fn settle(network: &Network) -> Result<()> {
    network.set("net.ipv4.tcp_no_metrics_save", "1")?;
    network.set("net.ipv4.ip_local_port_range", "1024 65535")
}
