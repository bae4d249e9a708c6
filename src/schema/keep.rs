//! What is not available now keeps what is live: part by part, not attribute by attribute.

use std::sync::Arc;

use serde_json::Value;

use super::diff::{nearest, partners};
use super::{Attribute, AttributePath, Draft, Kind, Order, Why};

/// A part of a declaration that stays as it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands.
    pub path: AttributePath,
    /// What would give its value, as the stack file spells it.
    pub reference: Arc<str>,
}

/// The declaration with what is live in the place of what is not available, and what that is. Where
/// nothing is live either, it stays unavailable.
pub fn keep_unavailable(
    attributes: &'static [Attribute],
    desired: &Draft,
    live: &Value,
) -> (Draft, Vec<Kept>) {
    let mut keep = Keep::default();
    if desired.first_unknown().is_none() {
        return (desired.clone(), keep.kept);
    }
    let path = AttributePath::default();
    let whole = keep.value(&path, &Kind::Object(attributes), desired, Some(live));
    (whole, keep.kept)
}

#[derive(Default)]
struct Keep {
    kept: Vec<Kept>,
}

impl Keep {
    fn value(
        &mut self,
        path: &AttributePath,
        kind: &Kind,
        desired: &Draft,
        live: Option<&Value>,
    ) -> Draft {
        let live = live.filter(|live| !live.is_null());
        match (desired, kind, live) {
            (Draft::Sensitive(inner), ..) => self.value(path, kind, inner, live).sensitive(),
            (Draft::Unknown(unknown), _, Some(live)) if unknown.why == Why::Unavailable => {
                let reference = Arc::clone(&unknown.reference);
                let path = path.clone();
                self.kept.push(Kept { path, reference });
                Draft::Known(live.clone())
            }
            (Draft::Map(entries), Kind::Object(_) | Kind::Map { .. }, Some(_)) => {
                let entries = entries.iter().map(|(key, value)| {
                    let kind = inside(kind, key);
                    let live = live.and_then(|live| live.get(key));
                    (key.clone(), self.value(&path.key(key), &kind, value, live))
                });
                Draft::map(entries.collect())
            }
            (Draft::List(items), Kind::List { item, order, .. }, Some(Value::Array(live))) => {
                let partners = beside(item, *order, items, live);
                let items = items.iter().zip(partners).enumerate();
                let items = items.map(|(index, (value, live))| {
                    self.value(&path.index(index), item, value, live)
                });
                Draft::list(items.collect())
            }
            // A document is kept whole: its parts have no places of their own.
            (whole, Kind::Policy | Kind::Any, Some(live)) => match whole.first_unknown() {
                Some(unknown) if unknown.why == Why::Unavailable => {
                    self.value(path, kind, &Draft::Unknown(unknown.clone()), Some(live))
                }
                _ => whole.clone(),
            },
            (other, ..) => other.clone(),
        }
    }
}

/// The kind of a member.
fn inside(kind: &Kind, key: &str) -> Kind {
    match kind {
        Kind::Map { value } => **value,
        other => {
            let members = other.members().unwrap_or_default();
            let member = members.iter().find(|member| member.name == key);
            member.map_or(Kind::Any, |member| member.kind)
        }
    }
}

/// The live element that each declared one stands for. In a set, what is known takes its equal first,
/// and the others take the nearest of what is left.
fn beside<'v>(
    kind: &Kind,
    order: Order,
    desired: &[Draft],
    live: &'v [Value],
) -> Vec<Option<&'v Value>> {
    let mut left: Vec<Option<&Value>> = live.iter().map(Some).collect();
    if order != Order::Set {
        return partners(kind, order, desired, &mut left);
    }
    let is_known = |item: &Draft| item.first_unknown().is_none();
    let known: Vec<Draft> = desired.iter().filter(|i| is_known(i)).cloned().collect();
    let mut found = partners(kind, order, &known, &mut left).into_iter();
    let taken = desired.iter().map(|item| match is_known(item) {
        true => found.next().flatten(),
        false => None,
    });
    let mut taken: Vec<Option<&Value>> = taken.collect();
    for (item, place) in desired.iter().zip(&mut taken) {
        if !is_known(item) {
            *place = match kind.members() {
                Some(_) => nearest(kind, item, &mut left),
                None => left.iter_mut().find_map(Option::take),
            };
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::schema::{Absent, OnChange, Role, TextRule, diff};
    use indexmap::IndexMap;
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

    static TEXT: Kind = Kind::Text(TextRule::ANY);
    static RULE: Kind = Kind::Object(&[
        plain("ports", Kind::Ports),
        plain("source", Kind::Text(TextRule::ANY)),
    ]);
    const fn list(item: &'static Kind, order: Order) -> Kind {
        Kind::List {
            item,
            order,
            min: None,
            max: None,
        }
    }
    static GROUP: [Attribute; 4] = [
        plain("rules", list(&RULE, Order::Set)),
        plain("names", list(&TEXT, Order::Set)),
        plain("tags", Kind::Map { value: &TEXT }),
        plain("trust", Kind::Policy),
    ];

    fn gone() -> Draft {
        Draft::unavailable("instance.client.public_ip_address")
    }

    fn map(entries: &[(&str, Draft)]) -> Draft {
        let entries = entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
        Draft::map(entries.collect::<IndexMap<_, _>>())
    }

    #[test]
    fn only_the_part_that_is_not_available_stays() {
        let live = json!({
            "rules": [{"ports": "22", "source": "1.2.3.4/32"}, {"ports": "80", "source": "0.0.0.0/0"}],
            "names": ["b", "a"], "tags": {"dns": "ec2-1-2-3-4", "team": "old"}});
        let desired = map(&[
            (
                "rules",
                Draft::list(vec![
                    json!({"ports": 8082, "source": "0.0.0.0/0"}).into(),
                    map(&[("ports", json!(22).into()), ("source", gone())]),
                ]),
            ),
            ("names", Draft::list(vec![gone(), json!("b").into()])),
            (
                "tags",
                map(&[("dns", gone()), ("team", json!("new").into())]),
            ),
        ]);
        let (settled, kept) = keep_unavailable(&GROUP, &desired, &live);
        let kept: Vec<_> = kept.iter().map(|kept| kept.path.to_string()).collect();
        assert_eq!(kept, ["rules[1].source", "names[0]", "tags.dns"]);
        assert_eq!(
            settled.resolve().unwrap(),
            json!({"rules": [{"ports": 8082, "source": "0.0.0.0/0"}, {"ports": 22, "source": "1.2.3.4/32"}],
                   "names": ["a", "b"], "tags": {"dns": "ec2-1-2-3-4", "team": "new"}})
        );
        let changes = diff(&GROUP, &settled, &live);
        let changes: Vec<_> = changes.iter().map(|c| c.path.to_string()).collect();
        assert_eq!(changes, ["rules[0].ports", "tags.team"]);
    }

    #[test]
    fn a_document_stays_whole_and_what_is_nowhere_stays_unavailable() {
        let trust = map(&[("Statement", gone())]);
        let desired = map(&[("trust", trust), ("tags", map(&[("dns", gone())]))]);
        let live = json!({"trust": {"Statement": []}});
        let (settled, kept) = keep_unavailable(&GROUP, &desired, &live);
        assert_eq!(kept.len(), 1);
        assert_eq!(
            settled.get("trust").unwrap(),
            json!({"Statement": []}).into()
        );
        assert_eq!(settled.first_unknown().unwrap().why, Why::Unavailable);
    }
}
