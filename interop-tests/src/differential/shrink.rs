//! The least that still shows a difference.

use super::generate;
use super::model::Zone;
use super::run::{Cast, Finding};
use super::world::World;
use anyhow::Result;

/// How many worlds are tried at most for one finding.
const TRIES: usize = 120;

/// Leaves out of a finding's world what it does not need: zones, records, octets of names.
pub fn shrink(cast: &Cast, finding: &Finding) -> Result<Finding> {
    let mut search = Search { cast, best: finding.clone(), tries: 0 };
    search.leave_out_zones()?;
    search.leave_out_records()?;
    search.simplify_query()?;
    Ok(search.best)
}

struct Search<'c> {
    cast: &'c Cast,
    best: Finding,
    tries: usize,
}

impl Search<'_> {
    /// Tries one thing; keeps it if the difference is still there.
    fn attempt(&mut self, candidate: Finding) -> Result<bool> {
        if self.tries == TRIES || !candidate.world.zones.iter().all(generate::is_legal) {
            return Ok(false);
        }
        self.tries += 1;
        let Some(found) = self.cast.find_again(&candidate)? else { return Ok(false) };
        self.best = found;
        Ok(true)
    }

    fn attempt_zones(&mut self, zones: Vec<Zone>) -> Result<bool> {
        let world = World { zones, ..self.best.world.clone() };
        self.attempt(Finding { world, ..self.best.clone() })
    }

    /// First all but the zone of the query, then by halves.
    fn leave_out_zones(&mut self) -> Result<()> {
        let own = self.best.world.zone_of(&self.best.query.name).cloned();
        if self.attempt_zones(own.into_iter().collect())? {
            return Ok(());
        }
        let mut size = self.best.world.zones.len().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            while start < self.best.world.zones.len() {
                let mut zones = self.best.world.zones.clone();
                zones.drain(start..(start + size).min(zones.len()));
                if !self.attempt_zones(zones)? {
                    start += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    /// By halves in each zone, down to single records.
    fn leave_out_records(&mut self) -> Result<()> {
        for number in 0..self.best.world.zones.len() {
            let mut size = self.best.world.zones[number].records.len() / 2;
            while size > 0 {
                // The SOA stays.
                let mut start = 1;
                while start < self.best.world.zones[number].records.len() {
                    let mut zones = self.best.world.zones.clone();
                    let records = &mut zones[number].records;
                    records.drain(start..(start + size).min(records.len()));
                    if !self.attempt_zones(zones)? {
                        start += size;
                    }
                }
                size /= 2;
            }
        }
        Ok(())
    }

    /// Without EDNS and flags, in small letters.
    fn simplify_query(&mut self) -> Result<()> {
        let mut without_edns = self.best.clone();
        without_edns.query.edns = None;
        let mut without_flags = self.best.clone();
        without_flags.query.flags = 0;
        let mut small = self.best.clone();
        small.query.name = small.query.name.lower();
        for candidate in [without_edns, without_flags, small] {
            if candidate.query != self.best.query {
                self.attempt(candidate)?;
            }
        }
        Ok(())
    }
}
