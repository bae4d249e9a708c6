//! What was made minutes ago at most: others may not see it yet.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::contract::ResourceType;
use super::live::Live;
use super::path;

/// How long an object counts as young.
const YOUTH: Duration = Duration::from_secs(300);

/// The ids and names of objects that are young.
#[derive(Debug, Default)]
pub struct Young(Mutex<HashMap<String, Instant>>);

impl Young {
    /// This was made just now.
    pub fn add(&self, id: &str) {
        if !id.is_empty() {
            let mut known = self.0.lock().unwrap_or_else(|bad| bad.into_inner());
            known.insert(id.to_owned(), Instant::now());
        }
    }

    /// Takes note of a live object that says itself that it was made minutes ago: by an earlier run.
    pub fn notice(&self, ty: &ResourceType, live: &Live) {
        let Some(made) = path::get(&live.attributes, ty.made).and_then(Value::as_u64) else {
            return;
        };
        let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) else {
            return;
        };
        let since = (now.saturating_sub(YOUTH)).as_millis();
        if u128::from(made) >= since {
            self.add(&live.id);
        }
    }

    /// Whether a call's input names something young, by id, by name or inside an ARN.
    pub fn is_named_in(&self, input: &Value) -> bool {
        let text = input.to_string();
        let mut known = self.0.lock().unwrap_or_else(|bad| bad.into_inner());
        known.retain(|_, made| made.elapsed() < YOUTH);
        known.keys().any(|id| text.contains(id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Owner, State, catalog};
    use serde_json::json;

    fn made(ty: &ResourceType, millis: u64) -> Live {
        Live {
            id: "reader".to_owned(),
            attributes: json!({ ty.made: millis }).into(),
            tags: Default::default(),
            owner: Owner::Nobody,
            state: State::Ready,
        }
    }

    #[test]
    fn a_name_counts_inside_an_arn_too() {
        let young = Young::default();
        let input = json!({ "policy": "{\"AWS\":\"arn:aws:iam::1:role/reader\"}" });
        assert!(!young.is_named_in(&input));
        young.add("reader");
        assert!(young.is_named_in(&input));
    }

    #[test]
    fn what_an_earlier_run_made_just_now_is_young_and_older_is_not() {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or_default();
        let types = catalog::TYPES.iter().filter(|ty| !ty.made.is_empty());
        let names: Vec<_> = types.clone().map(|ty| ty.schema.name).collect();
        assert!(
            names.contains(&"instance") && names.contains(&"iam_role"),
            "{names:?}"
        );
        for ty in types {
            for (age, expected) in [(60_000, true), (600_000, false)] {
                let young = Young::default();
                young.notice(ty, &made(ty, now - age));
                let is_young = young.is_named_in(&json!(["reader"]));
                assert_eq!(is_young, expected, "{} of {age} ms", ty.schema.name);
            }
        }
    }
}
