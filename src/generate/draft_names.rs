//! Which operation does what for a type, and what names of codes and states usually mean.

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

fn is_tagging(operation: &Operation) -> bool {
    operation.name.to_lowercase().contains("tag")
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

/// `WorkerConfiguration` as `worker-configuration`, `EIP` as `eip`.
pub(super) fn kebab(name: &str) -> String {
    let mut text = String::new();
    let mut below = false;
    for letter in name.chars() {
        if letter.is_uppercase() && below {
            text.push('-');
        }
        below = letter.is_lowercase() || letter.is_ascii_digit();
        text.extend(letter.to_lowercase());
    }
    text
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
