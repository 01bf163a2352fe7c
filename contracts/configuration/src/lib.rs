//! What an appliance is told.
//!
//! A configuration travels as one tar [`Archive`] whose root is `appliance.toml`; everything that the appliance serves
//! lies beside it in the form in which it is served. The host parses texts, once, into types, reports every mistake in them
//! as a [`Diagnostic`], and puts the types into the archive; a machine takes them up through [`Configure`], trusts them no
//! further than their bounds, and has no parser of texts (docs/decisions/0001-typed-configuration.md).

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod archive;
mod diagnostic;
mod document;
mod network;

pub use archive::{Archive, Files, Unusable};
pub use diagnostic::{Diagnostic, Diagnostics, Location, Severity, SourceId};
pub use document::{Document, Table, Value};
pub use network::{EthernetAddress, Interface, Network, Prefix};

/// An appliance that can be made from an archive.
pub trait Configure: Sized {
    /// Takes the archive up.
    fn configure(archive: &Archive) -> Result<Self, Unusable>;
}
