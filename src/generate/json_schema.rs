//! `stack.schema.json`: the stack language as JSON Schema, for editors.
//!
//! What is the same for all types stands in `templates/schema/stack.json`; the types are added under
//! `resources` and `existing`. Wherever a value may stand, text with `${…}` may: the language itself,
//! which knows what an expression gives, is stricter.

use serde_json::{Map, Value, json};

use super::json_rules;
use super::kind::{Attribute, Kind};
use super::prose;
use super::spec::Spec;

/// A type with what stands under `existing:`.
pub(super) struct Described<'a> {
    pub spec: &'a Spec,
    pub attributes: &'a [Attribute],
    pub lookup: Vec<Attribute>,
    pub service: &'a str,
}

/// The whole schema, over what does not depend on the types.
pub(super) fn schema(mut base: Value, types: &[Described<'_>]) -> Value {
    let meta = base["definitions"]["meta"]["properties"].clone();
    let meta: Vec<String> = meta
        .as_object()
        .map(|keys| keys.keys().cloned().collect())
        .unwrap_or_default();
    for described in types {
        let name = &described.spec.type_name.text;
        let pattern = format!("^{name}\\.[A-Za-z_][A-Za-z0-9_-]*$");
        if described.spec.create.is_some() {
            base["definitions"][name] = declaration(described, &meta);
            base["properties"]["resources"]["patternProperties"][&pattern] =
                json!({ "$ref": format!("#/definitions/{name}") });
        }
        if !described.lookup.is_empty() {
            let definition = format!("{name} looked up");
            base["definitions"][&definition] = looked_up(described);
            base["properties"]["existing"]["patternProperties"][&pattern] =
                json!({ "$ref": format!("#/definitions/{}", definition.replace(' ', "%20")) });
        }
    }
    base
}

fn declaration(described: &Described<'_>, meta: &[String]) -> Value {
    let Described {
        spec, attributes, ..
    } = described;
    let declared: Vec<&Attribute> = attributes.iter().filter(|a| !a.output).collect();
    let mut block = object(spec, "", &declared);
    for key in meta {
        block["properties"][key] =
            json!({ "$ref": format!("#/definitions/meta/properties/{key}") });
    }
    let mut text = format!(
        "{}. See docs/resources/{}.md.",
        described.service, spec.type_name.text
    );
    if spec.holds_data {
        text.push_str(" Holds data.");
    }
    block["description"] = text.into();
    nullable(block, declared.iter().any(|attribute| attribute.required))
}

fn looked_up(described: &Described<'_>) -> Value {
    let mut properties = Map::new();
    for attribute in &described.lookup {
        properties.insert(
            attribute.name.clone(),
            value(described.spec, &attribute.name, attribute, false),
        );
    }
    properties.insert(
        "when".to_owned(),
        json!({ "$ref": "#/definitions/meta/properties/when" }),
    );
    let required: Vec<&str> = names(described.lookup.iter().filter(|a| a.required));
    let block = json!({
        "description": format!("{}, looked up and never changed.", described.service),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    nullable(block, !required.is_empty())
}

/// A block with nothing in it may be written with nothing after its key.
fn nullable(mut block: Value, needs_something: bool) -> Value {
    if !needs_something {
        block["type"] = json!(["object", "null"]);
    }
    block
}

fn names<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Vec<&'a str> {
    attributes
        .map(|attribute| attribute.name.as_str())
        .collect()
}

fn object(spec: &Spec, path: &str, members: &[&Attribute]) -> Value {
    let mut properties = Map::new();
    for member in members {
        let path = match path {
            "" => member.name.clone(),
            above => format!("{above}.{}", member.name),
        };
        properties.insert(member.name.clone(), value(spec, &path, member, true));
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": names(members.iter().copied().filter(|member| member.required)),
        "additionalProperties": false,
    });
    all_of(&mut schema, json_rules::of_object(spec, path, members));
    schema
}

/// Adds what must hold beside.
fn all_of(schema: &mut Value, rules: Vec<Value>) {
    if !rules.is_empty() {
        schema["allOf"] = rules.into();
    }
}

/// What may be written for an attribute: what is null counts as left out.
fn value(spec: &Spec, path: &str, attribute: &Attribute, described: bool) -> Value {
    let left = json_rules::one_of(spec, path).filter(|_| described);
    let mut schema = left.unwrap_or_else(|| of_kind(spec, path, &attribute.kind));
    if !attribute.required {
        schema = or_null(schema);
    }
    if described {
        all_of(&mut schema, json_rules::patterns(spec, path));
        schema["description"] = prose::description(spec, path, attribute).into();
        if let Some(default) = attribute.default.as_ref().filter(|value| !value.is_null()) {
            schema["default"] = default.clone();
        }
    } else {
        schema["description"] = prose::capital(&prose::takes(&attribute.kind)).into();
    }
    schema
}

fn or_null(mut schema: Value) -> Value {
    if let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        choices.push(json!({ "type": "null" }));
    } else if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.push("null".into());
    }
    schema
}

pub(super) fn or_expression(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "$ref": "#/definitions/expression" }] })
}

fn of_kind(spec: &Spec, path: &str, kind: &Kind) -> Value {
    match kind {
        Kind::Text { values, .. } if !values.is_empty() => or_expression(
            json!({ "enum": values.iter().flat_map(|v| spellings(v)).collect::<Vec<_>>() }),
        ),
        Kind::Text {
            pattern, min, max, ..
        } => {
            let mut schema = json!({ "type": ["string", "number", "boolean"] });
            let pattern = pattern.as_deref().filter(|pattern| is_portable(pattern));
            limit(&mut schema, "minLength", min.filter(|min| *min > 0));
            limit(&mut schema, "maxLength", *max);
            if let Some(pattern) = pattern {
                schema["pattern"] = format!("^(?:{pattern})$").into();
            }
            match schema.as_object().is_some_and(|schema| schema.len() > 1) {
                true => or_expression(schema),
                false => schema,
            }
        }
        // Numbers and truth may also be written in quotes.
        Kind::Integer { min, max } => {
            let mut schema =
                json!({ "type": ["integer", "string"], "pattern": "^-?[0-9]+$|\\$\\{" });
            limit(&mut schema, "minimum", *min);
            limit(&mut schema, "maximum", *max);
            schema
        }
        Kind::Number => json!({ "type": ["number", "string"], "pattern": "^[-+.0-9eE]+$|\\$\\{" }),
        Kind::Boolean => {
            json!({ "type": ["boolean", "string"], "pattern": "^(?:true|false)$|\\$\\{" })
        }
        Kind::Timestamp => json!({ "type": ["integer", "string"] }),
        Kind::Ports => json!({
            "type": ["integer", "string"], "minimum": 0, "maximum": 65535,
            "pattern": "^ *(?:all|[0-9]+ *(?:- *[0-9]+)?) *$|\\$\\{",
        }),
        Kind::Policy => json!({ "type": ["object", "string"] }),
        Kind::Any => json!({}),
        Kind::List { item, min, max, .. } => {
            let mut schema =
                json!({ "type": "array", "items": or_null(of_kind(spec, path, item)) });
            limit(&mut schema, "minItems", min.filter(|min| *min > 0));
            limit(&mut schema, "maxItems", *max);
            or_expression(schema)
        }
        Kind::Map(value) => or_expression(
            json!({ "type": "object", "additionalProperties": or_null(of_kind(spec, path, value)) }),
        ),
        Kind::Object(members) => {
            or_expression(object(spec, path, &members.iter().collect::<Vec<_>>()))
        }
    }
}

fn limit(schema: &mut Value, key: &str, limit: Option<i64>) {
    if let Some(limit) = limit {
        schema[key] = limit.into();
    }
}

/// A text, and what YAML makes of it where it is not quoted.
pub(super) fn spellings(text: &str) -> Vec<Value> {
    let plain = serde_json::from_str::<Value>(text).ok();
    let plain = plain.filter(|value| value.is_number() || value.is_boolean());
    [Some(text.into()), plain].into_iter().flatten().collect()
}

/// Whether a pattern means the same in JavaScript: it has no POSIX classes and no flags.
pub(super) fn is_portable(pattern: &str) -> bool {
    !pattern.contains("[[:") && !pattern.contains("(?") && !pattern.contains("&&")
}

const LINE: usize = 110;

/// JSON in which what fits on a line stands on one, so that a change is a changed line.
pub(super) fn layout(value: &Value, indent: usize) -> String {
    let flat = value.to_string();
    let pad = "  ".repeat(indent + 1);
    let end = "  ".repeat(indent);
    let lines = |lines: Vec<String>| lines.join(&format!(",\n{pad}"));
    match value {
        _ if indent > 0 && flat.chars().count() + 2 * indent <= LINE => flat,
        Value::Object(entries) if !entries.is_empty() => {
            let entries = entries.iter().map(|(key, value)| {
                format!(
                    "{}: {}",
                    Value::from(key.as_str()),
                    layout(value, indent + 1)
                )
            });
            format!("{{\n{pad}{}\n{end}}}", lines(entries.collect()))
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| layout(item, indent + 1));
            format!("[\n{pad}{}\n{end}]", lines(items.collect()))
        }
        _ => flat,
    }
}
