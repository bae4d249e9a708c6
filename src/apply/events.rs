//! What happens while a plan is carried out: one stream for every observer.

use std::time::Duration;

use crate::provider::ProviderError;
use crate::schema::Address;

/// What is being done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is made.
    Creating,
    /// It is changed.
    Updating,
    /// It is destroyed.
    Deleting,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there already, made by an earlier run, and is now as declared.
    Found,
    /// It was changed.
    Updated,
    /// It is this stack's now.
    Adopted,
    /// It was made anew.
    Replaced,
    /// It is gone.
    Deleted,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Found => "found",
            Self::Updated => "updated",
            Self::Adopted => "adopted",
            Self::Replaced => "replaced",
            Self::Deleted => "deleted",
        }
    }
}

/// One thing that happened to one resource.
#[derive(Debug)]
pub enum Event<'a> {
    /// Work on it began.
    Started(Step),
    /// It is waited for.
    Waiting {
        /// AWS's word for its state.
        state: &'a str,
        /// How long this usually takes.
        usual: Option<Duration>,
    },
    /// Nothing can be done with it until others are done.
    WaitsFor(&'a [Address]),
    /// A call is tried again after a pause.
    Retrying {
        /// What went wrong.
        error: &'a ProviderError,
        /// How long until then.
        pause: Duration,
    },
    /// It is as declared.
    Done {
        /// How it ended.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
    },
    /// It is not as declared.
    Failed {
        /// What went wrong.
        failure: &'a super::Failure,
    },
    /// Something a person should know.
    Note(&'a str),
}

/// Sees everything that happens.
pub trait Observer: Sync {
    /// Something happened to a resource.
    fn on(&self, address: &Address, event: Event<'_>);
}
