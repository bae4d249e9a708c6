//! One service's API model, in botocore's structure (see `models/extract.py` for what is added).

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::ModelError;

/// One service: what it can be asked, and the shapes of questions and answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where the facts are from.
    pub source: Source,
    /// Protocol, names and signing of the service.
    pub metadata: Metadata,
    /// The operations taken from the API, by name.
    pub operations: IndexMap<String, Operation>,
    /// Every shape an operation reaches, by name.
    pub shapes: IndexMap<String, Shape>,
    /// How paged operations page, by operation.
    pub paginators: IndexMap<String, Paginator>,
    /// AWS's own waiters, by name.
    pub waiters: IndexMap<String, Waiter>,
    /// The API's other operations: they exist, but are not modelled.
    pub not_modelled: BTreeSet<String>,
}

/// Where a model is from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The PyPI package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Its licence (SPDX).
    pub licence: String,
    /// The Rust crate that the `rust` names belong to.
    #[serde(rename = "crate")]
    pub rust_crate: Option<String>,
}

/// botocore's `metadata`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "botocore's own names; none needs more words")]
pub struct Metadata {
    pub api_version: String,
    pub endpoint_prefix: String,
    pub global_endpoint: Option<String>,
    /// `query`, `ec2`, `json`, `rest-json`, `rest-xml` or `smithy-rpc-v2-cbor`: botocore's choice;
    /// a client may speak any of `protocols`.
    pub protocol: String,
    #[serde(default)]
    pub protocols: Vec<String>,
    pub protocol_settings: Option<Value>,
    /// There for a service that once spoke `query`: a header has the codes that its errors had then.
    pub aws_query_compatible: Option<Value>,
    pub json_version: Option<String>,
    pub target_prefix: Option<String>,
    pub service_abbreviation: Option<String>,
    pub service_full_name: String,
    pub service_id: String,
    pub signature_version: String,
    /// The SigV4 scope's service, if it is not the endpoint prefix: see [`Metadata::signing_name`].
    signing_name: Option<String>,
    pub checksum_format: Option<String>,
    pub uid: String,
    pub xml_namespace: Option<String>,
    #[serde(default)]
    pub auth: Vec<String>,
}

impl Metadata {
    /// The service's name in a SigV4 credential scope (`tagging`, `airflow`).
    pub fn signing_name(&self) -> &str {
        self.signing_name
            .as_deref()
            .unwrap_or(&self.endpoint_prefix)
    }
}

/// One operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// The API's name (`CreateStream`).
    pub name: String,
    /// Method and path; `/` for protocols without REST paths.
    pub http: Http,
    /// The request's structure; none for an operation without parameters.
    pub input: Option<Reference>,
    /// The reply's structure; none for an empty reply.
    pub output: Option<Reference>,
    /// The errors the service declares (not all it answers with; ec2 declares none).
    #[serde(default)]
    pub errors: Vec<Reference>,
    /// The host prefix, for the services that ask for one.
    pub endpoint: Option<Endpoint>,
    /// Which checksums a request may or must carry.
    pub http_checksum: Option<Checksum>,
    /// The older way of saying that a checksum is required.
    #[serde(default)]
    pub http_checksum_required: bool,
    /// `none` or `v4-unsigned-body`.
    pub authtype: Option<String>,
    /// Smithy's names of the same.
    #[serde(default)]
    pub auth: Vec<String>,
    /// The payload is not part of the signature.
    #[serde(default)]
    pub unsigned_payload: bool,
    /// The API says that a repeated call has no further effect.
    #[serde(default)]
    pub idempotent: bool,
    /// The API says that it changes nothing.
    #[serde(default)]
    pub readonly: bool,
    /// Kept by AWS for old clients.
    #[serde(default)]
    pub deprecated: bool,
    /// Its names in the Rust crate.
    pub rust: RustOperation,
}

/// An operation's HTTP binding.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Http {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path with `{label}` and `{greedy+}` parts, and literal query parameters after `?`.
    pub request_uri: String,
    /// The status of success, where it is not 200.
    pub response_code: Option<u16>,
}

/// `endpoint` of an operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoint {
    /// What precedes the host (`api.`), with `{Member}` parts.
    pub host_prefix: String,
}

/// `httpChecksum` of an operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "botocore's own names; none needs more words")]
pub struct Checksum {
    #[serde(default)]
    pub request_checksum_required: bool,
    pub request_algorithm_member: Option<String>,
    pub request_validation_mode_member: Option<String>,
    #[serde(default)]
    pub response_algorithms: Vec<String>,
}

/// An operation's names in its SDK crate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RustOperation {
    /// Its module below `operation` (`create_stream`).
    pub module: String,
    /// What its types' names begin with (`CreateStream`, for `CreateStreamInput`).
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A use of a shape: a member, a list's element, a map's key or value, an input, output or error.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    shape: String,
    /// Where a request or reply carries the member, if not in the body.
    pub location: Option<String>,
    /// Its name on the wire, if not the member's own.
    pub location_name: Option<String>,
    /// ec2 only: its name in a request, if not derived from `location_name`.
    pub query_name: Option<String>,
    /// Query only: the element that encloses a reply.
    pub result_wrapper: Option<String>,
    /// A body that is not parsed.
    #[serde(default)]
    pub streaming: bool,
    /// A list or map without an enclosing element.
    #[serde(default)]
    pub flattened: bool,
    /// Filled in by clients when absent.
    #[serde(default)]
    pub idempotency_token: bool,
    /// A header that carries JSON.
    #[serde(default)]
    pub jsonvalue: bool,
    /// Part of a host prefix.
    #[serde(default)]
    pub host_label: bool,
    /// An attribute, not an element.
    #[serde(default)]
    pub xml_attribute: bool,
    /// The element's namespace.
    pub xml_namespace: Option<XmlNamespace>,
    /// `iso8601`, `rfc822` or `unixTimestamp`, if not the location's or the shape's own.
    pub timestamp_format: Option<String>,
    /// Nullable in some SDKs.
    #[serde(default, rename = "box")]
    pub boxed: bool,
    /// Kept by AWS for old clients.
    #[serde(default)]
    pub deprecated: bool,
    /// Payload of an event of a stream.
    #[serde(default)]
    pub eventpayload: bool,
    /// The member's name in the crate: a field, or the variant of a union.
    pub rust: Option<String>,
    /// The crate's field cannot be absent although the API's can: its zero stands for absence.
    #[serde(default)]
    pub plain: bool,
}

impl Reference {
    /// The name of the shape that is used.
    pub fn shape_name(&self) -> &str {
        &self.shape
    }
}

/// `xmlNamespace`: in two spellings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XmlNamespace {
    /// The namespace.
    pub uri: String,
    /// Its prefix, for attributes.
    pub prefix: Option<String>,
}

/// What kind of value a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ShapeType {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// One shape.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shape {
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub kind: ShapeType,
    /// A structure's members, in the API's order.
    #[serde(default)]
    pub members: IndexMap<String, Reference>,
    /// Those that must be present.
    #[serde(default)]
    pub required: Vec<String>,
    /// A list's elements.
    pub member: Option<Reference>,
    /// A map's keys.
    pub key: Option<Reference>,
    /// A map's values.
    pub value: Option<Reference>,
    /// Least length of a text, blob, list or map; least value of a number.
    pub min: Option<i64>,
    /// The greatest.
    pub max: Option<i64>,
    /// A regular expression that a text matches; most are not anchored, and a few use syntax that
    /// `regex` does not know.
    pub pattern: Option<String>,
    /// The values a text may have. New ones may be added by AWS at any time.
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    /// The member that is the body by itself.
    pub payload: Option<String>,
    /// A list or map without an enclosing element.
    #[serde(default)]
    pub flattened: bool,
    /// The element's name, where a payload is not named by its member.
    pub location_name: Option<String>,
    /// The element's namespace.
    pub xml_namespace: Option<XmlNamespace>,
    /// `iso8601`, `rfc822` or `unixTimestamp`.
    pub timestamp_format: Option<String>,
    /// Not to be logged.
    #[serde(default)]
    pub sensitive: bool,
    /// Exactly one member is set.
    #[serde(default)]
    pub union: bool,
    /// A tagged stream of events.
    #[serde(default)]
    pub eventstream: bool,
    /// An event of one.
    #[serde(default)]
    pub event: bool,
    /// An error.
    #[serde(default)]
    pub exception: bool,
    /// The server's own fault.
    #[serde(default)]
    pub fault: bool,
    /// An error's code and status.
    pub error: Option<ErrorFacts>,
    /// Made up by botocore.
    #[serde(default)]
    pub synthetic: bool,
    /// Query only: enclosed by its own name in a reply.
    #[serde(default)]
    pub wrapper: bool,
    /// Nullable in some SDKs.
    #[serde(default, rename = "box")]
    pub boxed: bool,
    /// A body that is not parsed.
    #[serde(default)]
    pub streaming: bool,
    /// Kept by AWS for old clients.
    #[serde(default)]
    pub deprecated: bool,
    /// The name of its structure or enum in the crate's `types` (`types::error` for an error);
    /// none for inputs, outputs and plain scalars.
    pub rust: Option<String>,
}

impl Shape {
    /// Whether the member must be present.
    pub fn requires(&self, member: &str) -> bool {
        self.required.iter().any(|required| required == member)
    }
}

/// What a reply with this error looks like.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorFacts {
    /// The code on the wire, if not the shape's name.
    pub code: Option<String>,
    /// Absent for services whose model does not say.
    pub http_status_code: Option<u16>,
    /// The caller's fault.
    #[serde(default)]
    pub sender_fault: bool,
}

/// How an operation pages. Keys are member names or JMESPath.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paginator {
    /// The request members that say where to go on.
    pub input_token: Keys,
    /// The reply members they are taken from.
    pub output_token: Keys,
    /// The reply members that hold the items.
    pub result_key: Keys,
    /// The request member that limits a page.
    pub limit_key: Option<String>,
    /// The reply member that says whether there is more.
    pub more_results: Option<String>,
    /// Reply members that are the same on every page.
    #[serde(default)]
    pub non_aggregate_keys: Vec<String>,
}

/// One key or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// Most operations.
    One(String),
    /// A few, such as the two markers of S3 versions.
    Several(Vec<String>),
}

impl Keys {
    /// The keys as a slice.
    pub fn all(&self) -> &[String] {
        match self {
            Keys::One(key) => std::slice::from_ref(key),
            Keys::Several(keys) => keys,
        }
    }
}

/// One of AWS's own waiters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiter {
    /// The operation to repeat.
    pub operation: String,
    /// Seconds between two calls.
    pub delay: u32,
    /// Calls before giving up.
    pub max_attempts: u32,
    /// What ends it; the first that matches.
    pub acceptors: Vec<Acceptor>,
}

/// One condition of a waiter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptor {
    /// `path`, `pathAll`, `pathAny`, `status` or `error`.
    pub matcher: String,
    /// `success`, `failure` or `retry`.
    pub state: String,
    /// The JMESPath of the path matchers.
    pub argument: Option<String>,
    /// The value to find: a text, a boolean, or a status.
    pub expected: Value,
}

impl Model {
    /// Parses one model and checks that every reference in it leads to a shape.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] with the first mistake.
    pub fn parse(name: &str, text: &str) -> Result<Self, ModelError> {
        let malformed = |reason: String| ModelError::Malformed {
            file: format!("api/{name}.json"),
            reason,
        };
        let model: Model =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        model.check().map_err(malformed)?;
        Ok(model)
    }

    /// The shape that a reference of this model uses.
    pub fn shape(&self, reference: &Reference) -> &Shape {
        // Present: `parse` has looked at every reference, and no one else can make one.
        &self.shapes[&reference.shape]
    }

    /// An operation's input or output as a structure; `None` where it has none.
    pub fn structure(&self, reference: Option<&Reference>) -> Option<&Shape> {
        reference.map(|reference| self.shape(reference))
    }

    fn check(&self) -> Result<(), String> {
        let known =
            |owner: &str, reference: &Reference| match self.shapes.contains_key(&reference.shape) {
                true => Ok(()),
                false => Err(format!(
                    "{owner} refers to shape {}, which is not there",
                    reference.shape
                )),
            };
        for (name, operation) in &self.operations {
            let references = operation
                .input
                .iter()
                .chain(&operation.output)
                .chain(&operation.errors);
            references
                .into_iter()
                .try_for_each(|reference| known(&format!("operation {name}"), reference))?;
        }
        for (name, shape) in &self.shapes {
            let ends = shape.member.iter().chain(&shape.key).chain(&shape.value);
            ends.chain(shape.members.values())
                .try_for_each(|reference| known(&format!("shape {name}"), reference))?;
            if let Some(member) = shape
                .required
                .iter()
                .find(|member| !shape.members.contains_key(*member))
            {
                return Err(format!(
                    "shape {name} requires {member}, which it does not have"
                ));
            }
        }
        Ok(())
    }
}
