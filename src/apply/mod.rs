//! Reading what is live, and carrying a plan out.
//!
//! [`survey`] asks AWS for all that a plan needs and plans; [`run`] does what the plan says,
//! concurrently and in dependency order, and tells an [`Observer`] what happens. Both can be
//! stopped at any instant: the next run reads what is live and goes on from there. [`values`] reads
//! only what outputs and configuration files are made of.

mod events;
mod interrupt;
mod let_go;
mod making;
mod needs;
mod report;
mod run;
mod steps;
mod survey;
mod values;
mod watch;

pub use events::{Event, Observer, Outcome, Step};
pub use interrupt::Interrupt;
pub use report::{Failure, RunReport};
pub use run::run;
pub use steps::{Context, by_address};
pub use survey::{Goal, Survey, SurveyError, facts, survey};
pub use values::values;
