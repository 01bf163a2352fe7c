//! TCP (RFC 9293): connections, and what they are kept in.

#![cfg_attr(not(test), expect(dead_code, reason = "the connections that use these are not here yet"))]

mod keyed_hash;
mod pool;
mod sequence;
mod slab;
mod sources;
mod table;
mod tuple;
mod wheel;
