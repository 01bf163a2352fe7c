//! An image that does, once the machine is sealed, the one thing that its archive's file `violation` names. The machine has
//! to stop it: `cargo xtask test --only hardening` starts one for each.

#![no_std]
#![no_main]

kernel::entry_point!(kernel::Violation);
