//! How a run ended.

use std::fmt;

use crate::plan::Phase;
use crate::provider::ProviderError;
use crate::schema::Address;
use crate::stack::Diagnostics;

use super::Outcome;

/// What a run came to.
#[derive(Debug, Default)]
pub struct RunReport {
    /// What was done.
    pub done: Vec<(Address, Outcome)>,
    /// What failed.
    pub failed: Vec<(Address, Failure)>,
    /// What was begun and not finished: the last phase that was done.
    pub unfinished: Vec<(Address, Phase)>,
    /// What was not started, and the failed or unstarted resources it waits for.
    pub not_started: Vec<(Address, Vec<Address>)>,
    /// Whether the person stopped it.
    pub interrupted: bool,
}

impl RunReport {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.unfinished.is_empty() && self.not_started.is_empty()
    }
}

/// Why work on a resource failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// AWS, or the way to it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// What the file says turned out wrong now that values are known.
    #[error("{0}")]
    Declaration(Diagnostics),
    /// A value that should be known by now is not.
    #[error("`{reference}` is still not known: what gives it has not been made")]
    Unknown {
        /// The reference.
        reference: String,
    },
    /// A file on this machine.
    #[error("{0}")]
    Local(String),
    /// Something changed between plan and apply so that more would have to be done than was planned.
    #[error("{what}: this is more than was planned, so nothing was done. Plan again")]
    Stronger {
        /// What would have to be done.
        what: String,
    },
    /// Somebody else's object stands where this one should.
    #[error("{what}")]
    Taken {
        /// Which object, and whose.
        what: String,
    },
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Declaration(diagnostics)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
