//! What of S3's XML is not in the model: the names of root elements, and two bodies of their own.

use serde_json::Value;

use super::scalar::TimeFormat;
use super::xml::Writer;
use crate::aws_model::{Model, Reference, Shape};

/// The namespace of S3's documents.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The root element of each reply that is not a payload member. SDKs insist on them.
pub const ROOTS: &[(&str, &str)] = &[
    ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
    ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
    ("DeleteObjects", "DeleteResult"),
    (
        "GetBucketAccelerateConfiguration",
        "AccelerateConfiguration",
    ),
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetBucketCors", "CORSConfiguration"),
    ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("GetBucketLocation", "LocationConstraint"),
    ("GetBucketLogging", "BucketLoggingStatus"),
    (
        "GetBucketNotificationConfiguration",
        "NotificationConfiguration",
    ),
    ("GetBucketRequestPayment", "RequestPaymentConfiguration"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetBucketWebsite", "WebsiteConfiguration"),
    ("GetObjectAcl", "AccessControlPolicy"),
    ("GetObjectAttributes", "GetObjectAttributesResponse"),
    ("GetObjectTagging", "Tagging"),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListDirectoryBuckets", "ListAllMyDirectoryBucketsResult"),
    ("ListMultipartUploads", "ListMultipartUploadsResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("ListObjects", "ListBucketResult"),
    ("ListObjectsV2", "ListBucketResult"),
    ("ListParts", "ListPartsResult"),
];

/// The body of a reply without a payload member.
pub fn document(model: &Model, operation: &str, reference: &Reference, value: &Value) -> String {
    let root = ROOTS
        .iter()
        .find(|(name, _)| *name == operation)
        .map_or(reference.shape_name(), |(_, root)| root);
    let mut writer = Writer::new(model, TimeFormat::Iso8601Millis);
    writer.raw(DECLARATION);
    writer.open(root, &format!(" xmlns=\"{NAMESPACE}\""));
    if operation == "GetBucketLocation" {
        // Its one member is the root's own text; us-east-1 is an empty one.
        let text = value["LocationConstraint"].as_str().unwrap_or_default();
        let mut escaped = String::new();
        super::xml::escape(text, &mut escaped);
        writer.raw(&escaped);
    } else {
        writer.members(model.shape(reference), value);
    }
    writer.close(root);
    writer.finish()
}

/// The root element of a payload member: its own wire name, its shape's, else its name.
pub fn payload_root(name: &str, reference: &Reference, shape: &Shape) -> String {
    reference
        .location_name
        .as_ref()
        .or(shape.location_name.as_ref())
        .map_or(name, String::as_str)
        .to_owned()
}

/// The body of a reply that is one payload member.
pub fn payload(model: &Model, root: &str, reference: &Reference, value: &Value) -> String {
    let mut writer = Writer::new(model, TimeFormat::Iso8601Millis);
    writer.raw(DECLARATION);
    writer.open(root, &format!(" xmlns=\"{NAMESPACE}\""));
    writer.members(model.shape(reference), value);
    writer.close(root);
    writer.finish()
}
