//! Rules on the graph of crates.

use super::Breaches;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// A crate of ours.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) room: Room,
    pub(crate) dependencies: Vec<Dependency>,
    /// Whether it has a feature `image`.
    pub(crate) has_image: bool,
}

/// What a crate says that it needs.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) is_optional: bool,
}

/// What for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Test,
}

/// Where a crate lies in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Contract,
    Protocol,
    Appliance,
    Netstack,
    Machine,
    /// What measurements are made with.
    Laboratory,
    /// The cable of the machine in memory, between devices of this host.
    Cable,
    /// The machine in memory, which takes appliances and everything below them through bad luck.
    Simulation,
    /// An image with nothing in it but the machine that it attacks.
    Attack,
    /// An image that uses what its machine offers to nothing yet.
    Trial,
    CommandLine,
    InteropTests,
    Automation,
    Unknown,
}

impl Room {
    /// By the crate's folder.
    pub(crate) fn of(folder: &str) -> Self {
        if folder.starts_with("kernel/violations/") {
            return Self::Attack;
        }
        if folder.starts_with("kernel/trials/") {
            return Self::Trial;
        }
        // An appliance like those that users have, though it serves whoever tries or measures what is below it.
        if folder.starts_with("laboratory/services/") {
            return Self::Appliance;
        }
        if folder.starts_with("laboratory/cable/") {
            return Self::Cable;
        }
        match folder.split('/').next().unwrap_or_default() {
            "contracts" => Self::Contract,
            "protocols" => Self::Protocol,
            "appliances" => Self::Appliance,
            "netstack" => Self::Netstack,
            "kernel" | "host" => Self::Machine,
            "simulation" => Self::Simulation,
            "laboratory" => Self::Laboratory,
            "cli" => Self::CommandLine,
            "interop-tests" => Self::InteropTests,
            "xtask" => Self::Automation,
            _ => Self::Unknown,
        }
    }

    /// Which rooms a crate in this one may depend on.
    fn may_depend_on(self) -> &'static [Self] {
        use Room::{Appliance, Contract, Laboratory, Machine, Netstack, Protocol, Simulation};
        match self {
            Self::Contract | Netstack => &[Contract],
            Self::Protocol => &[Contract, Protocol],
            // A machine only for the image: see `machines_are_optional`.
            Self::Appliance => &[Contract, Protocol, Machine],
            Self::Machine => &[Contract, Netstack],
            // It runs beside what is measured, not in it.
            Self::Cable => &[Contract, Machine, Simulation],
            Simulation => &[Contract, Protocol, Appliance, Netstack],
            Self::Attack => &[Machine],
            // It tells images under measurement their addresses.
            Laboratory => &[Contract, Machine],
            Self::Trial => &[Contract, Machine],
            Self::CommandLine => &[Contract, Protocol, Appliance, Netstack, Machine, Laboratory],
            Self::Automation => &[Laboratory],
            Self::InteropTests | Self::Unknown => &[],
        }
    }

    /// Whether it is above the machines: nothing but bytes and moments comes in or goes out.
    pub(crate) fn is_pure(self) -> bool {
        matches!(self, Self::Contract | Self::Protocol | Self::Appliance | Self::Netstack)
    }
}

/// Foreign crates that only some of ours may name, for whatever purpose.
const FOREIGN: &[(&str, &[&str])] = &[
    ("smoltcp", &["netstack", "simulation"]),
    ("virtio-drivers", &["kernel"]),
    ("x86_64", &["kernel"]),
    ("rustls", &["tls"]),
    ("ring", &["tls", "crypto"]),
    ("httparse", &["http"]),
];

/// Reads what `cargo metadata --no-deps` says.
pub(crate) fn read(metadata: &Value, root: &Path) -> Result<Vec<Crate>> {
    let packages = metadata["packages"].as_array().context("cargo metadata without packages")?;
    packages.iter().map(|package| read_crate(package, root)).collect()
}

fn read_crate(package: &Value, root: &Path) -> Result<Crate> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("cargo metadata without a name");
    let manifest = text(&package["manifest_path"])?;
    let folder = Path::new(&manifest).strip_prefix(root)?.to_string_lossy().into_owned();
    let dependencies = package["dependencies"].as_array().context("cargo metadata without dependencies")?;
    Ok(Crate {
        name: text(&package["name"])?,
        room: Room::of(&folder),
        has_image: package["features"].get("image").is_some(),
        dependencies: dependencies
            .iter()
            .map(|dependency| {
                Ok(Dependency {
                    name: text(&dependency["name"])?,
                    kind: match dependency["kind"].as_str() {
                        Some("dev") => Kind::Test,
                        Some("build") => Kind::Build,
                        _ => Kind::Normal,
                    },
                    is_optional: dependency["optional"] == true,
                })
            })
            .collect::<Result<_>>()?,
    })
}

/// Every dependency of a crate of ours on another, tests aside.
fn edges(crates: &[Crate]) -> impl Iterator<Item = (&Crate, &Crate, &Dependency)> {
    crates.iter().flat_map(move |from| {
        from.dependencies.iter().filter(|dependency| dependency.kind != Kind::Test).filter_map(
            move |dependency| Some((from, crates.iter().find(|to| to.name == dependency.name)?, dependency)),
        )
    })
}

/// Appliances → protocols → contracts; netstack → contracts; machines → netstack and contracts; the CLI → all.
pub(crate) fn one_way(crates: &[Crate]) -> Breaches {
    edges(crates)
        .filter(|(from, to, _)| !from.room.may_depend_on().contains(&to.room))
        .map(|(from, to, _)| {
            format!("{} ({:?}) depends on {} ({:?})", from.name, from.room, to.name, to.room)
        })
        .collect()
}

/// A new room is a decision: it gets its line here.
pub(crate) fn known_rooms(crates: &[Crate]) -> Breaches {
    crates.iter().filter(|one| one.room == Room::Unknown).map(|one| one.name.clone()).collect()
}

/// An appliance can't tell what it stands on; only its image is linked with a machine.
pub(crate) fn machines_are_optional(crates: &[Crate]) -> Breaches {
    edges(crates)
        .filter(|(from, to, dependency)| {
            from.room == Room::Appliance && to.room == Room::Machine && !dependency.is_optional
        })
        .map(|(from, to, _)| format!("{} depends on {} in every build", from.name, to.name))
        .collect()
}

/// What only one room may name, so that it could be replaced there.
pub(crate) fn foreign_crates(crates: &[Crate]) -> Breaches {
    let mut breaches = Breaches::new();
    for one in crates {
        for (name, owners) in FOREIGN {
            if one.dependencies.iter().any(|dependency| dependency.name == *name)
                && !owners.contains(&&*one.name)
            {
                breaches.push(format!(
                    "{} names {name}, which belongs to {}",
                    one.name,
                    owners.join(" and ")
                ));
            }
        }
    }
    breaches
}

/// Not even for its tests: a mistake must not be able to hide by being made on both sides of the wire.
pub(crate) fn interop_is_foreign(crates: &[Crate]) -> Breaches {
    let is_ours = |dependency: &&Dependency| crates.iter().any(|one| one.name == dependency.name);
    let interop = crates.iter().filter(|one| one.room == Room::InteropTests);
    interop.flat_map(|one| one.dependencies.iter().filter(is_ours)).map(|one| one.name.clone()).collect()
}
