//! What a resource type is, who owns a live object, and how both are read and changed.
//!
//! [`contract`] is the data a resource type consists of; generated code holds it as constants
//! (`aws/<service>/<type>/generated.rs`), with hand-written hooks beside it where a spec cannot say
//! it. The engine interprets that data over the SDK's typed calls (`aws/<service>/shapes.rs`):
//! it observes what is live, creates, updates, deletes and waits. Ownership is read from tags, and
//! nothing is remembered between two runs.

pub mod aws;
pub mod contract;
pub mod hooks;
pub mod live;
pub mod ownership;

pub use contract::ResourceType;
pub use live::{Live, Owner, State};
