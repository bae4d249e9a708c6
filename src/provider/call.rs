//! The boundary between the engine and the AWS SDK: one operation, values in and out.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tempfile::TempPath;

use super::contract::Service;
use super::session::Watch;

/// A service that the engine calls: those of resource types, and those it needs itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Api {
    /// A resource type's service.
    Of(Service),
    /// AWS Security Token Service: who is calling.
    Sts,
    /// AWS Systems Manager: parameters.
    Ssm,
    /// AWS Secrets Manager.
    SecretsManager,
    /// Resource Groups Tagging API.
    Tagging,
    /// The same in the region that knows what belongs to no region ([`global_region`]).
    GlobalTagging,
}

/// The region whose Resource Groups Tagging API knows the objects of global services, for a
/// partition's regions.
pub fn global_region(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-north-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

impl Api {
    /// Its name, as in IAM actions and endpoints: `kinesis`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Of(service) => service.name(),
            Self::Sts => "sts",
            Self::Ssm => "ssm",
            Self::SecretsManager => "secretsmanager",
            Self::Tagging | Self::GlobalTagging => "tagging",
        }
    }
}

impl From<Service> for Api {
    fn from(service: Service) -> Self {
        Self::Of(service)
    }
}

/// One call of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Whose operation it is.
    pub api: Api,
    /// AWS's name of it: `CreateStream`.
    pub operation: &'a str,
    /// Its input, an object by the SDK's snake_case names.
    pub input: &'a Value,
    /// Whether sending it twice is harmless, so that the SDK may retry it by itself.
    pub repeatable: bool,
}

/// What a call gives, in time.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Value, Fault>> + Send + 'a>>;

/// Whoever can call AWS's operations.
pub trait Calls: Send + Sync {
    /// Calls one operation.
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a>;

    /// Where calls of this service go, for errors of those that went nowhere.
    fn endpoint(&self, api: Api) -> String;

    /// Whether the cloud takes stand-ins for what would be downloaded: one on this machine does.
    fn stands_in(&self) -> bool {
        false
    }

    /// Downloads something into a file of its own: the file, and its SHA-256 in hexadecimal.
    fn download<'a>(&'a self, _url: &'a str, _limit: u64, _watch: &'a dyn Watch) -> Download<'a> {
        Box::pin(async { Err("nothing can be downloaded over this connection".to_owned()) })
    }
}

/// What a download gives, in time; the error says what went wrong, for people.
pub type Download<'a> =
    Pin<Box<dyn Future<Output = Result<(TempPath, String), String>> + Send + 'a>>;

/// Why a call failed, before anybody decided what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it failed.
    pub kind: FaultKind,
    /// The service's error code, if it answered with one.
    pub code: Option<String>,
    /// The service's own words, or the innermost reason of a failure on the way.
    pub message: String,
    /// The id AWS support asks for.
    pub request_id: Option<String>,
    /// Where the request went, as far as one did.
    pub endpoint: Option<String>,
}

impl Fault {
    /// A failure without an answer of the service.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            request_id: None,
            endpoint: None,
        }
    }
}

/// Where a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The service answered with an error.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The endpoint's name does not resolve.
    NoSuchHost,
    /// The endpoint does not answer.
    Unreachable,
    /// There are no credentials to sign with, or they could not be fetched.
    NoCredentials,
    /// The store of the embedded cloud cannot be used.
    LocalStore,
    /// The request could not be built from its input: a fault of a spec.
    BadInput,
    /// The reply could not be read.
    BadReply,
}

/// How many requests went out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// All of them, the SDK's retries included.
    pub total: u64,
    /// By `service:Operation`.
    pub by_operation: BTreeMap<String, u64>,
}

/// What the HTTP layer learns from the requests that pass.
#[derive(Debug)]
pub struct Traffic {
    counts: Mutex<BTreeMap<String, u64>>,
    time_scale: AtomicU64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            counts: Mutex::default(),
            time_scale: AtomicU64::new(1.0_f64.to_bits()),
        }
    }
}

impl Traffic {
    /// One more request of this operation.
    pub fn count(&self, service: &str, operation: &str) {
        let key = format!("{service}:{operation}");
        let mut counts = self.counts.lock().unwrap_or_else(|bad| bad.into_inner());
        *counts.entry(key).or_default() += 1;
    }

    /// What a reply's `x-pinfra-time-scale` says; what is no positive number is not heard.
    pub fn hear_time_scale(&self, header: &str) {
        if let Some(scale) = header.parse::<f64>().ok().filter(|s| *s > 0.0) {
            self.time_scale.store(scale.to_bits(), Ordering::Relaxed);
        }
    }

    /// How many seconds of the cloud pass in one of ours.
    pub fn time_scale(&self) -> f64 {
        f64::from_bits(self.time_scale.load(Ordering::Relaxed))
    }

    /// What went out so far.
    pub fn counts(&self) -> CallCounts {
        let counts = self.counts.lock().unwrap_or_else(|bad| bad.into_inner());
        CallCounts {
            total: counts.values().sum(),
            by_operation: counts.clone(),
        }
    }
}
