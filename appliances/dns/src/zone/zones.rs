//! All the zones of a server, found by the longest name.

use super::{Corrupt, Sought, Zone, hash};
use alloc::vec;
use alloc::vec::Vec;
use dns_protocol::RecordType;

/// The zones of a server under an index: a hash table of their apexes.
#[derive(Clone, Debug)]
pub(crate) struct Zones {
    zones: Vec<Zone>,
    /// Numbers of zones, one higher; 0 is a free slot. A power of two, at most half full.
    index: Vec<u32>,
    /// Bit n: some apex has n labels. Only there is the index asked.
    depths: u128,
}

/// The zone of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneOfName<'z> {
    /// The zone whose apex is the closest.
    pub(crate) zone: &'z Zone,
    /// The hash of the name.
    pub(crate) hash: u64,
}

impl Zones {
    /// Puts zones under an index; no two may have one apex.
    pub(crate) fn new(zones: Vec<Zone>) -> Result<Self, Corrupt> {
        let slots = (zones.len() * 2).next_power_of_two();
        let mut this = Self { index: vec![0; slots], depths: 0, zones: Vec::new() };
        for zone in zones {
            this.add(zone)?;
        }
        Ok(this)
    }

    fn add(&mut self, zone: Zone) -> Result<(), Corrupt> {
        let hash = zone.apex_hash();
        if self.with_apex(hash, zone.apex()?).is_some() {
            return Err(Corrupt);
        }
        self.depths |= 1 << zone.apex_labels();
        let number = u32::try_from(self.zones.len() + 1).map_err(|_| Corrupt)?;
        let free = self.slots_from(hash).find(|&slot| self.index.get(slot) == Some(&0)).ok_or(Corrupt)?;
        *self.index.get_mut(free).ok_or(Corrupt)? = number;
        self.zones.push(zone);
        Ok(())
    }

    /// The zone that is to answer for records of type `wanted` at a name.
    #[inline]
    pub(crate) fn find(&self, name: &Sought<'_>, wanted: RecordType) -> Option<ZoneOfName<'_>> {
        let mut hash = hash::ROOT;
        let mut closest = if self.depths & 1 == 0 { None } else { self.with_apex(hash, &[0]) };
        let mut parent = None;
        let mut depths = self.depths;
        for labels in 1..=name.labels() {
            hash = name.extend_hash(hash, labels)?;
            depths >>= 1;
            if depths & 1 == 0 {
                continue;
            }
            let apex = name.wire().get(name.suffix_start(labels)?..)?;
            if let Some(zone) = self.with_apex(hash, apex) {
                (parent, closest) = (closest, Some(zone));
            }
        }
        let mut zone = closest?;
        // A zone's DS record is its parent's (RFC 4035 §3.1.4.1), if that is ours too.
        if wanted == RecordType::DS && zone.apex_length() == name.wire().len() {
            zone = parent.unwrap_or(zone);
        }
        Some(ZoneOfName { zone, hash })
    }

    #[inline]
    fn with_apex(&self, hash: u64, name: &[u8]) -> Option<&Zone> {
        for slot in self.slots_from(hash) {
            let zone = self.zones.get((*self.index.get(slot)? as usize).checked_sub(1)?)?;
            if zone.apex().is_ok_and(|apex| hash::equal_but_for_case(apex, name)) {
                return Some(zone);
            }
        }
        None
    }

    /// The slots where an apex of this hash may be, in order.
    #[inline]
    fn slots_from(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.index.len().wrapping_sub(1);
        let home = hash as usize;
        (0..=mask).map(move |distance| home.wrapping_add(distance) & mask)
    }
}
