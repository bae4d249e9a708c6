//! S3: buckets with their settings, objects with their versions, uploads in parts.
//!
//! A call names a bucket; [`bucket::of`] finds it and refuses who may not use it or speaks to the
//! wrong region. Settings are values in the bucket's record; an object's record holds all of its
//! versions, whose bytes are bodies in the store that copies and parts share. Reading bytes is
//! [`object`] with [`ranges`] and [`conditions`]; writing is [`put`], [`copy`] and [`complete`],
//! which end in [`versions`]; lists are [`listing`] over [`walk`].

mod acl;
mod attributes;
mod bucket;
mod checksum;
mod complete;
mod conditions;
mod configurations;
mod copy;
mod documents;
mod encryption;
mod errors;
mod lifecycle;
mod listing;
mod multipart;
mod names;
mod object;
mod ownership;
mod policy;
mod public_access;
mod put;
mod ranges;
mod record;
mod settings;
mod tagging;
mod versioning;
mod versions;
mod walk;

use record::{Bucket, Record as _, decoded};

use super::tags::Tags;
use super::{Service, no_seed};
use crate::cloud::error::ApiError;
use crate::cloud::store::Txn;

/// The service.
pub static SERVICE: Service = Service {
    name: "s3",
    operations: &[
        ("AbortMultipartUpload", multipart::abort),
        ("CompleteMultipartUpload", complete::complete),
        ("CopyObject", copy::copy),
        ("CreateBucket", bucket::create),
        ("CreateMultipartUpload", multipart::create),
        ("DeleteBucket", bucket::delete),
        ("DeleteBucketAnalyticsConfiguration", configurations::delete),
        ("DeleteBucketCors", documents::delete_cors),
        ("DeleteBucketEncryption", encryption::delete),
        (
            "DeleteBucketIntelligentTieringConfiguration",
            configurations::delete,
        ),
        ("DeleteBucketInventoryConfiguration", configurations::delete),
        ("DeleteBucketLifecycle", lifecycle::delete),
        ("DeleteBucketMetricsConfiguration", configurations::delete),
        ("DeleteBucketOwnershipControls", ownership::delete),
        ("DeleteBucketPolicy", policy::delete),
        ("DeleteBucketReplication", documents::delete_replication),
        ("DeleteBucketTagging", tagging::delete_bucket),
        ("DeleteBucketWebsite", documents::delete_website),
        ("DeleteObject", object::delete),
        ("DeleteObjectTagging", tagging::delete_object),
        ("DeleteObjects", object::delete_many),
        ("DeletePublicAccessBlock", public_access::delete),
        (
            "GetBucketAccelerateConfiguration",
            documents::get_accelerate,
        ),
        ("GetBucketAcl", acl::get_bucket),
        ("GetBucketAnalyticsConfiguration", configurations::get),
        ("GetBucketCors", documents::get_cors),
        ("GetBucketEncryption", encryption::get),
        (
            "GetBucketIntelligentTieringConfiguration",
            configurations::get,
        ),
        ("GetBucketInventoryConfiguration", configurations::get),
        ("GetBucketLifecycleConfiguration", lifecycle::get),
        ("GetBucketLocation", bucket::location),
        ("GetBucketLogging", documents::get_logging),
        ("GetBucketMetricsConfiguration", configurations::get),
        (
            "GetBucketNotificationConfiguration",
            documents::get_notification,
        ),
        ("GetBucketOwnershipControls", ownership::get),
        ("GetBucketPolicy", policy::get),
        ("GetBucketPolicyStatus", policy::status),
        ("GetBucketReplication", documents::get_replication),
        ("GetBucketRequestPayment", documents::get_request_payment),
        ("GetBucketTagging", tagging::get_bucket),
        ("GetBucketVersioning", versioning::get),
        ("GetBucketWebsite", documents::get_website),
        ("GetObject", object::get),
        ("GetObjectAcl", acl::get_object),
        ("GetObjectAttributes", attributes::get),
        ("GetObjectLockConfiguration", documents::get_object_lock),
        ("GetObjectTagging", tagging::get_object),
        ("GetPublicAccessBlock", public_access::get),
        ("HeadBucket", bucket::head),
        ("HeadObject", object::head),
        ("ListBucketAnalyticsConfigurations", configurations::list),
        (
            "ListBucketIntelligentTieringConfigurations",
            configurations::list,
        ),
        ("ListBucketInventoryConfigurations", configurations::list),
        ("ListBucketMetricsConfigurations", configurations::list),
        ("ListBuckets", bucket::list),
        ("ListMultipartUploads", listing::uploads),
        ("ListObjectVersions", listing::object_versions),
        ("ListObjects", listing::objects_v1),
        ("ListObjectsV2", listing::objects_v2),
        ("ListParts", listing::parts),
        (
            "PutBucketAccelerateConfiguration",
            documents::put_accelerate,
        ),
        ("PutBucketAcl", acl::put_bucket),
        ("PutBucketAnalyticsConfiguration", configurations::put),
        ("PutBucketCors", documents::put_cors),
        ("PutBucketEncryption", encryption::put),
        (
            "PutBucketIntelligentTieringConfiguration",
            configurations::put,
        ),
        ("PutBucketInventoryConfiguration", configurations::put),
        ("PutBucketLifecycleConfiguration", lifecycle::put),
        ("PutBucketLogging", documents::put_logging),
        ("PutBucketMetricsConfiguration", configurations::put),
        (
            "PutBucketNotificationConfiguration",
            documents::put_notification,
        ),
        ("PutBucketOwnershipControls", ownership::put),
        ("PutBucketPolicy", policy::put),
        ("PutBucketRequestPayment", documents::put_request_payment),
        ("PutBucketTagging", tagging::put_bucket),
        ("PutBucketVersioning", versioning::put),
        ("PutBucketWebsite", documents::put_website),
        ("PutObject", put::put),
        ("PutObjectAcl", acl::put_object),
        ("PutObjectTagging", tagging::put_object),
        ("PutPublicAccessBlock", public_access::put),
        ("UploadPart", multipart::upload_part),
        ("UploadPartCopy", multipart::copy_part),
    ],
    validation_code: "MalformedXML",
    seed: no_seed,
};

/// The ARNs and tags of this account's buckets in a region, for the tagging API.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let mut found = Vec::new();
    for (name, value) in txn.list(Bucket::KIND, "")? {
        let bucket: Bucket = decoded(value)?;
        if bucket.region == region && bucket.account == txn.account() && !bucket.tags.is_empty() {
            found.push((bucket::arn(&name), bucket.tags));
        }
    }
    Ok(found)
}
