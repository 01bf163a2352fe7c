//! The list of a function's capabilities (PCI 3.0 §6.7).

use super::{Configuration, Function, command, register};

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capability {
    /// Where its first register is.
    pub(super) register: u16,
    /// That register: the identity in the first octet, the next one's place in the second.
    pub(super) head: u32,
}

impl Capability {
    pub(super) fn identity(self) -> u8 {
        let [identity, ..] = self.head.to_le_bytes();
        identity
    }
}

/// The most capabilities: what fits between the header and the end of the first 256 octets, four octets each.
const CAPABILITIES: usize = 48;

/// A function's capabilities, in its order; a list that leads nowhere or never ends is followed as far as it can be.
pub(super) fn capabilities<C: Configuration>(
    space: &C,
    function: Function,
) -> impl Iterator<Item = Capability> + use<'_, C> {
    /// Where headers end.
    const HEADER_END: u16 = 0x40;
    let has_list = space.read(function, register::COMMAND) & command::HAS_CAPABILITIES != 0;
    let first = if has_list { space.read(function, register::CAPABILITIES) } else { 0 };
    let [first, ..] = first.to_le_bytes();
    let mut next = first;
    let walk = core::iter::from_fn(move || {
        // The two lower bits are reserved.
        let register = u16::from(next & !3);
        if register < HEADER_END {
            return None;
        }
        let head = space.read(function, register);
        [_, next, _, _] = head.to_le_bytes();
        Some(Capability { register, head })
    });
    walk.take(CAPABILITIES)
}
