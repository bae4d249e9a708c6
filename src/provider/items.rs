//! What differs between two collections: which elements are new, changed, or surplus.

use serde_json::Value;

use super::path;
use crate::schema::{Draft, Kind, canonical, diff};

/// The elements that move, each with its key: for a set, the element itself is its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moves {
    /// Their identity stays, and they are changed.
    pub changed: Vec<(Value, Value)>,
    /// As they are live; removed before what takes their identity is added.
    pub replaced: Vec<(Value, Value)>,
    /// New ones.
    pub added: Vec<(Value, Value)>,
    /// Surplus ones, as they are live; removed last, so that there is no gap.
    pub removed: Vec<(Value, Value)>,
}

/// What brings `before` to `after`: a set, a map, or one value that is its own element. `has_change` says whether an element can be changed while it
/// keeps its identity; in a map the key is the identity, and adding changes what is there.
pub(super) fn compare(
    kind: &Kind,
    identity: &[&str],
    has_change: bool,
    before: &Value,
    after: &Value,
) -> Moves {
    match kind {
        Kind::Map { value } => compare_maps(value, before, after),
        Kind::List { item, .. } => compare_sets(item, identity, has_change, before, after),
        single => compare_singles(single, before, after),
    }
}

/// A single value makes room for the one that takes its place.
fn compare_singles(kind: &Kind, before: &Value, after: &Value) -> Moves {
    let mut moves = Moves::default();
    let itself = |item: &Value| vec![(item.clone(), item.clone())];
    match (before.is_null(), after.is_null()) {
        (false, false) if !is_same(kind, after, before) => {
            (moves.replaced, moves.added) = (itself(before), itself(after));
        }
        (true, false) => moves.added = itself(after),
        (false, true) => moves.removed = itself(before),
        _ => {}
    }
    moves
}

fn compare_maps(kind: &Kind, before: &Value, after: &Value) -> Moves {
    let mut moves = Moves::default();
    for (key, item) in after.as_object().into_iter().flatten() {
        let entry = (Value::from(key.as_str()), item.clone());
        match before.get(key).filter(|old| !old.is_null()) {
            Some(old) if is_same(kind, item, old) => {}
            Some(_) => moves.changed.push(entry),
            None => moves.added.push(entry),
        }
    }
    for (key, item) in before.as_object().into_iter().flatten() {
        if path::get(after, "").is_none_or(|after| after.get(key).is_none_or(Value::is_null)) {
            moves
                .removed
                .push((Value::from(key.as_str()), item.clone()));
        }
    }
    moves
}

fn compare_sets(
    kind: &Kind,
    identity: &[&str],
    has_change: bool,
    before: &Value,
    after: &Value,
) -> Moves {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut left = list(before);
    let mut new = list(after);
    new.retain(|item| {
        let found = left.iter().position(|old| is_same(kind, item, old));
        found.is_none_or(|at| {
            left.remove(at);
            false
        })
    });
    let mut moves = Moves::default();
    let itself = |item: Value| (item.clone(), item);
    for item in new {
        let partner = left
            .iter()
            .position(|old| is_identical(kind, identity, &item, old));
        match partner {
            Some(at) if has_change => {
                left.remove(at);
                moves.changed.push(itself(item));
            }
            Some(at) => {
                moves.replaced.push(itself(left.remove(at)));
                moves.added.push(itself(item));
            }
            None => moves.added.push(itself(item)),
        }
    }
    moves.removed = left.into_iter().map(itself).collect();
    moves
}

fn is_same(kind: &Kind, wanted: &Value, live: &Value) -> bool {
    match (kind, wanted) {
        (Kind::Object(members), Value::Object(_)) => {
            diff(members, &Draft::Known(wanted.clone()), live).is_empty()
        }
        _ => canonical(kind, wanted) == canonical(kind, live),
    }
}

fn is_identical(kind: &Kind, identity: &[&str], one: &Value, other: &Value) -> bool {
    let (one, other) = (canonical(kind, one), canonical(kind, other));
    let same = |name: &&str| member(kind, &one, name) == member(kind, &other, name);
    !identity.is_empty() && identity.iter().all(same)
}

/// A member of an element, or its default: a rule without ports is one for all of them.
fn member(kind: &Kind, item: &Value, name: &str) -> Option<Value> {
    let declared = path::get(item, name).cloned();
    declared.or_else(|| {
        let member = kind.members()?.iter().find(|member| member.name == name)?;
        member.absent.value().filter(|default| !default.is_null())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Order, TextRule};
    use serde_json::json;

    static TEXT: Kind = Kind::Text(TextRule::ANY);
    static MAP: Kind = Kind::Map { value: &TEXT };
    static ANY: Kind = Kind::List {
        item: &Kind::Any,
        order: Order::Set,
        min: None,
        max: None,
    };

    #[test]
    fn a_map_moves_by_key() {
        let before = json!({"same": "1", "other": "1", "gone": "1"});
        let after = json!({"same": "1", "other": "2", "new": "3"});
        let moves = compare(&MAP, &[], false, &before, &after);
        assert_eq!(moves.changed, [(json!("other"), json!("2"))]);
        assert_eq!(moves.added, [(json!("new"), json!("3"))]);
        assert_eq!(moves.removed, [(json!("gone"), json!("1"))]);
        let none = compare(&MAP, &[], false, &before, &Value::Null);
        assert_eq!(none.removed.len(), 3);
    }

    #[test]
    fn a_single_value_makes_room_for_the_next() {
        let moved = |before: Value, after: Value| {
            let moves = compare(&TEXT, &[], false, &before, &after);
            let texts = |items: Vec<(Value, Value)>| items.into_iter().map(|(_, item)| item);
            (
                texts(moves.replaced).collect::<Vec<_>>(),
                texts(moves.added).collect::<Vec<_>>(),
                texts(moves.removed).collect::<Vec<_>>(),
            )
        };
        let (one, two) = (json!("one"), json!("two"));
        assert_eq!(
            moved(one.clone(), two.clone()),
            (vec![one.clone()], vec![two.clone()], vec![])
        );
        assert_eq!(moved(Value::Null, two.clone()), (vec![], vec![two], vec![]));
        assert_eq!(
            moved(one.clone(), Value::Null),
            (vec![], vec![], vec![one.clone()])
        );
        assert_eq!(moved(one.clone(), one), (vec![], vec![], vec![]));
    }

    #[test]
    fn an_element_keeps_its_identity_or_makes_room() {
        let before = json!([{"port": 1, "text": "a"}, {"port": 2, "text": "a"}]);
        let after = json!([{"port": 2, "text": "a"}, {"port": 1, "text": "b"}]);
        let (old, new) = (
            json!({"port": 1, "text": "a"}),
            json!({"port": 1, "text": "b"}),
        );
        let both = |item: &Value| vec![(item.clone(), item.clone())];
        let moves = compare(&ANY, &["port"], true, &before, &after);
        assert_eq!(
            moves,
            Moves {
                changed: both(&new),
                ..Moves::default()
            }
        );
        let moves = compare(&ANY, &["port"], false, &before, &after);
        let expected = Moves {
            replaced: both(&old),
            added: both(&new),
            ..Moves::default()
        };
        assert_eq!(moves, expected);
        let moves = compare(&ANY, &[], false, &before, &after);
        let expected = Moves {
            added: both(&new),
            removed: both(&old),
            ..Moves::default()
        };
        assert_eq!(moves, expected);
    }
}
