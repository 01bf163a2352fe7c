//! The machine in memory: a seeded world with a clock of its own, cables that bring bad luck, our machine, independent
//! peers, and checks of what must hold always.
//!
//! A world is made from a seed and nothing else, so that whatever goes wrong in it goes wrong again.
//!
//! ```text
//! seed → Random → Scenario ─▶ World ── turns ──▶ Machine   (our network stack and an appliance)
//!                               │  ╲── turns ──▶ Peer      (smoltcp's stack and a client)
//!                               └─ Cable: delay, loss, bursts, reordering, duplication, damage, cuts, bandwidth, MTU
//! ```

#![forbid(unsafe_code)]

pub mod cable;
pub mod checkers;
pub mod machine;
pub mod node;
pub mod peer;
pub mod random;
pub mod record;
pub mod scenarios;
pub mod world;

mod bottleneck;
mod flood;
mod frames;
mod hub;
mod impostor;
mod lessor;
mod limits;
mod opener;
mod party;
mod resolver;
mod server;
mod talker;
mod wire;
