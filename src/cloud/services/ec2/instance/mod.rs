//! Instances.
//!
//! A record is the API's `Instance` without what belongs to others, plus hidden members: `Life` is
//! the last order given and when it is carried out (`life.rs` makes a state of it and of now),
//! `Reservation` what it was launched with, `UserData` and `Protection` what only attributes show.
//! Interfaces and volumes are records of their own that name the instance in their attachment;
//! `view.rs` puts all of it together. `run.rs` launches what `wish.rs`, `network.rs` and `disks.rs`
//! have checked; `power.rs` gives orders; `attribute.rs` and `options.rs` change the rest.

mod attribute;
mod describe;
mod disks;
mod life;
mod lists;
pub mod network;
mod options;
mod power;
mod profile;
mod run;
mod status;
mod token;
mod type_filters;
pub mod types;
mod view;
mod wish;

pub use attribute::{
    describe as describe_attribute, modify as modify_attribute, reset as reset_attribute,
};
pub use describe::describe;
pub use options::{
    console_output, credits, metadata as modify_metadata, modify_credits, monitor, unmonitor,
};
pub use power::{reboot, start, stop, terminate};
pub use profile::{
    associate as associate_profile, describe as describe_profiles,
    disassociate as disassociate_profile, replace as replace_profile,
};
pub use run::run;
pub use status::describe as describe_status;
