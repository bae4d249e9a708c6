//! GetShardIterator and GetRecords.
//!
//! An iterator is opaque text: base64 of stream, shard, the sequence number after which to go
//! on, and when it was made. It holds for five minutes of the client's time.

use serde_json::{Value, json};

use super::put::{self, KIND, data_stream, prefix, stop_dry_run};
use super::shard::{Shard, parse_sequence_number, sequence_number, shard_id};
use super::stream::{self, Stream, fail, not_found};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

const ITERATOR_MS: i64 = 300_000;
/// Records and bytes of one reply.
const MOST_RECORDS: usize = 10_000;
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Where a reader stands. `after` is exclusive and may be no record's number.
struct Position {
    stream: String,
    stream_id: String,
    shard: u64,
    after: String,
    made_at: i64,
}

impl Position {
    fn text(&self) -> String {
        let Position {
            stream,
            stream_id,
            shard,
            after,
            made_at,
        } = self;
        paging::encode(&format!("{stream} {stream_id} {shard} {after} {made_at}"))
    }

    fn read(text: &str) -> Result<Self, ApiError> {
        let invalid = || fail("InvalidArgumentException", "Invalid ShardIterator.");
        let text = paging::decode(text).map_err(|_| invalid())?;
        let [stream, stream_id, shard, after, made_at] = text
            .split(' ')
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|_| invalid())?;
        Ok(Self {
            stream: stream.to_owned(),
            stream_id: stream_id.to_owned(),
            shard: shard.parse().map_err(|_| invalid())?,
            after: after.to_owned(),
            made_at: made_at.parse().map_err(|_| invalid())?,
        })
    }
}

/// GetShardIterator.
pub fn get_shard_iterator(call: &mut Call<'_>) -> Reply {
    let stream = data_stream(call)?;
    let id = call.str("ShardId").unwrap_or_default().to_owned();
    let Some(shard) = stream.settings.shards.iter().find(|shard| shard.id() == id) else {
        return Err(fail(
            "ResourceNotFoundException",
            format!(
                "Shard {id} in stream {} under account {} does not exist",
                stream.name, call.account
            ),
        ));
    };
    let after = starting_point(call, &stream, shard)?;
    stop_dry_run(call)?;
    let position = Position {
        stream: stream.name.clone(),
        stream_id: stream.id.clone(),
        shard: shard.number,
        after,
        made_at: call.now,
    };
    Ok(json!({ "ShardIterator": position.text() }))
}

/// The sequence number after which an iterator of the request's type begins.
fn starting_point(call: &mut Call<'_>, stream: &Stream, shard: &Shard) -> Result<String, ApiError> {
    let kind = call.str("ShardIteratorType").unwrap_or_default().to_owned();
    let number = call.str("StartingSequenceNumber").map(str::to_owned);
    let at = call.int("Timestamp");
    let zero = "0".to_owned();
    match (kind.as_str(), number, at) {
        ("TRIM_HORIZON", None, _) => Ok(zero),
        ("LATEST", None, _) => Ok(sequence_number(call.now, call.txn.next_id()?, shard.number)),
        ("AT_TIMESTAMP", _, Some(at)) if at > call.now => Err(fail(
            "InvalidArgumentException",
            format!(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: {at}, currentTimestampInMillis: {}",
                call.now
            ),
        )),
        ("AT_TIMESTAMP", _, Some(at)) => Ok(sequence_number(at.max(0), 0, 0)),
        ("AT_SEQUENCE_NUMBER", Some(number), _) => {
            let (at, count, owner) = checked(call, stream, shard, &number)?;
            Ok(match count.checked_sub(1) {
                Some(before) => sequence_number(at, before, u64::MAX),
                None => sequence_number(at - 1, u64::MAX, owner),
            })
        }
        ("AFTER_SEQUENCE_NUMBER", Some(number), _) => {
            checked(call, stream, shard, &number)?;
            Ok(number)
        }
        (kind, number, _) => Err(fail(
            "InvalidArgumentException",
            format!(
                "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and \
                 StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no \
                 StartingSequenceNumber or (3) AT_TIMESTAMP and Timestamp. Request specified \
                 {kind} and {}.",
                number.map_or("no StartingSequenceNumber".to_owned(), |n| {
                    format!("also a StartingSequenceNumber {n}")
                })
            ),
        )),
    }
}

fn checked(
    call: &Call<'_>,
    stream: &Stream,
    shard: &Shard,
    number: &str,
) -> Result<(i64, u64, u64), ApiError> {
    parse_sequence_number(number)
        .filter(|(at, _, owner)| *owner == shard.number && *at >= stream.created_at)
        .ok_or_else(|| {
            fail(
                "InvalidArgumentException",
                format!(
                    "StartingSequenceNumber {number} used in GetShardIterator on shard {} in \
                     stream {} under account {} is invalid because it did not come from this \
                     stream.",
                    shard.id(),
                    stream.name,
                    call.account
                ),
            )
        })
}

/// GetRecords.
pub fn get_records(call: &mut Call<'_>) -> Reply {
    let text = call.str("ShardIterator").unwrap_or_default().to_owned();
    let mut position = Position::read(&text)?;
    let lifetime = call.client_ms(ITERATOR_MS);
    if call.now - position.made_at > lifetime {
        return Err(fail(
            "ExpiredIteratorException",
            format!(
                "Iterator expired. The iterator was created at time {} while right now it is {} \
                 which is further in the future than the tolerated delay of {lifetime} \
                 milliseconds.",
                position.made_at, call.now
            ),
        ));
    }
    let stream = stream::find(call, &position.stream)?
        .filter(|stream| stream.id == position.stream_id && stream.deleted_at.is_none())
        .ok_or_else(|| not_found(call, &position.stream))?;
    stop_dry_run(call)?;
    let limit = call
        .int("Limit")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(MOST_RECORDS);
    let (records, behind) = read(call, &stream, &position, limit)?;
    if let Some(last) = records
        .last()
        .and_then(|record| record["SequenceNumber"].as_str())
    {
        position.after = last.to_owned();
    }
    position.made_at = call.now;
    let drained = behind.is_none() && is_closed(&stream, position.shard);
    let mut reply = json!({ "Records": records, "MillisBehindLatest": behind.unwrap_or(0) });
    if drained {
        reply["ChildShards"] = children(&stream, position.shard);
    } else {
        reply["NextShardIterator"] = position.text().into();
    }
    Ok(reply)
}

/// The next records, and how far behind the newest one the reader then still is (`None` at
/// the tip).
fn read(
    call: &mut Call<'_>,
    stream: &Stream,
    position: &Position,
    limit: usize,
) -> Result<(Vec<Value>, Option<i64>), ApiError> {
    let prefix = format!("{}{}/", prefix(&stream.id), shard_id(position.shard));
    let horizon = put::horizon(call, stream);
    let first = format!("{prefix}{}", position.after);
    let all = call.txn.scan(KIND, &prefix)?;
    let mut rest = all
        .into_iter()
        .filter(|(key, _)| *key > first)
        .map(|(_, record)| record)
        .filter(|record| record["ApproximateArrivalTimestamp"].as_i64() >= Some(horizon))
        .peekable();
    let (mut records, mut bytes) = (Vec::new(), 0);
    while let Some(record) = rest.peek() {
        bytes += record["Data"].as_str().map_or(0, |data| data.len() / 4 * 3);
        if records.len() >= limit || (bytes > MOST_BYTES && !records.is_empty()) {
            break;
        }
        records.extend(rest.next());
    }
    let behind = rest.next().map(|next| {
        let at = next["ApproximateArrivalTimestamp"]
            .as_i64()
            .unwrap_or(call.now);
        // At least one: zero would read as caught up.
        (call.now - at).max(1)
    });
    Ok((records, behind))
}

fn is_closed(stream: &Stream, shard: u64) -> bool {
    stream
        .settings
        .shards
        .iter()
        .any(|s| s.number == shard && s.closed_at.is_some())
}

fn children(stream: &Stream, shard: u64) -> Value {
    let child = |s: &&Shard| s.parent == Some(shard) || s.adjacent_parent == Some(shard);
    stream
        .settings
        .shards
        .iter()
        .filter(child)
        .map(|s| {
            let parents: Vec<String> = s
                .parent
                .iter()
                .chain(&s.adjacent_parent)
                .map(|n| shard_id(*n))
                .collect();
            json!({
                "ShardId": s.id(),
                "ParentShards": parents,
                "HashKeyRange": s.hash_key_range(),
            })
        })
        .collect()
}
