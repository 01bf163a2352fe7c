//! The DNS appliance as a bootable image.

#![no_std]
#![no_main]

kernel::entry_point!(dns::Dns);
