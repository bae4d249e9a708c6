//! Tags of streams and consumers, by the older operations (by stream) and the newer (by ARN).

use serde_json::{Value, json};

use super::stream::{self, Stream, fail};
use super::{consumer, find_resource};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagProblem, TagRules, Tags};

const RULES: TagRules = TagRules::with(Alphabet::Common);

/// What an ARN of this service names.
pub enum Resource {
    /// A stream.
    Stream(Box<Stream>),
    /// A registered consumer of a stream.
    Consumer(consumer::Consumer),
}

impl Resource {
    fn tags_mut(&mut self) -> &mut Tags {
        match self {
            Resource::Stream(stream) => &mut stream.tags,
            Resource::Consumer(consumer) => &mut consumer.tags,
        }
    }

    /// Writes the record back.
    pub fn save(&self, call: &mut Call<'_>) -> Result<(), ApiError> {
        match self {
            Resource::Stream(stream) => stream.save(call.txn, call.region),
            Resource::Consumer(consumer) => consumer.save(call.txn, call.region),
        }
    }
}

/// The request's Tags, checked.
pub fn given(call: &Call<'_>) -> Result<Tags, ApiError> {
    let given = tags::from_map(call.input.get("Tags"));
    let pairs = given
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    tags::check_sent(&RULES, pairs).map_err(|problem| refused(&problem))?;
    Ok(given)
}

fn refused(problem: &TagProblem) -> ApiError {
    match problem {
        TagProblem::Character { .. } => fail(
            "InvalidArgumentException",
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, \
             white space, _ . / = + - % @ :.",
        ),
        other => fail("InvalidArgumentException", other.to_string()),
    }
}

fn add(call: &mut Call<'_>, mut resource: Resource) -> Reply {
    let given = given(call)?;
    let held = resource.tags_mut();
    held.extend(given);
    if held.len() > RULES.max {
        return Err(fail(
            "InvalidArgumentException",
            format!(
                "A resource can have at most {} tags associated with it.",
                RULES.max
            ),
        ));
    }
    resource.save(call)?;
    Ok(json!({}))
}

fn remove(call: &mut Call<'_>, mut resource: Resource) -> Reply {
    for key in call.strings("TagKeys") {
        resource.tags_mut().remove(&key);
    }
    resource.save(call)?;
    Ok(json!({}))
}

/// AddTagsToStream.
pub fn add_tags_to_stream(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    add(call, Resource::Stream(Box::new(stream)))
}

/// RemoveTagsFromStream; a key that is not there is no error.
pub fn remove_tags_from_stream(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    remove(call, Resource::Stream(Box::new(stream)))
}

/// ListTagsForStream, by key.
pub fn list_tags_for_stream(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    let after = call
        .str("ExclusiveStartTagKey")
        .unwrap_or_default()
        .to_owned();
    let limit = usize::try_from(call.int("Limit").unwrap_or(50)).unwrap_or(50);
    let rest: Vec<_> = stream
        .tags
        .iter()
        .filter(|(key, _)| **key > after)
        .collect();
    let page: Vec<Value> = rest
        .iter()
        .take(limit)
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "HasMoreTags": rest.len() > page.len(), "Tags": page }))
}

/// TagResource.
pub fn tag_resource(call: &mut Call<'_>) -> Reply {
    let resource = find_resource(call)?;
    add(call, resource)
}

/// UntagResource.
pub fn untag_resource(call: &mut Call<'_>) -> Reply {
    let resource = find_resource(call)?;
    remove(call, resource)
}

/// ListTagsForResource.
pub fn list_tags_for_resource(call: &mut Call<'_>) -> Reply {
    let mut resource = find_resource(call)?;
    Ok(json!({ "Tags": tags::to_list(resource.tags_mut()) }))
}
