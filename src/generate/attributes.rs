//! A type's attributes: from the creation's input, the registry, the replies and the spec.

use serde_json::Value;

use crate::aws_model::{Model, RegistryType};

use super::facts::{self, Type, follow, walk};
use super::fields::Name;
use super::kind::{ANY_TEXT, Attribute, Kind, Order, find, find_mut, inside, leaves, lost};
use super::problem::Problems;
use super::spec::{Action, Entry, Read, ReadWhen, Reshape, Spec, Update};

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
        apply_registry(spec, registry, &mut attributes, problems);
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
    let keyed = rule
        .text
        .strip_prefix("keyed(")
        .and_then(|rest| rest.strip_suffix(')'));
    match (rule.text.as_str(), keyed, &mut attribute.kind) {
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
                *order = Order::Keyed(member.to_owned());
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
            ["set", "ordered", "keyed(member)", "policy"],
        ),
    }
}

/// Takes create-only and write-only from the registry.
fn apply_registry(
    spec: &Spec,
    registry: &RegistryType,
    attributes: &mut [Attribute],
    problems: &mut Problems,
) {
    let mut used = vec![false; spec.registry_names.len()];
    let marks = registry
        .create_only_properties
        .iter()
        .map(|pointer| (pointer, true));
    let marks = marks.chain(
        registry
            .write_only_properties
            .iter()
            .map(|pointer| (pointer, false)),
    );
    for (pointer, create_only) in marks {
        let steps: Vec<&str> = pointer
            .split('/')
            .filter(|step| !["", "properties", "items", "*"].contains(step))
            .collect();
        match attribute_of(&steps, spec, attributes, &mut used) {
            Found::Ignored => {}
            Found::At(path) => mark(attributes, &path, create_only),
            Found::Nothing => problems.add(
                spec.registry.as_ref().unwrap_or(&spec.type_name).place.clone(),
                format!(
                    "the registry has {} property {}, which matches no attribute: name it in `registry_names`, or `~`",
                    if create_only { "create-only" } else { "write-only" },
                    steps.join("/")
                ),
            ),
        }
    }
    for ((property, _), _) in spec
        .registry_names
        .iter()
        .zip(&used)
        .filter(|(_, used)| !**used)
    {
        let first = property.text.split('/').next().unwrap_or_default();
        if !registry.properties.contains_key(first) {
            let known = registry.properties.keys().map(String::as_str);
            problems.unknown(
                &property.place,
                "the registry has no property",
                first,
                known,
            );
        }
    }
}

enum Found {
    Ignored,
    At(String),
    Nothing,
}

/// The attribute that a registry property is, by the spec's names and by letters alone.
fn attribute_of(steps: &[&str], spec: &Spec, attributes: &[Attribute], used: &mut [bool]) -> Found {
    let mut path = String::new();
    let mut level = attributes;
    let mut rest = steps;
    for taken in (1..=steps.len()).rev() {
        let property = steps[..taken].join("/");
        let Some(index) = spec
            .registry_names
            .iter()
            .position(|(name, _)| name.text == property)
        else {
            continue;
        };
        used[index] = true;
        let Some(name) = &spec.registry_names[index].1 else {
            return Found::Ignored;
        };
        let Some(found) = find(attributes, &name.text) else {
            return Found::Ignored;
        };
        path.clone_from(&name.text);
        level = found.kind.members().unwrap_or_default();
        rest = &steps[taken..];
        break;
    }
    for step in rest {
        let Some(found) = level
            .iter()
            .find(|attribute| letters(&attribute.name) == letters(step))
        else {
            return Found::Nothing;
        };
        path = if path.is_empty() {
            found.name.clone()
        } else {
            format!("{path}.{}", found.name)
        };
        level = found.kind.members().unwrap_or_default();
    }
    Found::At(path)
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

fn mark(attributes: &mut [Attribute], path: &str, create_only: bool) {
    let Some(attribute) = find_mut(attributes, path) else {
        return;
    };
    if create_only {
        replace(attribute, true);
    } else {
        attribute.write_only = true;
    }
}

fn replace(attribute: &mut Attribute, to: bool) {
    attribute.replace = to;
    for member in attribute.kind.members_mut().into_iter().flatten() {
        replace(member, to);
    }
}

/// Where a spec says what changing an attribute takes.
fn settle_change(
    spec: &Spec,
    path: &Name,
    entry: &Entry,
    attributes: &mut [Attribute],
    problems: &mut Problems,
) {
    let Some(said) = &entry.on_change else { return };
    let to = match said.text.as_str() {
        "in_place" => false,
        "replace" => true,
        other => {
            return problems.unknown(
                &said.place,
                "there is no change",
                other,
                ["in_place", "replace"],
            );
        }
    };
    let Some(attribute) = find_mut(attributes, &path.text) else {
        return;
    };
    if attribute.replace == to && !covered(spec, &path.text) {
        problems.add(
            said.place.clone(),
            "the registry says so already: leave it out",
        );
    }
    if entry.why.is_none() {
        problems.add(
            said.place.clone(),
            "this departs from the registry: say `why`",
        );
    }
    replace(attribute, to);
    attribute.on_change = true;
}

fn covered(spec: &Spec, path: &str) -> bool {
    spec.updates.iter().any(|update| covers(update, path))
}

fn covers(update: &Update, path: &str) -> bool {
    update.covers.iter().any(|cover| inside(path, &cover.text))
}

/// Whether a spec says that changing it is refused: then it is not replaced either.
fn refused(spec: &Spec, path: &str) -> bool {
    let refuses =
        |update: &&Update| matches!(update.action, Action::Impossible(_) | Action::Keep(_));
    spec.updates
        .iter()
        .filter(refuses)
        .any(|update| covers(update, path))
}

/// Each attribute is create-only, or some update covers it.
fn check_changes(spec: &Spec, attributes: &[Attribute], problems: &mut Problems) {
    if spec.create.is_none() {
        return;
    }
    for (path, leaf) in leaves(attributes) {
        let covered = covered(spec, &path) || path == "tags";
        if leaf.replace && covered && !leaf.on_change {
            problems.add(
                leaf.place.clone(),
                format!("the registry calls `{path}` create-only, but an update covers it: say `on_change: in_place` and why"),
            );
        }
        if !leaf.replace && !covered && !leaf.write_only && !leaf.output {
            problems.add(
                leaf.place.clone(),
                format!("`{path}` is not create-only, and no update covers it: cover it, or say `on_change: replace` and why"),
            );
        }
    }
    for update in &spec.updates {
        for cover in &update.covers {
            match find(attributes, &cover.text) {
                None => {
                    let (step, known) = lost(attributes, &cover.text);
                    problems.unknown(&cover.place, "there is no attribute", step, known);
                }
                Some(attribute) => check_steps(&update.action, attribute, cover, problems),
            }
        }
    }
}

fn check_steps(action: &Action, attribute: &Attribute, cover: &Name, problems: &mut Problems) {
    let fits = match action {
        Action::Steps { .. } => matches!(attribute.kind, Kind::Integer { .. }),
        Action::Items(_) => matches!(attribute.kind, Kind::List { .. } | Kind::Map(_)),
        _ => true,
    };
    if !fits {
        problems.add(
            cover.place.clone(),
            format!(
                "`{}` is neither a number for `steps` nor a collection for `items`",
                cover.text
            ),
        );
    }
}

/// Each attribute is found in a reply, as what it is.
fn check_seen(spec: &Spec, model: &Model, attributes: &[Attribute], problems: &mut Problems) {
    let top = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    for (path, leaf) in leaves(attributes) {
        let above = find(attributes, &top(&path));
        let exempt = |attribute: &Attribute| attribute.write_only || attribute.live_hook;
        if path == "tags" || path == spec.id.text || exempt(leaf) || above.is_some_and(exempt) {
            continue;
        }
        match seen(spec, model, &path) {
            None => problems.add(
                leaf.place.clone(),
                format!(
                    "`{path}` is in no reply: map it, or say `write_only: true` or `live: hook`"
                ),
            ),
            Some(found) => {
                let (own, live) = (
                    leaf.kind.class(),
                    Kind::of_type(model, &found, &leaf.place).class(),
                );
                if own.zip(live).is_some_and(|(own, live)| own != live) && !spec.hooks {
                    problems.add(
                        leaf.place.clone(),
                        format!(
                            "`{path}` is {} here and {} in the reply",
                            own.unwrap_or_default(),
                            live.unwrap_or_default()
                        ),
                    );
                }
            }
        }
    }
}

/// What the first reply that has an attribute has there.
pub(super) fn seen<'m>(spec: &Spec, model: &'m Model, path: &str) -> Option<Type<'m>> {
    let whole = spec
        .reads
        .iter()
        .filter(|read| !completed_by_each(spec, read));
    let reads = whole.map(|read| {
        (
            &read.call.operation,
            &read.shape,
            read.into.as_ref(),
            is_each(read),
        )
    });
    let list = spec
        .list
        .iter()
        .map(|list| (&list.call.operation, &list.shape, None, false));
    for (operation, shape, into, each) in reads.chain(list) {
        let Some(facts) = model.operations.get(&operation.text) else {
            continue;
        };
        let at = shape.at.as_ref().map_or("", |at| at.text.as_str());
        let Ok(mut start) = walk(model, facts.output.as_ref(), at) else {
            continue;
        };
        if each {
            start = Type::Map(Box::new(start));
        }
        let inner = match into {
            None => path,
            Some(into) if inside(path, &into.text) => {
                path[into.text.len()..].trim_start_matches('.')
            }
            Some(_) => continue,
        };
        if let Some(found) = in_shape(model, &start, shape, inner) {
            return Some(found);
        }
    }
    None
}

/// Whether a read gives only the keys of what a later one reads one by one.
fn completed_by_each(spec: &Spec, read: &Read) -> bool {
    let Some(into) = &read.into else { return false };
    let by = |other: &Read| matches!(&other.when, ReadWhen::Each(each) if each.text == into.text);
    !is_each(read) && spec.reads.iter().any(by)
}

fn is_each(read: &Read) -> bool {
    matches!(read.when, ReadWhen::Each(_))
}

fn in_shape<'m>(
    model: &'m Model,
    start: &Type<'m>,
    shape: &Reshape,
    path: &str,
) -> Option<Type<'m>> {
    for (attribute, from) in &shape.map {
        if inside(path, &attribute.text) {
            let mapped = follow(model, start.clone(), &from.text).ok()?;
            return follow(
                model,
                mapped,
                path[attribute.text.len()..].trim_start_matches('.'),
            )
            .ok();
        }
    }
    let bases = shape
        .bases
        .iter()
        .map(|base| base.text.as_str())
        .chain(["."]);
    let mut found =
        bases.filter_map(|base| follow(model, follow(model, start.clone(), base).ok()?, path).ok());
    found.next()
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
