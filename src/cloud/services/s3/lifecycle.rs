//! Lifecycle configurations: what S3 refuses, and what it fills in (rule ids, the minimum size of
//! what moves between storage classes). Rules are kept, not carried out.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::errors;
use super::settings::{Setting, list, sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MAX_RULES: usize = 1000;
const MINIMUM_SIZES: [&str; 2] = ["all_storage_classes_128K", "varies_by_storage_class"];

const LIFECYCLE: Setting = Setting {
    name: "lifecycle",
    absent: (
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
};

/// The members of a rule of which it needs one.
const ACTIONS: [&str; 5] = [
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
];

/// GetBucketLifecycleConfiguration.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    LIFECYCLE.read(call)
}

/// DeleteBucketLifecycle.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    LIFECYCLE.clear(call)
}

/// PutBucketLifecycleConfiguration: replaces the whole configuration.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let size = call
        .str("TransitionDefaultMinimumObjectSize")
        .unwrap_or(MINIMUM_SIZES[0])
        .to_owned();
    if !MINIMUM_SIZES.contains(&size.as_str()) {
        return Err(errors::invalid_request(
            "The value for x-amz-transition-default-minimum-object-size is invalid.",
        ));
    }
    let asked = sent(call, "LifecycleConfiguration");
    let rules = list(&asked, "Rules");
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(errors::malformed_xml());
    }
    let mut ids = BTreeSet::new();
    let mut kept = Vec::new();
    for rule in rules {
        check(rule)?;
        let id = match text(rule, "ID") {
            "" => generated_id(call)?,
            id => id.to_owned(),
        };
        if !ids.insert(id.clone()) {
            return Err(errors::invalid_argument(
                "Rule ID must be unique. Found same ID for more than one rule",
                "ID",
                id,
            ));
        }
        let mut rule = rule.clone();
        rule["ID"] = json!(id);
        kept.push(rule);
    }
    LIFECYCLE.write(
        call,
        json!({ "Rules": kept, "TransitionDefaultMinimumObjectSize": size }),
    )?;
    Ok(json!({ "TransitionDefaultMinimumObjectSize": size }))
}

/// An id as S3 makes them: a UUID in base64.
fn generated_id(call: &mut Call<'_>) -> Result<String, ApiError> {
    let hex = call.txn.hex_id(32)?;
    let uuid = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32],
    ]
    .join("-");
    Ok(STANDARD.encode(uuid))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgument", 400, message)
}

fn check(rule: &Value) -> Result<(), ApiError> {
    if !["Enabled", "Disabled"].contains(&text(rule, "Status")) {
        return Err(errors::malformed_xml());
    }
    if text(rule, "ID").chars().count() > 255 {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    check_scope(rule)?;
    let has = |action: &str| match rule.get(action) {
        Some(Value::Array(list)) => !list.is_empty(),
        Some(value) => !value.is_null(),
        None => false,
    };
    if !ACTIONS.iter().any(|action| has(action)) {
        return Err(errors::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    check_expiration(rule)?;
    check_transitions(rule)?;
    check_noncurrent(rule)?;
    check_abort(rule)
}

/// A rule has `Filter` or the older `Prefix`, not both and not neither; a filter has one element.
fn check_scope(rule: &Value) -> Result<(), ApiError> {
    let (filter, prefix) = (rule.get("Filter"), rule.get("Prefix"));
    let one_of = match (filter, prefix) {
        (Some(filter), None) => filter.as_object().is_some_and(|filter| filter.len() <= 1),
        (None, Some(_)) => true,
        _ => false,
    };
    if one_of {
        Ok(())
    } else {
        Err(errors::malformed_xml())
    }
}

fn prefix_of(rule: &Value) -> &str {
    let filter = &rule["Filter"];
    [rule, filter, &filter["And"]]
        .into_iter()
        .map(|place| text(place, "Prefix"))
        .find(|prefix| !prefix.is_empty())
        .unwrap_or_default()
}

fn midnight(value: &Value) -> bool {
    value.as_i64().is_none_or(|at| at % DAY_MS == 0)
}

fn check_expiration(rule: &Value) -> Result<(), ApiError> {
    let Some(expiration) = rule.get("Expiration").filter(|e| !e.is_null()) else {
        return Ok(());
    };
    let given = ["Days", "Date", "ExpiredObjectDeleteMarker"]
        .iter()
        .filter(|member| expiration.get(**member).is_some())
        .count();
    if given != 1 {
        return Err(errors::malformed_xml());
    }
    if expiration["Days"].as_i64().is_some_and(|days| days < 1) {
        return Err(invalid(
            "'Days' for Expiration action must be a positive integer",
        ));
    }
    if !midnight(&expiration["Date"]) {
        return Err(invalid("'Date' must be at midnight GMT"));
    }
    Ok(())
}

fn check_transitions(rule: &Value) -> Result<(), ApiError> {
    let mut classes = BTreeSet::new();
    for transition in list(rule, "Transitions") {
        let class = text(transition, "StorageClass");
        let days = transition["Days"].as_i64();
        if !classes.insert(class) {
            return Err(invalid(format!(
                "'StorageClass' must be different for 'Transition' actions in same 'Rule' with \
                 filter '(prefix={})'",
                prefix_of(rule)
            )));
        }
        if class.is_empty() || (days.is_none() == transition.get("Date").is_none()) {
            return Err(errors::malformed_xml());
        }
        if !midnight(&transition["Date"]) {
            return Err(invalid("'Date' must be at midnight GMT"));
        }
        if days.is_some_and(|days| days < 0) {
            return Err(invalid("'Days' for Transition action must be nonnegative"));
        }
        if ["STANDARD_IA", "ONEZONE_IA"].contains(&class) && days.is_some_and(|days| days < 30) {
            return Err(invalid(format!(
                "'Days' in Transition action must be greater than or equal to 30 for storageClass \
                 '{class}'"
            )));
        }
        let expires = rule["Expiration"]["Days"].as_i64();
        if let (Some(days), Some(expires)) = (days, expires)
            && expires <= days
        {
            return Err(invalid(format!(
                "'Days' in the Expiration action for filter '(prefix={})' must be greater than \
                 'Days' in the Transition action",
                prefix_of(rule)
            )));
        }
    }
    Ok(())
}

fn check_noncurrent(rule: &Value) -> Result<(), ApiError> {
    let expiration = rule.get("NoncurrentVersionExpiration");
    let days = expiration.map(|e| e["NoncurrentDays"].as_i64());
    match days {
        Some(None) => return Err(errors::malformed_xml()),
        Some(Some(days)) if days < 1 => {
            return Err(invalid(
                "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive \
                 integer",
            ));
        }
        _ => {}
    }
    for transition in list(rule, "NoncurrentVersionTransitions") {
        let class = text(transition, "StorageClass");
        let after = transition["NoncurrentDays"].as_i64();
        if class.is_empty() || after.is_none() {
            return Err(errors::malformed_xml());
        }
        if ["STANDARD_IA", "ONEZONE_IA"].contains(&class) && after.is_some_and(|days| days < 30) {
            return Err(invalid(format!(
                "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or \
                 equal to 30 for storageClass '{class}'"
            )));
        }
    }
    Ok(())
}

fn check_abort(rule: &Value) -> Result<(), ApiError> {
    let Some(abort) = rule.get("AbortIncompleteMultipartUpload") else {
        return Ok(());
    };
    match abort["DaysAfterInitiation"].as_i64() {
        None => return Err(errors::malformed_xml()),
        Some(days) if days < 1 => {
            return Err(invalid(
                "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a \
                 positive integer",
            ));
        }
        Some(_) => {}
    }
    let filter = &rule["Filter"];
    let by_tag = !filter["Tag"].is_null() || !list(&filter["And"], "Tags").is_empty();
    if by_tag {
        return Err(errors::invalid_request(
            "AbortIncompleteMultipartUpload cannot be specified with Tags",
        ));
    }
    Ok(())
}
