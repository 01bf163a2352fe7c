//! TCP: RFC 9293, and what it says to do as well.

mod closing;
mod opening;
mod resets;
mod script;
