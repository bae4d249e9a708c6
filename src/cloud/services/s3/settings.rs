//! What the settings of a bucket have in common: each is one value in [`Bucket::settings`], in the
//! API's own form, and a 404 with a code of its own where it is not there.

use serde_json::{Value, json};

use super::bucket;
use super::errors;
use super::record::Bucket;
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// A setting that is stored as it comes, read back as it is, and may be absent.
pub(super) struct Setting {
    /// Its key in the record.
    pub name: &'static str,
    /// What Get answers when it is absent: code and message.
    pub absent: (&'static str, &'static str),
}

impl Setting {
    /// The stored value, or the 404.
    pub(super) fn read(&self, call: &mut Call<'_>) -> Result<Value, ApiError> {
        let bucket = bucket::of(call)?;
        let (code, message) = self.absent;
        self.of(&bucket)
            .cloned()
            .ok_or_else(|| errors::not_set(code, message, &bucket.name))
    }

    /// The value in a bucket.
    pub(super) fn of<'a>(&self, bucket: &'a Bucket) -> Option<&'a Value> {
        bucket.settings.get(self.name)
    }

    /// Stores a value.
    pub(super) fn write(&self, call: &mut Call<'_>, value: Value) -> Reply {
        let mut bucket = bucket::of(call)?;
        bucket.settings.insert(self.name.to_owned(), value);
        bucket::save(call, &bucket)?;
        Ok(json!({}))
    }

    /// Removes the value; not an error when there is none.
    pub(super) fn clear(&self, call: &mut Call<'_>) -> Reply {
        let mut bucket = bucket::of(call)?;
        if bucket.settings.shift_remove(self.name).is_some() {
            bucket::save(call, &bucket)?;
        }
        Ok(json!({}))
    }
}

/// A member of the call's input; null when it was not sent.
pub(super) fn sent(call: &Call<'_>, member: &str) -> Value {
    call.input.get(member).cloned().unwrap_or(Value::Null)
}

/// A member of a value as a list; empty when it is absent.
pub(super) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A member of a value as text; empty when it is absent.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
