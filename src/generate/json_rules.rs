//! What a spec asks of declarations beside their kinds, as far as JSON Schema can say it.
//!
//! A value that is an expression is right everywhere, and so is what its value may make right: the
//! language itself is stricter. Rules over lists and maps as a whole (`multiple`, `one_case`) stay there.

use serde_json::{Value, json};

use super::json_schema::{is_portable, or_expression, spellings};
use super::kind::Attribute;
use super::spec::{Body, Check, Condition, Rule, Spec};

/// The values that are left to an attribute, where a check names them.
pub(super) fn one_of(spec: &Spec, path: &str) -> Option<Value> {
    let mut checks = always(spec);
    let values = checks.find_map(|check| match &check.rule {
        Rule::OneOf(of, values) if of.text == path => Some(values),
        _ => None,
    })?;
    if values.iter().any(Value::is_string) {
        return Some(or_expression(json!({ "enum": spelled(values) })));
    }
    // In quotes they are not offered beside those without.
    let quoted: Vec<String> = values.iter().map(Value::to_string).collect();
    let quoted = format!("^(?:{})$|\\$\\{{", quoted.join("|"));
    Some(json!({ "anyOf": [{ "enum": values }, { "type": "string", "pattern": quoted }] }))
}

/// What checks ask of the texts of an attribute, its own or the keys of its map.
pub(super) fn patterns(spec: &Spec, path: &str) -> Vec<Value> {
    let whole = |pattern: &str| format!("^(?:{pattern})$");
    let rule = |check: &Check| match &check.rule {
        Rule::Matches(of, pattern) if of.text == path && is_portable(&pattern.text) => {
            let pattern = format!("{}|\\$\\{{", whole(&pattern.text));
            Some(json!({ "pattern": pattern, "propertyNames": { "pattern": pattern } }))
        }
        Rule::Excludes(of, pattern) if of.text == path && is_portable(&pattern.text) => {
            let wrong = json!({ "type": "string", "pattern": whole(&pattern.text) });
            Some(json!({ "not": { "allOf": [wrong, { "not": expression() }] } }))
        }
        _ => None,
    };
    always(spec).filter_map(rule).collect()
}

/// What an object must be as a whole: the checks about its own members, and at the top what gives
/// contents.
pub(super) fn of_object(spec: &Spec, path: &str, members: &[&Attribute]) -> Vec<Value> {
    let rule = |check: &Check| {
        let holds = match &check.rule {
            Rule::Requires(of) => there(own(path, &of.text)?),
            Rule::Forbids(of) => {
                let name = own(path, &of.text)?;
                let default = members.iter().find(|member| member.name == name);
                let default = default.and_then(|member| member.default.clone());
                let allowed =
                    spelled(&[Value::Null].into_iter().chain(default).collect::<Vec<_>>());
                json!({ "properties": { name: or_expression(json!({ "enum": allowed })) } })
            }
            Rule::SomeOf(paths) => {
                let names: Option<Vec<&str>> = paths.iter().map(|of| own(path, &of.text)).collect();
                let some = names?.into_iter().map(|name| {
                    let empty = json!({ "enum": [null, []] });
                    json!({ "required": [name], "properties": { name: { "not": empty } } })
                });
                json!({ "anyOf": some.collect::<Vec<_>>() })
            }
            _ => return None,
        };
        let condition = match (&check.when, &check.unless) {
            (None, None) => return Some(holds),
            (Some(when), _) => has(path, when, members)?,
            (None, Some(unless)) => lacks(path, unless, members)?,
        };
        Some(json!({ "if": condition, "then": holds }))
    };
    let mut rules: Vec<Value> = errors(spec).filter_map(rule).collect();
    if let Some(body) = spec.body.as_ref().filter(|_| path.is_empty()) {
        rules.extend(contents(body));
    }
    rules
}

/// Exactly one attribute gives the contents, and what stands beside only one of them stands there.
fn contents(body: &Body) -> Vec<Value> {
    let [text, file, template, inputs, url] = body.sources().map(|name| name.text.as_str());
    let digest = body.digest.text.as_str();
    let sources = [text, file, template, url];
    let mut rules = vec![json!({ "anyOf": sources.map(there) })];
    for (index, first) in sources.iter().enumerate() {
        for second in &sources[index + 1..] {
            let both = json!({ "allOf": [said(first), said(second)] });
            rules.push(json!({ "not": both }));
        }
    }
    for (one, needs) in [(url, digest), (digest, url), (inputs, template)] {
        rules.push(json!({ "if": said(one), "then": there(needs) }));
    }
    rules
}

/// Checks that hold whatever else is declared.
fn always(spec: &Spec) -> impl Iterator<Item = &Check> {
    errors(spec).filter(|check| check.when.is_none() && check.unless.is_none())
}

/// Checks of what is wrong, and not only worth a look.
fn errors(spec: &Spec) -> impl Iterator<Item = &Check> {
    spec.checks.iter().filter(|check| !check.warning)
}

/// The name of a member of the object at a path.
fn own<'p>(object: &str, path: &'p str) -> Option<&'p str> {
    match path.rsplit_once('.') {
        Some((above, name)) => (above == object).then_some(name),
        None => object.is_empty().then_some(path),
    }
}

fn expression() -> Value {
    json!({ "$ref": "#/definitions/expression" })
}

/// A member is there: what is null counts as left out.
fn there(name: &str) -> Value {
    json!({ "required": [name], "properties": { name: { "not": { "type": "null" } } } })
}

/// A member is there for certain: an expression may come to nothing.
fn said(name: &str) -> Value {
    let left_open = json!({ "anyOf": [{ "type": "null" }, expression()] });
    json!({ "required": [name], "properties": { name: { "not": left_open } } })
}

/// Whether leaving a member out says one of a condition's values.
fn by_default(name: &str, condition: &Condition, members: &[&Attribute]) -> bool {
    let member = members.iter().find(|member| member.name == name);
    let default = member.and_then(|member| member.default.as_ref());
    default.is_some_and(|default| condition.values.contains(default))
}

/// A member has one of a condition's values.
fn has(path: &str, when: &Condition, members: &[&Attribute]) -> Option<Value> {
    let name = own(path, &when.path.text)?;
    let mut values = spelled(&when.values);
    if by_default(name, when, members) {
        values.push(Value::Null);
        return Some(json!({ "properties": { name: { "enum": values } } }));
    }
    Some(json!({ "required": [name], "properties": { name: { "enum": values } } }))
}

/// A member has none of a condition's values.
fn lacks(path: &str, unless: &Condition, members: &[&Attribute]) -> Option<Value> {
    let name = own(path, &unless.path.text)?;
    let mut values = spelled(&unless.values);
    let default = by_default(name, unless, members);
    values.extend(default.then_some(Value::Null));
    let other = json!({ "not": or_expression(json!({ "enum": values })) });
    Some(match default {
        true => json!({ "required": [name], "properties": { name: other } }),
        false => json!({ "properties": { name: other } }),
    })
}

/// Values in all their spellings: numbers and truth may stand in quotes, text without.
fn spelled(values: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for value in values {
        let spelled = match value {
            Value::String(text) => spellings(text),
            Value::Number(_) | Value::Bool(_) => vec![value.clone(), value.to_string().into()],
            _ => vec![value.clone()],
        };
        for value in spelled {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    all
}
