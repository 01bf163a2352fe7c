//! The bare-metal machine: what stands between a virtual machine monitor and an appliance.
//!
//! The story of a start, in order: the monitor (`hardware/monitor.s`) enters ring 3; [`start`] reads what the loader left
//! (`boot_information`), finds clocks, randomness and devices, builds the final page tables (`paging`) and seals the machine;
//! only then is the configuration looked at and the appliance made; the heap is sealed too, and `netstack` serves until the
//! machine is switched off. Unsafe code lives in `hardware/` and nowhere else.

#![no_std]
#![deny(unsafe_code)]

#[cfg(any(feature = "image", test))]
extern crate alloc;

pub mod acpi;
pub mod boot_information;
pub mod pci;

// Tests on a host see these rooms, but not all of what enters them.
#[cfg(any(feature = "image", test))]
#[cfg_attr(not(feature = "image"), expect(dead_code, reason = "the image alone finds devices"))]
#[expect(unsafe_code, reason = "the one folder that touches hardware")]
mod hardware;
#[cfg(any(feature = "image", test))]
mod interfaces;
#[cfg_attr(not(any(feature = "image", test)), expect(dead_code, reason = "a parser needs pages alone"))]
mod memory;
#[cfg(any(feature = "image", test))]
#[cfg_attr(not(feature = "image"), expect(dead_code, reason = "the image alone finds devices"))]
mod network;
#[cfg(any(feature = "image", test))]
#[cfg_attr(not(feature = "image"), expect(dead_code, reason = "the image alone finds devices"))]
mod operator_line;
#[cfg(any(feature = "image", test))]
mod paging;
#[cfg(any(feature = "image", test))]
mod queue;
#[cfg(any(feature = "image", test))]
mod shares;
#[cfg(any(feature = "image", test))]
#[cfg_attr(not(feature = "image"), expect(dead_code, reason = "the image alone finds devices"))]
mod transport;

#[cfg(any(feature = "trials", test))]
#[cfg_attr(not(feature = "trials"), expect(dead_code, reason = "the image alone finds devices"))]
mod volume;

#[cfg(feature = "image")]
mod clock;
#[cfg(feature = "image")]
mod console;
#[cfg(feature = "image")]
mod devices;
#[cfg(feature = "image")]
mod entropy;
#[cfg(feature = "image")]
mod fault;
#[cfg(feature = "image")]
mod interrupts;
#[cfg(feature = "image")]
mod machine;
#[cfg(feature = "image")]
mod power;
#[cfg(feature = "image")]
mod start;
#[cfg(feature = "trials")]
mod trial;
#[cfg(feature = "violations")]
mod violation;

#[cfg(feature = "image")]
pub use start::start;
#[cfg(feature = "trials")]
pub use trial::{TrialMachine, try_out};
#[cfg(feature = "violations")]
pub use violation::Violation;
