//! Which service, protocol and operation a request is for.
//!
//! [`caller`] reads who sends it to whom, [`pattern`] fits REST paths; here the two meet the
//! models. A request that names no operation of the models gets AWS's own error, one that names an
//! operation AWS has and the models leave out gets "not implemented".

pub mod caller;
pub mod pattern;
pub mod presigned;

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use http::request::Parts;

use crate::aws_model::{self, Model, Operation};
use crate::cloud::error::ApiError;
use crate::cloud::protocol::Protocol;
use caller::Caller;
use pattern::{PathPattern, decode_pairs};

/// A service found, before its operation.
#[derive(Debug, Clone, Copy)]
pub struct Addressee {
    /// The service's name among the models.
    pub service: &'static str,
    /// Its model.
    pub model: &'static Model,
    /// How this request speaks to it.
    pub protocol: Protocol,
}

/// An operation found, with what the search took apart.
#[derive(Debug)]
pub struct Found {
    /// The operation.
    pub operation: &'static Operation,
    /// Decoded labels of the path.
    pub labels: Vec<(String, String)>,
    /// Decoded query parameters; with the query protocols the form's fields too.
    pub query: Vec<(String, String)>,
}

/// The host without its port.
pub fn host(parts: &Parts) -> &str {
    let header = parts
        .headers
        .get("host")
        .and_then(|value| value.to_str().ok());
    let host = header.or(parts.uri.host()).unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The service a request is for, by its signature's scope, its host, or its target's prefix; an
/// error carries the protocol to answer in.
pub fn addressee(parts: &Parts, caller: &Caller) -> Result<Addressee, (Protocol, ApiError)> {
    let target = target(parts);
    let service = match (&caller.service, target) {
        (Some(name), _) => by_signing_name(name),
        (None, Some((prefix, _))) => {
            models().find(|(_, model)| model.metadata.target_prefix.as_deref() == Some(prefix))
        }
        // Plain requests without any credentials: what S3 alone is made for.
        (None, None) => by_signing_name("s3"),
    };
    match service {
        Some((service, model)) => Ok(Addressee {
            service,
            model,
            protocol: spoken(parts, model),
        }),
        None => {
            let name = caller.service.as_deref().unwrap_or("this");
            let protocol = match (target, is_form(parts)) {
                (Some(_), _) => Protocol::Json11,
                (None, true) => Protocol::Query,
                (None, false) => Protocol::RestJson,
            };
            let what = format!("the service {name}");
            Err((protocol, ApiError::not_implemented(what)))
        }
    }
}

fn models() -> impl Iterator<Item = (&'static str, &'static Model)> {
    aws_model::services().filter_map(|name| Some((name, aws_model::service(name).ok()?)))
}

fn by_signing_name(name: &str) -> Option<(&'static str, &'static Model)> {
    models().find(|(_, model)| {
        model.metadata.signing_name() == name || model.metadata.endpoint_prefix == name
    })
}

/// `X-Amz-Target: <prefix>.<operation>`.
fn target(parts: &Parts) -> Option<(&str, &str)> {
    let target = parts.headers.get("x-amz-target")?.to_str().ok()?;
    target.rsplit_once('.')
}

fn is_form(parts: &Parts) -> bool {
    content_type(parts).starts_with("application/x-www-form-urlencoded")
}

fn content_type(parts: &Parts) -> &str {
    let header = parts.headers.get("content-type");
    header.and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// How this request speaks: its headers say, else the model.
fn spoken(parts: &Parts, model: &Model) -> Protocol {
    let smithy = parts.headers.get("smithy-protocol");
    if smithy.is_some_and(|value| value == "rpc-v2-cbor") {
        return Protocol::Cbor;
    }
    if parts.headers.contains_key("x-amz-target") {
        return match content_type(parts).starts_with("application/x-amz-json-1.0") {
            true => Protocol::Json10,
            false => Protocol::Json11,
        };
    }
    match model.metadata.protocol.as_str() {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        _ if model.metadata.json_version.as_deref() == Some("1.0") => Protocol::Json10,
        _ => Protocol::Json11,
    }
}

/// The operation a request asks its service for.
pub fn operation(to: &Addressee, parts: &Parts, body: &Bytes) -> Result<Found, ApiError> {
    let query = decode_pairs(parts.uri.query().unwrap_or_default());
    match to.protocol {
        Protocol::RestJson | Protocol::RestXml => by_path(to, parts, query),
        Protocol::Query | Protocol::Ec2 => {
            let mut fields = query;
            fields.extend(decode_pairs(&String::from_utf8_lossy(body)));
            let action = fields.iter().find(|(name, _)| name == "Action");
            let name = action.map(|(_, value)| value.clone()).ok_or_else(|| {
                let message = "The request must contain the parameter Action";
                ApiError::new("MissingAction", 400, message)
            })?;
            named(to, &name, fields)
        }
        Protocol::Json10 | Protocol::Json11 => {
            let name = target(parts).map(|(_, name)| name).unwrap_or_default();
            named(to, name, query)
        }
        Protocol::Cbor => {
            // /service/<name>/operation/<operation>
            let name = parts.uri.path().rsplit('/').next().unwrap_or_default();
            named(to, name, query)
        }
    }
}

fn named(to: &Addressee, name: &str, query: Vec<(String, String)>) -> Result<Found, ApiError> {
    if let Some(operation) = to.model.operations.get(name) {
        return Ok(Found {
            operation,
            labels: Vec::new(),
            query,
        });
    }
    if to.model.not_modelled.contains(name) {
        return Err(ApiError::not_implemented(format!("{} {name}", to.service)));
    }
    Err(match to.protocol {
        Protocol::Ec2 => ApiError::new(
            "InvalidAction",
            400,
            format!("The action {name} is not valid for this web service."),
        ),
        Protocol::Query => ApiError::new(
            "InvalidAction",
            400,
            format!(
                "Could not find operation {name} for version {}",
                to.model.metadata.api_version
            ),
        ),
        _ => ApiError::new("UnknownOperationException", 400, ""),
    })
}

struct Route {
    pattern: PathPattern,
    operation: &'static Operation,
    /// Wire names of the query parameters and headers that must be there.
    needs_query: Vec<String>,
    needs_headers: Vec<String>,
}

static ROUTES: LazyLock<HashMap<&'static str, Vec<Route>>> = LazyLock::new(|| {
    models()
        .map(|(name, model)| {
            (
                name,
                model.operations.values().map(|o| route(model, o)).collect(),
            )
        })
        .collect()
});

fn route(model: &'static Model, operation: &'static Operation) -> Route {
    let shape = model.structure(operation.input.as_ref());
    let needs = |location: &str| {
        shape
            .iter()
            .flat_map(|shape| {
                shape
                    .required
                    .iter()
                    .map(move |name| (name, &shape.members[name]))
            })
            .filter(|(_, r)| r.location.as_deref() == Some(location))
            .map(|(name, r)| r.location_name.clone().unwrap_or_else(|| name.clone()))
            .collect()
    };
    Route {
        pattern: PathPattern::parse(&operation.http.request_uri),
        operation,
        needs_query: needs("querystring"),
        needs_headers: needs("header"),
    }
}

/// Query parameters that make another operation of an S3 request. One that no modelled operation
/// asks for must not be taken for the plain request.
const S3_SUBRESOURCES: [&str; 38] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploads",
    "versioning",
    "versions",
];

fn by_path(to: &Addressee, parts: &Parts, query: Vec<(String, String)>) -> Result<Found, ApiError> {
    let path = match to.protocol {
        Protocol::RestXml => bucket_path(parts),
        _ => parts.uri.path().to_owned(),
    };
    let has_query = |name: &String| query.iter().any(|(n, _)| n == name);
    let has_header = |name: &String| parts.headers.contains_key(name.as_str());
    let best = ROUTES
        .get(to.service)
        .into_iter()
        .flatten()
        .filter(|route| parts.method.as_str() == route.operation.http.method)
        .filter_map(|route| {
            let (fit, labels) = route.pattern.matches(&path, &query)?;
            let needs = route.needs_query.len() + route.needs_headers.len();
            let complete = route.needs_query.iter().all(has_query)
                && route.needs_headers.iter().all(has_header);
            Some(((complete, fit, needs), route, labels))
        })
        .max_by(|(a, ..), (b, ..)| a.cmp(b));
    let stray = |route: &Route| {
        to.service == "s3"
            && S3_SUBRESOURCES
                .iter()
                .any(|name| has_query(&(*name).to_owned()) && !route.pattern.asks_for(name))
    };
    match best {
        Some((_, route, labels)) if !stray(route) => Ok(Found {
            operation: route.operation,
            labels,
            query,
        }),
        _ => Err(no_route(to, parts)),
    }
}

fn no_route(to: &Addressee, parts: &Parts) -> ApiError {
    let mut asked = format!("{} {} {}", to.service, parts.method, parts.uri.path());
    let query = decode_pairs(parts.uri.query().unwrap_or_default());
    let subresource = query
        .iter()
        .find(|(name, _)| S3_SUBRESOURCES.contains(&name.as_str()));
    if let Some((name, _)) = subresource.filter(|_| to.service == "s3") {
        asked = format!("{asked}?{name}");
    }
    if to.service == "s3" || !to.model.not_modelled.is_empty() {
        return ApiError::not_implemented(asked);
    }
    ApiError::new(
        "UnknownOperationException",
        404,
        format!("Unable to determine service/operation name to be authorized: {asked}"),
    )
}

/// The raw path with the bucket in front, wherever the request has it.
fn bucket_path(parts: &Parts) -> String {
    let host = host(parts);
    let path = parts.uri.path();
    let bucket = ["localhost", "127.0.0.1"]
        .iter()
        .find_map(|base| host.strip_suffix(base)?.strip_suffix('.'))
        .or_else(|| {
            let labels = host.strip_suffix(".amazonaws.com")?;
            let at = labels
                .find(".s3.")
                .or_else(|| labels.find(".s3-"))
                .or_else(|| labels.strip_suffix(".s3").map(str::len))?;
            Some(&labels[..at])
        })
        .filter(|bucket| !bucket.is_empty() && *bucket != "s3");
    match bucket {
        Some(bucket) => format!("/{bucket}{path}"),
        None => path.to_owned(),
    }
}
