//! Packet scripts: what arrives, what goes back, what is counted.

mod datagrams;
mod memory;
mod traffic;
mod wire;
