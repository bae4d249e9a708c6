//! Whether a call that failed is made again, and when.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::contract::{ErrorClass, ResourceType};
use super::errors::{ErrorKind, ProviderError};
use super::session::{Provider, Watch};

/// The first pause; each is twice the one before, but for chance.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// The shortest pause on a cloud whose time runs fast.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
/// The shortest budget on a cloud whose time runs fast.
const LEAST_BUDGET: Duration = Duration::from_secs(5);
/// How often a person's wish to stop is looked at.
const HEED: Duration = Duration::from_millis(100);

/// How long errors of a class are tried again, in seconds of the cloud; `None` if they are not.
/// A conflict lasts as long as the object's own operations do.
fn budget(class: ErrorClass, ty: &ResourceType) -> Option<Duration> {
    let seconds = match class {
        ErrorClass::Throttle => 600,
        ErrorClass::Transient => 120,
        ErrorClass::Conflict => ty
            .states
            .as_ref()
            .map_or(600, |states| states.timeout.max(600)),
        ErrorClass::Eventual => 180,
        ErrorClass::Absent | ErrorClass::Exists | ErrorClass::Denied | ErrorClass::Fatal => {
            return None;
        }
    };
    Some(Duration::from_secs(seconds))
}

/// The patience with one call that changes something.
pub(super) struct Patience<'a> {
    provider: &'a Provider,
    ty: &'static ResourceType,
    watch: &'a dyn Watch,
    since: Instant,
    attempts: u32,
}

impl<'a> Patience<'a> {
    /// With a call that is about to be made.
    pub fn new(provider: &'a Provider, ty: &'static ResourceType, watch: &'a dyn Watch) -> Self {
        Self {
            provider,
            ty,
            watch,
            since: Instant::now(),
            attempts: 0,
        }
    }

    /// Pauses before the call is made again.
    ///
    /// # Errors
    /// The same error, if making the call again is of no use: for what it means, because it went on
    /// for too long, or because the person wants to stop. An error that takes a young object only
    /// counts if the call's input names one.
    pub async fn again(
        &mut self,
        error: ProviderError,
        input: &Value,
    ) -> Result<(), ProviderError> {
        let eventual = error.class == ErrorClass::Eventual;
        if eventual && !self.provider.0.young.is_named_in(input) {
            return Err(error);
        }
        match budget(error.class, self.ty) {
            Some(budget) => self.within(error, budget).await,
            None => Err(error),
        }
    }

    /// The same with a budget of its own.
    pub async fn within(
        &mut self,
        error: ProviderError,
        budget: Duration,
    ) -> Result<(), ProviderError> {
        let budget = self.provider.scaled(budget).max(LEAST_BUDGET);
        if self.since.elapsed() >= budget || self.watch.stopping() {
            return Err(error);
        }
        let longest = FIRST_PAUSE
            .saturating_mul(1 << self.attempts.min(10))
            .min(LONGEST_PAUSE);
        let pause = self
            .provider
            .scaled(longest.mul_f64(0.5 + fastrand::f64() / 2.0));
        let pause = pause.max(SHORTEST_PAUSE);
        self.attempts += 1;
        self.watch.retrying(&error, pause);
        rest(self.watch, pause).await;
        if self.watch.stopping() {
            Err(error)
        } else {
            Ok(())
        }
    }
}

/// Pauses, but not for long once the person wants to stop.
pub(super) async fn rest(watch: &dyn Watch, pause: Duration) {
    let until = Instant::now() + pause;
    while !watch.stopping() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(HEED)).await;
    }
}

/// What is said when the person stopped a wait.
pub(super) fn stopped(ty: &ResourceType, what: &str) -> ProviderError {
    let service = super::call::Api::from(ty.service).name();
    ProviderError::new(ErrorKind::Stopped, service, what)
}
