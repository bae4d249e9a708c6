//! AWS's resource types and calls.
//!
//! Of each `<service>/`, `pinfra generate` writes `mod.rs`, `shapes.rs` (typed SDK calls over
//! [`serde_json::Value`]s) and, from each `<type>/spec.yaml`, `<type>/generated.rs` (the type as
//! data). [`convert`] is what `shapes.rs` is made of, [`call`] how its calls fail; `hooks.rs` beside
//! a spec is by hand. Only what touches the SDK needs the feature `aws`.

#[cfg(feature = "aws")]
pub mod call;
#[cfg(feature = "aws")]
pub mod convert;
pub mod ec2;
pub mod iam;
pub mod kafka;
pub mod kinesis;
pub mod s3;
pub mod types;

pub use types::TYPES;
