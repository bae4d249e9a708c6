//! Registered consumers (enhanced fan-out): Register, Describe, List, Deregister.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::stream::{self, fail};
use super::tag;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::Tags;
use crate::cloud::services::{paging, record};
use crate::cloud::store::Txn;

/// Where consumers live, under `<region>/<stream ARN>/<name>`.
pub const KIND: &str = "kinesis.consumer";
const CREATING_MS: i64 = 60_000;
const DELETING_MS: i64 = 60_000;
/// Consumers a stream may have.
const LIMIT: usize = 20;

/// One registered consumer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Consumer {
    pub name: String,
    pub arn: String,
    pub stream_arn: String,
    pub created_at: i64,
    pub deleted_at: Option<i64>,
    pub tags: Tags,
    pub policy: Option<String>,
}

impl Consumer {
    /// The status at `now`; `None` once it is gone.
    pub fn status(&self, now: i64) -> Option<&'static str> {
        match self.deleted_at {
            Some(at) => (now < at + DELETING_MS).then_some("DELETING"),
            None if now < self.created_at + CREATING_MS => Some("CREATING"),
            None => Some("ACTIVE"),
        }
    }

    /// Writes the record back.
    pub fn save(&self, txn: &mut Txn, region: &str) -> Result<(), ApiError> {
        record::save(txn, KIND, &key(region, &self.stream_arn, &self.name), self)
    }

    fn view(&self, now: i64) -> Value {
        json!({
            "ConsumerName": self.name,
            "ConsumerARN": self.arn,
            "ConsumerStatus": self.status(now),
            "ConsumerCreationTimestamp": self.created_at,
        })
    }
}

fn key(region: &str, stream_arn: &str, name: &str) -> String {
    format!("{region}/{stream_arn}/{name}")
}

/// The live consumers of a stream, strongly consistent.
pub fn of_stream(call: &mut Call<'_>, stream_arn: &str) -> Result<Vec<Consumer>, ApiError> {
    let all: Vec<Consumer> = record::scan(call.txn, KIND, &key(call.region, stream_arn, ""))?;
    Ok(all
        .into_iter()
        .filter(|c| c.status(call.now).is_some())
        .collect())
}

/// Begins a consumer's deletion.
pub fn remove(call: &mut Call<'_>, mut consumer: Consumer) -> Result<(), ApiError> {
    consumer.deleted_at.get_or_insert(call.now);
    consumer.save(call.txn, call.region)
}

/// RegisterStreamConsumer.
pub fn register_stream_consumer(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted_active(call)?;
    let name = call.str("ConsumerName").unwrap_or_default().to_owned();
    let consumers = of_stream(call, &stream.arn)?;
    if consumers.iter().any(|consumer| consumer.name == name) {
        return Err(fail(
            "ResourceInUseException",
            format!(
                "Consumer {name} under stream {} already exists for account {}.",
                stream.name, call.account
            ),
        ));
    }
    if consumers.len() >= LIMIT {
        return Err(fail(
            "LimitExceededException",
            format!(
                "Stream {} has {LIMIT} registered consumers, which is the limit.",
                stream.name
            ),
        ));
    }
    let consumer = Consumer {
        arn: format!("{}/consumer/{name}:{}", stream.arn, call.now / 1000),
        name,
        stream_arn: stream.arn,
        created_at: call.now,
        deleted_at: None,
        tags: tag::given(call)?,
        policy: None,
    };
    consumer.save(call.txn, call.region)?;
    Ok(json!({ "Consumer": consumer.view(call.now) }))
}

/// The consumer a request means: by its ARN, or by its stream's ARN and its name.
fn wanted(call: &mut Call<'_>) -> Result<Consumer, ApiError> {
    if let Some(arn) = call.str("ConsumerARN").map(str::to_owned) {
        return by_arn(call, &arn);
    }
    let (Some(stream_arn), Some(name)) = (call.str("StreamARN"), call.str("ConsumerName")) else {
        return Err(fail(
            "InvalidArgumentException",
            "Either ConsumerARN or both StreamARN and ConsumerName must be specified.",
        ));
    };
    let (stream_arn, name) = (stream_arn.to_owned(), name.to_owned());
    let found = of_stream(call, &stream_arn)?
        .into_iter()
        .find(|c| c.name == name);
    found.ok_or_else(|| absent(call, &name))
}

/// The consumer of an ARN `…:stream/<stream>/consumer/<name>:<epoch seconds>`.
pub fn by_arn(call: &mut Call<'_>, arn: &str) -> Result<Consumer, ApiError> {
    let Some((stream_arn, name)) = arn.split_once("/consumer/") else {
        return Err(fail(
            "InvalidArgumentException",
            format!("{arn} is not the ARN of a consumer."),
        ));
    };
    let found = of_stream(call, stream_arn)?
        .into_iter()
        .find(|c| c.arn == arn);
    found.ok_or_else(|| absent(call, name.split(':').next().unwrap_or(name)))
}

fn absent(call: &Call<'_>, name: &str) -> ApiError {
    fail(
        "ResourceNotFoundException",
        format!("Consumer {name}, account {} not found.", call.account),
    )
}

/// DescribeStreamConsumer.
pub fn describe_stream_consumer(call: &mut Call<'_>) -> Reply {
    let consumer = wanted(call)?;
    let mut view = consumer.view(call.now);
    view["StreamARN"] = consumer.stream_arn.into();
    Ok(json!({ "ConsumerDescription": view }))
}

/// ListStreamConsumers.
pub fn list_stream_consumers(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    let prefix = key(call.region, &stream.arn, "");
    let now = call.now;
    let items = record::list::<Consumer>(call.txn, KIND, &prefix)?
        .into_iter()
        .filter(|consumer| consumer.status(now).is_some())
        .map(|consumer| (consumer.name.clone(), consumer.view(now)))
        .collect();
    let limit = paging::limit(call.int("MaxResults"), 100, 10_000);
    let page = paging::page(items, call.str("NextToken"), limit)
        .map_err(|_| fail("InvalidArgumentException", "The NextToken is invalid."))?;
    let next = page.next.clone();
    let mut reply = json!({ "Consumers": page.into_values() });
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}

/// DeregisterStreamConsumer.
pub fn deregister_stream_consumer(call: &mut Call<'_>) -> Reply {
    let consumer = wanted(call)?;
    remove(call, consumer)?;
    Ok(json!({}))
}
