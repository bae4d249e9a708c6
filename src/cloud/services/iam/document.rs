//! Policy documents: IAM's grammar, what it rewrites in trust policies, and how they leave.
//!
//! Identity policies are kept as they came. Trust policies are parsed, their principals resolved,
//! and kept as compact JSON: IAM stores principals by unique id, so an account's number becomes
//! its root ARN and a list of one becomes a text; once a named role is deleted its id shows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::errors::malformed;
use crate::cloud::error::ApiError;

/// What RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

const SYNTAX: &str = "Syntax errors in policy.";

const STATEMENT_KEYS: [&str; 9] = [
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

/// Condition operators without their `IfExists` and set prefixes.
const OPERATORS: [&str; 27] = [
    "stringequals",
    "stringnotequals",
    "stringequalsignorecase",
    "stringnotequalsignorecase",
    "stringlike",
    "stringnotlike",
    "numericequals",
    "numericnotequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "dateequals",
    "datenotequals",
    "datelessthan",
    "datelessthanequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "bool",
    "binaryequals",
    "ipaddress",
    "notipaddress",
    "arnequals",
    "arnlike",
    "arnnotequals",
    "arnnotlike",
    "null",
];

/// A document as the query API sends it: percent-encoded.
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// The size that counts against quotas: white space is free.
pub fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Checks a policy of an identity (inline or managed).
pub fn check_identity(document: &str) -> Result<(), ApiError> {
    let policy = parse(document)?;
    for statement in statements(&policy)? {
        if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        let actions = texts(either(statement, "Action"))?;
        if actions.is_empty() {
            return Err(malformed("Policy statement must contain actions."));
        }
        for action in actions {
            check_action(action)?;
        }
        let resources = texts(either(statement, "Resource"))?;
        if resources.is_empty() {
            return Err(malformed("Policy statement must contain resources."));
        }
        for resource in resources {
            check_resource(resource)?;
        }
    }
    Ok(())
}

/// What a principal of a trust policy turns out to be.
pub enum Principal {
    /// It exists, and is kept in this spelling.
    Known(String),
    /// It names nothing.
    Unknown,
}

/// Checks a trust policy and gives it as IAM keeps it. `resolve` judges each AWS principal.
pub fn trust(
    document: &str,
    resolve: &mut dyn FnMut(&str) -> Result<Principal, ApiError>,
) -> Result<String, ApiError> {
    let mut policy = parse(document)?;
    for statement in statements(&policy)? {
        if ["Resource", "NotResource"]
            .iter()
            .any(|key| statement.contains_key(*key))
        {
            return Err(malformed("Has prohibited field Resource"));
        }
        if !statement.contains_key("Principal") && !statement.contains_key("NotPrincipal") {
            return Err(malformed("Missing required field Principal"));
        }
        let actions = texts(either(statement, "Action"))?;
        if actions.is_empty() {
            return Err(malformed("Missing required field Action"));
        }
        if actions.iter().any(|action| !is_trust_action(action)) {
            return Err(malformed(
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ));
        }
    }
    each_principal(&mut policy, &mut |kind, principal| match kind {
        "AWS" => match resolve(principal)? {
            Principal::Known(spelling) => Ok(spelling),
            Principal::Unknown => Err(invalid_principal("AWS", principal)),
        },
        "Service" if is_service(principal) => Ok(principal.to_owned()),
        "Service" => Err(invalid_principal("SERVICE", principal)),
        "Federated" if FEDERATED.contains(&principal) => Ok(principal.to_owned()),
        "Federated" => Err(invalid_principal("FEDERATED", principal)),
        "CanonicalUser" => Err(invalid_principal("CANONICALUSER", principal)),
        _ => Err(malformed(SYNTAX)),
    })?;
    Ok(policy.to_string())
}

/// The trust policy with the principal `arn` shown as `id`; `None` where it does not name it.
pub fn forget_principal(document: &str, arn: &str, id: &str) -> Option<String> {
    let mut policy: Value = serde_json::from_str(document).ok()?;
    let mut named = false;
    let replaced = each_principal(&mut policy, &mut |kind, principal| {
        if kind == "AWS" && principal == arn {
            named = true;
            return Ok(id.to_owned());
        }
        Ok(principal.to_owned())
    });
    (replaced.is_ok() && named).then(|| policy.to_string())
}

/// The values of a text or a list of texts; none where it is absent.
pub fn texts(value: Option<&Value>) -> Result<Vec<&str>, ApiError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(list)) => list
            .iter()
            .map(|v| v.as_str().ok_or_else(|| malformed(SYNTAX)))
            .collect(),
        Some(_) => Err(malformed(SYNTAX)),
    }
}

/// The statements of a document: one or a list.
pub fn statements(policy: &Value) -> Result<Vec<&Map<String, Value>>, ApiError> {
    let list = match policy.get("Statement") {
        Some(Value::Array(list)) if !list.is_empty() => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => return Err(malformed(SYNTAX)),
    };
    list.into_iter()
        .map(|s| s.as_object().ok_or_else(|| malformed(SYNTAX)))
        .collect()
}

/// Identity providers that need no registration in the account.
const FEDERATED: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
];

fn invalid_principal(kind: &str, principal: &str) -> ApiError {
    malformed(format!(
        "Invalid principal in policy: \"{kind}\":\"{principal}\""
    ))
}

fn is_service(principal: &str) -> bool {
    let name = principal
        .strip_suffix(".amazonaws.com")
        .or_else(|| principal.strip_suffix(".amazonaws.com.cn"))
        .or_else(|| principal.strip_suffix(".amazon.com"))
        .or_else(|| principal.strip_suffix(".aws.internal"));
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
    })
}

fn is_trust_action(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action == "*" || action.starts_with("sts:")
}

/// Checks what all documents have in common.
fn parse(document: &str) -> Result<Value, ApiError> {
    if document.starts_with(char::is_whitespace) {
        return Err(malformed("JSON strings must not have leading spaces"));
    }
    let policy: Value = serde_json::from_str(document)
        .map_err(|_| malformed("This policy contains invalid Json"))?;
    let top = policy.as_object().ok_or_else(|| malformed(SYNTAX))?;
    let known = |key: &String| ["Version", "Id", "Statement"].contains(&key.as_str());
    let version = top.get("Version").map(|v| v.as_str().unwrap_or_default());
    if !top.keys().all(known) || !matches!(version, None | Some("2012-10-17" | "2008-10-17")) {
        return Err(malformed(SYNTAX));
    }
    let mut sids = Vec::new();
    for statement in statements(&policy)? {
        check_statement(statement)?;
        if let Some(sid) = statement.get("Sid").and_then(Value::as_str) {
            if !sid.is_empty() && sids.contains(&sid) {
                return Err(malformed(
                    "Statement IDs (SID) in a single policy must be unique.",
                ));
            }
            sids.push(sid);
        }
    }
    Ok(policy)
}

fn check_statement(statement: &Map<String, Value>) -> Result<(), ApiError> {
    let known = |key: &String| STATEMENT_KEYS.contains(&key.as_str());
    let effect = statement.get("Effect").and_then(Value::as_str);
    if !statement.keys().all(known) || !matches!(effect, Some("Allow" | "Deny")) {
        return Err(malformed(SYNTAX));
    }
    let both =
        |key: &str| statement.contains_key(key) && statement.contains_key(&format!("Not{key}"));
    if ["Action", "Resource", "Principal"].into_iter().any(both) {
        return Err(malformed(SYNTAX));
    }
    if let Some(sid) = statement.get("Sid") {
        let sid = sid.as_str().ok_or_else(|| malformed(SYNTAX))?;
        if !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
            ));
        }
    }
    let Some(condition) = statement.get("Condition") else {
        return Ok(());
    };
    let condition = condition.as_object().ok_or_else(|| malformed(SYNTAX))?;
    for (operator, keys) in condition {
        if !is_operator(operator) {
            return Err(malformed(format!("Invalid Condition type : {operator}.")));
        }
        if !keys.is_object() {
            return Err(malformed(SYNTAX));
        }
    }
    Ok(())
}

fn is_operator(operator: &str) -> bool {
    let operator = operator.to_ascii_lowercase();
    let base = operator
        .strip_prefix("foranyvalue:")
        .or_else(|| operator.strip_prefix("forallvalues:"))
        .unwrap_or(&operator);
    OPERATORS.contains(&base.strip_suffix("ifexists").unwrap_or(base))
}

fn check_action(action: &str) -> Result<(), ApiError> {
    let prefaced = action
        .split_once(':')
        .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
    if action == "*" || prefaced {
        return Ok(());
    }
    Err(malformed(
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ))
}

fn check_resource(resource: &str) -> Result<(), ApiError> {
    // A policy variable may stand anywhere in what follows the ARN's head.
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<_> = resource.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, _, _, _, _]
            if !["aws", "aws-cn", "aws-us-gov", "*"].contains(partition) =>
        {
            Err(malformed(format!(
                "Partition \"{partition}\" is not valid for resource \"{resource}\"."
            )))
        }
        ["arn", _, "*", ..] if parts.len() == 6 && !parts[5].starts_with('*') => Err(malformed(
            "Resource vendor must be fully qualified and cannot contain regexes.",
        )),
        ["arn", _, _, _, _, _] => Ok(()),
        ["arn", ..] => Err(malformed("The policy failed legacy parsing")),
        _ => Err(malformed(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ))),
    }
}

/// `Action` or `NotAction`.
fn either<'a>(statement: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    statement
        .get(key)
        .or_else(|| statement.get(&format!("Not{key}")))
}

/// Replaces every principal by what `edit` makes of it, given its kind; a list of one becomes a
/// text.
fn each_principal(
    policy: &mut Value,
    edit: &mut dyn FnMut(&str, &str) -> Result<String, ApiError>,
) -> Result<(), ApiError> {
    let statements = match policy.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements {
        for key in ["Principal", "NotPrincipal"] {
            match statement.get_mut(key) {
                None => {}
                Some(Value::String(all)) if all == "*" => {}
                Some(Value::Object(kinds)) if !kinds.is_empty() => {
                    for (kind, value) in kinds.iter_mut() {
                        *value = edited(kind, value, edit)?;
                    }
                }
                Some(_) => return Err(malformed(SYNTAX)),
            }
        }
    }
    Ok(())
}

fn edited(
    kind: &str,
    value: &Value,
    edit: &mut dyn FnMut(&str, &str) -> Result<String, ApiError>,
) -> Result<Value, ApiError> {
    let mut kept: Vec<Value> = Vec::new();
    for text in texts(Some(value))? {
        kept.push(edit(kind, text)?.into());
    }
    match kept.len() {
        0 => Err(malformed(
            "Missing required field Principal cannot be empty!",
        )),
        1 => Ok(kept.remove(0)),
        _ => Ok(Value::Array(kept)),
    }
}
