//! The few operations that the engine itself needs, as values.

use aws_sdk_resourcegroupstagging::types::TagFilter;
use serde_json::{Value, json};

use crate::provider::aws::call::CallError;
use crate::provider::path;

/// Who is calling.
pub async fn identity(client: &aws_sdk_sts::Client) -> Result<Value, CallError> {
    let reply = client
        .get_caller_identity()
        .send()
        .await
        .map_err(CallError::of)?;
    Ok(json!({ "account": reply.account(), "arn": reply.arn() }))
}

/// An SSM parameter, decrypted: `{ name }`.
pub async fn parameter(client: &aws_sdk_ssm::Client, input: &Value) -> Result<Value, CallError> {
    let call = client.get_parameter().with_decryption(true);
    let call = call.set_name(path::text_at(input, "name"));
    let reply = call.send().await.map_err(CallError::of)?;
    let value = reply.parameter().and_then(|parameter| parameter.value());
    Ok(json!({ "parameter": { "value": value } }))
}

/// A secret's current text: `{ secret_id }`.
pub async fn secret(
    client: &aws_sdk_secretsmanager::Client,
    input: &Value,
) -> Result<Value, CallError> {
    let call = client.get_secret_value();
    let call = call.set_secret_id(path::text_at(input, "secret_id"));
    let reply = call.send().await.map_err(CallError::of)?;
    Ok(json!({ "secret_string": reply.secret_string() }))
}

/// The most that GetResources gives at once; its default is half of that.
const TAGGING_PAGE: i32 = 100;

/// One page of what carries tags:
/// `{ resource_type_filters, tag_filters: [{ key, values }], pagination_token }`.
pub async fn tagged(
    client: &aws_sdk_resourcegroupstagging::Client,
    input: &Value,
) -> Result<Value, CallError> {
    let texts = |value: Option<&Value>| {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        Some(items.filter_map(path::text).collect::<Vec<_>>())
    };
    let filters = path::get(input, "tag_filters").and_then(Value::as_array);
    let filters = filters.into_iter().flatten().map(|filter| {
        TagFilter::builder()
            .set_key(path::text_at(filter, "key"))
            .set_values(texts(path::get(filter, "values")))
            .build()
    });
    let reply = client
        .get_resources()
        .set_resource_type_filters(texts(path::get(input, "resource_type_filters")))
        .set_tag_filters(Some(filters.collect()))
        .resources_per_page(TAGGING_PAGE)
        .set_pagination_token(path::text_at(input, "pagination_token"))
        .send()
        .await
        .map_err(CallError::of)?;
    let list = reply.resource_tag_mapping_list().iter();
    let list = list.map(|mapping| json!({ "resource_arn": mapping.resource_arn() }));
    Ok(json!({
        "pagination_token": reply.pagination_token(),
        "resource_tag_mapping_list": list.collect::<Vec<_>>(),
    }))
}
