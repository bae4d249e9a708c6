//! Subscription filters: new events that fit go to a Kinesis stream at once, gzipped as AWS sends
//! them. Firehose, Lambda and other accounts' destinations are not modelled.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::group::{self, Group};
use super::pattern::Pattern;
use super::put::Event;
use super::stream::Stream;
use super::{absent, fail, invalid, page};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::{iam, kinesis};

/// Where they live, under `<group's uid>/<name>`, as the API shows them.
pub const KIND: &str = "logs.subscription_filter";
/// How many a group has at most.
const MOST: usize = 2;
/// Bytes of events in one message: with what is around them far below a record's limit, 1 MiB.
const PART: usize = 256 * 1024;
/// What a stored block of deflate holds at most.
const BLOCK: usize = 65_535;

/// PutSubscriptionFilter: makes one or replaces it.
pub fn put(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    group.must_be_standard("PutSubscriptionFilter")?;
    Pattern::parse(call.str("filterPattern").unwrap_or_default())?;
    check_destination(call)?;
    let name = call.str("filterName").unwrap_or_default().to_owned();
    let key = format!("{}/{name}", group.uid);
    let held = call.txn.get(KIND, &key)?;
    let all = call.txn.scan(KIND, &format!("{}/", group.uid))?;
    if held.is_none() && all.len() >= MOST {
        return Err(fail("LimitExceededException", "Resource limit exceeded."));
    }
    let created = held.map_or(json!(call.now), |held| held["creationTime"].clone());
    let mut filter = call.input.clone();
    filter["creationTime"] = created;
    for (member, default) in [
        ("distribution", json!("ByLogStream")),
        ("applyOnTransformedLogs", json!(false)),
    ] {
        if filter[member].is_null() {
            filter[member] = default;
        }
    }
    let hello = json!({
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [{
            "id": "",
            "timestamp": call.now,
            "message": "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.",
        }],
    });
    send(call, &filter, &hello)?;
    call.txn.put(KIND, &key, &filter)?;
    Ok(json!({}))
}

fn check_destination(call: &mut Call<'_>) -> Result<(), ApiError> {
    let arn = call.str("destinationArn").unwrap_or_default().to_owned();
    let Some(parsed) = Arn::parse(&arn) else {
        return Err(invalid("Invalid destination ARN."));
    };
    match parsed.service {
        "kinesis" if parsed.region == call.region => {}
        "kinesis" => {
            return Err(invalid(
                "The destination of a subscription filter must be in the region of its log group.",
            ));
        }
        other => {
            return Err(ApiError::not_implemented(format!(
                "subscription filters to {other}"
            )));
        }
    }
    let Some(role) = call.str("roleArn").map(str::to_owned) else {
        return Err(invalid(
            "destinationArn for vendor kinesis cannot be used without roleArn",
        ));
    };
    if !iam::role_visible(call.txn, &role)? {
        return Err(invalid(
            "Could not deliver test message to specified Kinesis stream. Check if the given \
             kinesis stream is in ACTIVE state.",
        ));
    }
    Ok(())
}

/// Hands new events on to whoever subscribed.
pub fn deliver(
    call: &mut Call<'_>,
    group: &Group,
    stream: &Stream,
    events: &[Event],
) -> Result<(), ApiError> {
    for (_, filter) in call.txn.scan(KIND, &format!("{}/", group.uid))? {
        let pattern = Pattern::parse(filter["filterPattern"].as_str().unwrap_or_default())?;
        let fitting = events.iter().filter(|event| pattern.fits(&event.message));
        let fitting = fitting
            .map(|e| json!({ "id": e.id, "timestamp": e.timestamp, "message": e.message }))
            .collect();
        for part in parts(fitting) {
            let data = json!({
                "messageType": "DATA_MESSAGE",
                "owner": call.account,
                "logGroup": group.name,
                "logStream": stream.name,
                "subscriptionFilters": [filter["filterName"]],
                "logEvents": part,
            });
            match send(call, &filter, &data) {
                // A destination that is gone loses what is sent to it, not what is logged.
                Err(error) if error.status >= 500 => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
    }
    Ok(())
}

/// Cuts events into messages of at most [`PART`] bytes of JSON; a larger event is one alone.
fn parts(events: Vec<Value>) -> Vec<Vec<Value>> {
    let mut parts: Vec<Vec<Value>> = Vec::new();
    let mut free = 0;
    for event in events {
        let size = event.to_string().len();
        match parts.last_mut().filter(|_| size <= free) {
            Some(part) => part.push(event),
            None => {
                parts.push(vec![event]);
                free = PART;
            }
        }
        free = free.saturating_sub(size);
    }
    parts
}

fn send(call: &mut Call<'_>, filter: &Value, message: &Value) -> Result<(), ApiError> {
    let arn = filter["destinationArn"].as_str().unwrap_or_default();
    let by_stream = filter["distribution"] != "Random";
    let key = match message["logStream"].as_str() {
        Some(stream) if by_stream && !stream.is_empty() => stream.to_owned(),
        _ => call.txn.hex_id(16)?,
    };
    let data = STANDARD.encode(gzip(message.to_string().as_bytes()));
    kinesis::put_into(call, arn, &data, &key).map_err(|error| match error.status {
        500.. => error,
        _ => invalid(
            "Could not deliver test message to specified Kinesis stream. Check if the given \
             kinesis stream is in ACTIVE state.",
        ),
    })
}

/// Gzip without compression: stored blocks (RFC 1951, 1952).
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut blocks = content.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let size = u32::try_from(content.len() & 0xffff_ffff).unwrap_or_default();
    out.extend(crc32fast::hash(content).to_le_bytes());
    out.extend(size.to_le_bytes());
    out
}

/// DescribeSubscriptionFilters.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let prefix = call.str("filterNamePrefix").unwrap_or_default().to_owned();
    let mut items = Vec::new();
    for (_, filter) in call.txn.list(KIND, &format!("{}/", group.uid))? {
        let name = filter["filterName"].as_str().unwrap_or_default().to_owned();
        if name.starts_with(&prefix) {
            items.push((name, filter));
        }
    }
    let (filters, next) = page(call, items, 50)?;
    Ok(json!({ "subscriptionFilters": filters, "nextToken": next }))
}

/// DeleteSubscriptionFilter.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let name = call.str("filterName").unwrap_or_default();
    let key = format!("{}/{name}", group.uid);
    if !call.txn.delete(KIND, &key)? {
        return Err(absent("subscription filter"));
    }
    Ok(json!({}))
}
