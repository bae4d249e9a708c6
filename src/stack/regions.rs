//! The regions of AWS, of all its partitions, as `models/` has them.

use std::sync::LazyLock;

use serde_json::Value;

use super::nearest::nearest;

static FACTS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../models/regions.json")).unwrap_or_default()
});

/// What a person is told of a region that the facts do not have: it may be newer than they are, or
/// misspelt.
pub(super) fn unknown(region: &str) -> Option<String> {
    let all = FACTS["regions"].as_array().into_iter().flatten();
    let known: Vec<&str> = all.filter_map(Value::as_str).collect();
    if known.is_empty() || known.contains(&region) {
        return None;
    }
    Some(match nearest(region, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "expected a region such as `us-east-1`".to_owned(),
    })
}
