//! Where a resource stands in its stack file.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A resource block's key in the stack file, `kinesis_stream.events`: what all its instances share.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceName {
    /// The resource type, `kinesis_stream`.
    pub type_name: Arc<str>,
    /// The name the stack's author chose, `events`.
    pub name: Arc<str>,
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.type_name, self.name)
    }
}

/// The address of one resource: its block's name and, under `for_each`, its key.
///
/// Printed as `kinesis_stream.events["pin"]`; in tags, whose alphabets have neither brackets nor
/// quotes, as `kinesis_stream.events/pin`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The block's name.
    pub resource: ResourceName,
    /// The `for_each` key, which matches `[A-Za-z0-9._-]+`.
    pub key: Option<Arc<str>>,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address: expected type.name, type.name[\"key\"] or type.name/key")]
pub struct AddressError {
    /// The text that was given.
    pub text: String,
}

impl Address {
    /// The address of a block without `for_each`.
    pub fn new(type_name: &str, name: &str) -> Self {
        Self {
            resource: ResourceName {
                type_name: type_name.into(),
                name: name.into(),
            },
            key: None,
        }
    }

    /// The same block's instance under `key`.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            resource: self.resource.clone(),
            key: Some(key.into()),
        }
    }

    /// The resource type, `kinesis_stream`.
    pub fn type_name(&self) -> &str {
        &self.resource.type_name
    }

    /// The form used as the value of the tag `pinfra:resource`.
    pub fn tag(&self) -> String {
        match &self.key {
            Some(key) => format!("{}/{key}", self.resource),
            None => self.resource.to_string(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}[\"{key}\"]", self.resource),
            None => self.resource.fmt(f),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads both the printed form and the tag's form.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError {
            text: text.to_owned(),
        };
        let (block, key) = match text.split_once(['[', '/']) {
            None => (text, None),
            Some((block, rest)) if text[block.len()..].starts_with('/') => (block, Some(rest)),
            Some((block, rest)) => {
                let rest = rest.strip_suffix(']').ok_or_else(error)?;
                let quoted = rest
                    .strip_prefix('"')
                    .and_then(|rest| rest.strip_suffix('"'));
                (block, Some(quoted.unwrap_or(rest)))
            }
        };
        let (type_name, name) = block.split_once('.').ok_or_else(error)?;
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-".contains(c))
        };
        let key_ok = key.is_none_or(|key| {
            !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || "._-".contains(c))
        });
        if !plain(type_name) || !plain(name) || !key_ok {
            return Err(error());
        }
        let address = Self::new(type_name, name);
        Ok(match key {
            Some(key) => address.with_key(key),
            None => address,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_spellings_name_the_same_resource() {
        let printed: Address = "kinesis_stream.events[\"pin\"]".parse().unwrap();
        let tagged: Address = "kinesis_stream.events/pin".parse().unwrap();
        assert_eq!(printed, tagged);
        assert_eq!(printed.to_string(), "kinesis_stream.events[\"pin\"]");
        assert_eq!(printed.tag(), "kinesis_stream.events/pin");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "events", "a.b[", "a.b/", "a.", "a.b[\"x y\"]"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
