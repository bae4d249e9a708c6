//! A stream's record, and what a caller may see of it at a moment: its status and its settings
//! are pure functions of the record and the time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shard::Shard;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::record;
use crate::cloud::store::Txn;

/// Where streams live in the store, under `<region>/<name>`.
pub const KIND: &str = "kinesis.stream";
/// How long a new stream is CREATING, in simulated milliseconds.
pub const CREATING_MS: i64 = 120_000;
/// How long a change keeps a stream UPDATING, in simulated milliseconds.
pub const UPDATING_MS: i64 = 60_000;
/// How long a stream is DELETING and its name taken, in simulated milliseconds.
pub const DELETING_MS: i64 = 90_000;
/// The window of the daily limits, in simulated milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// What a change of a stream changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    pub mode: String,
    pub retention_hours: i64,
    /// All shards the stream ever had, in the order of their numbers.
    pub shards: Vec<Shard>,
    /// The KMS key as it was given; absent without encryption.
    pub key_id: Option<String>,
    pub shard_level_metrics: Vec<String>,
    pub max_record_kib: i64,
    pub warm_throughput_mibps: Option<i64>,
    /// Whether the service spreads records itself: on-demand streams with the strategy AUTO.
    #[serde(default)]
    pub spreads_records: bool,
}

/// A change under way: from `until` on, `settings` hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    pub until: i64,
    pub settings: Settings,
}

/// One stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    pub name: String,
    pub arn: String,
    /// Tells this stream's records from those of an earlier one of the same name.
    pub id: String,
    pub created_at: i64,
    pub deleted_at: Option<i64>,
    pub settings: Settings,
    pub change: Option<Change>,
    pub tags: BTreeMap<String, String>,
    pub policy: Option<String>,
    /// When UpdateShardCount was called: at most ten times a day.
    pub rescaled_at: Vec<i64>,
    /// When UpdateStreamMode was called: at most twice a day.
    pub mode_changed_at: Vec<i64>,
}

impl Stream {
    /// The status AWS would show at `now`; `None` once the stream is gone.
    pub fn status(&self, now: i64) -> Option<&'static str> {
        if let Some(at) = self.deleted_at {
            return (now < at + DELETING_MS).then_some("DELETING");
        }
        if now < self.created_at + CREATING_MS {
            return Some("CREATING");
        }
        match &self.change {
            Some(change) if now < change.until => Some("UPDATING"),
            _ => Some("ACTIVE"),
        }
    }

    /// Makes a finished change the stream's settings.
    fn settle(&mut self, now: i64) {
        if self
            .change
            .as_ref()
            .is_some_and(|change| change.until <= now)
            && let Some(change) = self.change.take()
        {
            self.settings = change.settings;
        }
    }

    /// Starts a change: the stream is UPDATING until the returned settings take effect.
    /// `change` is given the moment at which they will.
    pub fn begin(&mut self, now: i64, change: impl FnOnce(&mut Settings, i64)) {
        let until = now + UPDATING_MS;
        let mut settings = self.settings.clone();
        change(&mut settings, until);
        self.change = Some(Change { until, settings });
    }

    /// The shards that take records, by number.
    pub fn open_shards(&self) -> impl Iterator<Item = &Shard> {
        self.settings
            .shards
            .iter()
            .filter(|shard| shard.closed_at.is_none())
    }

    /// Writes the record back.
    pub fn save(&self, txn: &mut Txn, region: &str) -> Result<(), ApiError> {
        record::save(txn, KIND, &format!("{region}/{}", self.name), self)
    }
}

/// An error of this service: all of them answer with status 400.
pub fn fail(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, message)
}

/// "Stream … under account … not found."
pub fn not_found(call: &Call<'_>, name: &str) -> ApiError {
    let account = call.account;
    fail(
        "ResourceNotFoundException",
        format!("Stream {name} under account {account} not found."),
    )
}

/// The name of the stream a request means: by StreamName, by StreamARN or by both.
pub fn wanted_name(call: &Call<'_>) -> Result<String, ApiError> {
    let from_arn = match call.str("StreamARN") {
        Some(arn) => Some(name_in_arn(call, arn)?),
        None => None,
    };
    match (call.str("StreamName"), from_arn) {
        (Some(name), Some(other)) if name != other => Err(fail(
            "InvalidArgumentException",
            "StreamName and StreamARN in the request do not name the same stream.",
        )),
        (Some(name), _) => Ok(name.to_owned()),
        (None, Some(name)) => Ok(name),
        (None, None) => Err(fail(
            "InvalidArgumentException",
            "Either StreamName or StreamARN must be specified in the request.",
        )),
    }
}

/// The stream named by an ARN `arn:aws:kinesis:<region>:<account>:stream/<name>`.
pub fn name_in_arn(call: &Call<'_>, arn: &str) -> Result<String, ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let name = match parts.as_slice() {
        ["arn", _, "kinesis", _, _, resource] => resource.strip_prefix("stream/"),
        _ => None,
    };
    let Some(name) = name.map(|rest| rest.split('/').next().unwrap_or(rest)) else {
        return Err(fail(
            "InvalidArgumentException",
            format!("{arn} is not the ARN of a stream."),
        ));
    };
    if parts.get(3) != Some(&call.region) || parts.get(4) != Some(&call.account) {
        return Err(fail(
            "ResourceNotFoundException",
            format!(
                "Stream {name} under account {} not found.",
                parts.get(4).unwrap_or(&"")
            ),
        ));
    }
    Ok(name.to_owned())
}

/// The stream `name` as it is now; `None` where there is none (any more).
pub fn find(call: &mut Call<'_>, name: &str) -> Result<Option<Stream>, ApiError> {
    let key = format!("{}/{name}", call.region);
    let Some(mut stream) = record::load::<Stream>(call.txn, KIND, &key)? else {
        return Ok(None);
    };
    stream.settle(call.now);
    Ok(stream.status(call.now).is_some().then_some(stream))
}

/// The stream the request means, in whatever state it is.
pub fn wanted(call: &mut Call<'_>) -> Result<Stream, ApiError> {
    let name = wanted_name(call)?;
    match find(call, &name)? {
        Some(stream) => Ok(stream),
        None => Err(not_found(call, &name)),
    }
}

/// The stream the request means, which must be ACTIVE.
pub fn wanted_active(call: &mut Call<'_>) -> Result<Stream, ApiError> {
    let stream = wanted(call)?;
    must_be_active(call, &stream)?;
    Ok(stream)
}

/// ResourceInUseException unless the stream is ACTIVE.
pub fn must_be_active(call: &Call<'_>, stream: &Stream) -> Result<(), ApiError> {
    match stream.status(call.now) {
        Some("ACTIVE") => Ok(()),
        state => Err(fail(
            "ResourceInUseException",
            format!(
                "Stream {} under account {} not ACTIVE, instead in state {}",
                stream.name,
                call.account,
                state.unwrap_or("DELETING")
            ),
        )),
    }
}

/// All live streams of the region, as a list answers (behind writes when lists lag), by name.
pub fn listed(txn: &mut Txn, region: &str, now: i64) -> Result<Vec<Stream>, ApiError> {
    settled(record::list(txn, KIND, &format!("{region}/"))?, now)
}

/// All live streams of the region, strongly consistent: for limits.
pub fn all(txn: &mut Txn, region: &str, now: i64) -> Result<Vec<Stream>, ApiError> {
    settled(record::scan(txn, KIND, &format!("{region}/"))?, now)
}

fn settled(streams: Vec<Stream>, now: i64) -> Result<Vec<Stream>, ApiError> {
    let mut live: Vec<Stream> = streams
        .into_iter()
        .filter(|stream| stream.status(now).is_some())
        .collect();
    live.iter_mut().for_each(|stream| stream.settle(now));
    Ok(live)
}
