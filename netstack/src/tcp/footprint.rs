//! What connections take of a machine's memory, besides the buffers that all of them share.

use crate::tcp::connection::Connection;
use crate::tcp::flight::Flight;
use crate::tcp::order::Liveliness;
use crate::tcp::rows::Rows;
use crate::tcp::scoreboard::Sent;
use crate::tcp::slab::Slab;
use crate::tcp::sources::Sources;
use crate::tcp::table::Table;
use crate::tcp::time_wait::TimeWait;
use crate::tcp::wheel::Wheel;
use alloc::boxed::Box;

/// Octets that a connection takes while nothing is on its way: itself, and its places in what is kept of all.
pub(crate) const IDLE: usize = Slab::<Connection>::PLACE
    + Rows::PLACE
    + Wheel::PLACE
    + Liveliness::PLACE
    + Table::PLACES_MOST
    + Sources::PLACES_MOST;

/// Octets that are allocated for each connection that there may be, at most: it may have something on its way, and what remains of
/// another may be there at the same time.
pub(crate) const ALLOCATED: usize = IDLE
    + size_of::<Flight>()
    + size_of::<Box<Flight>>()
    + Slab::<Sent>::PLACE / 4
    + TimeWait::PLACE
    + Table::PLACES_MOST;

/// How many streams a machine has memory for depends on it.
const IDLE_MOST: usize = 512;
const _: () = assert!(IDLE <= IDLE_MOST, "an idle connection takes more than it may");
