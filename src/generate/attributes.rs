//! A type's attributes: from the creation's input, the registry, the replies and the spec.

use serde_json::Value;

use crate::aws_model::{Model, RegistryType};

use super::changes::{apply_registry, check_changes, refused, settle_change};
use super::facts::{self, walk};
use super::fields::Name;
use super::kind::{ANY_TEXT, Attribute, Kind, Order, find, find_mut, leaves, lost};
use super::problem::Problems;
use super::seen::{check_seen, seen};
use super::spec::{Entry, Spec};

/// Derives all attributes of a type and checks that each can be changed and seen.
pub(super) fn derive(
    spec: &Spec,
    model: &Model,
    registry: Option<&RegistryType>,
    problems: &mut Problems,
) -> Vec<Attribute> {
    let mut attributes = of_creation(spec, model, problems);
    for (path, entry) in &spec.attributes {
        declare(&mut attributes, path, entry, model, problems);
    }
    if spec.tags.is_some() && find(&attributes, "tags").is_none() {
        let text = |max| Kind::Text {
            pattern: None,
            min: None,
            max: Some(max),
            values: Vec::new(),
        };
        let mut tags = Attribute::of(
            "tags",
            Kind::Map(Box::new(text(256))),
            &spec.type_name.place,
        );
        tags.default = Some(Value::Object(serde_json::Map::new()));
        attributes.push(tags);
    }
    for (path, rule) in &spec.compare {
        compare(&mut attributes, path, rule, problems);
    }
    if let Some(registry) = registry.filter(|_| spec.create.is_some()) {
        apply_registry(spec, model, registry, &mut attributes, problems);
    }
    for source in spec.body.iter().flat_map(|body| body.sources()) {
        if let Some(attribute) = find_mut(&mut attributes, &source.text) {
            attribute.write_only = true; // The digest stands for them.
        }
    }
    if let Some(tags) = attributes
        .iter_mut()
        .find(|attribute| attribute.name == "tags")
    {
        tags.replace = false; // The registry says otherwise of key pairs; `tags` says how they change.
    }
    let refused: Vec<String> = leaves(&attributes)
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| refused(spec, path))
        .collect();
    for path in &refused {
        if let Some(attribute) = find_mut(&mut attributes, path) {
            attribute.replace = false;
        }
    }
    for (name, entry) in &spec.attributes {
        settle_change(spec, name, entry, &mut attributes, problems);
    }
    check_changes(spec, &attributes, problems);
    check_seen(spec, model, &attributes, problems);
    for (name, entry) in &spec.outputs {
        output(&mut attributes, spec, model, name, entry, problems);
    }
    attributes
}

/// The members of the creation's input that are attributes.
fn of_creation(spec: &Spec, model: &Model, problems: &mut Problems) -> Vec<Attribute> {
    let Some(create) = &spec.create else {
        return Vec::new();
    };
    let Some(operation) = model.operations.get(&create.call.operation.text) else {
        return Vec::new();
    };
    let Some(input) = &operation.input else {
        return Vec::new();
    };
    let Kind::Object(mut attributes) = Kind::of(model, input, &create.call.operation.place) else {
        return Vec::new();
    };
    let tags = spec.tags.as_ref().map(|tags| tags.within.text.as_str());
    let token = facts::token(model, operation);
    attributes.retain(|attribute| {
        let name = attribute.name.as_str();
        name != "dry_run" && Some(name) != tags && Some(name) != token
    });
    for path in &create.omit {
        if !remove(&mut attributes, &path.text) {
            let (step, known) = lost(&attributes, &path.text);
            problems.unknown(&path.place, "creation takes no", step, known);
        }
    }
    attributes
}

fn remove(attributes: &mut Vec<Attribute>, path: &str) -> bool {
    match path.rsplit_once('.') {
        None => {
            let before = attributes.len();
            attributes.retain(|attribute| attribute.name != path);
            attributes.len() < before
        }
        Some((above, name)) => {
            match find_mut(attributes, above).and_then(|found| found.kind.members_mut()) {
                Some(members) => remove(members, name),
                None => false,
            }
        }
    }
}

/// Puts what a spec says of an attribute over what is known of it, or adds it.
fn declare(
    attributes: &mut Vec<Attribute>,
    path: &Name,
    entry: &Entry,
    model: &Model,
    problems: &mut Problems,
) {
    if find(attributes, &path.text).is_none() {
        let above = match path.text.rsplit_once('.') {
            None => Some(&mut *attributes),
            Some((above, _)) => {
                find_mut(attributes, above).and_then(|found| found.kind.members_mut())
            }
        };
        let name = path.text.rsplit('.').next().unwrap_or(&path.text);
        match above {
            Some(members) if entry.from.is_some() || entry.kind.is_some() => {
                members.push(Attribute::of(name, Kind::Any, &path.place));
            }
            _ => {
                let (step, known) = lost(attributes, &path.text);
                problems.unknown(&path.place, "there is no attribute", step, known);
                return;
            }
        }
    }
    if let Some(attribute) = find_mut(attributes, &path.text) {
        apply(attribute, path, entry, model, problems);
    }
}

fn apply(
    attribute: &mut Attribute,
    path: &Name,
    entry: &Entry,
    model: &Model,
    problems: &mut Problems,
) {
    attribute.place = path.place.clone();
    if let Some(kind) = kind(entry, model, problems) {
        attribute.kind = kind;
    }
    limit(&mut attribute.kind, path, entry, problems);
    attribute.required = entry.required.unwrap_or(attribute.required);
    if entry.required == Some(true) && attribute.default == Some(Value::Null) {
        attribute.default = None; // `exact` above it took it for optional.
    }
    attribute.write_only = entry.write_only.unwrap_or(attribute.write_only);
    attribute.sensitive = entry.sensitive.unwrap_or(attribute.sensitive);
    if entry.exact == Some(true) {
        exact(&mut attribute.kind);
    }
    attribute.value = entry.value.clone();
    attribute.default = entry.default.clone().or(attribute.default.take());
    attribute.unit = entry
        .unit
        .as_ref()
        .map_or(String::new(), |unit| unit.text.clone());
    if let Some(live) = &entry.live {
        if live.text != "hook" {
            problems.unknown(&live.place, "`live` is not", &live.text, ["hook"]);
        }
        attribute.live_hook = true;
    }
}

/// Members that are not declared go: the absence of each means that it has none.
fn exact(kind: &mut Kind) {
    for member in kind.members_mut().into_iter().flatten() {
        if !member.required {
            member.default.get_or_insert(Value::Null);
        }
        exact(&mut member.kind);
    }
}

/// The kind that an entry gives, by `from` or by `type`.
fn kind(entry: &Entry, model: &Model, problems: &mut Problems) -> Option<Kind> {
    if let Some(from) = &entry.from {
        let (operation, path) = from.text.split_once('.').unwrap_or((&from.text, ""));
        let Some(facts) = model.operations.get(operation) else {
            problems.unknown(
                &from.place,
                "there is no operation",
                operation,
                model.operations.keys().map(String::as_str),
            );
            return None;
        };
        return match walk(model, facts.input.as_ref(), path) {
            Ok(found) => Some(Kind::of_type(model, &found, &from.place)),
            Err(lost) => {
                problems.unknown(
                    &from.place,
                    &format!("{operation} takes no"),
                    &lost.step,
                    lost.known,
                );
                None
            }
        };
    }
    let text = entry.kind.as_ref()?;
    named_kind(&text.text, text, entry, model, problems)
}

fn named_kind(
    text: &str,
    whole: &Name,
    entry: &Entry,
    model: &Model,
    problems: &mut Problems,
) -> Option<Kind> {
    if let Some((outer, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let inner = named_kind(inner, whole, entry, model, problems)?;
        match outer {
            "list" => return Some(Kind::list(inner)),
            "set" => {
                return Some(Kind::List {
                    item: Box::new(inner),
                    order: Order::Set,
                    min: None,
                    max: None,
                });
            }
            "map" => return Some(Kind::Map(Box::new(inner))),
            _ => {}
        }
    }
    let kind = match text {
        "text" => ANY_TEXT,
        "integer" => Kind::Integer {
            min: None,
            max: None,
        },
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "timestamp" => Kind::Timestamp,
        "ports" => Kind::Ports,
        "policy" => Kind::Policy,
        "any" => Kind::Any,
        "object" => {
            let mut members = Vec::new();
            for (name, entry) in &entry.members {
                declare(&mut members, name, entry, model, problems);
            }
            Kind::Object(members)
        }
        other => {
            let known = [
                "text",
                "integer",
                "number",
                "boolean",
                "timestamp",
                "ports",
                "policy",
                "any",
                "object",
                "list(…)",
                "set(…)",
                "map(…)",
            ];
            problems.unknown(&whole.place, "there is no type", other, known);
            return None;
        }
    };
    Some(kind)
}

/// Puts the limits of an entry on the innermost text or whole number, else on the list around it.
fn limit(kind: &mut Kind, path: &Name, entry: &Entry, problems: &mut Problems) {
    let bounded = entry.min.is_some() || entry.max.is_some();
    let textual = entry.pattern.is_some() || !entry.values.is_empty();
    let fits = match kind.innermost() {
        Kind::Text {
            pattern,
            min,
            max,
            values,
        } => {
            bound(min, max, entry);
            if !entry.values.is_empty() {
                *values = entry
                    .values
                    .iter()
                    .map(|value| value.text.clone())
                    .collect();
            }
            if let Some(own) = &entry.pattern {
                if let Err(error) = regex::Regex::new(&own.text) {
                    problems.add(own.place.clone(), format!("no regular expression: {error}"));
                }
                *pattern = Some(own.text.clone());
            }
            true
        }
        Kind::Integer { min, max } => {
            bound(min, max, entry);
            !textual
        }
        _ => match kind {
            Kind::List { min, max, .. } => {
                bound(min, max, entry);
                !textual
            }
            _ => !textual && !bounded,
        },
    };
    if !fits {
        problems.add(
            path.place.clone(),
            format!("`{}` is of a kind that has no such limits", path.text),
        );
    }
}

fn bound(min: &mut Option<i64>, max: &mut Option<i64>, entry: &Entry) {
    *min = entry.min.or(*min);
    *max = entry.max.or(*max);
}

fn compare(attributes: &mut [Attribute], path: &Name, rule: &Name, problems: &mut Problems) {
    let Some(attribute) = find_mut(attributes, &path.text) else {
        let (step, known) = lost(attributes, &path.text);
        return problems.unknown(&path.place, "there is no attribute", step, known);
    };
    let by = |word: &str| rule.text.strip_prefix(word)?.strip_suffix(')');
    let (keyed, among) = (by("keyed("), by("among("));
    match (rule.text.as_str(), keyed.or(among), &mut attribute.kind) {
        ("policy", _, kind @ Kind::Text { .. }) => *kind = Kind::Policy,
        ("set", _, Kind::List { order, .. }) => *order = Order::Set,
        ("ordered", _, Kind::List { order, .. }) => *order = Order::Ordered,
        (_, Some(member), Kind::List { order, item, .. }) => {
            let members: Vec<&str> = item
                .members()
                .unwrap_or_default()
                .iter()
                .map(|member| member.name.as_str())
                .collect();
            if members.contains(&member) {
                let member = member.to_owned();
                *order = match keyed {
                    Some(_) => Order::Keyed(member),
                    None => Order::Among(member),
                };
            } else {
                problems.unknown(&rule.place, "its elements have no member", member, members);
            }
        }
        ("policy" | "set" | "ordered", ..) => {
            problems.add(
                rule.place.clone(),
                format!("`{}` cannot compare as `{}`", path.text, rule.text),
            );
        }
        (other, ..) => problems.unknown(
            &rule.place,
            "there is no comparison",
            other,
            ["set", "ordered", "keyed(member)", "among(member)", "policy"],
        ),
    }
}

/// Adds what AWS sets.
fn output(
    attributes: &mut Vec<Attribute>,
    spec: &Spec,
    model: &Model,
    name: &Name,
    entry: &Entry,
    problems: &mut Problems,
) {
    if find(attributes, &name.text).is_some() {
        return problems.add(
            name.place.clone(),
            format!("`{}` is an attribute already", name.text),
        );
    }
    let mut attribute = Attribute {
        output: true,
        ..Attribute::of(&name.text, Kind::Any, &name.place)
    };
    apply(&mut attribute, name, entry, model, problems);
    if entry.kind.is_none() && entry.from.is_none() {
        match seen(spec, model, &name.text) {
            Some(found) => attribute.kind = Kind::of_type(model, &found, &name.place),
            None => problems.add(
                name.place.clone(),
                format!("`{}` is in no reply: map it, or give its `type`", name.text),
            ),
        }
    }
    attributes.push(attribute);
}
