//! What differs between a declaration and what is live.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Attribute, AttributePath, Draft, Kind, OnChange, Order, Role, Why, canonical};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it stands.
    pub path: AttributePath,
    /// What is live; null where nothing is.
    pub before: Value,
    /// What is declared; null where nothing is.
    pub after: Draft,
    /// Whether it takes a new object.
    pub replaces: bool,
    /// Whether its values may be shown.
    pub sensitive: bool,
}

/// Every declared attribute as a change from nothing, for a resource that is to be created.
pub fn declared(attributes: &'static [Attribute], desired: &Draft) -> Vec<Change> {
    let mut walk = Walk::default();
    walk.object(&AttributePath::default(), attributes, desired, None, None);
    walk.changes
}

/// The differences between `desired` and `live`, both objects of these attributes, in the schema's
/// order. Attributes that are not declared count where their absence has a meaning.
pub fn diff(attributes: &'static [Attribute], desired: &Draft, live: &Value) -> Vec<Change> {
    let mut walk = Walk {
        is_live: true,
        ..Walk::default()
    };
    let none = Value::Object(serde_json::Map::new());
    let live = if live.is_object() { live } else { &none };
    walk.object(
        &AttributePath::default(),
        attributes,
        desired,
        Some(live),
        None,
    );
    walk.changes
}

#[derive(Default)]
struct Walk {
    changes: Vec<Change>,
    /// Whether there is a live object, of which parts may be missing.
    is_live: bool,
}

/// What an outer attribute decides for all inside it.
#[derive(Clone, Copy)]
struct Inherited {
    replaces: bool,
    sensitive: bool,
}

impl Walk {
    /// `live` is `None` when nothing is: then every declared leaf is a change.
    fn object(
        &mut self,
        path: &AttributePath,
        members: &'static [Attribute],
        desired: &Draft,
        live: Option<&Value>,
        inherited: Option<Inherited>,
    ) {
        for member in members {
            if member.role == Role::Output || (member.write_only && live.is_some()) {
                continue;
            }
            let declared = desired.get(member.name).filter(|value| !value.is_null());
            let default = || live.and_then(|_| member.absent.value()).map(Draft::Known);
            let Some(wanted) = declared.or_else(default) else {
                continue;
            };
            let outer = inherited.unwrap_or(Inherited {
                replaces: false,
                sensitive: false,
            });
            let inherited = Inherited {
                replaces: outer.replaces || member.on_change == OnChange::Replace,
                sensitive: outer.sensitive || member.sensitive,
            };
            let live = live.map(|live| live.get(member.name).unwrap_or(&Value::Null));
            self.value(
                &path.key(member.name),
                &member.kind,
                &wanted,
                live,
                inherited,
            );
        }
    }

    fn value(
        &mut self,
        path: &AttributePath,
        kind: &Kind,
        desired: &Draft,
        live: Option<&Value>,
        inherited: Inherited,
    ) {
        if is_same(kind, desired, live) {
            return;
        }
        let nothing_in_it = desired.resolve().is_ok_and(|value| is_empty(&value));
        if live.is_none() && nothing_in_it {
            return self.leaf(path, desired.clone(), live, inherited);
        }
        match kind {
            Kind::Object(members) if desired.entries().is_some() => {
                let live = live.filter(|live| !live.is_null());
                self.object(path, members, desired, live, Some(inherited));
            }
            Kind::Map { value: kind } if desired.entries().is_some() => {
                self.map(path, kind, desired, live, inherited);
            }
            Kind::List { item, order, .. }
                if matches!(item, Kind::Object(_)) && desired.items().is_some() =>
            {
                self.objects(path, item, *order, desired, live, inherited);
            }
            _ => self.leaf(path, desired.clone(), live, inherited),
        }
    }

    fn leaf(
        &mut self,
        path: &AttributePath,
        after: Draft,
        live: Option<&Value>,
        inherited: Inherited,
    ) {
        let sensitive = inherited.sensitive || after.is_sensitive();
        self.changes.push(Change {
            path: path.clone(),
            before: live.cloned().unwrap_or(Value::Null),
            after: after.revealed(),
            replaces: inherited.replaces && self.is_live,
            sensitive,
        });
    }

    /// A map entry by entry: entries that only the live side has are removed.
    fn map(
        &mut self,
        path: &AttributePath,
        kind: &'static Kind,
        desired: &Draft,
        live: Option<&Value>,
        inherited: Inherited,
    ) {
        let wanted: IndexMap<String, Draft> =
            desired.entries().unwrap_or_default().into_iter().collect();
        for (key, value) in &wanted {
            let live = live.map(|live| live.get(key).unwrap_or(&Value::Null));
            self.value(&path.key(key), kind, value, live, inherited);
        }
        // What goes of a sensitive collection is as sensitive.
        let inherited = Inherited {
            sensitive: inherited.sensitive || desired.is_sensitive(),
            ..inherited
        };
        let surplus = live.and_then(Value::as_object).into_iter().flatten();
        for (key, value) in surplus.filter(|(key, _)| !wanted.contains_key(*key)) {
            self.leaf(&path.key(key), Draft::NULL, Some(value), inherited);
        }
    }

    /// A list of objects: each declared element beside the live one it stands for.
    fn objects(
        &mut self,
        path: &AttributePath,
        kind: &'static Kind,
        order: Order,
        desired: &Draft,
        live: Option<&Value>,
        inherited: Inherited,
    ) {
        let surplus_inherited = Inherited {
            sensitive: inherited.sensitive || desired.is_sensitive(),
            ..inherited
        };
        let desired = desired.items().unwrap_or_default();
        let live_items = live.and_then(Value::as_array);
        let mut left: Vec<Option<&Value>> = live_items.into_iter().flatten().map(Some).collect();
        let partners = partners(kind, order, &desired, &mut left);
        for (index, (item, partner)) in desired.iter().zip(partners).enumerate() {
            let beside = live.map(|_| partner.unwrap_or(&Value::Null));
            self.value(&path.index(index), kind, item, beside, inherited);
        }
        let surplus = left.into_iter().flatten();
        let surplus = surplus.filter(|_| !matches!(order, Order::Among(_)));
        for (index, value) in surplus.enumerate() {
            let at = path.index(desired.len() + index);
            self.leaf(&at, Draft::NULL, Some(value), surplus_inherited);
        }
    }
}

/// The live element each declared one stands for; what finds no partner stays in `left`.
pub(super) fn partners<'v>(
    kind: &Kind,
    order: Order,
    desired: &[Draft],
    left: &mut [Option<&'v Value>],
) -> Vec<Option<&'v Value>> {
    let mut found = vec![None; desired.len()];
    for (index, item) in desired.iter().enumerate() {
        let same = |live: &Option<&Value>| live.is_some_and(|l| is_same(kind, item, Some(l)));
        let position = match order {
            Order::Ordered => (index < left.len()).then_some(index),
            Order::Set => left.iter().position(same),
            Order::Keyed(key) | Order::Among(key) => left.iter().position(|live| {
                let wanted = item.get(key).and_then(|value| value.resolve().ok());
                wanted.is_some() && live.and_then(|live| live.get(key)) == wanted.as_ref()
            }),
        };
        found[index] = position.and_then(|position| left[position].take());
    }
    if order != Order::Set {
        return found;
    }
    for (index, item) in desired.iter().enumerate() {
        if found[index].is_none() {
            found[index] = nearest(kind, item, left);
        }
    }
    found
}

/// The live element that shares the most members with `item`, at least one.
pub(super) fn nearest<'v>(
    kind: &Kind,
    item: &Draft,
    left: &mut [Option<&'v Value>],
) -> Option<&'v Value> {
    let members = kind.members()?;
    let shared = |live: &Value| {
        let same = members.iter().filter(|member| {
            let wanted = item.get(member.name);
            wanted.is_some_and(|wanted| is_same(&member.kind, &wanted, live.get(member.name)))
        });
        same.count()
    };
    let scored = left.iter().enumerate();
    let scored = scored.filter_map(|(at, live)| live.map(|live| (shared(live), at)));
    let (score, at) = scored.max_by_key(|(score, at)| (*score, usize::MAX - at))?;
    if score > 0 { left[at].take() } else { None }
}

/// Whether the two mean the same. What is unavailable now keeps what it has; what is known after
/// apply is a change.
fn is_same(kind: &Kind, desired: &Draft, live: Option<&Value>) -> bool {
    let Some(live) = live else {
        return false;
    };
    if let Draft::Unknown(unknown) = desired {
        return unknown.why == Why::Unavailable && !live.is_null();
    }
    match desired.resolve() {
        Ok(wanted) => same_known(kind, &wanted, live),
        Err(_) => false,
    }
}

fn same_known(kind: &Kind, wanted: &Value, live: &Value) -> bool {
    match (kind, wanted, live) {
        (Kind::Object(members), Value::Object(_), Value::Object(_)) => {
            diff(members, &Draft::Known(wanted.clone()), live).is_empty()
        }
        (
            Kind::List {
                item: Kind::Object(_),
                ..
            },
            Value::Array(wanted),
            Value::Array(live),
        ) => same_objects(kind, wanted, live),
        (_, wanted, Value::Null) => is_empty(wanted),
        _ => canonical(kind, wanted) == canonical(kind, live),
    }
}

fn same_objects(kind: &Kind, wanted: &[Value], live: &[Value]) -> bool {
    let Kind::List { item, order, .. } = kind else {
        return false;
    };
    let desired: Vec<Draft> = wanted.iter().cloned().map(Draft::Known).collect();
    let mut left: Vec<Option<&Value>> = live.iter().map(Some).collect();
    let pairs = match order {
        Order::Set => {
            let exact = desired.iter().all(|item_wanted| {
                let at = left
                    .iter()
                    .position(|l| l.is_some_and(|l| is_same(item, item_wanted, Some(l))));
                at.is_some_and(|at| left[at].take().is_some())
            });
            return exact && left.iter().all(Option::is_none);
        }
        _ => partners(item, *order, &desired, &mut left),
    };
    let mut both = desired.iter().zip(&pairs);
    let all = matches!(order, Order::Among(_)) || left.iter().all(Option::is_none);
    all && both.all(|(d, l)| l.is_some() && is_same(item, d, *l))
}

/// An empty collection and nothing at all are the same thing to most of AWS's APIs.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::schema::{Absent, TextRule};
    use serde_json::json;

    const fn plain(name: &'static str, kind: Kind) -> Attribute {
        Attribute {
            name,
            kind,
            role: Role::Declared,
            required: false,
            on_change: OnChange::InPlace,
            absent: Absent::LeftAlone,
            write_only: false,
            sensitive: false,
            unit: "",
        }
    }

    static RULE: [Attribute; 3] = [
        plain("protocol", Kind::Text(TextRule::ANY)),
        plain("ports", Kind::Ports),
        plain("source", Kind::Text(TextRule::ANY)),
    ];
    static RULES: Kind = Kind::Object(&RULE);
    static TEXT: Kind = Kind::Text(TextRule::ANY);
    static GROUP: [Attribute; 4] = [
        Attribute {
            on_change: OnChange::Replace,
            ..plain("name", Kind::Text(TextRule::ANY))
        },
        Attribute {
            absent: Absent::Default("[]"),
            ..plain(
                "ingress",
                Kind::List {
                    item: &RULES,
                    order: Order::Set,
                    min: None,
                    max: None,
                },
            )
        },
        plain("labels", Kind::Map { value: &TEXT }),
        plain("trust", Kind::Policy),
    ];

    fn changed(desired: Value, live: Value) -> Vec<(String, Value, Value)> {
        let changes = diff(&GROUP, &Draft::Known(desired), &live);
        let plain = changes.into_iter().map(|c| {
            let after = c.after.resolve().unwrap();
            (c.path.to_string(), c.before, after)
        });
        plain.collect()
    }

    #[test]
    fn a_set_of_rules_ignores_order_and_names_what_changed() {
        let one = json!({"protocol": "tcp", "ports": 22, "source": "10.0.0.0/8"});
        let two = json!({"protocol": "tcp", "ports": "8082", "source": "10.0.0.0/8"});
        let live = json!({"ingress": [
            {"protocol": "tcp", "ports": "8082", "source": "10.0.0.0/8"},
            {"protocol": "tcp", "ports": "22", "source": "10.0.0.0/8"}]});
        assert!(changed(json!({"ingress": [one, two]}), live.clone()).is_empty());
        let other = json!({"protocol": "tcp", "ports": 23, "source": "10.0.0.0/8"});
        let changes = changed(json!({"ingress": [other, two]}), live);
        assert_eq!(
            changes,
            [("ingress[0].ports".into(), json!("22"), json!(23))]
        );
    }

    #[test]
    fn what_is_not_declared_is_removed_only_where_absence_means_it() {
        let rule = json!({"protocol": "tcp", "ports": "22", "source": "10.0.0.0/8"});
        let live = json!({"name": "a", "ingress": [rule], "labels": {"a": "b"}});
        let changes = changed(json!({"name": "a"}), live);
        assert_eq!(changes, [("ingress[0]".into(), rule, Value::Null)]);
    }

    #[test]
    fn policies_compare_as_iam_compares_them() {
        let trust =
            json!({"Statement": {"Effect": "Allow", "Action": ["b", "a"], "Resource": "*"}});
        let live = json!({"trust": "%7B%22Statement%22%3A%5B%7B%22Action%22%3A%5B%22a%22%2C%22b%22%5D%2C%22Effect%22%3A%22Allow%22%2C%22Resource%22%3A%5B%22*%22%5D%7D%5D%7D"});
        assert!(changed(json!({"trust": trust}), live).is_empty());
    }

    #[test]
    fn unknown_is_a_change_and_unavailable_is_none() {
        let live = json!({"name": "a"});
        let mut map = IndexMap::new();
        map.insert("name".to_owned(), Draft::after_apply("x.y.id"));
        let changes = diff(&GROUP, &Draft::map(map.clone()), &live);
        assert!(changes[0].replaces && changes[0].after.first_unknown().is_some());
        map.insert("name".to_owned(), Draft::unavailable("x.y.id"));
        assert!(diff(&GROUP, &Draft::map(map), &live).is_empty());
    }
}
