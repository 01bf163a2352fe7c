//! An image that does, once the machine is sealed, the one thing that its configuration's first line names. The machine has
//! to stop it: `cargo xtask test --only hardening` starts one for each.

#![no_std]
#![no_main]

kernel::entry_point!(kernel::Violation);
