//! Plans, and what happens while they are carried out, drawn for people and for machines.
//!
//! A [`crate::plan::Plan`] becomes text ([`plan_text`]) or JSON ([`plan_json`]); a run's events become
//! progress on a terminal or plain lines elsewhere ([`Progress`]). Nothing is decided here.

mod json;
#[cfg(feature = "aws")]
mod outcome;
#[cfg(feature = "aws")]
mod progress;
mod style;
mod text;
mod values;

pub use json::plan_json;
#[cfg(feature = "aws")]
pub use outcome::outcome_text;
#[cfg(feature = "aws")]
pub use progress::Progress;
pub use style::{Paint, Style};
pub use text::{Header, counted, plan_text};
