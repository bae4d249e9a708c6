//! GetLogEvents (one stream, in both directions) and FilterLogEvents (a group, merged).

use serde_json::{Value, json};

use super::pattern::Pattern;
use super::put::{self, Event};
use super::{group, invalid, stream};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

/// What a page holds at most.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
/// 2024-01-01: no older events are filtered from the newest on.
const OLDEST_BACKWARD_MS: i64 = 1_704_067_200_000;

/// A place between two events and a direction: AWS's `f/…/s` and `b/…/s`.
struct Place {
    forward: bool,
    key: String,
    /// Whether the event at the key is read too.
    inclusive: bool,
}

impl Place {
    fn parse(token: &str) -> Option<Self> {
        let mut parts = token.splitn(3, '/');
        let forward = match parts.next()? {
            "f" => true,
            "b" => false,
            _ => return None,
        };
        let key = parts.next()?.replace('_', "/");
        let inclusive = match parts.next()? {
            "s" => false,
            "e" => true,
            _ => return None,
        };
        Some(Place {
            forward,
            key,
            inclusive,
        })
    }

    fn token(direction: &str, key: &str, inclusive: bool) -> String {
        let end = if inclusive { "e" } else { "s" };
        format!("{direction}/{}/{end}", key.replace('/', "_"))
    }

    fn covers(&self, key: &str) -> bool {
        let own = self.key.as_str();
        (self.inclusive && key == own) || if self.forward { key > own } else { key < own }
    }
}

/// Whether an event is not before a request's `startTime` and before `end`.
fn in_range(call: &Call<'_>, event: &Event, end: Option<i64>) -> bool {
    let start = call.int("startTime");
    start.is_none_or(|start| event.timestamp >= start)
        && end.is_none_or(|end| event.timestamp < end)
}

/// How many of these events fit into a page.
fn fitting<'e>(call: &Call<'_>, events: impl Iterator<Item = &'e Event>) -> usize {
    let limit = paging::limit(call.int("limit"), MOST_EVENTS, MOST_EVENTS);
    let mut bytes = 0;
    let fits = |event: &&Event| {
        bytes += put::size(&event.message);
        bytes <= MOST_BYTES
    };
    events.take(limit).take_while(fits).count()
}

/// GetLogEvents. Without a token it is the newest events, or from the head the oldest.
pub fn get(call: &mut Call<'_>) -> Reply {
    let group = group::either(call)?;
    let stream = stream::wanted(call, &group)?;
    let place = match call.str("nextToken") {
        Some(token) => Some(
            Place::parse(token).ok_or_else(|| invalid("The specified nextToken is invalid."))?,
        ),
        None => None,
    };
    let mut events = put::events(call, &group, &stream)?;
    let end = call.int("endTime");
    events.retain(|(key, event)| {
        in_range(call, event, end) && place.as_ref().is_none_or(|place| place.covers(key))
    });
    let from_head = match &place {
        Some(place) => place.forward,
        None => call.bool("startFromHead").unwrap_or_default(),
    };
    if from_head {
        let count = fitting(call, events.iter().map(|(_, event)| event));
        events.truncate(count);
    } else {
        let count = fitting(call, events.iter().rev().map(|(_, event)| event));
        events.drain(..events.len() - count);
    }
    let (forward, backward) = match (events.first(), events.last(), &place) {
        (Some((first, _)), Some((last, _)), _) => (
            Place::token("f", last, false),
            Place::token("b", first, false),
        ),
        // At an end the same token comes back, and the other leads the way that it came.
        (_, _, Some(place)) => (
            Place::token("f", &place.key, place.inclusive == place.forward),
            Place::token("b", &place.key, place.inclusive != place.forward),
        ),
        (_, _, None) => (Place::token("f", "0", false), Place::token("b", "0", false)),
    };
    let events: Vec<Value> = events
        .iter()
        .map(|(_, event)| {
            json!({
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested_at,
            })
        })
        .collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": forward,
        "nextBackwardToken": backward,
    }))
}

/// FilterLogEvents: the events of all or some streams of a group, by time.
pub fn filter(call: &mut Call<'_>) -> Reply {
    let names = call.strings("logStreamNames");
    if !names.is_empty() && call.has("logStreamNamePrefix") {
        return Err(invalid(
            "logStreamNamePrefix and logStreamNames cannot both be specified.",
        ));
    }
    let pattern = Pattern::parse(call.str("filterPattern").unwrap_or_default())?;
    let from = Start::of(call)?;
    let group = group::either(call)?;
    for name in &names {
        stream::named(call, &group, name)?;
    }
    let prefix = call
        .str("logStreamNamePrefix")
        .unwrap_or_default()
        .to_owned();
    // Here, unlike in GetLogEvents, the end of the range is part of it.
    let end = call.int("endTime").map(|end| end.saturating_add(1));
    let mut found: Vec<(String, String, Event)> = Vec::new();
    for stream in stream::all(call.txn, &group)? {
        let chosen = match names.is_empty() {
            true => stream.name.starts_with(&prefix),
            false => names.contains(&stream.name),
        };
        if chosen {
            let events = put::events(call, &group, &stream)?;
            let events = events.into_iter();
            let fitting = events.filter(|(key, e)| {
                from.covers(key) && in_range(call, e, end) && pattern.fits(&e.message)
            });
            found.extend(fitting.map(|(key, event)| (key, stream.name.clone(), event)));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    if from.newest_first {
        found.reverse();
    }
    Ok(page(call, &from, found))
}

/// Where a page of FilterLogEvents begins.
struct Start {
    newest_first: bool,
    /// The key of the last event of the page before.
    after: Option<String>,
}

impl Start {
    /// The first request says in which direction, its tokens keep to it.
    fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        let from = match call.str("nextToken") {
            None => Start {
                newest_first: call.bool("startFromHead") == Some(false),
                after: None,
            },
            Some(token) => {
                Start::parse(token).ok_or_else(|| invalid("The specified nextToken is invalid."))?
            }
        };
        let start = call.int("startTime");
        if from.newest_first && start.is_some_and(|start| start < OLDEST_BACKWARD_MS) {
            return Err(invalid(
                "startFromHead can be false only with a startTime on or after 2024-01-01T00:00:00Z.",
            ));
        }
        Ok(from)
    }

    fn parse(token: &str) -> Option<Self> {
        let text = paging::decode(token).ok()?;
        let (direction, after) = text.split_once('/')?;
        Some(Start {
            newest_first: direction == "b",
            after: Some(after.to_owned()),
        })
    }

    fn token(&self, last: &str) -> String {
        let direction = if self.newest_first { "b" } else { "f" };
        paging::encode(&format!("{direction}/{last}"))
    }

    fn covers(&self, key: &str) -> bool {
        self.after
            .as_deref()
            .is_none_or(|after| match self.newest_first {
                true => key < after,
                false => key > after,
            })
    }
}

/// A page of the events found.
fn page(call: &Call<'_>, from: &Start, mut found: Vec<(String, String, Event)>) -> Value {
    let count = fitting(call, found.iter().map(|(_, _, event)| event));
    let more = found.len() > count;
    found.truncate(count);
    let next = found.last().filter(|_| more);
    let next = next.map(|(key, _, _)| from.token(key));
    let events: Vec<Value> = found
        .iter()
        .map(|(_, stream, event)| {
            json!({
                "logStreamName": stream,
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested_at,
                "eventId": event.id,
            })
        })
        .collect();
    // AWS lists no searched streams any more.
    let mut reply = json!({ "events": events, "searchedLogStreams": [] });
    if let Some(next) = next {
        reply["nextToken"] = next.into();
    }
    reply
}
