//! What is wrong with an entry, before it is known which text the entry is in.

use crate::NameError;
use crate::name::Fault;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::ops::Range;

/// A mistake in an entry, which ends the reading of the entry. Boxed: what has none should not carry room for one.
#[derive(Debug)]
pub(crate) struct Mistake(Box<Parts>);

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Mistake {
    #[cold]
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { span, message: message.into(), help: None }))
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    #[cold]
    pub(crate) fn name(fault: Fault, word: Range<usize>) -> Self {
        let span = match fault.error {
            NameError::EmptyLabel | NameError::Escape => fault.at..fault.at + 1,
            NameError::Incomplete | NameError::Label | NameError::TooLong | NameError::Excess => word,
        };
        Self::new(span, fault.error.to_string())
    }

    pub(crate) fn into_parts(self) -> Parts {
        *self.0
    }
}
