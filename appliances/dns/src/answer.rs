//! The algorithm of RFC 1034 §4.3.2, as RFC 4592 (wildcards), RFC 6672 (DNAME) and RFC 2308 (negative answers) have it.

use crate::limits::ALIASES;
use crate::message::{Authority, Completeness, Verdict};
use crate::reply::{Reply, Section, Standing, Unwritten, Written, data_start};
use crate::zone::{Corrupt, Labels, LookUp, NameReference, Node, Place, RecordSet, Sought, Zone, Zones};
use dns_protocol::{Name, NameBuffer, Rcode, RecordType};

/// Writes the records of type `wanted` that `name`, the one in the question, has into `reply`, or what there is to be said
/// instead, and says what the header is to say.
#[inline]
pub(crate) fn solve(
    zones: &Zones,
    wanted: RecordType,
    name: &Sought<'_>,
    reply: &mut Reply<'_>,
) -> Result<Verdict, Corrupt> {
    let Some(found) = zones.find(name, wanted) else {
        return Ok(Verdict::rcode(Rcode::REFUSED));
    };
    let written = Written::in_question(name.length_octet());
    let mut answer = Answer { wanted, reply, written, aliases: None };
    let mut step = answer.solve_name(found.zone, name, found.hash);
    // CNAME and DNAME: go on with the new name, as far as it is in a zone of ours.
    while let Ok(Step::Follow(target)) = step {
        let Some(labels) = Labels::parse(target.as_name().as_wire()) else { return Err(Corrupt) };
        let sought = Sought::new(target.as_name().as_wire(), &labels).ok_or(Corrupt)?;
        step = match zones.find(&sought, wanted) {
            Some(found) => answer.solve_name(found.zone, &sought, found.hash),
            None => Ok(Step::Done(Rcode::NOERROR)),
        };
    }
    let verdict = |rcode, authority, completeness| Ok(Verdict { rcode, authority, completeness });
    // The first name is the one that AA speaks of (RFC 1034 §6.2.7): an alias of ours is ours, wherever it leads.
    let authority = |own| if answer.aliases.is_some() { Authority::Authoritative } else { own };
    match step {
        Ok(Step::Follow(_)) | Err(Stop::Corrupt) => Err(Corrupt),
        Ok(Step::Done(rcode)) => verdict(rcode, Authority::Authoritative, Completeness::Complete),
        Ok(Step::Referred) => {
            verdict(Rcode::NOERROR, authority(Authority::NotAuthoritative), Completeness::Complete)
        }
        Err(Stop::Truncated(rcode, own)) => verdict(rcode, authority(own), Completeness::Truncated),
    }
}

/// What has become of the answer.
#[expect(clippy::large_enum_variant, reason = "on the stack; the large one is written only to be followed")]
enum Step {
    /// All is said.
    Done(Rcode),
    /// Other servers know more.
    Referred,
    /// It goes on with this name.
    Follow(NameBuffer),
}

/// Why an answer stops before its end.
enum Stop {
    /// What has to be there does not fit.
    Truncated(Rcode, Authority),
    /// The zone contradicts itself.
    Corrupt,
}

impl From<Corrupt> for Stop {
    fn from(Corrupt: Corrupt) -> Self {
        Self::Corrupt
    }
}

impl From<Unwritten> for Stop {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::NoRoom => Self::Truncated(Rcode::NOERROR, Authority::Authoritative),
            Unwritten::Corrupt => Self::Corrupt,
        }
    }
}

/// An answer in the making.
struct Answer<'r, 'm> {
    wanted: RecordType,
    reply: &'r mut Reply<'m>,
    /// Where the name that is being solved stands in the message.
    written: Written,
    aliases: Option<Aliases>,
}

/// The aliases that were followed, by the hashes of their names: none is followed twice.
struct Aliases {
    hashes: [u64; ALIASES],
    count: usize,
    /// The DNAME records that were written: where each lies in memory, and where in the reply. A name may be below the same one
    /// again, and an RRset is in a section once (RFC 2181 §5).
    dnames: [Option<(usize, usize)>; ALIASES],
}

impl Aliases {
    const NONE: Self = Self { hashes: [0; ALIASES], count: 0, dnames: [None; ALIASES] };

    /// Where a DNAME record was written.
    fn written(&self, template: &[u8]) -> Option<usize> {
        let mut dnames = self.dnames.iter().flatten();
        dnames.find(|(place, _)| *place == template.as_ptr().addr()).map(|(_, start)| *start)
    }

    /// Notes where a DNAME record was written. There is room for as many as there are aliases.
    fn note(&mut self, template: &[u8], start: usize) {
        if let Some(free) = self.dnames.iter_mut().find(|dname| dname.is_none()) {
            *free = Some((template.as_ptr().addr(), start));
        }
    }

    /// Notes an alias; `None` if it is known, or one too many.
    fn add(&mut self, hash: u64) -> Option<()> {
        if self.hashes.get(..self.count)?.contains(&hash) {
            return None;
        }
        *self.hashes.get_mut(self.count)? = hash;
        self.count += 1;
        Some(())
    }
}

impl Answer<'_, '_> {
    /// Answers for one name: the one in the question, or one that it is an alias of.
    #[inline]
    fn solve_name(&mut self, zone: &Zone, sought: &Sought<'_>, hash: u64) -> Result<Step, Stop> {
        match zone.look_up(sought, hash, self.wanted)? {
            LookUp::Found(node) | LookUp::Synthesised(node) => self.solve_answer(zone, sought, hash, &node),
            LookUp::Delegated(cut) => self.solve_authority(zone, &cut),
            LookUp::Renamed(node) => self.follow_dname(zone, sought, hash, &node),
            LookUp::NoSuchName => self.solve_denial(zone, Rcode::NXDOMAIN),
        }
    }

    /// The name is there: its records of the wanted type, or its alias, or the news that there are none.
    #[inline]
    fn solve_answer(
        &mut self,
        zone: &Zone,
        sought: &Sought<'_>,
        hash: u64,
        node: &Node<'_>,
    ) -> Result<Step, Stop> {
        let set = match self.wanted {
            // One RRset stands for all (RFC 8482 §4.1).
            RecordType::ANY => node.first_record_set()?,
            wanted => node.record_set(wanted)?,
        };
        if let Some(set) = set {
            let start = self.reply.put(Section::Answer, &set, &self.owner(), &self.written)?;
            self.solve_additional(zone, &set, start)?;
            if is_service(self.wanted) {
                self.solve_services(zone, &set, start)?;
            }
            return Ok(Step::Done(Rcode::NOERROR));
        }
        if node.has_cname() {
            return self.follow_cname(sought, hash, node);
        }
        self.solve_denial(zone, Rcode::NOERROR)
    }

    /// Beside some records go the addresses of the names in them (RFC 1035 §3.3). What does not fit is left out, unless a
    /// delegation is of no use without it (RFC 9471 §3).
    #[inline]
    fn solve_additional(&mut self, zone: &Zone, set: &RecordSet<'_>, start: usize) -> Result<(), Stop> {
        for (name, node) in set.additional() {
            let owner = self.place(name, set, start)?;
            let node = zone.node_at(node)?;
            for address in [RecordType::A, RecordType::AAAA] {
                let Some(set) = node.record_set(address)? else { continue };
                match self.reply.put(Section::Additional, &set, &owner, &self.written) {
                    Ok(_) => {}
                    Err(Unwritten::NoRoom) if name.is_required() => {
                        return Err(Stop::Truncated(Rcode::NOERROR, Authority::NotAuthoritative));
                    }
                    Err(Unwritten::NoRoom) => return Ok(()),
                    Err(Unwritten::Corrupt) => return Err(Stop::Corrupt),
                }
            }
        }
        Ok(())
    }

    /// Beside a service binding go those of its target (RFC 9460 §4.1), if they fit.
    fn solve_services(&mut self, zone: &Zone, set: &RecordSet<'_>, start: usize) -> Result<(), Stop> {
        for (name, node) in set.additional() {
            let owner = self.place(name, set, start)?;
            let Some(service) = zone.node_at(node)?.record_set(self.wanted)? else { continue };
            // A target may be the name that was asked for.
            if core::ptr::eq(service.template, set.template) {
                continue;
            }
            match self.reply.put(Section::Additional, &service, &owner, &self.written) {
                Ok(_) => {}
                Err(Unwritten::NoRoom) => return Ok(()),
                Err(Unwritten::Corrupt) => return Err(Stop::Corrupt),
            }
        }
        Ok(())
    }

    /// Where a name is that the record set at `start` refers to.
    fn place<'s>(
        &self,
        name: NameReference,
        set: &'s RecordSet<'s>,
        start: usize,
    ) -> Result<Standing<'s>, Corrupt> {
        Ok(match name.place() {
            Place::OwnerSuffix(length) => self.suffix(length)?,
            Place::Inside(offset) => Standing::Inside { set, start, offset },
        })
    }

    /// Where the name that is being solved is.
    #[inline]
    fn owner(&self) -> Standing<'static> {
        Standing::At(self.written.start())
    }

    /// Where its last `length` octets are.
    #[inline]
    fn suffix(&self, length: usize) -> Result<Standing<'static>, Corrupt> {
        self.written.suffix(length).map(Standing::At).ok_or(Corrupt)
    }

    /// Other servers know: who they are, and where (RFC 1034 §4.3.2 step 3b).
    fn solve_authority(&mut self, zone: &Zone, cut: &Node<'_>) -> Result<Step, Stop> {
        let servers = cut.record_set(RecordType::NS)?.ok_or(Corrupt)?;
        let owner = self.suffix(cut.relative_name().len() + zone.apex_length())?;
        let start = match self.reply.put(Section::Authority, &servers, &owner, &self.written) {
            Err(Unwritten::NoRoom) => {
                return Err(Stop::Truncated(Rcode::NOERROR, Authority::NotAuthoritative));
            }
            start => start?,
        };
        self.solve_additional(zone, &servers, start)?;
        Ok(Step::Referred)
    }

    /// There is no such name, or it has no such records: for how long that holds (RFC 2308 §2, §3).
    fn solve_denial(&mut self, zone: &Zone, rcode: Rcode) -> Result<Step, Stop> {
        let owner = self.suffix(zone.apex_length())?;
        match self.reply.put(Section::Authority, &zone.negative_soa()?, &owner, &self.written) {
            Ok(_) => Ok(Step::Done(rcode)),
            Err(Unwritten::NoRoom) => Err(Stop::Truncated(rcode, Authority::Authoritative)),
            Err(Unwritten::Corrupt) => Err(Stop::Corrupt),
        }
    }

    /// The name is an alias (RFC 1034 §3.6.2).
    fn follow_cname(&mut self, sought: &Sought<'_>, hash: u64, node: &Node<'_>) -> Result<Step, Stop> {
        if self.aliases.get_or_insert(Aliases::NONE).add(hash).is_none() {
            return Ok(Step::Done(Rcode::NOERROR));
        }
        let alias = node.record_set(RecordType::CNAME)?.ok_or(Corrupt)?;
        let start = self.reply.put(Section::Answer, &alias, &self.owner(), &self.written)?;
        let data = data_start(alias.template);
        let (end, shared) = match alias.fix_ups().next() {
            Some((position, name)) => match name.place() {
                Place::OwnerSuffix(length) => (position, length),
                Place::Inside(_) => return Err(Stop::Corrupt),
            },
            // All of the target is there, and its last octet is the root's label.
            None => (alias.template.len().saturating_sub(1), 1),
        };
        let labels = alias.template.get(data..end).ok_or(Corrupt)?;
        let target = join(labels, sought, shared)?;
        let length = target.as_name().as_wire().len();
        let shared = if shared == 1 { 0 } else { shared };
        self.written = self.written.extend(start + data, length, shared).ok_or(Corrupt)?;
        Ok(Step::Follow(target))
    }

    /// The name is below a DNAME: it is an alias of what has the DNAME's target for the owner's name (RFC 6672 §3.1).
    fn follow_dname(
        &mut self,
        zone: &Zone,
        sought: &Sought<'_>,
        hash: u64,
        node: &Node<'_>,
    ) -> Result<Step, Stop> {
        let aliases = self.aliases.get_or_insert(Aliases::NONE);
        if aliases.add(hash).is_none() {
            return Ok(Step::Done(Rcode::NOERROR));
        }
        let set = node.record_set(RecordType::DNAME)?.ok_or(Corrupt)?;
        let owner_length = node.relative_name().len() + zone.apex_length();
        let start = match aliases.written(set.template) {
            Some(start) => start,
            None => {
                let owner = self.written.suffix(owner_length).map(Standing::At).ok_or(Corrupt)?;
                let start = self.reply.put(Section::Answer, &set, &owner, &self.written)?;
                aliases.note(set.template, start);
                start
            }
        };
        let data = data_start(set.template);
        let target = Name::parse(set.template.get(data..).ok_or(Corrupt)?).map_err(|_| Corrupt)?;
        let ttl = *set.template.get(data - 6..).and_then(<[u8]>::first_chunk).ok_or(Corrupt)?;

        let own_length = sought.wire().len().checked_sub(owner_length).ok_or(Corrupt)?;
        let labels = sought.wire().get(..own_length).ok_or(Corrupt)?;
        let Ok(renamed) = NameBuffer::join(labels, target) else {
            // "If the resulting name is too long" (RFC 6672 §2.2).
            return Ok(Step::Done(Rcode::YXDOMAIN));
        };
        let suffix = (!target.is_root()).then_some(start + data);
        let alias = self.reply.put_cname(self.written.start(), ttl, labels, suffix)?;
        // Who asks for the alias itself is not led on (RFC 1034 §3.6.2).
        if self.wanted == RecordType::CNAME {
            return Ok(Step::Done(Rcode::NOERROR));
        }

        let target_length = target.as_wire().len();
        let in_dname = Written::at(start + data, target_length).ok_or(Corrupt)?;
        let shared = if target.is_root() { 0 } else { target_length };
        self.written = in_dname
            .extend(alias + data_start(&[0xc0]), own_length + target_length, shared)
            .ok_or(Corrupt)?;
        Ok(Step::Follow(renamed))
    }
}

fn is_service(wanted: RecordType) -> bool {
    wanted == RecordType::SVCB || wanted == RecordType::HTTPS
}

/// The name that `labels` make with the last `shared` octets of another.
fn join(labels: &[u8], name: &Sought<'_>, shared: usize) -> Result<NameBuffer, Corrupt> {
    let start = name.wire().len().checked_sub(shared).ok_or(Corrupt)?;
    let suffix = Name::parse(name.wire().get(start..).ok_or(Corrupt)?).map_err(|_| Corrupt)?;
    NameBuffer::join(labels, suffix).map_err(|_| Corrupt)
}
