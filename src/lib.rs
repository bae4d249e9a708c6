//! pinfra: infrastructure as code for event pipelines on AWS, without a state file.
//!
//! The rooms, each depending only on those below it: `cli`, `report`, `apply`, `plan`, `configs`,
//! `stack`, `provider`, `schema`; and beside them `generate` and `cloud` over `aws_model`.

#[cfg(feature = "aws")]
pub mod apply;
#[cfg(any(feature = "generate", feature = "cloud"))]
pub mod aws_model;
pub mod cli;
#[cfg(feature = "cloud")]
pub mod cloud;
#[cfg(feature = "stack")]
pub mod configs;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "stack")]
pub mod plan;
#[cfg(feature = "stack")]
pub mod provider;
#[cfg(feature = "stack")]
pub mod report;
pub mod schema;
#[cfg(feature = "stack")]
pub mod stack;
