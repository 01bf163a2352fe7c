//! Packet scripts: what arrives, what goes back, what is counted.

mod arp;
mod datagrams;
mod frames;
mod icmp;
mod ipv4;
mod memory;
mod resets;
mod traffic;
mod wire;
