//! Values of which a part may be unknown until apply, or sensitive.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::secrets;

/// A value of a plan.
///
/// Built through [`Draft::list`] and [`Draft::map`], it is in normal form: a `List` or `Map` holds
/// at least one part that is not `Known`, and `Sensitive` is never nested in `Sensitive`.
#[derive(Clone, Debug, PartialEq)]
pub enum Draft {
    /// Known, and anyone may see it.
    Known(Value),
    /// Not known before apply, or not available at all.
    Unknown(Unknown),
    /// Not to be shown. What it holds may be known or not.
    Sensitive(Box<Draft>),
    /// A list with a part that is unknown or sensitive.
    List(Vec<Draft>),
    /// A map with a part that is unknown or sensitive.
    Map(IndexMap<String, Draft>),
}

/// A value that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Why it is not there.
    pub why: Why,
    /// The reference that would give it, as the stack file spells it: `security_group.client.id`.
    pub reference: Arc<str>,
}

/// Why a value is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The resource that gives it is made by this apply.
    AfterApply,
    /// The live resource has none now, such as the public DNS name of a stopped instance:
    /// whatever depends on it keeps what it has.
    Unavailable,
}

impl Draft {
    /// The known null.
    pub const NULL: Draft = Draft::Known(Value::Null);

    /// A value known after apply.
    pub fn after_apply(reference: &str) -> Self {
        Self::unknown(Why::AfterApply, reference)
    }

    /// A value that its live resource does not have now.
    pub fn unavailable(reference: &str) -> Self {
        Self::unknown(Why::Unavailable, reference)
    }

    fn unknown(why: Why, reference: &str) -> Self {
        Self::Unknown(Unknown {
            why,
            reference: reference.into(),
        })
    }

    /// A list in normal form.
    pub fn list(items: Vec<Draft>) -> Self {
        if items.iter().all(|item| matches!(item, Self::Known(_))) {
            let known = items.into_iter().map(|item| match item {
                Self::Known(value) => value,
                _ => Value::Null,
            });
            return Self::Known(known.collect());
        }
        Self::List(items)
    }

    /// A map in normal form.
    pub fn map(entries: IndexMap<String, Draft>) -> Self {
        if entries.values().all(|item| matches!(item, Self::Known(_))) {
            let known = entries.into_iter().map(|(key, item)| match item {
                Self::Known(value) => (key, value),
                _ => (key, Value::Null),
            });
            return Self::Known(Value::Object(known.collect()));
        }
        Self::Map(entries)
    }

    /// The same value, not to be shown. What is known of it is [learned](secrets::learn): it is
    /// masked in everything printed from now on.
    pub fn sensitive(self) -> Self {
        match self {
            Self::Sensitive(_) => self,
            other => {
                let inner = other.revealed();
                inner.each_known(&mut secrets::learn);
                Self::Sensitive(Box::new(inner))
            }
        }
    }

    fn each_known(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Known(value) => visit(value),
            Self::Sensitive(inner) => inner.each_known(visit),
            Self::List(items) => items.iter().for_each(|item| item.each_known(visit)),
            Self::Map(entries) => entries.values().for_each(|item| item.each_known(visit)),
            Self::Unknown(_) => {}
        }
    }

    /// The same value without its marks of sensitivity, at any depth.
    pub fn revealed(self) -> Self {
        match self {
            Self::Sensitive(inner) => inner.revealed(),
            Self::List(items) => Self::list(items.into_iter().map(Self::revealed).collect()),
            Self::Map(entries) => Self::map(
                entries
                    .into_iter()
                    .map(|(key, item)| (key, item.revealed()))
                    .collect(),
            ),
            other => other,
        }
    }

    /// Whether any part is not to be shown.
    pub fn is_sensitive(&self) -> bool {
        match self {
            Self::Sensitive(_) => true,
            Self::List(items) => items.iter().any(Self::is_sensitive),
            Self::Map(entries) => entries.values().any(Self::is_sensitive),
            Self::Known(_) | Self::Unknown(_) => false,
        }
    }

    /// The first part that is not there yet, if any.
    pub fn first_unknown(&self) -> Option<&Unknown> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(unknown) => Some(unknown),
            Self::Sensitive(inner) => inner.first_unknown(),
            Self::List(items) => items.iter().find_map(Self::first_unknown),
            Self::Map(entries) => entries.values().find_map(Self::first_unknown),
        }
    }

    /// Whether it is the known null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Known(Value::Null))
    }

    /// The plain value, sensitive parts revealed.
    ///
    /// # Errors
    /// The first part that is not there yet.
    pub fn resolve(&self) -> Result<Value, Unknown> {
        match self {
            Self::Known(value) => Ok(value.clone()),
            Self::Unknown(unknown) => Err(unknown.clone()),
            Self::Sensitive(inner) => inner.resolve(),
            Self::List(items) => items.iter().map(Self::resolve).collect(),
            Self::Map(entries) => {
                let resolved = entries
                    .iter()
                    .map(|(key, item)| Ok((key.clone(), item.resolve()?)));
                Ok(Value::Object(resolved.collect::<Result<_, _>>()?))
            }
        }
    }

    /// The member `key` of a map, however much of the map is known; its sensitivity stays.
    pub fn get(&self, key: &str) -> Option<Draft> {
        match self {
            Self::Known(Value::Object(members)) => members.get(key).cloned().map(Self::Known),
            Self::Map(entries) => entries.get(key).cloned(),
            Self::Sensitive(inner) => inner.get(key).map(Self::sensitive),
            _ => None,
        }
    }

    /// The entries of a map, in order; `None` if it is no map.
    pub fn entries(&self) -> Option<Vec<(String, Draft)>> {
        match self {
            Self::Known(Value::Object(members)) => Some(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::Known(value.clone())))
                    .collect(),
            ),
            Self::Map(entries) => Some(
                entries
                    .iter()
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect(),
            ),
            Self::Sensitive(inner) => {
                let entries = inner.entries()?;
                Some(
                    entries
                        .into_iter()
                        .map(|(k, v)| (k, v.sensitive()))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// The elements of a list; `None` if it is no list.
    pub fn items(&self) -> Option<Vec<Draft>> {
        match self {
            Self::Known(Value::Array(items)) => {
                Some(items.iter().cloned().map(Self::Known).collect())
            }
            Self::List(items) => Some(items.clone()),
            Self::Sensitive(inner) => {
                Some(inner.items()?.into_iter().map(Self::sensitive).collect())
            }
            _ => None,
        }
    }
}

impl From<Value> for Draft {
    fn from(value: Value) -> Self {
        Self::Known(value)
    }
}
