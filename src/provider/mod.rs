//! What a resource type is, who owns a live object, and how both are read and changed.
//!
//! [`contract`] is the data a resource type consists of; generated code holds it as constants
//! (`aws/<service>/<type>/generated.rs`), with hand-written hooks beside it where a spec cannot say
//! it. The engine interprets that data over the SDK's typed calls (`aws/<service>/shapes.rs`):
//! it observes what is live, creates, updates, deletes and waits. Ownership is read from tags, and
//! nothing is remembered between two runs.

pub mod aws;
mod body;
mod bulk;
pub mod call;
pub mod catalog;
pub mod checks;
mod codes;
pub mod contract;
mod create;
mod declared;
mod delete;
mod elements;
mod errors;
mod finish;
pub mod forms;
mod holders;
pub mod hooks;
pub mod identity;
mod input;
mod items;
pub mod keys;
mod limits;
pub mod live;
mod lookup;
pub mod marks;
pub mod network;
mod observe;
pub mod ownership;
mod parts;
mod path;
mod read;
mod remedy;
mod repeated;
mod reshape;
mod rest;
mod retry;
mod review;
#[cfg(feature = "aws")]
mod sdk;
mod session;
mod sought;
mod update;
mod update_calls;
mod wait;
mod wanted;
mod young;

pub use call::CallCounts;
pub use contract::{ErrorClass, ResourceType};
pub use create::Created;
pub use delete::{before_deletion, holds};
pub use errors::{ErrorKind, Impossible, ProviderError};
pub use holders::{Holder, IsOwn, may_be_held, name_all};
pub use live::{Live, Owner, State};
pub use lookup::not_among;
pub use observe::{Found, Observed, StaleMark, Stray};
pub use read::{Key, Need};
pub use remedy::update_for;
pub use rest::{is_at_rest, resting};
#[cfg(feature = "aws")]
pub use sdk::Sdk;
pub use session::{Identity, NoWatch, Options, Provider, Target, Watch, is_address};
pub use update_calls::{UpdateCall, steps_between};
pub use wanted::{Place, Wanted};
