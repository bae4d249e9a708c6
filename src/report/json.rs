//! A plan as JSON: the document scripts read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::plan::{Action, Plan, ResourceChange, Summary};
use crate::schema::secrets::{mask, masked};
use crate::schema::{Change, Kind};

use super::values;

/// The version of the document's shape: it grows when a member's meaning changes or a member goes.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    stack: &'a str,
    changes: Vec<Value>,
    summary: Map<String, Value>,
    notes: Vec<String>,
    api_calls: Calls<'a>,
}

#[derive(Serialize)]
struct Calls<'a> {
    total: u64,
    by_operation: &'a BTreeMap<String, u64>,
}

/// A plan as a JSON document. Sensitive values are null with `sensitive: true`, unknown ones null
/// with `unknown: true`.
pub fn plan_json(plan: &Plan, calls: &BTreeMap<String, u64>) -> String {
    let summary = Summary::of(plan);
    let counts = Action::ALL.map(|action| (action.word().to_owned(), summary.count(action).into()));
    let document = Document {
        format_version: FORMAT_VERSION,
        stack: &plan.stack,
        changes: plan.changes.iter().map(resource).collect(),
        summary: counts.into_iter().collect(),
        notes: plan.notes.iter().map(|note| mask(note)).collect(),
        api_calls: Calls {
            total: calls.values().sum(),
            by_operation: calls,
        },
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn resource(change: &ResourceChange) -> Value {
    json!({
        "address": change.address.to_string(),
        "type": change.address.type_name(),
        "action": change.action.word(),
        "reason": mask(&change.reason.to_string()),
        "data_loss": change.lost.is_some(),
        "attributes": values::expanded(change)
            .iter()
            .map(|attribute| self::attribute(attribute, values::shown(change, attribute)))
            .collect::<Vec<_>>(),
    })
}

fn attribute(change: &Change, known: values::Shown) -> Value {
    let unknown = change.after.first_unknown().is_some();
    let shown = |value: Value| match (change.sensitive, known.kind, known.plain(value)) {
        (true, ..) => Value::Null,
        (_, Some(Kind::Ports), Value::String(text)) => port(text),
        (_, _, value) => masked(value),
    };
    json!({
        "path": change.path.to_string(),
        "before": shown(change.before.clone()),
        "after": shown(change.after.resolve().unwrap_or(Value::Null)),
        "unknown": unknown,
        "sensitive": change.sensitive,
        "replaces": change.replaces,
    })
}

/// Ports as the file spells them: a single one is a number.
fn port(text: String) -> Value {
    match text.parse::<u16>() {
        Ok(number) => number.into(),
        Err(_) => Value::String(text),
    }
}
