//! The embedded AWS.
//!
//! ```text
//! request -> route -> protocol parse -> validate -> faults -> handler in a transaction
//!         -> check reply -> protocol write -> answer
//! ```
//!
//! [`Cloud::answer`] is the whole of it: an HTTP request in, an [`Answer`] out, whichever door it
//! came through. `route` finds service and operation, `protocol` reads the request into one
//! canonical value and writes the reply, `validate` and `check` hold both against AWS's own shapes,
//! `services` are tables of handlers over `store`, `clock` is simulated time, `faults` what goes
//! wrong on request. The doors are an HTTP server and, with the `aws` feature, the SDK's own
//! HTTP client.

pub mod check;
pub mod clock;
pub mod doors;
pub mod error;
pub mod faults;
pub mod protocol;
mod road;
pub mod route;
pub mod services;
pub mod store;
pub mod validate;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use clock::Clock;
use faults::{Fate, Faults};
use store::{Access, Lag, Place, Store, StoreError};

pub use road::Invocation;

/// The account unless another is asked for.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// The region of a request that names none.
pub const DEFAULT_REGION: &str = "us-east-1";

/// How to open a cloud.
#[derive(Debug, Default)]
pub struct Options {
    /// The store's folder.
    pub dir: PathBuf,
    /// Twelve digits; [`DEFAULT_ACCOUNT`] when absent.
    pub account: Option<String>,
    /// Simulated seconds a real second. The store's own when absent, [`clock::DEFAULT_SCALE`] for
    /// a new one; zero stands still.
    pub time_scale: Option<f64>,
    /// When a new store's clock begins, milliseconds since the epoch; now when absent.
    pub start: Option<i64>,
    /// What a new store's identifiers are made from: stores of one seed give the same ids.
    pub seed: Option<String>,
    /// What goes wrong.
    pub faults: Faults,
    /// Keep every call for [`Cloud::trace`].
    pub trace: bool,
}

impl Options {
    /// A cloud in this folder, all else as usual.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Options {
            dir: dir.into(),
            ..Options::default()
        }
    }
}

/// One call as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Its number in this process, from 1.
    pub call: u64,
    /// The service; empty where none was found.
    pub service: String,
    /// The operation; empty where none was found.
    pub operation: String,
    /// The region.
    pub region: String,
    /// The HTTP status answered.
    pub status: u16,
    /// The error's code where it failed.
    pub code: Option<String>,
    /// Set where the call never was answered: `dropped`, `held before effect`, `held after effect`.
    pub fault: Option<&'static str>,
}

/// What a door does with a request.
#[derive(Debug)]
pub struct Answer {
    /// The reply.
    pub response: Response<Bytes>,
    /// To wait before it is sent.
    pub delay: Duration,
    /// Whether it is sent at all.
    pub fate: Fate,
    /// What happened.
    pub traced: Traced,
}

/// An embedded AWS on a folder. Shared by reference; calls may come from any thread, and other
/// processes may use the folder at the same time.
pub struct Cloud {
    store: Store,
    account: String,
    faults: Faults,
    lag: Lag,
    calls: AtomicU64,
    /// The bits of the time scale last read from the store: another process may change it.
    scale: AtomicU64,
    /// Distinguishes this process's request ids from others'.
    origin: String,
    trace: Option<Mutex<Vec<Traced>>>,
}

impl Cloud {
    /// Opens the store and its clock.
    ///
    /// # Errors
    /// As [`Store::open`]: a damaged store's error names the file and what to do.
    pub fn open(options: Options) -> Result<Cloud, StoreError> {
        let store = Store::open(&options.dir)?;
        let account = options
            .account
            .unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
        let place = Place {
            account: account.clone(),
            region: DEFAULT_REGION.to_owned(),
            now: 0,
        };
        let mut txn = store.begin(Access::Write, place, Lag::default())?;
        let clock = Clock::open(&mut txn, options.time_scale, options.start)?;
        if txn.meta("seed")?.is_none() {
            txn.set_meta("seed", options.seed.as_deref().unwrap_or("pinfra"))?;
        }
        txn.commit()?;
        let lag = options.faults.lag();
        Ok(Cloud {
            store,
            account,
            faults: options.faults,
            lag,
            calls: AtomicU64::new(0),
            scale: AtomicU64::new(clock.scale().to_bits()),
            origin: format!("{}/{}", std::process::id(), clock::real_now()),
            trace: options.trace.then(Mutex::default),
        })
    }

    /// The calls so far, where [`Options::trace`] was set.
    pub fn trace(&self) -> Vec<Traced> {
        self.trace
            .as_ref()
            .map(|trace| {
                trace
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .clone()
            })
            .unwrap_or_default()
    }

    /// How many calls came so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Simulated seconds a real second.
    pub fn time_scale(&self) -> f64 {
        f64::from_bits(self.scale.load(Ordering::Relaxed))
    }

    /// Moves simulated time ahead.
    pub fn advance(&self, by: Duration) -> Result<(), StoreError> {
        let mut txn = self.begin(Access::Write, DEFAULT_REGION)?;
        Clock::advance(&mut txn, i64::try_from(by.as_millis()).unwrap_or(i64::MAX))?;
        txn.commit()
    }
    /// AWS publishes a newer release of a machine image, in all regions: the public parameter of
    /// this name (`al2023-ami-kernel-default-x86_64`) gives it from now on, and the older images
    /// stay. False where there is no such image.
    pub fn publish_image(&self, image: &str) -> Result<bool, StoreError> {
        let mut txn = self.begin(Access::Write, DEFAULT_REGION)?;
        self.set_time(&mut txn)?;
        let known = services::ssm::public::publish(&mut txn, image)?;
        txn.commit()?;
        Ok(known)
    }
}
