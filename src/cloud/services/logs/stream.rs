//! Log streams.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group::{self, Group};
use super::{absent, fail, invalid, page, page_back, put};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;
use crate::cloud::store::Txn;

/// Where streams live, under `<group's uid>/<name>`.
const KIND: &str = "logs.stream";

/// A log stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    /// What its events are kept under.
    pub uid: String,
    pub name: String,
    pub arn: String,
    /// Simulated ms since the epoch, as all times here.
    pub created_at: i64,
    /// Of the events that were put: the time of the oldest and of the newest, and when the last came.
    pub first_event: Option<i64>,
    pub last_event: Option<i64>,
    pub last_ingested: Option<i64>,
}

impl Stream {
    /// Writes the record.
    pub fn save(&self, call: &mut Call<'_>, group: &Group) -> Result<(), ApiError> {
        record::save(call.txn, KIND, &key(group, &self.name), self)
    }

    /// A token as PutLogEvents gives it; nobody has to send it.
    pub fn token(&self) -> String {
        put::long_number(self.last_ingested.unwrap_or(self.created_at), 0)
    }

    fn view(&self) -> Value {
        let mut view = json!({
            "logStreamName": self.name,
            "creationTime": self.created_at,
            "arn": self.arn,
            // No longer counted by AWS: zero.
            "storedBytes": 0,
        });
        for (member, value) in [
            ("firstEventTimestamp", self.first_event),
            ("lastEventTimestamp", self.last_event),
            ("lastIngestionTime", self.last_ingested),
        ] {
            if let Some(value) = value {
                view[member] = value.into();
            }
        }
        if self.last_ingested.is_some() {
            view["uploadSequenceToken"] = self.token().into();
        }
        view
    }
}

fn key(group: &Group, name: &str) -> String {
    format!("{}/{name}", group.uid)
}

/// A group's streams, by name, as they are.
pub fn all(txn: &mut Txn, group: &Group) -> Result<Vec<Stream>, ApiError> {
    record::scan(txn, KIND, &format!("{}/", group.uid))
}

/// The stream of this name in a group.
pub fn named(call: &mut Call<'_>, group: &Group, name: &str) -> Result<Stream, ApiError> {
    let found: Option<Stream> = record::load(call.txn, KIND, &key(group, name))?;
    found.ok_or_else(|| absent("log stream"))
}

/// The stream that the request's `logStreamName` names.
pub fn wanted(call: &mut Call<'_>, group: &Group) -> Result<Stream, ApiError> {
    let name = call.str("logStreamName").unwrap_or_default().to_owned();
    named(call, group, &name)
}

/// CreateLogStream.
pub fn create(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let name = call.str("logStreamName").unwrap_or_default().to_owned();
    if record::load::<Stream>(call.txn, KIND, &key(&group, &name))?.is_some() {
        return Err(fail(
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        ));
    }
    let stream = Stream {
        uid: call.txn.hex_id(16)?,
        arn: format!("{}:log-stream:{name}", group.arn),
        name,
        created_at: call.now,
        first_event: None,
        last_event: None,
        last_ingested: None,
    };
    stream.save(call, &group)?;
    Ok(json!({}))
}

/// DeleteLogStream, with its events.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let stream = wanted(call, &group)?;
    group::must_be_free(&group)?;
    remove(call, &group, &stream)?;
    Ok(json!({}))
}

/// Removes a stream and its events.
pub fn remove(call: &mut Call<'_>, group: &Group, stream: &Stream) -> Result<(), ApiError> {
    let prefix = format!("{}/", stream.uid);
    for (key, _) in call.txn.scan(put::KIND, &prefix)? {
        call.txn.delete(put::KIND, &key)?;
    }
    call.txn.delete(KIND, &key(group, &stream.name))?;
    Ok(())
}

/// DescribeLogStreams: by name, or by the time of the newest event.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let by_time = call.str("orderBy") == Some("LastEventTime");
    if by_time && call.has("logStreamNamePrefix") {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let group = group::either(call)?;
    let prefix = call
        .str("logStreamNamePrefix")
        .unwrap_or_default()
        .to_owned();
    let streams: Vec<Stream> = record::list(call.txn, KIND, &format!("{}/", group.uid))?;
    let streams = streams.iter().filter(|s| s.name.starts_with(&prefix));
    let sort = |stream: &Stream| match by_time {
        true => format!("{:020}/{}", stream.last_event.unwrap_or(0), stream.name),
        false => stream.name.clone(),
    };
    let mut items: Vec<(String, Value)> = streams.map(|s| (sort(s), s.view())).collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let (streams, next) = match call.bool("descending") {
        Some(true) => page_back(call, items, 50)?,
        _ => page(call, items, 50)?,
    };
    Ok(json!({ "logStreams": streams, "nextToken": next }))
}
