//! Elements that stand twice in a list of which AWS keeps only one.

use serde_json::Value;

use super::contract::{ResourceType, UpdateAction};
use crate::schema::{Attribute, Draft, Finding, Kind, Order, canonical};

/// The elements that have the key, or the identity, of one before them. What is unknown yet is
/// another one.
pub(super) fn repeated(ty: &ResourceType, desired: &Draft) -> Vec<Finding> {
    let mut found = Vec::new();
    for attribute in ty.schema.attributes {
        if let Some(value) = desired.get(attribute.name) {
            keyed(&attribute.kind, &value, attribute.name, &mut found);
        }
    }
    for update in ty.updates {
        let (UpdateAction::Items(items), [list]) = (&update.action, update.covers) else {
            continue;
        };
        let members = ty.schema.attribute(list).and_then(|a| a.kind.members());
        let (Some(value), Some(members)) = (desired.get(list), members) else {
            continue;
        };
        let identity = |item: &Draft| identity(ty, list, items.identity, members, item);
        let by = items.identity.join(", ");
        let same = format!("AWS tells them apart by {by} only");
        twice(list, &value, identity, &same, &mut found);
    }
    found
}

/// Elements with one key, of this list and of those inside.
fn keyed(kind: &Kind, value: &Draft, path: &str, found: &mut Vec<Finding>) {
    match kind {
        Kind::Object(members) => {
            for member in *members {
                if let Some(inside) = value.get(member.name) {
                    keyed(
                        &member.kind,
                        &inside,
                        &format!("{path}.{}", member.name),
                        found,
                    );
                }
            }
        }
        Kind::List { item, order, .. } => {
            if let Order::Keyed(key) | Order::Among(key) = order {
                let of = |item: &Draft| item.get(key)?.resolve().ok().filter(|v| !v.is_null());
                let same = format!("each needs a `{key}` of its own");
                twice(path, value, of, &same, found);
            }
            for (index, inside) in value.items().into_iter().flatten().enumerate() {
                keyed(item, &inside, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

fn twice<K: PartialEq>(
    path: &str,
    list: &Draft,
    key: impl Fn(&Draft) -> Option<K>,
    why: &str,
    found: &mut Vec<Finding>,
) {
    let mut seen: Vec<(usize, K)> = Vec::new();
    for (index, item) in list.items().into_iter().flatten().enumerate() {
        let Some(key) = key(&item) else { continue };
        match seen.iter().find(|(_, other)| *other == key) {
            Some((first, _)) => {
                let text = format!("`{path}[{index}]` is `{path}[{first}]` once more: {why}");
                let own = format!("{path}[{index}]");
                found.push(Finding::error(own, text, "expected each once"));
            }
            None => seen.push((index, key)),
        }
    }
}

/// What AWS tells an element by, in the form that it gives back.
fn identity(
    ty: &ResourceType,
    list: &str,
    by: &[&str],
    members: &[Attribute],
    item: &Draft,
) -> Option<Vec<Value>> {
    let known = Value::Array(vec![item.resolve().ok()?]);
    let known = ty.hooks.desired(list, known);
    let own = members.iter().filter(|member| by.contains(&member.name));
    let values = own.map(|member| {
        let declared = known.get(0).and_then(|item| item.get(member.name));
        let declared = declared.filter(|value| !value.is_null()).cloned();
        let value = declared.or_else(|| member.absent.value());
        canonical(&member.kind, &value.unwrap_or_default())
    });
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(values)
}
