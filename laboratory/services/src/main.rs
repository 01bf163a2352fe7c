//! The services as a bootable image.

#![no_std]
#![no_main]

kernel::entry_point!(services::Services);
