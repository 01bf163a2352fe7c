//! TCP (RFC 9293): connections, and what they are kept in.

#![cfg_attr(not(test), expect(dead_code, reason = "the connections that use these are not here yet"))]

mod pool;
mod sequence;
mod slab;
mod tuple;
mod wheel;
