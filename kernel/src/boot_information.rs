//! What the loader says of the machine: PVH's `hvm_start_info` (Xen's include/public/arch-x86/hvm/start_info.h).
//!
//! A pure parser: it sees memory through a function, and believes nothing of it.

use core::ops::Range;

/// `hvm_start_info.magic`.
const MAGIC: u32 = 0x336e_c578;

/// The most ranges of RAM that are looked at.
pub(crate) const RAM_RANGES: usize = 32;

/// The longest command line, in octets: QEMU's buffer has 4 KiB, Firecracker's 2.
const COMMAND_LINE: u64 = 4096;

/// Shows `length` octets of memory at an address, or `None` where nothing may be looked at.
pub trait Memory<'a> {
    /// The octets.
    fn look(&self, address: u64, length: u64) -> Option<&'a [u8]>;
}

impl<'a, F: Fn(u64, u64) -> Option<&'a [u8]>> Memory<'a> for F {
    fn look(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        self(address, length)
    }
}

/// What the loader says.
#[derive(Debug, PartialEq, Eq)]
pub struct BootInformation<'a> {
    /// The kernel's command line, in which devices are announced too; without its final zero.
    pub command_line: &'a [u8],
    /// The first module: the configuration's archive.
    pub module: Option<Range<u64>>,
    /// Where ACPI's root pointer lies, if the loader says (version 1; Firecracker leaves it zero).
    pub root_pointer: Option<u64>,
    ram: [(u64, u64); RAM_RANGES],
    ram_count: usize,
}

/// Why a loader can't be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootError {
    /// There is no start information where the loader points.
    NoStartInformation,
    /// It is of a version without a memory map.
    NoMemoryMap,
}

impl<'a> BootInformation<'a> {
    /// Reads the structure at `address`.
    pub fn parse(address: u64, memory: &impl Memory<'a>) -> Result<Self, BootError> {
        const HEADER: u64 = 56;
        let header = memory.look(address, HEADER).ok_or(BootError::NoStartInformation)?;
        if word(header, 0) != Some(MAGIC) {
            return Err(BootError::NoStartInformation);
        }
        if word(header, 4) == Some(0) {
            return Err(BootError::NoMemoryMap);
        }
        let module_count = word(header, 12).unwrap_or(0);
        let [module_list, command_line] = [16, 24].map(|offset| long(header, offset).unwrap_or(0));
        let mut information = Self {
            command_line: read_command_line(command_line, memory),
            module: read_module(module_list, module_count, memory),
            root_pointer: long(header, 32).filter(|&address| address != 0),
            ram: [(0, 0); RAM_RANGES],
            ram_count: 0,
        };
        let map = long(header, 40).unwrap_or(0);
        let entries = word(header, 48).unwrap_or(0);
        information.read_memory_map(map, entries, memory);
        if information.ram_count == 0 { Err(BootError::NoMemoryMap) } else { Ok(information) }
    }

    /// The ranges of RAM, as the loader gives them.
    pub fn ram(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.ram.iter().take(self.ram_count).map(|&(start, end)| start..end)
    }

    /// The virtio-mmio windows of the command line, in its order: `virtio_mmio.device=SIZE@BASE:IRQ[:ID]` (Linux's
    /// Documentation/admin-guide/kernel-parameters.txt).
    pub fn windows(&self) -> impl Iterator<Item = Window> + use<'a> {
        self.words().filter_map(|word| Window::parse(word.strip_prefix(b"virtio_mmio.device=")?))
    }

    /// The value of `NAME=VALUE` on the command line; of several, the last.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'a [u8]> {
        self.words().filter_map(|word| word.strip_prefix(name.as_bytes())?.strip_prefix(b"=")).last()
    }

    fn words(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.command_line.split(u8::is_ascii_whitespace)
    }

    fn read_memory_map(&mut self, map: u64, entries: u32, memory: &impl Memory<'a>) {
        const ENTRY: u64 = 24;
        const RAM: u32 = 1;
        for number in 0..u64::from(entries.min(256)) {
            let Some(address) = map.checked_add(number * ENTRY) else { return };
            let Some(entry) = memory.look(address, ENTRY) else { return };
            let (Some(start), Some(length), Some(kind)) = (long(entry, 0), long(entry, 8), word(entry, 16))
            else {
                return;
            };
            let Some(place) = self.ram.get_mut(self.ram_count) else { return };
            if kind == RAM && length > 0 {
                *place = (start, start.saturating_add(length));
                self.ram_count += 1;
            }
        }
    }
}

fn read_command_line<'a>(address: u64, memory: &impl Memory<'a>) -> &'a [u8] {
    if address == 0 {
        return &[];
    }
    // The line may end close to the end of what may be looked at.
    let longest = (0..=COMMAND_LINE.ilog2()).rev().find_map(|power| memory.look(address, 1 << power));
    let octets = longest.unwrap_or(&[]);
    octets.split(|&octet| octet == 0).next().unwrap_or(&[])
}

fn read_module<'a>(list: u64, count: u32, memory: &impl Memory<'a>) -> Option<Range<u64>> {
    if count == 0 {
        return None;
    }
    let entry = memory.look(list, 32)?;
    let (start, length) = (long(entry, 0)?, long(entry, 8)?);
    let end = start.checked_add(length)?;
    (length > 0 && start > 0).then_some(start..end)
}

/// A virtio-mmio window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Where its registers begin.
    pub address: u64,
    /// Octets of it.
    pub length: u64,
    /// The line of the interrupt controller that the device raises.
    pub interrupt: u32,
}

impl Window {
    /// Octets of the least window: the registers, and a device's configuration (virtio 1.2 §4.2.2).
    const LEAST: u64 = 0x200;

    fn parse(text: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(text).ok()?;
        let (length, place) = text.split_once('@')?;
        let mut place = place.split(':');
        let window = Self {
            address: number(place.next()?)?,
            length: number(length)?,
            interrupt: u32::try_from(number(place.next()?)?).ok()?,
        };
        // Registers are read 32 bits at a time.
        let is_sane = window.length >= Self::LEAST
            && window.address > 0
            && window.address.is_multiple_of(4)
            && window.address.checked_add(window.length).is_some();
        is_sane.then_some(window)
    }
}

/// A number as Linux's `memparse` reads it: decimal or `0x`, with `K` or `M` behind it.
fn number(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'K' | b'k' => (&text[..text.len() - 1], 1 << 10),
        b'M' | b'm' => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    value.checked_mul(unit)
}

pub(crate) fn word(octets: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*octets.get(offset..)?.first_chunk()?))
}

pub(crate) fn long(octets: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*octets.get(offset..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
