//! Connections (RFC 9293).

#![cfg_attr(not(test), expect(dead_code, unused_imports, reason = "connections that use it come next"))]

mod congestion;
mod round_trip;
