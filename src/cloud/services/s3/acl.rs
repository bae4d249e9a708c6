//! Access control lists of buckets and objects: readable always, writable only where the bucket's
//! ownership setting lets them count. The embedded cloud has one account, so they decide nothing.

use serde_json::{Value, json};

use super::bucket::{self, canonical_id, owner};
use super::errors;
use super::object;
use super::ownership;
use super::public_access;
use super::record::{Bucket, Record as _};
use super::settings::{list, sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// The groups that a grant can name.
const GROUPS: &str = "http://acs.amazonaws.com/groups/";

/// The headers that grant, and what each grants.
const GRANT_HEADERS: [(&str, &str); 5] = [
    ("GrantFullControl", "FULL_CONTROL"),
    ("GrantRead", "READ"),
    ("GrantReadACP", "READ_ACP"),
    ("GrantWrite", "WRITE"),
    ("GrantWriteACP", "WRITE_ACP"),
];

/// The canned ACLs and what they add to the owner's full control: group and permission.
const CANNED: [(&str, &[(&str, &str)]); 8] = [
    ("private", &[]),
    ("public-read", &[("global/AllUsers", "READ")]),
    (
        "public-read-write",
        &[("global/AllUsers", "READ"), ("global/AllUsers", "WRITE")],
    ),
    (
        "authenticated-read",
        &[("global/AuthenticatedUsers", "READ")],
    ),
    ("aws-exec-read", &[]),
    ("bucket-owner-read", &[]),
    ("bucket-owner-full-control", &[]),
    (
        "log-delivery-write",
        &[("s3/LogDelivery", "WRITE"), ("s3/LogDelivery", "READ_ACP")],
    ),
];

/// The grants of something that only its owner may touch.
pub(super) fn private(account: &str) -> Value {
    json!([{
        "Grantee": { "ID": canonical_id(account), "Type": "CanonicalUser" },
        "Permission": "FULL_CONTROL",
    }])
}

/// Gives a new bucket its ACL.
pub(super) fn begin(bucket: &mut Bucket, call: &Call<'_>) -> Result<(), ApiError> {
    let Some(grants) = asked(call)? else {
        reset(bucket);
        return Ok(());
    };
    if ownership::enforced(bucket) && grants != private(&bucket.account) {
        return Err(ownership::conflicts_with_acl());
    }
    if is_public(&grants) {
        return Err(ApiError::new(
            "InvalidBucketAclWithBlockPublicAccessError",
            400,
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        ));
    }
    bucket.settings.insert("acl".to_owned(), grants);
    Ok(())
}

/// Takes every grant but the owner's away.
pub(super) fn reset(bucket: &mut Bucket) {
    let grants = private(&bucket.account);
    bucket.settings.insert("acl".to_owned(), grants);
}

/// Whether only the owner is granted anything.
pub(super) fn is_private(bucket: &Bucket) -> bool {
    bucket.settings.get("acl") == Some(&private(&bucket.account))
}

/// GetBucketAcl.
pub(super) fn get_bucket(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let grants = bucket.settings.get("acl").cloned();
    Ok(json!({
        "Owner": owner(&bucket.account),
        "Grants": grants.unwrap_or_else(|| private(&bucket.account)),
    }))
}

/// PutBucketAcl.
pub(super) fn put_bucket(call: &mut Call<'_>) -> Reply {
    let mut bucket = bucket::of(call)?;
    let grants = replacement(call, &bucket)?;
    bucket.settings.insert("acl".to_owned(), grants);
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// GetObjectAcl.
pub(super) fn get_object(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let (found, at) = object::wanted(call, &bucket, "GET")?;
    let content = object::content(&found, at)?;
    Ok(json!({
        "Owner": owner(&bucket.account),
        "Grants": content.acl.clone().unwrap_or_else(|| private(&bucket.account)),
    }))
}

/// PutObjectAcl.
pub(super) fn put_object(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let grants = replacement(call, &bucket)?;
    let (mut found, at) = object::wanted(call, &bucket, "PUT")?;
    object::content_mut(&mut found, at)?.acl = Some(grants);
    found.save(call.txn, &object::record_key(call, &bucket))?;
    Ok(json!({}))
}

/// The ACL that comes with a new object; `None` is the owner's alone.
pub(super) fn for_object(call: &Call<'_>, bucket: &Bucket) -> Result<Option<Value>, ApiError> {
    let Some(grants) = asked(call)? else {
        return Ok(None);
    };
    if ownership::enforced(bucket) {
        return match call.str("ACL") {
            Some("bucket-owner-full-control") => Ok(None),
            _ => Err(errors::acl_not_supported()),
        };
    }
    refuse_public(&grants, bucket)?;
    Ok(Some(grants))
}

/// The grants that a Put…Acl call wants in place of the present ones.
fn replacement(call: &Call<'_>, bucket: &Bucket) -> Result<Value, ApiError> {
    if ownership::enforced(bucket) {
        return Err(errors::acl_not_supported());
    }
    let document = sent(call, "AccessControlPolicy");
    let grants = match (asked(call)?, document.is_null()) {
        (Some(_), false) => {
            return Err(ApiError::new(
                "UnexpectedContent",
                400,
                "This request does not support content",
            ));
        }
        (Some(grants), true) => grants,
        (None, false) => {
            let stated = text(&document["Owner"], "ID");
            if !stated.is_empty() && stated != canonical_id(&bucket.account) {
                return Err(errors::access_denied());
            }
            Value::from(list(&document, "Grants"))
        }
        (None, true) => {
            return Err(ApiError::new(
                "MissingSecurityHeader",
                400,
                "Your request was missing a required header",
            )
            .with("MissingHeaderName", "x-amz-acl"));
        }
    };
    refuse_public(&grants, bucket)?;
    Ok(grants)
}

/// The grants that the call's headers ask for; `None` when there is no such header.
fn asked(call: &Call<'_>) -> Result<Option<Value>, ApiError> {
    let by_header = GRANT_HEADERS.iter().any(|(member, _)| call.has(member));
    let mut grants = private(call.account);
    match (call.str("ACL"), by_header) {
        (None, false) => return Ok(None),
        (Some(_), true) => {
            return Err(errors::invalid_request(
                "Specifying both Canned ACLs and Header Grants is not allowed",
            ));
        }
        (Some(canned), false) => {
            let (_, added) = CANNED
                .iter()
                .find(|(name, _)| *name == canned)
                .ok_or_else(|| errors::invalid_argument("", "x-amz-acl", canned))?;
            for (group, permission) in *added {
                push(
                    &mut grants,
                    group_grantee(&format!("{GROUPS}{group}")),
                    permission,
                );
            }
        }
        (None, true) => {
            grants = json!([]);
            for (member, permission) in GRANT_HEADERS {
                for grantee in call.str(member).unwrap_or_default().split(',') {
                    if !grantee.trim().is_empty() {
                        push(&mut grants, header_grantee(grantee.trim())?, permission);
                    }
                }
            }
        }
    }
    Ok(Some(grants))
}

fn push(grants: &mut Value, grantee: Value, permission: &str) {
    if let Some(list) = grants.as_array_mut() {
        list.push(json!({ "Grantee": grantee, "Permission": permission }));
    }
}

fn group_grantee(uri: &str) -> Value {
    json!({ "Type": "Group", "URI": uri })
}

/// A grantee as headers write it: `id="…"`, `uri="…"`.
fn header_grantee(text: &str) -> Result<Value, ApiError> {
    let (kind, value) = text.split_once('=').unwrap_or((text, ""));
    let value = value.trim().trim_matches('"');
    match kind.trim() {
        "id" => Ok(json!({ "Type": "CanonicalUser", "ID": value })),
        "uri" => Ok(group_grantee(value)),
        "emailAddress" => Err(ApiError::not_implemented(
            "grants to e-mail addresses in S3",
        )),
        _ => Err(errors::invalid_argument(
            "Argument format not recognized",
            "x-amz-grant",
            text,
        )),
    }
}

/// Whether a grant is for everyone.
fn is_public(grants: &Value) -> bool {
    let everyone = ["global/AllUsers", "global/AuthenticatedUsers"].map(|g| format!("{GROUPS}{g}"));
    grants.as_array().into_iter().flatten().any(|grant| {
        let uri = text(&grant["Grantee"], "URI");
        everyone.iter().any(|group| group == uri)
    })
}

fn refuse_public(grants: &Value, bucket: &Bucket) -> Result<(), ApiError> {
    if is_public(grants) && public_access::blocks(bucket, "BlockPublicAcls") {
        return Err(errors::access_denied());
    }
    Ok(())
}
