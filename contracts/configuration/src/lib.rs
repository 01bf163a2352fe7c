//! What an appliance is told.
//!
//! A configuration travels as one tar [`Archive`] whose root is `appliance.toml`; everything that the appliance serves
//! lies beside it in the form in which it is served. The host makes the archive and reports every mistake in what it is
//! made of as a [`Diagnostic`]; a machine takes it up through [`Configure`], and trusts it no further than its types.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod archive;
mod diagnostic;
mod document;
mod network;

pub use archive::{Archive, Files};
pub use diagnostic::{Diagnostic, Diagnostics, Location, Severity, SourceId};
pub use document::{Document, Table, Value};
pub use network::{Network, Prefix};

/// An appliance that can be made from an archive.
pub trait Configure: Sized {
    /// Takes the archive up, or says in `diagnostics` everything that is wrong with it and returns `None`.
    fn configure(archive: &Archive, document: &Document<'_>, diagnostics: &mut Diagnostics) -> Option<Self>;
}
