//! Reading what exists and is not ours: `existing:`.

use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::bulk::Listed;
use super::contract::ResourceType;
use super::errors::ProviderError;
use super::live::{Live, State};
use super::path;
use super::read::{Extent, Key, Need, reads_by_name};
use super::session::Provider;

impl Provider {
    /// The live objects that match a query, with all that can be read of them, in the type's order.
    ///
    /// # Errors
    /// A read failed.
    pub async fn lookup(
        &self,
        ty: &'static ResourceType,
        query: &Value,
    ) -> Result<Vec<Value>, ProviderError> {
        self.look_up(ty, query, Extent::All).await
    }

    /// The same with only what is needed.
    ///
    /// # Errors
    /// A read failed.
    pub async fn lookup_with(
        &self,
        ty: &'static ResourceType,
        query: &Value,
        need: &Need,
    ) -> Result<Vec<Value>, ProviderError> {
        self.look_up(ty, query, Extent::Needed(need)).await
    }

    async fn look_up(
        &self,
        ty: &'static ResourceType,
        query: &Value,
        extent: Extent<'_>,
    ) -> Result<Vec<Value>, ProviderError> {
        let found = match (only_name(ty, query), &ty.list) {
            (Some(name), _) if reads_by_name(ty) => {
                let key = Key::Name { name, within: None };
                let live = self.read_extent(ty, &key, extent).await?;
                live.into_iter().collect()
            }
            (_, Some(list)) => {
                let matching = |listed: &Listed| matches(ty, query, &listed.live.attributes);
                let look = |listed: &[Listed]| ((), listed.iter().any(matching));
                let (mut listed, ()) = self.settled_list(ty, list, look).await?;
                listed.retain(matching);
                let whole = listed.iter().map(|listed| async move {
                    if list.complete {
                        self.add_needed(ty, listed, extent).await
                    } else {
                        let key = Key::Id(listed.live.id.clone());
                        self.read_extent(ty, &key, extent).await
                    }
                });
                try_join_all(whole).await?.into_iter().flatten().collect()
            }
            (_, None) => Vec::new(),
        };
        let mut found: Vec<Live> = found;
        found.retain(|live| !matches!(live.state, State::Deleting(_)));
        found.sort_by_cached_key(|live| order(ty, &live.attributes));
        Ok(found
            .into_iter()
            .map(|live| Arc::unwrap_or_clone(live.attributes))
            .collect())
    }
}

/// What a query asks for one by one, and nothing that was found has: members and elements.
pub fn not_among<'q>(
    ty: &ResourceType,
    query: &'q Value,
    found: &[Value],
) -> Vec<(&'static str, &'q Value)> {
    let each = ty.lookup.iter().flat_map(|lookup| lookup.each);
    let asked = each.flat_map(|member| {
        let elements = query.get(member).and_then(Value::as_array);
        elements.into_iter().flatten().map(|one| (*member, one))
    });
    let is_found = |member: &str, one: &Value| {
        let mut lives = found.iter();
        lives.any(|live| path::get(live, place_of(ty, member)).is_some_and(|l| is_match(one, l)))
    };
    asked
        .filter(|(member, one)| !is_found(member, one))
        .collect()
}

/// The unique name, if the query asks for nothing else.
fn only_name(ty: &ResourceType, query: &Value) -> Option<String> {
    let members = query.as_object()?;
    let mut asked = members.iter().filter(|(_, value)| !value.is_null());
    let (member, value) = asked.next()?;
    if asked.next().is_some() {
        return None;
    }
    let place = place_of(ty, member);
    (Some(place) == ty.schema.unique_name).then(|| path::text(value))?
}

/// The attribute that a member of the query is about.
fn place_of<'m>(ty: &ResourceType, member: &'m str) -> &'m str {
    let matches = ty.lookup.iter().flat_map(|lookup| lookup.matches);
    let mut places = matches.filter(|(asked, _)| *asked == member);
    places.next().map_or(member, |(_, place)| *place)
}

fn matches(ty: &ResourceType, query: &Value, live: &Value) -> bool {
    let members = query.as_object().into_iter().flatten();
    members
        .filter(|(_, asked)| !asked.is_null())
        .all(|(member, asked)| {
            path::get(live, place_of(ty, member)).is_some_and(|live| is_match(asked, live))
        })
}

/// A list means any of its elements; a map means these entries among others.
fn is_match(asked: &Value, live: &Value) -> bool {
    let scalar = |one: &Value, other: &Value| {
        one == other || (path::text(one).is_some() && path::text(one) == path::text(other))
    };
    match (asked, live) {
        (Value::Array(any), Value::Array(live)) => any
            .iter()
            .any(|one| live.iter().any(|live| scalar(one, live))),
        (Value::Array(any), live) => any.iter().any(|one| scalar(one, live)),
        (one, Value::Array(live)) => live.iter().any(|live| scalar(one, live)),
        (Value::Object(entries), Value::Object(live)) => {
            let mut entries = entries.iter();
            entries.all(|(key, one)| live.get(key).is_some_and(|live| scalar(one, live)))
        }
        (one, live) => scalar(one, live),
    }
}

fn order(ty: &ResourceType, live: &Value) -> Vec<String> {
    let by = ty.lookup.iter().flat_map(|lookup| lookup.order);
    by.map(|place| path::text_at(live, place).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_means_any_and_a_map_means_among_others() {
        assert!(is_match(&json!(["a", "b"]), &json!("b")));
        assert!(!is_match(&json!(["a"]), &json!("b")));
        assert!(is_match(
            &json!({"team": "data"}),
            &json!({"team": "data", "x": "y"})
        ));
        assert!(!is_match(&json!({"team": "data"}), &json!({"x": "y"})));
        assert!(is_match(&json!("true"), &json!(true)));
    }
}
