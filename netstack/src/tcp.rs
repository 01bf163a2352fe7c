//! Connections (RFC 9293).

#![cfg_attr(not(test), expect(dead_code, reason = "connections that use it come next"))]

mod round_trip;
