//! What all connections share: the blocks that octets wait in, and the places of what is known of them.

use crate::budget::Budget;
use crate::tcp::flight::Flights;
use crate::tcp::limits;
use crate::tcp::pool::Pool;
use crate::tcp::receive::Island;
use crate::tcp::scoreboard::Sent;
use crate::tcp::send::Lent;
use crate::tcp::slab::Slab;

/// No place in a slab.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Memory of a stated size, asked for once.
pub(crate) struct Memory {
    pub(crate) pool: Pool,
    /// What is known of those connections that have something on its way.
    pub(crate) flights: Flights,
    /// Ranges that are on their way.
    pub(crate) sent: Slab<Sent>,
    /// Ranges that came before what is in front of them.
    pub(crate) islands: Slab<Island>,
    /// Regions that the appliance lent.
    pub(crate) lent: Slab<Lent>,
}

impl Memory {
    /// Beside the buffers of `budget`, one twelfth as much for what is known of them.
    pub(crate) fn new(budget: Budget) -> Self {
        /// Fewer octets than this are seldom on their way in one range, nor isolated: small messages, a segment each.
        const OCTETS_PER_RANGE: usize = 1024;
        const OCTETS_PER_ISLAND: usize = 4096;
        const OCTETS_PER_REGION: usize = 4096;
        let least = if budget.streams == 0 { 0 } else { 256 };
        let ranges = least + budget.buffers / OCTETS_PER_RANGE + budget.streams / 4;
        Self {
            pool: Pool::new(budget.buffers),
            // Nothing is on its way without a range.
            flights: Flights::new(ranges.min(budget.streams)),
            sent: Slab::new(ranges),
            // One connection can always have as many as one may.
            islands: Slab::new(2 * least + budget.buffers / OCTETS_PER_ISLAND),
            lent: Slab::new(least + budget.buffers / OCTETS_PER_REGION),
        }
    }

    /// What little is left of, for so many connections: then those are given up that hold some of it and don't get on.
    #[inline]
    pub(crate) fn shortage(&self, connections: usize) -> Option<Store> {
        let Self { pool, flights, sent, islands, lent } = self;
        // Where each can have one, nobody waits for a flight.
        let without = connections.saturating_sub(flights.capacity());
        let left = [
            (Store::Buffers, pool.available(), pool.capacity()),
            (Store::Flights, flights.available(), flights.capacity().min(without)),
            (Store::Ranges, sent.vacant(), sent.capacity()),
            (Store::Islands, islands.vacant(), islands.capacity()),
            (Store::Regions, lent.vacant(), lent.capacity()),
        ];
        let is_short =
            |&(_, available, capacity): &(_, usize, usize)| available < capacity / limits::SHORT_OF_MEMORY;
        left.into_iter().find(is_short).map(|(store, ..)| store)
    }
}

/// What connections share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Buffers,
    Flights,
    Ranges,
    Islands,
    Regions,
}
