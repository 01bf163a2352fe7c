//! TCP: RFC 9293, and what it says to do as well.

mod acknowledging;
mod closing;
mod crowd;
mod limits;
mod offload;
mod opening;
mod pace;
mod recovery;
mod reports;
mod resets;
mod script;
mod states;
mod window;
