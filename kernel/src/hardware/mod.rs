//! The only unsafe code of the machine: one register set, device or instruction a file.
//!
//! Rules of this folder: what it offers is safe to call, or says in `# Safety` what the caller owes; nothing here knows why
//! it is called. Rust runs in ring 3 throughout, with interrupts off, on one processor.

pub(crate) mod atomics;
pub(crate) mod frames;
pub(crate) mod processor;
pub(crate) mod registers;

#[cfg(feature = "image")]
pub(crate) mod boot_map;
#[cfg(feature = "image")]
pub(crate) mod claims;
#[cfg(feature = "image")]
pub(crate) mod heap;
#[cfg(feature = "image")]
pub(crate) mod image;
#[cfg(feature = "image")]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "all of a function here is one claim: it stays within its counts"
)]
mod memory_functions;
#[cfg(feature = "image")]
pub(crate) mod monitor;
#[cfg(feature = "image")]
pub(crate) mod physical;
#[cfg(feature = "image")]
pub(crate) mod port;
#[cfg(feature = "violations")]
pub(crate) mod violations;
