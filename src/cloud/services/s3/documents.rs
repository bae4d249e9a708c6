//! Settings that S3 keeps and gives back nearly as they come: CORS, website, logging,
//! notifications, acceleration, who pays; and those that the embedded cloud knows only as absent.

use serde_json::{Value, json};

use super::bucket;
use super::errors;
use super::record::{Bucket, Record as _};
use super::settings::{Setting, list, sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

const CORS: Setting = Setting {
    name: "cors",
    absent: (
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist",
    ),
};

const WEBSITE: Setting = Setting {
    name: "website",
    absent: (
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
};

/// Settings whose absence reads as an empty reply, not as an error.
const LOGGING: Setting = quiet("logging");
const NOTIFICATION: Setting = quiet("notification");
const ACCELERATE: Setting = quiet("accelerate");
const PAYMENT: Setting = quiet("request_payment");

const fn quiet(name: &'static str) -> Setting {
    Setting {
        name,
        absent: ("", ""),
    }
}

/// The stored value, or an empty reply.
fn read_quietly(call: &mut Call<'_>, setting: &Setting) -> Reply {
    let bucket = bucket::of(call)?;
    Ok(setting.of(&bucket).cloned().unwrap_or_else(|| json!({})))
}

/// GetBucketCors.
pub(super) fn get_cors(call: &mut Call<'_>) -> Reply {
    CORS.read(call)
}

/// PutBucketCors.
pub(super) fn put_cors(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "CORSConfiguration");
    let rules = list(&asked, "CORSRules");
    if rules.is_empty() || rules.len() > 100 {
        return Err(errors::malformed_xml());
    }
    for rule in rules {
        for method in list(rule, "AllowedMethods") {
            let method = method.as_str().unwrap_or_default();
            if !["GET", "PUT", "HEAD", "POST", "DELETE"].contains(&method) {
                return Err(errors::invalid_request(format!(
                    "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
                )));
            }
        }
        for (member, what) in [
            ("AllowedOrigins", "AllowedOrigin"),
            ("AllowedHeaders", "AllowedHeader"),
        ] {
            for value in list(rule, member) {
                let value = value.as_str().unwrap_or_default();
                if value.matches('*').count() > 1 {
                    return Err(errors::invalid_request(format!(
                        "{what} \"{value}\" can not have more than one wildcard."
                    )));
                }
            }
        }
    }
    CORS.write(call, asked)
}

/// DeleteBucketCors.
pub(super) fn delete_cors(call: &mut Call<'_>) -> Reply {
    CORS.clear(call)
}

/// GetBucketWebsite.
pub(super) fn get_website(call: &mut Call<'_>) -> Reply {
    WEBSITE.read(call)
}

/// PutBucketWebsite: an index document, or a redirection of everything and nothing else.
pub(super) fn put_website(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "WebsiteConfiguration");
    let redirects = asked.get("RedirectAllRequestsTo").is_some();
    let others = ["IndexDocument", "ErrorDocument", "RoutingRules"]
        .iter()
        .any(|member| asked.get(*member).is_some());
    if redirects && others {
        return Err(errors::invalid_argument(
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            "RedirectAllRequestsTo",
            "not null",
        ));
    }
    let suffix = text(&asked["IndexDocument"], "Suffix");
    if !redirects && asked.get("IndexDocument").is_none() {
        return Err(errors::invalid_argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        ));
    }
    if !redirects && (suffix.is_empty() || suffix.contains('/')) {
        return Err(errors::invalid_argument(
            "The IndexDocument Suffix is not well formed",
            "IndexDocument",
            suffix,
        ));
    }
    WEBSITE.write(call, asked)
}

/// DeleteBucketWebsite.
pub(super) fn delete_website(call: &mut Call<'_>) -> Reply {
    WEBSITE.clear(call)
}

/// GetBucketLogging.
pub(super) fn get_logging(call: &mut Call<'_>) -> Reply {
    read_quietly(call, &LOGGING)
}

/// PutBucketLogging: without LoggingEnabled logging ends. The target must be a bucket of the same
/// account and region.
pub(super) fn put_logging(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "BucketLoggingStatus");
    let Some(enabled) = asked.get("LoggingEnabled") else {
        return LOGGING.clear(call);
    };
    let bucket = bucket::of(call)?;
    let name = text(enabled, "TargetBucket");
    let target = Bucket::find(call.txn, name)?.filter(|target| target.account == bucket.account);
    let refused = |code: &str, message: &str| {
        Err(ApiError::new(code, 400, message).with("TargetBucket", name))
    };
    match target {
        None => refused(
            "InvalidTargetBucketForLogging",
            "The target bucket for logging does not exist",
        ),
        Some(target) if target.region != bucket.region => refused(
            "CrossLocationLoggingProhibited",
            "Cross S3 location logging not allowed.",
        ),
        Some(_) if !list(enabled, "TargetGrants").is_empty() => {
            Err(ApiError::not_implemented("grants on access logs in S3"))
        }
        Some(_) => LOGGING.write(call, json!({ "LoggingEnabled": enabled })),
    }
}

/// GetBucketNotificationConfiguration.
pub(super) fn get_notification(call: &mut Call<'_>) -> Reply {
    read_quietly(call, &NOTIFICATION)
}

/// PutBucketNotificationConfiguration: EventBridge on or off; the embedded cloud has no queues,
/// topics and functions that could be told.
pub(super) fn put_notification(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "NotificationConfiguration");
    let targets = [
        "TopicConfigurations",
        "QueueConfigurations",
        "LambdaFunctionConfigurations",
    ];
    if targets
        .iter()
        .any(|member| !list(&asked, member).is_empty())
    {
        return Err(ApiError::not_implemented(
            "notifications of S3 to queues, topics and functions",
        ));
    }
    match asked.get("EventBridgeConfiguration") {
        Some(_) => NOTIFICATION.write(call, json!({ "EventBridgeConfiguration": {} })),
        None => NOTIFICATION.clear(call),
    }
}

/// GetBucketAccelerateConfiguration.
pub(super) fn get_accelerate(call: &mut Call<'_>) -> Reply {
    read_quietly(call, &ACCELERATE)
}

/// PutBucketAccelerateConfiguration.
pub(super) fn put_accelerate(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "AccelerateConfiguration");
    if !["Enabled", "Suspended"].contains(&text(&asked, "Status")) {
        return Err(errors::malformed_xml());
    }
    if bucket::named(call).contains('.') {
        return Err(errors::invalid_request(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        ));
    }
    ACCELERATE.write(call, asked)
}

/// GetBucketRequestPayment.
pub(super) fn get_request_payment(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let stored = PAYMENT.of(&bucket).cloned();
    Ok(stored.unwrap_or_else(|| json!({ "Payer": "BucketOwner" })))
}

/// PutBucketRequestPayment.
pub(super) fn put_request_payment(call: &mut Call<'_>) -> Reply {
    let asked: Value = sent(call, "RequestPaymentConfiguration");
    if !["Requester", "BucketOwner"].contains(&text(&asked, "Payer")) {
        return Err(errors::malformed_xml());
    }
    PAYMENT.write(call, asked)
}

/// GetBucketReplication: there is none to set here.
pub(super) fn get_replication(call: &mut Call<'_>) -> Reply {
    never_set(
        call,
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    )
}

/// DeleteBucketReplication: not an error when there is none.
pub(super) fn delete_replication(call: &mut Call<'_>) -> Reply {
    bucket::of(call)?;
    Ok(json!({}))
}

/// GetObjectLockConfiguration: buckets cannot be made with object lock here.
pub(super) fn get_object_lock(call: &mut Call<'_>) -> Reply {
    never_set(
        call,
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    )
}

fn never_set(call: &mut Call<'_>, code: &str, message: &str) -> Reply {
    let bucket = bucket::of(call)?;
    Err(errors::not_set(code, message, &bucket.name))
}
