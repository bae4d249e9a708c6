//! What a type is called, which operation does what for it, and what names of codes and states
//! usually mean.

use crate::aws_model::{Model, Operation, RegistryType};

/// The operations of a type by what they do, of those its registry handlers name.
pub(super) struct Roles<'m> {
    /// What the registry calls it: `WorkerConfiguration`.
    pub noun: &'m str,
    pub create: &'m Operation,
    pub read: &'m Operation,
    pub list: Option<&'m Operation>,
    pub updates: Vec<&'m Operation>,
    pub delete: &'m Operation,
    pub tag: Option<&'m Operation>,
    pub untag: Option<&'m Operation>,
    pub list_tags: Option<&'m Operation>,
}

/// How the names of a service's types begin in stack files, where that is not the service's own name
/// in small letters: they are Terraform's without `aws_`.
const PREFIXES: [(&str, &str); 7] = [
    ("ApiGateway", "api_gateway"),
    ("EC2", ""),
    ("Events", "cloudwatch_event"),
    ("KafkaConnect", "mskconnect"),
    ("KinesisFirehose", "kinesis_firehose"),
    ("Logs", "cloudwatch"),
    ("StepFunctions", "sfn"),
];

/// What a type is called in stack files, where that is no prefix and the registry's last part.
const NAMES: [(&str, &str); 2] = [
    ("AWS::IAM::ManagedPolicy", "iam_policy"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "lb"),
];

/// What a type of the registry is called in stack files, as far as its name tells.
pub(super) fn type_name(registry: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(of, _)| *of == registry) {
        return (*name).to_owned();
    }
    let mut parts = registry.split("::").skip(1);
    let service = parts.next().unwrap_or_default();
    let noun = snake(parts.next().unwrap_or_default());
    let prefix = PREFIXES.iter().find(|(of, _)| *of == service);
    match prefix.map_or_else(|| service.to_lowercase(), |(_, name)| (*name).to_owned()) {
        prefix if prefix.is_empty() => noun,
        prefix => format!("{prefix}_{noun}"),
    }
}

const CREATE: [&str; 9] = [
    "Create", "Allocate", "Run", "Register", "Import", "Request", "Put", "Add", "Start",
];
const READ: [&str; 3] = ["Describe", "Get", "Head"];
const LIST: [&str; 3] = ["List", "Describe", "Get"];
const DELETE: [&str; 5] = ["Delete", "Release", "Terminate", "Deregister", "Remove"];
const UPDATE: [&str; 5] = ["Update", "Modify", "Put", "Set", "Change"];

impl<'m> Roles<'m> {
    /// The operations of a registry type; what is missing of those without which there is no type.
    pub fn of(model: &'m Model, registry: &'m RegistryType) -> Result<Self, String> {
        let noun = registry.type_name.rsplit("::").next().unwrap_or_default();
        let of = |handler: &str| named(model, registry, handler);
        let best = |handler: &str, verbs: &[&str]| choose(&of(handler), verbs, noun);
        let need = |found: Option<&'m Operation>, what: &str, verbs: &[&str]| {
            found.ok_or_else(|| {
                format!(
                    "the registry's handlers of {} name no operation that {what} it ({}…): take one that is alike, and write the spec by hand",
                    registry.type_name,
                    verbs.join("…, ")
                )
            })
        };
        let create = need(best("create", &CREATE), "creates", &CREATE)?;
        let read = best("read", &READ).or_else(|| best("create", &READ));
        let tagging = |verbs: &[&str]| {
            let all = ["update", "create", "read"].into_iter().flat_map(of);
            let mut all = all.filter(|operation| is_tagging(operation));
            all.find(|operation| verbs.iter().any(|verb| operation.name.starts_with(verb)))
        };
        let updates = of("update")
            .into_iter()
            .filter(|operation| is_about(operation, &UPDATE) && operation.name != create.name);
        Ok(Self {
            noun,
            create,
            read: need(read, "reads", &READ)?,
            list: best("list", &LIST),
            updates: updates.collect(),
            delete: need(best("delete", &DELETE), "deletes", &DELETE)?,
            tag: tagging(&["Tag", "CreateTags", "AddTags"]),
            untag: tagging(&["Untag", "DeleteTags", "RemoveTags"]),
            list_tags: tagging(&["ListTags"]),
        })
    }
}

/// The operations that a handler names.
fn named<'m>(model: &'m Model, registry: &RegistryType, handler: &str) -> Vec<&'m Operation> {
    let handler = registry.handlers.get(handler).into_iter();
    let actions = handler.flat_map(|handler| &handler.permissions);
    let names = actions.filter_map(|action| {
        let (service, name) = action.split_once(':')?;
        (service == model.metadata.signing_name()).then_some(name)
    });
    names
        .filter_map(|name| model.operations.get(name))
        .collect()
}

fn is_about(operation: &Operation, verbs: &[&str]) -> bool {
    verbs.iter().any(|verb| operation.name.starts_with(verb)) && !is_tagging(operation)
}

/// `TagQueue`, `UntagRole`, `CreateTags`; `CreateStage` is none.
fn is_tagging(operation: &Operation) -> bool {
    ["Tag", "Untag"]
        .iter()
        .any(|verb| operation.name.contains(verb))
}

/// The one whose name is a verb and the type's name, else the first with the first verb.
fn choose<'m>(all: &[&'m Operation], verbs: &[&str], noun: &str) -> Option<&'m Operation> {
    let rank = |operation: &Operation| {
        let verb = verbs
            .iter()
            .position(|verb| operation.name.starts_with(verb));
        let verb = verb.unwrap_or(verbs.len());
        let rest = verbs
            .get(verb)
            .map_or("", |verb| &operation.name[verb.len()..]);
        let about = letters(rest.trim_end_matches('s')) != letters(noun.trim_end_matches('s'));
        (about, verb)
    };
    let fitting = all.iter().filter(|operation| is_about(operation, verbs));
    fitting.min_by_key(|operation| rank(operation)).copied()
}

/// What an error code usually means.
pub(super) fn class(code: &str) -> Option<&'static str> {
    let means: [(&str, &[&str]); 5] = [
        ("absent", &["NotFound", "NoSuch", "DoesNotExist"]),
        ("exists", &["AlreadyExists", "Conflict", "EntityExists"]),
        ("throttle", &["TooManyRequests", "Throttl", "LimitExceeded"]),
        (
            "transient",
            &[
                "InternalServer",
                "InternalFailure",
                "Unavailable",
                "ServiceFailure",
            ],
        ),
        ("denied", &["Forbidden", "Unauthorized", "AccessDenied"]),
    ];
    let found = means
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| code.contains(part)));
    found.map(|(class, _)| *class)
}

/// What a state usually means.
pub(super) fn state(value: &str) -> &'static str {
    let upper = value.to_uppercase();
    match upper.as_str() {
        "DELETED" | "TERMINATED" => "gone",
        _ if upper.starts_with("DELETING") || upper.contains("TERMINATING") => "deleting",
        _ if upper.contains("FAIL") || upper.contains("ERROR") => "failed",
        _ if upper.ends_with("ING") && upper != "RUNNING" => "pending",
        _ => "ready",
    }
}

/// What is left of a name when case and punctuation are a matter of taste.
pub(super) fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_lowercase()
}

/// `WorkerConfiguration` as `worker-configuration`, `VPCEndpoint` as `vpc-endpoint`.
pub(super) fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let lower = |at: Option<&char>| at.is_some_and(|at| at.is_lowercase());
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let begins = match before {
            Some(before) if before.is_uppercase() => lower(letters.get(index + 1)),
            Some(_) => true,
            None => false,
        };
        if letter.is_uppercase() && begins {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// The same with underscores: `vpc_endpoint`.
pub(super) fn snake(name: &str) -> String {
    kebab(name).replace('-', "_")
}

/// What a list of ids is a list of: `allocation_ids`, `resources`.
pub(super) fn singular(name: &str) -> Option<String> {
    let one = name.strip_suffix('s')?;
    let is_id = ["_id", "_arn", "_name"]
        .iter()
        .any(|end| one.ends_with(end))
        || one == "resource";
    is_id.then(|| one.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_names_that_people_know() {
        let known = [
            ("AWS::EC2::InternetGateway", "internet_gateway"),
            ("AWS::EC2::EIP", "eip"),
            ("AWS::EC2::VPC", "vpc"),
            ("AWS::EC2::VPCEndpoint", "vpc_endpoint"),
            ("AWS::EC2::RouteTable", "route_table"),
            ("AWS::IAM::InstanceProfile", "iam_instance_profile"),
            ("AWS::IAM::ManagedPolicy", "iam_policy"),
            ("AWS::KafkaConnect::Connector", "mskconnect_connector"),
            (
                "AWS::KafkaConnect::CustomPlugin",
                "mskconnect_custom_plugin",
            ),
            (
                "AWS::KafkaConnect::WorkerConfiguration",
                "mskconnect_worker_configuration",
            ),
            ("AWS::Kinesis::Stream", "kinesis_stream"),
            ("AWS::Logs::LogGroup", "cloudwatch_log_group"),
            ("AWS::MSK::Cluster", "msk_cluster"),
            ("AWS::MWAA::Environment", "mwaa_environment"),
            ("AWS::S3::Bucket", "s3_bucket"),
            ("AWS::ApiGateway::RestApi", "api_gateway_rest_api"),
            ("AWS::ApiGateway::Stage", "api_gateway_stage"),
            ("AWS::SQS::Queue", "sqs_queue"),
        ];
        for (registry, name) in known {
            assert_eq!(type_name(registry), name);
        }
    }
}
