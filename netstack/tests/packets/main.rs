//! Packet scripts: what arrives, what goes back, what is counted.

mod announcements;
mod arp;
mod datagrams;
mod device;
mod dhcp;
mod frames;
mod hostile_frames;
mod icmp;
mod ipv4;
mod ipv6;
mod links;
mod memory;
mod neighbours;
mod paths;
mod resets;
mod routers;
mod tcp;
mod traffic;
mod turns;
mod wire;
