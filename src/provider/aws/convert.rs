//! Between [`Value`]s and the SDK's typed structures: what the generated `shapes.rs` are made of.
//!
//! Values name members in snake_case (as the SDK's fields, without `r#`), hold blobs as base64 text
//! and times as integer milliseconds. Traits absorb what differs from member to member in the SDK,
//! so that the generator need not know it: whether a field is optional, boxed, an enum or a text,
//! and whether a builder can fail.
//!
//! Two normal forms on the way back: an absent member and an empty list or map are both absent
//! (JSON services send `[]` where EC2 sends nothing), and so is the zero of a field that cannot be
//! absent in Rust though it can on the wire.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::operation::BuildError;
use aws_smithy_types::{Blob, DateTime};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::schema::{LONGEST_TEXT, readable};

/// A value that does not fit the SDK's structure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct ConvertError {
    /// Where, from the operation down (`CreateStream.tags`).
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

impl ConvertError {
    fn expected(expected: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "true or false".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(_) => "text".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a map".to_owned(),
        };
        Self {
            path: String::new(),
            reason: format!("expected {expected}, found {found}"),
        }
    }

    fn within(mut self, step: &str) -> Self {
        self.path = match self.path.as_str() {
            "" => step.to_owned(),
            inner if inner.starts_with('[') => format!("{step}{inner}"),
            inner => format!("{step}.{inner}"),
        };
        self
    }
}

/// What can be made from a value.
pub trait FromValue: Sized {
    /// Converts one value.
    ///
    /// # Errors
    /// If it is of another kind or out of range.
    fn from_value(value: &Value) -> Result<Self, ConvertError>;
}

/// What can be shown as a value.
pub trait ToValue {
    /// The value; `None` where there is none to show.
    fn to_value(&self) -> Option<Value>;
}

/// A structure's members, while it is made from a value.
pub struct Members<'a> {
    owner: &'static str,
    members: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    /// The members of a map, all of which must be among `known`: what the SDK does not know would
    /// be dropped in silence otherwise. `owner` begins the path in errors about them.
    ///
    /// # Errors
    /// If the value is no map, or has a member that is not known.
    pub fn of(owner: &'static str, value: &'a Value, known: &[&str]) -> Result<Self, ConvertError> {
        let members = value
            .as_object()
            .ok_or_else(|| ConvertError::expected("a map", value).within(owner))?;
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self { owner, members }),
            Some(name) => Err(ConvertError {
                path: format!("{owner}.{name}"),
                reason: "not a member of this structure".to_owned(),
            }),
        }
    }

    /// One member for a setter of the SDK; absent and null are the same.
    ///
    /// # Errors
    /// If it does not convert.
    pub fn get<T: FromValue>(&self, name: &str) -> Result<Option<T>, ConvertError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match T::from_value(value) {
                Ok(made) => Ok(Some(made)),
                Err(error) => Err(error.within(name).within(self.owner)),
            },
        }
    }
}

impl Members<'_> {
    /// A member that is sent as a stream: `{ text }`, or `{ file }` with its path, which is read
    /// while it is sent and never held whole.
    ///
    /// # Errors
    /// If it is neither, or the file cannot be read.
    pub async fn stream(&self, name: &str) -> Result<Option<ByteStream>, ConvertError> {
        let Some(value) = self.members.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let wrong = |error: ConvertError| error.within(name).within(self.owner);
        match (value.get("text"), value.get("file")) {
            (Some(content), None) => {
                let content = text(content).map_err(wrong)?;
                Ok(Some(ByteStream::from(content.as_bytes().to_vec())))
            }
            (None, Some(path)) => {
                let path = text(path).map_err(wrong)?;
                let stream = ByteStream::from_path(path).await;
                let unreadable = |error| {
                    wrong(ConvertError {
                        path: String::new(),
                        reason: format!("cannot read {path}: {error}"),
                    })
                };
                stream.map(Some).map_err(unreadable)
            }
            _ => Err(wrong(ConvertError::expected("a text or a file", value))),
        }
    }
}

/// What a builder's `build` returns: the structure, or a result for those with required members.
pub trait Built<T> {
    /// The structure.
    ///
    /// # Errors
    /// If a required member was not set.
    fn built(self, owner: &'static str) -> Result<T, ConvertError>;
}

impl<T> Built<T> for T {
    fn built(self, _owner: &'static str) -> Result<T, ConvertError> {
        Ok(self)
    }
}

impl<T> Built<T> for Result<T, BuildError> {
    fn built(self, owner: &'static str) -> Result<T, ConvertError> {
        self.map_err(|error| ConvertError {
            path: owner.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Adds a member to a map, if there is something to show.
pub fn put(members: &mut Map<String, Value>, name: &str, field: &impl ToValue) {
    if let Some(value) = field.to_value() {
        members.insert(name.to_owned(), value);
    }
}

/// Adds a member that is answered as a stream, where it is a text that people can read; of others, and
/// of what breaks off, nothing is kept.
pub async fn put_text(members: &mut Map<String, Value>, name: &str, mut stream: ByteStream) {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let Ok(chunk) = chunk else { return };
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_TEXT {
            return;
        }
    }
    if let Some(text) = readable(&bytes) {
        members.insert(name.to_owned(), text.into());
    }
}

/// Adds a member whose Rust field cannot be absent, unless it is zero.
pub fn put_nonzero<T: ToValue + Default + PartialEq>(
    members: &mut Map<String, Value>,
    name: &str,
    field: &T,
) {
    if *field != T::default() {
        put(members, name, field);
    }
}

/// Implements both conversions for enums of the SDK, which keep values they do not know.
macro_rules! text_enums {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::provider::aws::convert::FromValue for $name {
            fn from_value(value: &::serde_json::Value) -> Result<Self, $crate::provider::aws::convert::ConvertError> {
                $crate::provider::aws::convert::text(value).map(<$name>::from)
            }
        }
        impl $crate::provider::aws::convert::ToValue for $name {
            fn to_value(&self) -> Option<::serde_json::Value> {
                Some(::serde_json::Value::from(self.as_str()))
            }
        }
    )*};
}
pub(crate) use text_enums;

/// The text of a value.
///
/// # Errors
/// If it is of another kind.
pub fn text(value: &Value) -> Result<&str, ConvertError> {
    value
        .as_str()
        .ok_or_else(|| ConvertError::expected("text", value))
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        text(value).map(str::to_owned)
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        value
            .as_bool()
            .ok_or_else(|| ConvertError::expected("true or false", value))
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        value
            .as_i64()
            .ok_or_else(|| ConvertError::expected("a whole number", value))
    }
}

impl FromValue for i32 {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        let wide = i64::from_value(value)?;
        i32::try_from(wide).map_err(|_| ConvertError::expected("a whole number of 32 bits", value))
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        value
            .as_f64()
            .ok_or_else(|| ConvertError::expected("a number", value))
    }
}

impl FromValue for f32 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the API takes no more digits"
    )]
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        f64::from_value(value).map(|number| number as f32)
    }
}

impl FromValue for DateTime {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        i64::from_value(value).map(DateTime::from_millis)
    }
}

impl FromValue for Blob {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        let bytes = STANDARD.decode(text(value)?);
        bytes
            .map(Blob::new)
            .map_err(|_| ConvertError::expected("base64", value))
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        let items = value
            .as_array()
            .ok_or_else(|| ConvertError::expected("a list", value))?;
        let made = items.iter().enumerate().map(|(index, item)| {
            T::from_value(item).map_err(|error| error.within(&format!("[{index}]")))
        });
        made.collect()
    }
}

impl<K: FromValue + Eq + Hash, T: FromValue> FromValue for HashMap<K, T> {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        let entries = value
            .as_object()
            .ok_or_else(|| ConvertError::expected("a map", value))?;
        let made = entries.iter().map(|(name, item)| {
            let key = K::from_value(&Value::from(name.as_str()))?;
            Ok((
                key,
                T::from_value(item).map_err(|error| error.within(name))?,
            ))
        });
        made.collect()
    }
}

impl<T: FromValue> FromValue for Box<T> {
    fn from_value(value: &Value) -> Result<Self, ConvertError> {
        T::from_value(value).map(Box::new)
    }
}

macro_rules! shown_as_is {
    ($($name:ty),*) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Option<Value> {
                Some(Value::from(self.clone()))
            }
        }
    )*};
}
shown_as_is!(String, bool, i64, i32, f64, f32);

impl ToValue for DateTime {
    fn to_value(&self) -> Option<Value> {
        self.to_millis().ok().map(Value::from)
    }
}

impl ToValue for Blob {
    fn to_value(&self) -> Option<Value> {
        Some(Value::from(STANDARD.encode(self)))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_value)
    }
}

impl<T: ToValue> ToValue for Box<T> {
    fn to_value(&self) -> Option<Value> {
        T::to_value(self)
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Option<Value> {
        let items: Vec<Value> = self.iter().filter_map(T::to_value).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }
}

impl<K: ToValue, T: ToValue> ToValue for HashMap<K, T> {
    fn to_value(&self) -> Option<Value> {
        // Sorted: a hash map's own order would differ from run to run.
        let entries: BTreeMap<String, Value> = self
            .iter()
            .filter_map(|(key, item)| {
                Some((key.to_value()?.as_str()?.to_owned(), item.to_value()?))
            })
            .collect();
        (!entries.is_empty()).then(|| Value::Object(entries.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_says_where_and_what() {
        let value = json!({ "tags": { "a": ["x", 1] } });
        let members = Members::of("CreateThing", &value, &["tags"]).unwrap();
        let error = members
            .get::<HashMap<String, Vec<String>>>("tags")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "CreateThing.tags.a[1]: expected text, found 1"
        );
        let error = Members::of("CreateThing", &value, &["name"])
            .map(|_| ())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "CreateThing.tags: not a member of this structure"
        );
    }

    #[test]
    fn null_and_absent_are_the_same_on_the_way_in() {
        let value = json!({ "name": null });
        let members = Members::of("X", &value, &["name", "other"]).unwrap();
        assert_eq!(members.get::<String>("name"), Ok(None));
        assert_eq!(members.get::<String>("other"), Ok(None));
    }

    #[test]
    fn scalars_come_back_as_they_went() {
        assert_eq!(
            DateTime::from_value(&json!(1_700_000_000_123_i64))
                .unwrap()
                .to_value(),
            Some(json!(1_700_000_000_123_i64))
        );
        assert_eq!(
            Blob::from_value(&json!("AP8=")).unwrap().to_value(),
            Some(json!("AP8="))
        );
        assert!(Blob::from_value(&json!("no base64!")).is_err());
        assert!(i32::from_value(&json!(3_000_000_000_i64)).is_err());
    }

    #[test]
    fn zero_counts_only_where_the_field_can_be_absent() {
        let mut members = Map::new();
        put(&mut members, "optional", &Some(0));
        put(&mut members, "absent", &None::<i32>);
        put(&mut members, "empty", &Vec::<String>::new());
        put_nonzero(&mut members, "plain", &0);
        put_nonzero(&mut members, "plain_set", &7);
        assert_eq!(
            Value::Object(members),
            json!({ "optional": 0, "plain_set": 7 })
        );
    }
}
