//! How the program ends: the statuses that scripts build on (`isopod --help` and docs/cli.md list them).

use core::fmt;
use std::process::{ExitCode, Termination};

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub(crate) enum Status {
    /// Done; a machine ended in order, or because it was asked to.
    Done = 0,
    /// This host could not do it.
    Host = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration has errors.
    Configuration = 3,
    /// QEMU itself failed.
    Qemu = 4,
    /// The guest panicked or faulted.
    Fault = 5,
    /// The guest lacked a device or its configuration.
    Lacking = 6,
    /// The guest ended without saying why, or was killed from outside.
    Vanished = 7,
}

/// Why a command failed, and the status to end with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    /// `None` if everything has been said already.
    pub(crate) error: Option<anyhow::Error>,
}

impl Failure {
    /// Ends with `status`; whatever there is to say was said.
    pub(crate) fn silent(status: Status) -> Self {
        Self { status, error: None }
    }

    pub(crate) fn usage(message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { status: Status::Usage, error: Some(anyhow::Error::msg(message)) }
    }
}

/// Unless it is said otherwise, it is this host that could not do it.
impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { status: Status::Host, error: Some(error.into()) }
    }
}

impl Termination for Status {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Done => "ended in order",
            Self::Host => "this host could not run it",
            Self::Usage => "the command line was wrong",
            Self::Configuration => "the configuration has errors",
            Self::Qemu => "QEMU failed",
            Self::Fault => "the guest panicked or faulted",
            Self::Lacking => "the guest lacked a device or its configuration",
            Self::Vanished => "the guest ended without saying why",
        })
    }
}
