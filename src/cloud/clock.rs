//! Simulated time: `anchor + elapsed × scale`, the same for every process on the store.
//!
//! The anchor is persisted; changing the scale or moving the clock lays a new one, so that time
//! never jumps by itself and never runs backwards. No state of any object is stored as time
//! passes: each is a function of its record and of now.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::store::{StoreError, Txn};

/// Simulated seconds a real second unless asked otherwise: a cluster that takes twenty minutes is
/// there in four seconds, a stream or instance of some minutes within one.
pub const DEFAULT_SCALE: f64 = 300.0;

const META: &str = "clock";

/// Two instants that are the same, real and simulated, and the pace from there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    real: i64,
    simulated: i64,
    scale: f64,
}

/// Real milliseconds since the epoch.
pub fn real_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
        .unwrap_or_default()
}

impl Clock {
    /// The store's clock; a new store's begins at `start` (real time where none is given). A
    /// `scale` that differs from the stored one changes the pace from now on; zero stops it.
    pub fn open(
        txn: &mut Txn,
        scale: Option<f64>,
        start: Option<i64>,
    ) -> Result<Clock, StoreError> {
        let real = real_now();
        let stored = Clock::read(txn)?;
        let clock = match (stored, scale) {
            (Some(stored), None) => return Ok(stored),
            (Some(stored), Some(scale)) if stored.scale == scale => return Ok(stored),
            (Some(stored), Some(scale)) => Clock {
                real,
                simulated: stored.at(real),
                scale,
            },
            (None, scale) => Clock {
                real,
                simulated: start.unwrap_or(real),
                scale: scale.unwrap_or(DEFAULT_SCALE),
            },
        };
        clock.write(txn)?;
        Ok(clock)
    }

    /// The store's clock, if it has one.
    pub fn read(txn: &mut Txn) -> Result<Option<Clock>, StoreError> {
        Ok(txn
            .meta(META)?
            .and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn write(&self, txn: &mut Txn) -> Result<(), StoreError> {
        let text = serde_json::to_string(self)
            .map_err(|e| StoreError::Record(format!("the clock: {e}")))?;
        txn.set_meta(META, &text)
    }

    /// Moves the store's clock ahead by simulated milliseconds.
    pub fn advance(txn: &mut Txn, millis: i64) -> Result<(), StoreError> {
        let real = real_now();
        if let Some(clock) = Clock::read(txn)? {
            Clock {
                real,
                simulated: clock.at(real) + millis,
                scale: clock.scale,
            }
            .write(txn)?;
        }
        Ok(())
    }

    /// Simulated milliseconds at a real instant; an instant before the anchor counts as it.
    pub fn at(&self, real: i64) -> i64 {
        let elapsed = (real - self.real).max(0);
        self.simulated + (elapsed as f64 * self.scale) as i64
    }

    /// Simulated now.
    pub fn now(&self) -> i64 {
        self.at(real_now())
    }

    /// Simulated seconds a real second.
    pub fn scale(&self) -> f64 {
        self.scale
    }
}
