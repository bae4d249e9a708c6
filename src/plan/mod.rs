//! What would be done, as data.
//!
//! [`make`] takes a stack's instances and what was observed of them and gives a [`Plan`]: an action
//! and its reason for every resource, with the attributes that differ. It asks nothing of the
//! network; [`crate::apply`] reads beforehand and carries the plan out afterwards.

mod action;
mod compare;
mod contents;
mod decide;
mod desired;
mod destroy;
mod graph;
mod held;
mod make;
mod marks;
mod scope;
mod settle;
mod summary;
mod tags;
mod twins;

pub use action::{Action, Lost, MarkWork, Plan, Reason, ResourceChange};
pub use compare::{Compared, compare};
pub use decide::lost;
pub use desired::{canonical_desired, for_creation, local_notes};
pub use destroy::destroy;
pub use graph::{Node, Phase, WorkGraph, goes, phases};
pub use held::is_own;
pub use make::{Inputs, Planned, Waivers, make};
pub use scope::{Facts, LiveScope};
pub use settle::{Settled, parameters_of, settle};
pub use summary::Summary;
pub use tags::{declared_tags, live_for_diff, wanted_tags};
pub use twins::order_twins;
