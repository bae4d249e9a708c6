//! What changing an attribute takes: the registry's word, the updates', and the spec's where they differ.

use crate::aws_model::{Model, RegistryType};

use super::fields::Name;
use super::kind::{Attribute, Kind, find, find_mut, inside, leaves, lost};
use super::problem::Problems;
use super::seen::seen;
use super::spec::{Action, Entry, Spec, Update};

/// Takes create-only and write-only from the registry.
pub(super) fn apply_registry(
    spec: &Spec,
    model: &Model,
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
            // The API wins over the registry: what a reply has is not write-only.
            Found::At(path) if !create_only && seen(spec, model, &path).is_some() => {}
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
pub(super) fn settle_change(
    spec: &Spec,
    path: &Name,
    entry: &Entry,
    attributes: &mut [Attribute],
    problems: &mut Problems,
) {
    settle_write_only(path, entry, attributes, problems);
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

/// Where a spec says that a reply has what the registry calls write-only.
fn settle_write_only(
    path: &Name,
    entry: &Entry,
    attributes: &mut [Attribute],
    problems: &mut Problems,
) {
    let attribute = find_mut(attributes, &path.text);
    let Some(attribute) = attribute.filter(|a| a.write_only && entry.write_only == Some(false))
    else {
        return;
    };
    attribute.write_only = false;
    if entry.why.is_none() {
        problems.add(
            path.place.clone(),
            "this departs from the registry: say `why`",
        );
    }
}

fn covered(spec: &Spec, path: &str) -> bool {
    spec.updates.iter().any(|update| covers(update, path))
}

fn covers(update: &Update, path: &str) -> bool {
    update.covers.iter().any(|cover| inside(path, &cover.text))
}

/// Whether a spec says that changing it is refused: then it is not replaced either.
pub(super) fn refused(spec: &Spec, path: &str) -> bool {
    let refuses =
        |update: &&Update| matches!(update.action, Action::Impossible(_) | Action::Keep(_));
    let own = spec.updates.iter().filter(|update| covers(update, path));
    // What is kept only sometimes is changed or replaced otherwise.
    let mut own = own.peekable();
    own.peek().is_some() && own.all(|update| refuses(&update))
}

/// Each attribute is create-only, or some update covers it.
pub(super) fn check_changes(spec: &Spec, attributes: &[Attribute], problems: &mut Problems) {
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
        Action::Items(_) => matches!(
            attribute.kind,
            Kind::List { .. } | Kind::Map(_) | Kind::Text { .. }
        ),
        _ => true,
    };
    if !fits {
        problems.add(
            cover.place.clone(),
            format!(
                "`{}` is neither a number for `steps` nor a text or collection for `items`",
                cover.text
            ),
        );
    }
}
