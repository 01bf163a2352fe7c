//! The data of records: its shape on the wire, and how it is read and written as text.

mod layout;
mod service;

pub use layout::{DataError, EmbeddedName, EmbeddedNames, Field, embedded_names, validate};
