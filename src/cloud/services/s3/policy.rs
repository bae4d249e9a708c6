//! Bucket policies: what S3 refuses, how it writes them down, and when it calls one public.

use serde_json::{Map, Value, json};

use super::bucket;
use super::public_access;
use super::record::Bucket;
use super::settings::Setting;
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply, arn, iam};

/// Bytes a policy may have.
const LIMIT: usize = 20 * 1024;

const POLICY: Setting = Setting {
    name: "policy",
    absent: ("NoSuchBucketPolicy", "The bucket policy does not exist"),
};

/// Condition keys that narrow a statement for everyone down to known callers, when their values
/// are fixed (S3's user guide, "the meaning of public").
const NARROWING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// GetBucketPolicy.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "Policy": POLICY.read(call)?.to_string() }))
}

/// GetBucketPolicyStatus.
pub(super) fn status(call: &mut Call<'_>) -> Reply {
    let policy = POLICY.read(call)?;
    Ok(json!({ "PolicyStatus": { "IsPublic": is_public(&policy) } }))
}

/// DeleteBucketPolicy.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    POLICY.clear(call)
}

/// PutBucketPolicy.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let policy = checked(call, &bucket)?;
    check_roles(call, &policy)?;
    if is_public(&policy) && public_access::blocks(&bucket, "BlockPublicPolicy") {
        return Err(ApiError::new(
            "AccessDenied",
            403,
            format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" \
                 because public policies are prevented by the BlockPublicPolicy setting in S3 \
                 Block Public Access.",
                call.principal_arn,
                bucket::arn(&bucket.name)
            ),
        ));
    }
    POLICY.write(call, policy)
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicy", 400, message)
}

/// The policy in the call, in the form in which S3 gives it back.
fn checked(call: &Call<'_>, bucket: &Bucket) -> Result<Value, ApiError> {
    let text = call.str("Policy").unwrap_or_default();
    if text.len() > LIMIT {
        return Err(ApiError::new(
            "PolicyTooLarge",
            400,
            "Normalized policy document exceeds the maximum allowed size of 20480 bytes.",
        ));
    }
    if !text.trim_start().starts_with('{') {
        return Err(malformed(
            "Policies must be valid JSON and the first byte must be '{'",
        ));
    }
    let sent: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    for name in sent.keys() {
        if !["Version", "Id", "Statement"].contains(&name.as_str()) {
            return Err(malformed(format!("Unknown field {name}")));
        }
    }
    let version = sent.get("Version").cloned().unwrap_or(json!("2008-10-17"));
    if version != "2012-10-17" && version != "2008-10-17" {
        return Err(malformed("The policy must contain a valid version string"));
    }
    let statements = sent
        .get("Statement")
        .ok_or_else(|| malformed("Missing required field Statement"))?;
    let statements: Vec<Value> = as_list(statements)
        .iter()
        .map(|statement| statement_checked(bucket, statement))
        .collect::<Result<_, _>>()?;
    if statements.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    let mut policy = Map::new();
    policy.insert("Version".into(), version);
    if let Some(id) = sent.get("Id") {
        policy.insert("Id".into(), id.clone());
    }
    policy.insert("Statement".into(), statements.into());
    Ok(policy.into())
}

const FIELDS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// One statement, its fields in S3's order, lists of one as their element.
fn statement_checked(bucket: &Bucket, statement: &Value) -> Result<Value, ApiError> {
    let fields = statement
        .as_object()
        .ok_or_else(|| malformed("This policy contains invalid Json"))?;
    for name in fields.keys() {
        if !FIELDS.contains(&name.as_str()) {
            return Err(malformed(format!("Unknown field {name}")));
        }
    }
    match fields.get("Effect").map(|effect| effect.as_str()) {
        Some(Some("Allow" | "Deny")) => {}
        None => return Err(malformed("Missing required field Effect")),
        Some(effect) => {
            let shown = effect.unwrap_or_default();
            return Err(malformed(format!("Invalid effect : {shown}")));
        }
    }
    for (field, inverse) in [
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
    ] {
        if !fields.contains_key(field) && !fields.contains_key(inverse) {
            return Err(malformed(format!("Missing required field {field}")));
        }
    }
    for principal in ["Principal", "NotPrincipal"] {
        if let Some(principal) = fields.get(principal) {
            check_principal(principal)?;
        }
    }
    for action in ["Action", "NotAction"] {
        check_each(fields.get(action), "Policy has invalid action", |text| {
            text == "*" || text.to_ascii_lowercase().starts_with("s3:")
        })?;
    }
    let own = bucket::arn(&bucket.name);
    for resource in ["Resource", "NotResource"] {
        check_each(
            fields.get(resource),
            "Policy has invalid resource",
            |text| about_bucket(text, &own),
        )?;
    }
    let ordered = FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), collapsed(fields.get(*name)?))))
        .collect::<Map<_, _>>();
    Ok(ordered.into())
}

fn check_each(
    value: Option<&Value>,
    message: &str,
    good: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    let Some(value) = value else { return Ok(()) };
    let all_good = as_list(value)
        .iter()
        .all(|one| one.as_str().is_some_and(&good));
    if all_good {
        Ok(())
    } else {
        Err(malformed(message))
    }
}

/// Whether a resource pattern lies in the bucket: its ARN, or `<ARN>/…`, wildcards allowed.
fn about_bucket(pattern: &str, own: &str) -> bool {
    let whole = pattern.split('/').next().unwrap_or_default();
    match whole.split_once('*') {
        Some((start, _)) => pattern != "*" && own.starts_with(start) && start.starts_with("arn:"),
        None => whole == own,
    }
}

/// A principal is `*` or a map of kinds to names.
fn check_principal(principal: &Value) -> Result<(), ApiError> {
    let invalid = || malformed("Invalid principal in policy");
    let Some(kinds) = principal.as_object() else {
        return if principal == "*" {
            Ok(())
        } else {
            Err(invalid())
        };
    };
    for (kind, names) in kinds {
        for name in as_list(names) {
            let name = name.as_str().ok_or_else(invalid)?;
            let good = match kind.as_str() {
                "AWS" => aws_principal(name),
                "Service" => name.ends_with(".amazonaws.com") || name == "*",
                "Federated" => !name.is_empty(),
                "CanonicalUser" => name.len() == 64,
                _ => false,
            };
            if !good {
                return Err(invalid());
            }
        }
    }
    Ok(())
}

/// `*`, an account, or an ARN of IAM or STS.
fn aws_principal(name: &str) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if name == "*" || account(name) {
        return true;
    }
    arn::Arn::parse(name).is_some_and(|arn| {
        ["iam", "sts"].contains(&arn.service) && arn.region.is_empty() && account(arn.account)
    })
}

/// Roles of this account must exist, as IAM shows them to other services. Users are not modelled,
/// so theirs are taken as they come.
fn check_roles(call: &mut Call<'_>, policy: &Value) -> Result<(), ApiError> {
    for statement in as_list(&policy["Statement"]) {
        for member in ["Principal", "NotPrincipal"] {
            for name in as_list(&statement[member]["AWS"]) {
                let own_role = name.as_str().filter(|name| {
                    arn::Arn::parse(name).is_some_and(|arn| {
                        arn.account == call.account && arn.resource_of("role").is_some()
                    })
                });
                if let Some(role) = own_role
                    && !iam::role_visible(call.txn, role)?
                {
                    return Err(malformed("Invalid principal in policy"));
                }
            }
        }
    }
    Ok(())
}

/// A value as the list it stands for: a list of one is often written as its element.
fn as_list(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        other => std::slice::from_ref(other),
    }
}

/// Lists of one as their element, at any depth.
fn collapsed(value: &Value) -> Value {
    match value {
        Value::Array(list) if list.len() == 1 => list[0].clone(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), collapsed(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// Whether a policy lets everyone in: an Allow for `*` that no condition narrows.
pub(super) fn is_public(policy: &Value) -> bool {
    as_list(&policy["Statement"]).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && (for_everyone(&statement["Principal"]) || !statement["NotPrincipal"].is_null())
            && !narrowed(&statement["Condition"])
    })
}

fn for_everyone(principal: &Value) -> bool {
    principal == "*" || as_list(&principal["AWS"]).iter().any(|name| name == "*")
}

/// Whether one of the conditions admits fixed callers only.
fn narrowed(condition: &Value) -> bool {
    let tests = condition.as_object().into_iter().flatten();
    tests
        .filter(|(operator, _)| !operator.contains("Not") && !operator.ends_with("IfExists"))
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
        .any(|(key, values)| {
            NARROWING.contains(&key.to_ascii_lowercase().as_str())
                && as_list(values).iter().all(|value| {
                    value
                        .as_str()
                        .is_some_and(|text| !text.starts_with('*') && !text.ends_with("/0"))
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_is_an_allow_for_everyone_that_nothing_narrows() {
        let policy = |principal: Value, condition: Value| {
            json!({ "Statement": [{
                "Effect": "Allow", "Principal": principal, "Condition": condition,
            }] })
        };
        assert!(is_public(&policy(json!("*"), Value::Null)));
        assert!(is_public(&policy(json!({ "AWS": "*" }), Value::Null)));
        assert!(!is_public(&policy(
            json!({ "AWS": "arn:aws:iam::123456789012:root" }),
            Value::Null
        )));
        let from = |address: &str| json!({ "IpAddress": { "aws:SourceIp": address } });
        assert!(!is_public(&policy(json!("*"), from("10.1.0.0/16"))));
        assert!(is_public(&policy(json!("*"), from("0.0.0.0/0"))));
        let secure = json!({ "Bool": { "aws:SecureTransport": "true" } });
        assert!(is_public(&policy(json!("*"), secure)));
    }

    #[test]
    fn resources_lie_in_the_bucket() {
        let own = "arn:aws:s3:::events";
        for good in [
            "arn:aws:s3:::events",
            "arn:aws:s3:::events/*",
            "arn:aws:s3:::ev*",
        ] {
            assert!(about_bucket(good, own), "{good}");
        }
        for bad in [
            "*",
            "events",
            "arn:aws:s3:::other/*",
            "arn:aws:s3:::events2",
        ] {
            assert!(!about_bucket(bad, own), "{bad}");
        }
    }
}
