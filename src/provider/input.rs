//! What a call's input is, computed from its template.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::contract::{Input, Piece, ResourceType, TagShape};
use super::live::Live;
use super::{ownership, path};
use crate::schema::{Attribute, Kind, Role};

/// What the paths of a template lead into.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// What identifies the object.
    pub id: Option<&'a str>,
    /// Its unique name.
    pub name: Option<&'a str>,
    /// What was observed.
    pub live: Option<&'a Value>,
    /// What is wanted: see [`wanted`].
    pub wanted: Option<&'a Value>,
    /// The item of a collection: its key and its value.
    pub each: Option<(&'a Value, &'a Value)>,
    /// The live element that stands beside the item.
    pub beside: Option<&'a Value>,
    /// All items of a batch.
    pub items: Option<&'a Value>,
    /// The next value of a stepped update.
    pub step: Option<&'a Value>,
    /// Tags, in the shape the operation takes.
    pub tags: Option<&'a Value>,
    /// Tag keys.
    pub keys: Option<&'a Value>,
    /// What is sent as a stream, and its checksum.
    pub body: Option<&'a Value>,
    /// `account_id`, `region`, `partition`.
    pub aws: Option<&'a Value>,
    /// A client token.
    pub token: Option<&'a str>,
}

impl Scope<'_> {
    fn look(&self, whole: &str) -> Value {
        let (root, rest) = whole.split_once('.').unwrap_or((whole, ""));
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        let inside = |value: Option<&Value>, path: &str| {
            let found = value.and_then(|value| path::get(value, path));
            found.map_or(Value::Null, path::without_nulls)
        };
        match (root, rest) {
            ("id", "") => text(self.id),
            ("name", "") => text(self.name),
            ("token", "") => text(self.token),
            ("live", _) => inside(self.live, rest),
            ("items", _) => inside(self.items, rest),
            ("step", "") => inside(self.step, rest),
            ("keys", "") => inside(self.keys, rest),
            ("key_objects", "") => {
                let keys = self.keys.and_then(Value::as_array).into_iter().flatten();
                keys.map(|key| serde_json::json!({ "key": key })).collect()
            }
            ("aws", _) => inside(self.aws, rest),
            ("body", _) if self.body.is_some() => inside(self.body, rest),
            ("tags", "") if self.tags.is_some() => inside(self.tags, rest),
            ("each", _) if self.each.is_some() => {
                let (member, rest) = rest.split_once('.').unwrap_or((rest, ""));
                let (key, value) = self.each.unzip();
                let of = match member {
                    "key" => key,
                    "live" => self.beside,
                    _ => value,
                };
                inside(of, rest)
            }
            _ => inside(self.wanted, whole),
        }
    }
}

/// The value of a template. Nulls are left out of objects and lists, and so is an object inside that
/// loses all its members.
pub fn evaluate(input: &Input, scope: &Scope<'_>) -> Value {
    match input {
        Input::Object(members) => Value::Object(object(members, scope)),
        other => inner(other, scope),
    }
}

fn inner(input: &Input, scope: &Scope<'_>) -> Value {
    match input {
        Input::Json(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        Input::Path(path) => scope.look(path),
        Input::Text(pieces) => text(pieces, scope),
        Input::JsonText(input) => match inner(input, scope) {
            Value::Null => Value::Null,
            Value::String(text) => Value::String(text),
            other => Value::String(other.to_string()),
        },
        Input::Base64(input) => match inner(input, scope) {
            Value::String(text) => Value::String(super::forms::encoded(&text)),
            other => other,
        },
        Input::List(items) => {
            let values = items.iter().map(|item| inner(item, scope));
            let kept = values.filter(|value| !value.is_null());
            Value::Array(kept.collect())
        }
        Input::Object(members) => match object(members, scope) {
            object if object.is_empty() && !members.is_empty() => Value::Null,
            object => Value::Object(object),
        },
    }
}

/// The members that are not null.
fn object(members: &[(&str, Input)], scope: &Scope<'_>) -> Map<String, Value> {
    let values = members.iter();
    let values = values.map(|(name, input)| ((*name).to_owned(), inner(input, scope)));
    values.filter(|(_, value)| !value.is_null()).collect()
}

fn text(pieces: &[Piece], scope: &Scope<'_>) -> Value {
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => whole.push_str(text),
            Piece::Path(path) => match path::text(&scope.look(path)) {
                Some(text) => whole.push_str(&text),
                None => return Value::Null,
            },
        }
    }
    Value::String(whole)
}

/// Whether a template has a path that begins with `root`.
pub fn uses(input: &Input, root: &str) -> bool {
    let begins = |path: &str| path.split('.').next() == Some(root);
    match input {
        Input::Json(_) => false,
        Input::Path(path) => begins(path),
        Input::Text(pieces) => pieces.iter().any(|piece| match piece {
            Piece::Literal(_) => false,
            Piece::Path(path) => begins(path),
        }),
        Input::JsonText(input) | Input::Base64(input) => uses(input, root),
        Input::List(items) => items.iter().any(|item| uses(item, root)),
        Input::Object(members) => members.iter().any(|(_, input)| uses(input, root)),
    }
}

/// The declaration with the mark of the owner at the end of the text that has it, where the type has
/// one: of the text as declared, else as it is live.
pub fn with_mark(
    ty: &ResourceType,
    desired: &Value,
    live: Option<&Live>,
    tags: &BTreeMap<String, String>,
) -> Option<Value> {
    let owner = ty.owner?;
    let declared = path::text_at(desired, owner.attribute);
    let text = declared.or_else(|| path::text_at(&live?.attributes, owner.attribute));
    let mut marked = desired.clone();
    let text = ownership::with_mark(text.as_deref(), tags);
    path::set(&mut marked, owner.attribute, text.into());
    Some(marked)
}

/// Every attribute as declared, else its default, else (where it is left alone, also inside a
/// declared object) as it is live. Without `live`, only the first two.
pub fn wanted(ty: &ResourceType, desired: &Value, live: Option<&Value>) -> Value {
    let none = Value::Null;
    let live = live.unwrap_or(&none);
    let mut wanted = wanted_members(ty.schema.attributes, desired, live);
    // What a hook has added: no attribute, but an operation takes it.
    for (member, value) in desired.as_object().into_iter().flatten() {
        if ty.schema.attribute(member).is_none() {
            wanted.insert(member.clone(), value.clone());
        }
    }
    Value::Object(wanted)
}

fn wanted_members(members: &[Attribute], desired: &Value, live: &Value) -> Map<String, Value> {
    let declared = members.iter().filter(|m| m.role == Role::Declared);
    let wanted = declared.filter_map(|member| {
        let desired = path::get(desired, member.name);
        let live = path::get(live, member.name);
        let value = match (desired, &member.kind) {
            (Some(desired @ Value::Object(_)), Kind::Object(inside)) => {
                let live = live.unwrap_or(&Value::Null);
                Value::Object(wanted_members(inside, desired, live))
            }
            (Some(desired), _) => desired.clone(),
            (None, _) => member.absent.value().or_else(|| live.cloned())?,
        };
        Some((member.name.to_owned(), value))
    });
    wanted.filter(|(_, value)| !value.is_null()).collect()
}

/// Tags in the shape that a creation takes.
pub fn tags_for_create<'t>(
    shape: TagShape,
    tags: impl IntoIterator<Item = (&'t String, &'t String)>,
) -> Value {
    match shape {
        TagShape::Specifications(resource_type) => {
            let tags = tags_for_change(shape, tags);
            serde_json::json!([{ "resource_type": resource_type, "tags": tags }])
        }
        TagShape::Query => {
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let pairs = tags.into_iter();
            let pairs = pairs.map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
            Value::String(pairs.collect::<Vec<_>>().join("&"))
        }
        _ => tags_for_change(shape, tags),
    }
}

/// Tags in the shape that the operations take that change them.
pub fn tags_for_change<'t>(
    shape: TagShape,
    tags: impl IntoIterator<Item = (&'t String, &'t String)>,
) -> Value {
    let tags = tags.into_iter();
    match shape {
        TagShape::Map => {
            let tags = tags.map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            Value::Object(tags.collect())
        }
        TagShape::List | TagShape::Specifications(_) | TagShape::Query => {
            let tags = tags.map(|(key, value)| serde_json::json!({ "key": key, "value": value }));
            Value::Array(tags.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(input: &Input, wanted: Value) -> Value {
        let scope = Scope {
            id: Some("i-1"),
            wanted: Some(&wanted),
            ..Scope::default()
        };
        evaluate(input, &scope)
    }

    #[test]
    fn nulls_and_what_only_holds_nulls_are_left_out() {
        const INPUT: Input = Input::Object(&[
            ("id", Input::Path("id")),
            ("size", Input::Path("size")),
            ("inside", Input::Object(&[("size", Input::Path("size"))])),
            ("empty", Input::Json("{}")),
            (
                "list",
                Input::List(&[
                    Input::Object(&[("broker", Input::Json("1")), ("size", Input::Path("size"))]),
                    Input::Path("size"),
                ]),
            ),
        ]);
        assert_eq!(
            of(&INPUT, json!({})),
            json!({"id": "i-1", "empty": {}, "list": [{"broker": 1}]})
        );
        assert_eq!(
            of(&INPUT, json!({"size": 3})),
            json!({"id": "i-1", "size": 3, "inside": {"size": 3}, "empty": {},
                   "list": [{"broker": 1, "size": 3}, 3]})
        );
    }

    #[test]
    fn documents_become_text_once() {
        const INPUT: Input = Input::JsonText(&Input::Path("policy"));
        assert_eq!(of(&INPUT, json!({"policy": {"a": 1}})), json!("{\"a\":1}"));
        assert_eq!(of(&INPUT, json!({"policy": "{}"})), json!("{}"));
        assert_eq!(of(&INPUT, json!({})), Value::Null);
    }

    #[test]
    fn text_with_a_hole_is_nothing() {
        const INPUT: Input = Input::Text(&[Piece::Literal("role/"), Piece::Path("role")]);
        assert_eq!(of(&INPUT, json!({"role": "r"})), json!("role/r"));
        assert_eq!(of(&INPUT, json!({})), Value::Null);
    }

    #[test]
    fn the_roots_of_a_template_are_known() {
        const INPUT: Input = Input::List(&[Input::Text(&[Piece::Path("aws.region")])]);
        assert!(uses(&INPUT, "aws") && !uses(&INPUT, "id"));
    }
}
