//! Buckets: making, finding, listing and removing them, and who may touch them from where.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::errors;
use super::names;
use super::record::{Bucket, Object, Part, Record as _, Upload, decoded};
use super::{acl, encryption, ownership, public_access, tagging, versions};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply, paging};
use crate::cloud::store::Txn;

/// Buckets a page of ListBuckets, when nothing else is asked for.
const LIST_DEFAULT: usize = 10_000;

/// The bucket that the call names, if the caller may use it and speaks to its home region.
pub(super) fn of(call: &mut Call<'_>) -> Result<Bucket, ApiError> {
    let name = named(call);
    open(call, &name, "ExpectedBucketOwner")
}

/// A bucket by its name; `guard` is the member that may name the owner the caller expects.
pub(super) fn open(call: &mut Call<'_>, name: &str, guard: &str) -> Result<Bucket, ApiError> {
    let bucket = reachable(call, name, guard)?;
    if bucket.region != call.region {
        return Err(elsewhere(call, &bucket));
    }
    Ok(bucket)
}

/// As [`open`], from any region.
pub(super) fn reachable(call: &mut Call<'_>, name: &str, guard: &str) -> Result<Bucket, ApiError> {
    let bucket = Bucket::find(call.txn, name)?.ok_or_else(|| errors::no_such_bucket(name))?;
    let unexpected = call
        .str(guard)
        .is_some_and(|expected| expected != bucket.account);
    if unexpected || bucket.account != call.account {
        return Err(errors::access_denied());
    }
    Ok(bucket)
}

/// Writes a bucket back.
pub(super) fn save(call: &mut Call<'_>, bucket: &Bucket) -> Result<(), ApiError> {
    bucket.save(call.txn, &bucket.name)
}

/// The name in the call.
pub(super) fn named(call: &Call<'_>) -> String {
    call.str("Bucket").unwrap_or_default().to_owned()
}

/// 301: a request to one region for a bucket of another. Addressed by path the endpoint is wrong;
/// addressed by host name, DNS led to the right region and only the signature's scope is wrong.
fn elsewhere(call: &Call<'_>, bucket: &Bucket) -> ApiError {
    let by_host = call
        .headers
        .get(http::header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| host.starts_with(&format!("{}.", bucket.name)));
    let error = if by_host {
        let message = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
            call.region, bucket.region
        );
        ApiError::new("AuthorizationHeaderMalformed", 400, message).with("Region", &*bucket.region)
    } else {
        ApiError::new(
            "PermanentRedirect",
            301,
            "The bucket you are attempting to access must be addressed using the specified \
             endpoint. Please send all future requests to this endpoint.",
        )
        .with(
            "Endpoint",
            format!("{}.s3.{}.amazonaws.com", bucket.name, bucket.region),
        )
        .with("Bucket", &*bucket.name)
    };
    error.with("x-amz-bucket-region", &*bucket.region)
}

/// How S3 names an account to itself: 64 hexadecimal digits.
pub(super) fn canonical_id(account: &str) -> String {
    hex::encode(Sha256::digest(format!("canonical user of {account}")))
}

/// The `Owner` of replies. Display names are gone from S3's replies since November 2025.
pub(super) fn owner(account: &str) -> Value {
    json!({ "ID": canonical_id(account) })
}

/// CreateBucket.
pub(super) fn create(call: &mut Call<'_>) -> Reply {
    let name = named(call);
    names::check(&name)?;
    let region = home_region(call)?;
    for (member, what) in [
        ("ObjectLockEnabledForBucket", "object lock"),
        ("BucketNamespace", "bucket namespaces"),
    ] {
        let asked = call.bool(member) == Some(true)
            || call.str(member).is_some_and(|text| text != "global");
        if asked {
            return Err(ApiError::not_implemented(format_args!("{what} in S3")));
        }
    }
    if let Some(existing) = Bucket::find(call.txn, &name)? {
        return create_again(call, existing, &region);
    }
    let bucket = fresh(call, name, region)?;
    save(call, &bucket)?;
    Ok(created(&bucket))
}

/// One's own bucket again: us-east-1 answers 200 and resets the ACL, everywhere else refuses.
fn create_again(call: &mut Call<'_>, mut bucket: Bucket, region: &str) -> Reply {
    if bucket.account != call.account {
        return Err(ApiError::new(
            "BucketAlreadyExists",
            409,
            "The requested bucket name is not available. The bucket namespace is shared by all \
             users of the system. Please select a different name and try again.",
        )
        .with("BucketName", bucket.name));
    }
    if bucket.region != "us-east-1" || region != "us-east-1" || call.region != "us-east-1" {
        return Err(ApiError::new(
            "BucketAlreadyOwnedByYou",
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
        .with("BucketName", bucket.name));
    }
    acl::reset(&mut bucket);
    save(call, &bucket)?;
    Ok(created(&bucket))
}

fn created(bucket: &Bucket) -> Value {
    let location = if bucket.region == "us-east-1" {
        format!("/{}", bucket.name)
    } else {
        format!("http://{}.s3.amazonaws.com/", bucket.name)
    };
    json!({ "Location": location, "BucketArn": arn(&bucket.name) })
}

/// The bucket's ARN.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// A new bucket with what S3 gives every new bucket.
fn fresh(call: &Call<'_>, name: String, region: String) -> Result<Bucket, ApiError> {
    let tags = call
        .input
        .pointer("/CreateBucketConfiguration/Tags")
        .and_then(Value::as_array)
        .map_or(Ok(Default::default()), |list| tagging::bucket_tags(list))?;
    let mut bucket = Bucket {
        name,
        region,
        location: constraint(call).map(str::to_owned),
        account: call.account.to_owned(),
        created: versions::now(call),
        versioning: None,
        tags,
        settings: Map::new(),
    };
    ownership::begin(&mut bucket, call.str("ObjectOwnership"))?;
    public_access::begin(&mut bucket);
    encryption::begin(&mut bucket);
    acl::begin(&mut bucket, call)?;
    Ok(bucket)
}

fn constraint<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    call.input
        .pointer("/CreateBucketConfiguration/LocationConstraint")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Where the bucket is to live. The endpoint of us-east-1 makes buckets anywhere, every other
/// endpoint only in its own region, which must be named.
fn home_region(call: &Call<'_>) -> Result<String, ApiError> {
    let illegal = |which: &str| {
        ApiError::new(
            "IllegalLocationConstraintException",
            400,
            format!(
                "The {which} location constraint is incompatible for the region specific endpoint \
                 this request was sent to."
            ),
        )
    };
    let Some(asked) = constraint(call) else {
        return match call.region {
            "us-east-1" => Ok("us-east-1".to_owned()),
            _ => Err(illegal("unspecified")),
        };
    };
    let region = if asked == "EU" { "eu-west-1" } else { asked };
    if region == "us-east-1" || !names::is_region(region) {
        return Err(ApiError::new(
            "InvalidLocationConstraint",
            400,
            "The specified location-constraint is not valid",
        )
        .with("LocationConstraint", asked));
    }
    if call.region != "us-east-1" && call.region != region {
        return Err(illegal(asked));
    }
    Ok(region.to_owned())
}

/// HeadBucket.
pub(super) fn head(call: &mut Call<'_>) -> Reply {
    let bucket = of(call)?;
    Ok(json!({
        "BucketArn": arn(&bucket.name),
        "BucketRegion": bucket.region,
        "AccessPointAlias": false,
    }))
}

/// GetBucketLocation: us-east-1 answers for every region, and its own buckets have no constraint.
pub(super) fn location(call: &mut Call<'_>) -> Reply {
    let name = named(call);
    let bucket = reachable(call, &name, "ExpectedBucketOwner")?;
    if call.region != "us-east-1" && call.region != bucket.region {
        return Err(elsewhere(call, &bucket));
    }
    Ok(match bucket.region.as_str() {
        "us-east-1" => json!({}),
        region => json!({ "LocationConstraint": bucket.location.as_deref().unwrap_or(region) }),
    })
}

/// ListBuckets, of all regions unless one is asked for.
pub(super) fn list(call: &mut Call<'_>) -> Reply {
    let asked = ["MaxBuckets", "Prefix", "BucketRegion", "ContinuationToken"]
        .iter()
        .any(|member| call.has(member));
    let prefix = call.str("Prefix").unwrap_or_default().to_owned();
    let mut buckets = Vec::new();
    for (name, value) in call.txn.list(Bucket::KIND, &prefix)? {
        let bucket: Bucket = decoded(value)?;
        let wanted = call.str("BucketRegion").is_none_or(|r| r == bucket.region);
        if bucket.account == call.account && wanted {
            buckets.push((name, bucket));
        }
    }
    let limit = paging::limit(call.int("MaxBuckets"), LIST_DEFAULT, LIST_DEFAULT);
    let token = call.str("ContinuationToken");
    let page = paging::page(buckets, token, limit)
        .map_err(|_| errors::bad_token(token.unwrap_or_default()))?;
    let mut reply = json!({ "Owner": owner(call.account) });
    if let Some(next) = &page.next {
        reply["ContinuationToken"] = json!(next);
    }
    if let Some(prefix) = call.str("Prefix") {
        reply["Prefix"] = json!(prefix);
    }
    reply["Buckets"] = page
        .into_values()
        .iter()
        .map(|b| listed(b, asked))
        .collect();
    Ok(reply)
}

/// A bucket as ListBuckets shows it; its region only to those who sent a parameter.
fn listed(bucket: &Bucket, with_region: bool) -> Value {
    let mut shown = json!({
        "Name": bucket.name,
        "CreationDate": bucket.created,
        "BucketArn": arn(&bucket.name),
    });
    if with_region {
        shown["BucketRegion"] = json!(bucket.region);
    }
    shown
}

/// DeleteBucket: only without any object, version or delete marker. Unfinished uploads go with it.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let bucket = of(call)?;
    let inside = format!("{}/", bucket.name);
    if !call.txn.scan(Object::KIND, &inside)?.is_empty() {
        let message = match bucket.versioning {
            None => "The bucket you tried to delete is not empty",
            Some(_) => {
                "The bucket you tried to delete is not empty. You must delete all versions in the \
                 bucket."
            }
        };
        return Err(ApiError::new("BucketNotEmpty", 409, message).with("BucketName", bucket.name));
    }
    for kind in [Upload::KIND, Part::KIND] {
        remove_all(call.txn, kind, &inside)?;
    }
    Bucket::remove(call.txn, &bucket.name)?;
    Ok(json!({}))
}

/// Removes every record of a kind under a prefix.
pub(super) fn remove_all(txn: &mut Txn, kind: &str, prefix: &str) -> Result<(), ApiError> {
    for (key, _) in txn.scan(kind, prefix)? {
        txn.delete(kind, &key)?;
    }
    Ok(())
}
