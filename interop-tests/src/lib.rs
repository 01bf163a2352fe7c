//! What a stranger's program could find out about our appliances, from the wire alone.
//!
//! A test here is a conversation with a [`Server`]: ours, on any of its machines, or a reference server that serves the
//! same zones. It holds for the reference servers first: where they fail it, it is the test that is wrong. Nothing here
//! uses a crate of ours, so that no mistake can hide by being made on both sides.

pub mod cable;
pub mod client;
pub mod compare;
pub mod differential;
pub mod message;
pub mod name;
pub mod namespace;
pub mod process;
pub mod reply;
pub mod statistics;
pub mod stream;
pub mod subject;
pub mod zones;

pub use client::Server;
pub use reply::Reply;

/// A test: what it is called, and the conversation that it is.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// `module::name`.
    pub name: &'static str,
    /// Fails with what was wrong with the last reply.
    pub run: fn(&Server) -> anyhow::Result<()>,
}

/// The tests of a module, by the names of their functions.
#[macro_export]
macro_rules! tests {
    ($($function:ident),* $(,)?) => {
        pub(crate) const TESTS: &[$crate::Test] =
            &[$($crate::Test { name: concat!(module_path!(), "::", stringify!($function)), run: $function }),*];
    };
}
