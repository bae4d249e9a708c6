//! PutLogEvents: events are kept under their stream in the order of their time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group::{self, Group};
use super::stream::{self, Stream};
use super::{invalid, subscription};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Where events live, under `<stream's uid>/<time>/<number>`.
pub const KIND: &str = "logs.event";
/// What each event counts for beside its message, in bytes.
const OVERHEAD: usize = 26;
/// The largest batch and the largest event, in bytes.
const MOST_BYTES: usize = 1_048_576;
const DAY_MS: i64 = 86_400_000;
/// How far in the future an event may be, and how far in the past.
const AHEAD_MS: i64 = 2 * 3_600_000;
const BEHIND_MS: i64 = 14 * DAY_MS;

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    /// As the client says, in ms since the epoch.
    pub timestamp: i64,
    pub message: String,
    /// Simulated ms since the epoch.
    pub ingested_at: i64,
}

/// What an event counts for, in bytes.
pub fn size(message: &str) -> usize {
    message.len() + OVERHEAD
}

/// A number of 56 digits, as this service's tokens and event ids are.
pub fn long_number(time: i64, count: u64) -> String {
    format!("{time:020}{count:036}")
}

/// The events of a stream that have not expired, with their keys, oldest first.
pub fn events(
    call: &mut Call<'_>,
    group: &Group,
    stream: &Stream,
) -> Result<Vec<(String, Event)>, ApiError> {
    let expired = expired_before(call, group);
    let prefix = format!("{}/", stream.uid);
    let mut events = Vec::new();
    for (key, value) in call.txn.scan(KIND, &prefix)? {
        let event: Event = serde_json::from_value(value)
            .map_err(|error| ApiError::internal(format!("an event is unreadable: {error}")))?;
        if expired.is_none_or(|expired| event.timestamp >= expired) {
            events.push((key[prefix.len()..].to_owned(), event));
        }
    }
    Ok(events)
}

/// The time before which a group's events are gone.
fn expired_before(call: &Call<'_>, group: &Group) -> Option<i64> {
    let days = group.retention?;
    Some(call.now - call.client_ms(days * DAY_MS))
}

/// PutLogEvents. Sequence tokens are ignored, as AWS does by now.
pub fn put(call: &mut Call<'_>) -> Reply {
    if call.has("entity") {
        return Err(ApiError::not_implemented("the entity of PutLogEvents"));
    }
    let group = group::wanted(call)?;
    let mut stream = stream::wanted(call, &group)?;
    let sent = call.list("logEvents").to_vec();
    let sent: Vec<(i64, &str)> = sent
        .iter()
        .map(|event| {
            let message = event["message"].as_str().unwrap_or_default();
            (event["timestamp"].as_i64().unwrap_or_default(), message)
        })
        .collect();
    check_sizes(&sent)?;
    let places = Places::of(call, &group, &sent);
    let taken = &sent[places.first..places.end.max(places.first)];
    check_span(&sent, taken)?;
    let mut events = Vec::new();
    for (timestamp, message) in taken {
        let number = call.txn.next_id()?;
        let event = Event {
            id: long_number(*timestamp, number),
            timestamp: *timestamp,
            message: (*message).to_owned(),
            ingested_at: call.now,
        };
        let key = format!("{}/{timestamp:020}/{number:020}", stream.uid);
        let value = serde_json::to_value(&event).map_err(|e| ApiError::internal(e.to_string()))?;
        call.txn.put(KIND, &key, &value)?;
        events.push(event);
    }
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        let least = |old: Option<i64>, new| old.map_or(new, |old| old.min(new));
        stream.first_event = Some(least(stream.first_event, first.timestamp));
        stream.last_event = Some(stream.last_event.unwrap_or(0).max(last.timestamp));
        stream.last_ingested = Some(call.now);
        stream.save(call, &group)?;
        subscription::deliver(call, &group, &stream, &events)?;
    }
    let mut reply = json!({ "nextSequenceToken": stream.token() });
    if let Some(rejected) = places.rejected {
        reply["rejectedLogEventsInfo"] = rejected;
    }
    Ok(reply)
}

fn check_sizes(sent: &[(i64, &str)]) -> Result<(), ApiError> {
    if let Some((_, message)) = sent.iter().find(|(_, m)| size(m) > MOST_BYTES) {
        return Err(invalid(format!(
            "Log event too large: {} bytes exceeds limit of {MOST_BYTES}",
            size(message)
        )));
    }
    let batch: usize = sent.iter().map(|(_, message)| size(message)).sum();
    if batch > MOST_BYTES {
        return Err(invalid(format!(
            "Upload too large: {batch} bytes exceeds limit of {MOST_BYTES}"
        )));
    }
    Ok(())
}

fn check_span(sent: &[(i64, &str)], taken: &[(i64, &str)]) -> Result<(), ApiError> {
    if !sent.is_sorted_by_key(|(timestamp, _)| *timestamp) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let span = taken.last().map_or(0, |last| last.0) - taken.first().map_or(0, |first| first.0);
    if span > DAY_MS {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// Which of a batch's events are taken: those from `first` to before `end`.
struct Places {
    first: usize,
    end: usize,
    rejected: Option<Value>,
}

impl Places {
    fn of(call: &Call<'_>, group: &Group, sent: &[(i64, &str)]) -> Self {
        let before = |limit: i64| sent.iter().take_while(|(t, _)| *t < limit).count();
        let old = before(call.now - call.client_ms(BEHIND_MS));
        let expired = expired_before(call, group).map_or(0, before);
        let end = before(call.now + AHEAD_MS + 1);
        let mut rejected = json!({});
        if expired > 0 {
            rejected["expiredLogEventEndIndex"] = expired.into();
        }
        if old > 0 {
            rejected["tooOldLogEventEndIndex"] = old.into();
        }
        if end < sent.len() {
            rejected["tooNewLogEventStartIndex"] = end.into();
        }
        let any = rejected.as_object().is_some_and(|r| !r.is_empty());
        Places {
            first: old.max(expired),
            end,
            rejected: any.then_some(rejected),
        }
    }
}
