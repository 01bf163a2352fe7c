//! Zones that one server serves together, and their files.

use super::generate;
use super::model::Zone;
use super::random::Random;
use super::written;
use crate::name::Name;
use crate::process::Folder;
use crate::zones::{Content, Zones};
use anyhow::Result;

/// What one server serves.
#[derive(Clone, Debug)]
pub struct World {
    /// The zones; what makes them and their texts is this number.
    pub seed: u64,
    /// None has the apex of another.
    pub zones: Vec<Zone>,
}

/// How many zones are served together.
pub const ZONES: usize = 40;

impl World {
    /// Makes one.
    pub fn generate(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self { seed, zones: generate::zones(&mut random, ZONES) }
    }

    /// The zone that a name is in: the one with the longest apex.
    pub fn zone_of(&self, name: &Name) -> Option<&Zone> {
        let zones = self.zones.iter().filter(|zone| name.is_within(&zone.apex));
        zones.max_by_key(|zone| zone.apex.0.len())
    }

    /// The zone that answers for a name: of the DS records of a zone, the one above it (RFC 4035 §3.1.4.1).
    pub fn zone_answering(&self, name: &Name, rtype: &str) -> Option<&Zone> {
        let own = self.zone_of(name)?;
        let above = name.parent().and_then(|parent| self.zone_of(&parent));
        Some(above.filter(|_| rtype == "DS" && own.apex == name.lower()).unwrap_or(own))
    }

    /// How many labels the longest ancestor of a name has that exists in these zones, the name included.
    pub fn encloser(zones: &[&Zone], name: &Name) -> usize {
        let name = name.lower();
        let exists = |ancestor: &Name| {
            zones.iter().any(|zone| zone.records.iter().any(|record| record.owner.is_within(ancestor)))
        };
        let mut ancestor = Some(name);
        while let Some(name) = ancestor {
            if exists(&name) {
                return name.0.len();
            }
            ancestor = name.parent();
        }
        0
    }

    /// Writes the files: for ours and BIND as people write them, for NSD and Knot with nothing abbreviated.
    pub fn write(&self) -> Result<Zones> {
        let folder = Folder::new(&format!("world-{}-{}", self.seed, next()))?;
        let mut random = Random::new(self.seed ^ 0x77);
        let (mut written, mut plain) = (Vec::new(), Vec::new());
        for (number, zone) in self.zones.iter().enumerate() {
            let name = match zone.apex.to_string().as_str() {
                "." => ".".to_owned(),
                name => name.trim_end_matches('.').to_owned(),
            };
            let included = folder.path().join(format!("{number}.included"));
            let texts = written::write(zone, &included.to_string_lossy(), &mut random.branch());
            folder.write(&format!("{number}.included"), &texts.included)?;
            written.push((name.clone(), folder.write(&format!("{number}.zone"), &texts.main)?));
            plain.push((name, folder.write(&format!("{number}.plain"), &zone.plain())?));
        }
        let probe = folder.write("probe", generate::PROBE)?;
        written.push(("example.com".to_owned(), probe.clone()));
        plain.push(("example.com".to_owned(), probe));
        Ok(Zones { written, plain, content: Content::default(), folder })
    }
}

/// Folders of one process have different names.
fn next() -> usize {
    use core::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
