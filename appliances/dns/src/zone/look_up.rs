//! From a name to what a zone has to say about it (RFC 1034 §4.3.2, step 3).

use super::{Corrupt, Node, Sought, Zone, hash};
use dns_protocol::RecordType;

/// What a zone has to say about a name at or below its apex.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LookUp<'z> {
    /// It exists, perhaps without records.
    Found(Node<'z>),
    /// It does not exist; this wildcard stands in for it (RFC 4592 §3.3.1).
    Synthesised(Node<'z>),
    /// It is at or below this cut: other servers know.
    Delegated(Node<'z>),
    /// It is below this DNAME (RFC 6672).
    Renamed(Node<'z>),
    /// It does not exist.
    NoSuchName,
}

impl Zone {
    /// Looks `sought`, whose hash is `hash`, up for records of type `wanted`.
    #[inline]
    pub(crate) fn look_up(
        &self,
        sought: &Sought<'_>,
        hash: u64,
        wanted: RecordType,
    ) -> Result<LookUp<'_>, Corrupt> {
        match self.node(hash, self.relative(sought, sought.labels())?)? {
            Some(node) if node.occluder().is_some() => self.occluded(node),
            // The DS record of a cut is the parent's (RFC 4035 §3.1.4.1).
            Some(node) if node.is_cut() && wanted != RecordType::DS => Ok(LookUp::Delegated(node)),
            Some(node) => Ok(LookUp::Found(node)),
            None => self.look_up_encloser(sought),
        }
    }

    /// The name does not exist: what the closest of its ancestors that do says of it.
    fn look_up_encloser(&self, sought: &Sought<'_>) -> Result<LookUp<'_>, Corrupt> {
        let (encloser, encloser_hash) = self.closest_encloser(sought)?;
        if encloser.occluder().is_some() {
            return self.occluded(encloser);
        }
        if encloser.is_cut() {
            return Ok(LookUp::Delegated(encloser));
        }
        if encloser.has_dname() {
            return Ok(LookUp::Renamed(encloser));
        }
        if !encloser.has_wildcard() {
            return Ok(LookUp::NoSuchName);
        }
        let mut wildcard = [0; 257];
        let relative_length = encloser.relative_name().len() + 2;
        let relative = wildcard.get_mut(..relative_length).ok_or(Corrupt)?;
        let (label, rest) = relative.split_at_mut(2);
        label.copy_from_slice(b"\x01*");
        rest.copy_from_slice(encloser.relative_name());
        let hash = hash::extend(encloser_hash, b"\x01*", 0).ok_or(Corrupt)?;
        self.node(hash, relative)?.map(LookUp::Synthesised).ok_or(Corrupt)
    }

    fn occluded(&self, node: Node<'_>) -> Result<LookUp<'_>, Corrupt> {
        let occluder = self.node_at(node.occluder().ok_or(Corrupt)?)?;
        Ok(if occluder.is_cut() { LookUp::Delegated(occluder) } else { LookUp::Renamed(occluder) })
    }

    /// The longest ancestor of a missing name that exists, with its hash: by bisection, since the ancestors of what exists
    /// exist. A flood of random names costs next to nothing more than one of names that are there.
    fn closest_encloser(&self, sought: &Sought<'_>) -> Result<(Node<'_>, u64), Corrupt> {
        let mut there = self.apex_labels();
        let mut missing = sought.labels();
        let mut closest = self.apex_node()?;
        if missing.saturating_sub(there) <= 1 {
            return Ok((closest, self.apex_hash()));
        }
        let mut last = self.apex_hash();
        let mut hashes = [last; 128];
        for labels in there + 1..missing {
            last = sought.extend_hash(last, labels).ok_or(Corrupt)?;
            *hashes.get_mut(labels).ok_or(Corrupt)? = last;
        }
        while missing.saturating_sub(there) > 1 {
            let middle = usize::midpoint(there, missing);
            let hash = *hashes.get(middle).ok_or(Corrupt)?;
            match self.node(hash, self.relative(sought, middle)?)? {
                Some(node) => (there, closest) = (middle, node),
                None => missing = middle,
            }
        }
        Ok((closest, *hashes.get(there).ok_or(Corrupt)?))
    }

    /// The ancestor of `sought` that has `labels` labels, without the apex's name.
    #[inline]
    fn relative<'n>(&self, sought: &Sought<'n>, labels: usize) -> Result<&'n [u8], Corrupt> {
        let start = sought.suffix_start(labels).ok_or(Corrupt)?;
        let end = sought.wire().len().checked_sub(self.apex_length()).ok_or(Corrupt)?;
        sought.wire().get(start..end).ok_or(Corrupt)
    }
}
