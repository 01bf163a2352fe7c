//! Where a virtio function has what its driver needs (virtio 1.2 §4.1.4), and its table of messages (PCI 3.0 §6.8.2).

use super::bar::Bar;
use super::capability::{Capability, capabilities};
use super::{Configuration, Function, Present};
use crate::memory::{overlap, pages};
use core::ops::Range;

/// A virtio function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Virtio {
    /// Where it is.
    pub function: Function,
    /// Which kind of device (virtio 1.2 §5).
    pub device: u32,
    /// Where its parts lie, or why it can't be used.
    pub parts: Result<Parts, LayoutError>,
}

/// Addresses of a function's parts: those for its driver lie in whole pages with none of those that are withheld from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What every virtio device has.
    pub common: Range<u64>,
    /// The doorbells.
    pub notify: Range<u64>,
    /// How far a doorbell lies from the next.
    pub notify_multiplier: u32,
    /// The device's own configuration; empty if there is none.
    pub configuration: Range<u64>,
    /// The messages that it sends; withheld.
    pub table: Range<u64>,
    /// Which of them wait; withheld.
    pub pending: Range<u64>,
    /// The register that enables messages.
    control: u16,
}

/// Why a function can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// It is of before virtio 1.0.
    Legacy,
    /// It sends no messages (MSI-X).
    NoMessages,
    /// Nobody gave it addresses.
    Unassigned,
    /// Its parts are not where it says, too short, or in each other's place.
    Malformed,
    /// Its table of messages shares a page with what the driver needs.
    Exposed,
}

const VENDOR: u16 = 0x1af4;

/// Whether a function is a virtio device (virtio 1.2 §4.1.2).
pub(super) fn is_virtio(present: &Present) -> bool {
    kind(present).is_some()
}

/// Which device a function is, of which kind (virtio 1.2 §4.1.2; those of before 1.0, §4.1.2.1, by their own numbers).
fn kind(present: &Present) -> Option<u32> {
    match present.device {
        _ if present.vendor != VENDOR => None,
        0x1000 => Some(1),
        0x1001 => Some(2),
        0x1003 => Some(3),
        0x1005 => Some(4),
        modern @ 0x1040..=0x107f => Some(u32::from(modern) - 0x1040),
        _ => None,
    }
}

/// Octets of the common configuration that are used (virtio 1.2 §4.1.4.3).
const COMMON: u64 = 56;

impl Virtio {
    /// A function, if it is a virtio device.
    pub(super) fn of(space: &mut impl Configuration, present: &Present) -> Option<Self> {
        let device = kind(present)?;
        let function = present.function;
        Some(Self { function, device, parts: Parts::find(space, function) })
    }
}

impl Parts {
    fn find(space: &mut impl Configuration, function: Function) -> Result<Self, LayoutError> {
        let places = Places::read(space, function);
        let common = places.common.ok_or(LayoutError::Legacy)?;
        let (notify, notify_multiplier) = places.notify.ok_or(LayoutError::Legacy)?;
        let messages = places.messages.ok_or(LayoutError::NoMessages)?;
        let mut bars = Bars::read(space, function);
        let mut resolve = |place| bars.resolve(space, place);
        let parts = Self {
            common: resolve(common)?,
            notify: resolve(notify)?,
            notify_multiplier,
            configuration: places.configuration.map_or(Ok(0..0), &mut resolve)?,
            table: resolve(messages.table)?,
            pending: resolve(messages.pending)?,
            control: messages.control,
        };
        parts.check()?;
        Ok(parts)
    }

    /// What the driver needs.
    pub fn needed(&self) -> [&Range<u64>; 3] {
        [&self.common, &self.notify, &self.configuration]
    }

    /// What it must not reach.
    pub fn withheld(&self) -> [&Range<u64>; 2] {
        [&self.table, &self.pending]
    }

    fn check(&self) -> Result<(), LayoutError> {
        let [common, notify, configuration] = self.needed();
        let is_aligned = |range: &Range<u64>, to| range.start.is_multiple_of(to);
        let is_apart =
            !overlap(common, notify) && !overlap(common, configuration) && !overlap(notify, configuration);
        let is_sound = common.end - common.start >= COMMON
            && is_aligned(common, 4)
            && is_aligned(notify, 2)
            && self.notify_multiplier.is_multiple_of(2)
            && is_aligned(configuration, 4)
            && is_aligned(&self.table, 8);
        if !is_apart || !is_sound {
            return Err(LayoutError::Malformed);
        }
        for withheld in self.withheld() {
            let withheld = pages(withheld);
            if self.needed().into_iter().any(|needed| overlap(&pages(needed), &withheld)) {
                return Err(LayoutError::Exposed);
            }
        }
        Ok(())
    }

    /// Lets the function send the messages of its table.
    pub fn enable_messages(&self, space: &mut impl Configuration, function: Function) {
        const ENABLE: u32 = 1 << 31;
        const MASK: u32 = 1 << 30;
        let control = space.read(function, self.control);
        space.write(function, self.control, (control | ENABLE) & !MASK);
    }
}

/// What a function's capabilities say.
#[derive(Default)]
struct Places {
    common: Option<Place>,
    notify: Option<(Place, u32)>,
    configuration: Option<Place>,
    messages: Option<Messages>,
}

/// Octets behind one of a function's base address registers.
#[derive(Clone, Copy)]
struct Place {
    bar: u8,
    offset: u32,
    length: u32,
}

struct Messages {
    table: Place,
    pending: Place,
    control: u16,
}

impl Places {
    fn read(space: &impl Configuration, function: Function) -> Self {
        const MESSAGES: u8 = 0x11;
        const VENDOR_SPECIFIC: u8 = 0x09;
        let mut places = Self::default();
        for capability in capabilities(space, function) {
            match capability.identity() {
                MESSAGES if places.messages.is_none() => {
                    places.messages = Some(Messages::read(space, function, capability));
                }
                VENDOR_SPECIFIC => places.add(space, function, capability),
                _ => {}
            }
        }
        places
    }

    /// Of several capabilities of a kind the first counts; those of kinds and registers that are reserved don't (§4.1.4.1).
    fn add(&mut self, space: &impl Configuration, function: Function, capability: Capability) {
        const COMMON: u8 = 1;
        const NOTIFY: u8 = 2;
        const DEVICE: u8 = 4;
        const NOTIFY_LENGTH: u8 = 20;
        let [_, _, length, kind] = capability.head.to_le_bytes();
        let register = |offset: u16| space.read(function, capability.register + offset);
        if !matches!(kind, COMMON | NOTIFY | DEVICE) || capability.register > LAST_CAPABILITY {
            return;
        }
        let [bar, ..] = register(4).to_le_bytes();
        if bar > 5 {
            return;
        }
        let place = Place { bar, offset: register(8), length: register(12) };
        match kind {
            COMMON => _ = self.common.get_or_insert(place),
            NOTIFY if length >= NOTIFY_LENGTH => _ = self.notify.get_or_insert((place, register(16))),
            DEVICE => _ = self.configuration.get_or_insert(place),
            _ => {}
        }
    }
}

/// Where the longest capability that is read can begin: all of it lies in the first 256 octets.
const LAST_CAPABILITY: u16 = 256 - 20;

impl Messages {
    /// PCI 3.0 §6.8.2.
    fn read(space: &impl Configuration, function: Function, capability: Capability) -> Self {
        const ENTRY: u32 = 16;
        let [table, pending] =
            [4, 8].map(|offset| space.read(function, (capability.register + offset).min(252)));
        let entries = ((capability.head >> 16) & 0x7ff) + 1;
        let place = |register: u32, length| {
            let [low, ..] = register.to_le_bytes();
            Place { bar: low & 7, offset: register & !7, length }
        };
        Self {
            table: place(table, entries * ENTRY),
            pending: place(pending, entries.div_ceil(64) * 8),
            control: capability.register,
        }
    }
}

/// A function's base address registers, and the memory behind those that were asked for.
struct Bars {
    registers: heapless::Vec<(u8, Bar), 6>,
    known: [Option<Range<u64>>; 6],
}

impl Bars {
    fn read(space: &impl Configuration, function: Function) -> Self {
        Self { registers: Bar::all(space, function), known: [const { None }; 6] }
    }

    /// Where a place is, if its register has so much behind it.
    fn resolve(&mut self, space: &mut impl Configuration, place: Place) -> Result<Range<u64>, LayoutError> {
        let bar = self.registers.iter().find(|(number, _)| *number == place.bar);
        let (number, bar) = *bar.ok_or(LayoutError::Malformed)?;
        if bar.address == 0 {
            return Err(LayoutError::Unassigned);
        }
        let known = &mut self.known[usize::from(number)];
        if known.is_none() {
            *known = bar.range(space);
        }
        let whole = known.as_ref().ok_or(LayoutError::Malformed)?;
        let start = whole.start.checked_add(place.offset.into()).ok_or(LayoutError::Malformed)?;
        let end = start.checked_add(place.length.into()).ok_or(LayoutError::Malformed)?;
        if end > whole.end || start == end { Err(LayoutError::Malformed) } else { Ok(start..end) }
    }
}
