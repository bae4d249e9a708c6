//! The services of the embedded cloud.
//!
//! A service is a table of operations ([`call::Service`]): each handler gets one parsed, validated
//! [`call::Call`] with a transaction on the store and answers a value of the model's output shape
//! or an [`ApiError`](super::error::ApiError). It knows nothing of protocols, HTTP or faults, and
//! what it answers is checked against the model. Services look one another up through public
//! functions that take the transaction.

pub mod arn;
pub mod call;
pub mod ec2;
pub mod iam;
pub mod kafka;
pub mod kinesis;
pub mod logs;
pub mod paging;
pub mod record;
pub mod s3;
pub mod secretsmanager;
pub mod ssm;
pub mod sts;
pub mod tagging;
pub mod tags;

pub use call::{Call, Failure, Handler, Reply, Service, no_seed};

/// Every service there is, in the order in which a fresh account is seeded.
pub static SERVICES: &[&Service] = &[
    &ec2::SERVICE,
    &iam::SERVICE,
    &kafka::SERVICE,
    &kinesis::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &secretsmanager::SERVICE,
    &ssm::SERVICE,
    &sts::SERVICE,
    &tagging::SERVICE,
];

/// The service of this name.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|s| s.name == name).copied()
}
