//! Which of a type's updates brings a change about.

use serde_json::Value;

use super::contract::{ResourceType, Update, UpdateAction, When};
use super::{declared, path};
use crate::schema::{Change, Draft};

/// The update that brings a change about: the first that covers it and is for such a change. What is
/// declared may be known in part; what is not known yet is taken for what AWS can do.
pub fn update_for(
    ty: &'static ResourceType,
    change: &Change,
    desired: &Draft,
    live: &Value,
) -> Option<&'static Update> {
    let case = Case {
        ty,
        change,
        desired,
        live,
    };
    let mut updates = ty.updates.iter();
    updates.find(|update| covers(update.covers, change) && case.is_for(update))
}

/// Whether a change is of one of these attributes, or of what is inside or around them.
pub(super) fn covers(paths: &[&str], change: &Change) -> bool {
    let own = change.path.attribute();
    // A path into a map or a policy goes on with keys that may hold dots; its beginning decides.
    paths.iter().any(|path| path::overlap(&own, path))
}

struct Case<'a> {
    ty: &'static ResourceType,
    change: &'a Change,
    desired: &'a Draft,
    live: &'a Value,
}

impl Case<'_> {
    fn is_for(&self, update: &Update) -> bool {
        let is = match update.when {
            When::Changes => Some(true),
            When::Grows => self.growth().map(|by| by > 0.0),
            When::Shrinks => self.growth().map(|by| by < 0.0),
            When::Set => self.has_value(update),
            When::Removed => self.has_value(update).map(|has| !has),
            When::Live(place) => Some(path::get(self.live, place).is_some_and(|v| !is_empty(v))),
            When::Wanted(place, values) => self.wants(place, values),
        };
        let does = !matches!(
            update.action,
            UpdateAction::Impossible(_) | UpdateAction::Keep(_)
        );
        is.unwrap_or(does)
    }

    /// By how much the number grows; `None` if that is not known yet.
    fn growth(&self) -> Option<f64> {
        let before = self.change.before.as_f64().unwrap_or_default();
        let after = self.change.after.resolve().ok()?;
        Some(after.as_f64().unwrap_or(before) - before)
    }

    /// Whether one of the update's attributes has a value afterwards; `None` if that is not known.
    fn has_value(&self, update: &Update) -> Option<bool> {
        let all = update.covers.iter();
        let mut known = Some(false);
        for value in all.filter_map(|path| declared::or_default(self.ty, self.desired, path)) {
            match value.resolve() {
                Ok(value) if is_empty(&value) => {}
                Ok(_) => return Some(true),
                Err(_) => known = None,
            }
        }
        known
    }

    /// Whether what is wanted at a path, or live where it is left alone, is one of these values.
    fn wants(&self, place: &str, values: &[&str]) -> Option<bool> {
        match declared::or_default(self.ty, self.desired, place) {
            Some(wanted) => Some(declared::is_one_of(&wanted.resolve().ok()?, values)),
            None => Some(
                path::get(self.live, place).is_some_and(|live| declared::is_one_of(live, values)),
            ),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::provider::catalog;
    use crate::schema::{AttributePath, Step};

    /// The operation of the update for a change of one attribute; `!` for what refuses or keeps.
    fn operation(type_name: &str, attribute: &str, before: Value, after: Draft) -> String {
        let ty = catalog::find(type_name).unwrap();
        let steps = attribute.split('.').map(|key| Step::Key(key.to_owned()));
        let path = AttributePath(steps.collect());
        let mut keys = attribute.rsplit('.');
        let inner = [(keys.next().unwrap().to_owned(), after.clone())];
        let desired = keys.fold(Draft::map(inner.into()), |inside, key| {
            Draft::map([(key.to_owned(), inside)].into())
        });
        let change = Change {
            path,
            before,
            after,
            replaces: false,
            sensitive: false,
        };
        match update_for(ty, &change, &desired, &json!({})).map(|update| update.action) {
            Some(UpdateAction::Call(call) | UpdateAction::Steps { call, .. }) => {
                call.operation.to_owned()
            }
            Some(UpdateAction::Items(items)) => items.add.operation.to_owned(),
            Some(UpdateAction::Elements(elements)) => elements.change.operation.to_owned(),
            Some(UpdateAction::Impossible(_) | UpdateAction::Replace | UpdateAction::Keep(_)) => {
                "!".to_owned()
            }
            None => String::new(),
        }
    }

    #[test]
    fn what_is_live_can_say_which_update_it_is() {
        let ty = catalog::find("cloudwatch_log_group").unwrap();
        let path = AttributePath::default().key("retention_in_days");
        let change = Change {
            path,
            before: json!(30),
            after: json!(14).into(),
            replaces: false,
            sensitive: false,
        };
        let desired = Draft::Known(json!({ "retention_in_days": 14 }));
        let update = |live: Value| update_for(ty, &change, &desired, &live).unwrap().action;
        let own = update(json!({ "retention_policy_name": null }));
        assert!(matches!(own, UpdateAction::Call(_)), "{own:?}");
        let by_account = update(json!({ "retention_policy_name": "all-30" }));
        assert!(
            matches!(by_account, UpdateAction::Keep(_)),
            "{by_account:?}"
        );
    }

    #[test]
    fn the_first_update_that_is_for_a_change_brings_it() {
        let unknown = Draft::after_apply("x.y.z");
        let hours = "retention_period_hours";
        let brokers = "number_of_broker_nodes";
        let boundary = "permissions_boundary";
        for (type_name, attribute, before, after, expected) in [
            (
                "kinesis_stream",
                hours,
                json!(24),
                json!(48).into(),
                "IncreaseStreamRetentionPeriod",
            ),
            (
                "kinesis_stream",
                hours,
                json!(48),
                json!(24).into(),
                "DecreaseStreamRetentionPeriod",
            ),
            ("msk_cluster", brokers, json!(6), json!(3).into(), "!"),
            (
                "msk_cluster",
                brokers,
                json!(3),
                unknown.clone(),
                "UpdateBrokerCount",
            ),
            (
                "msk_cluster",
                "storage_mode",
                json!("TIERED"),
                json!("LOCAL").into(),
                "!",
            ),
            (
                "msk_cluster",
                "storage_mode",
                json!("LOCAL"),
                unknown.clone(),
                "UpdateStorage",
            ),
            (
                "iam_role",
                boundary,
                json!("a"),
                json!("b").into(),
                "PutRolePermissionsBoundary",
            ),
            (
                "iam_role",
                boundary,
                json!("a"),
                Draft::NULL,
                "DeleteRolePermissionsBoundary",
            ),
            (
                "iam_role",
                boundary,
                json!("a"),
                unknown,
                "PutRolePermissionsBoundary",
            ),
            (
                "kinesis_stream",
                "encryption_type",
                json!("KMS"),
                json!("NONE").into(),
                "StopStreamEncryption",
            ),
            ("kinesis_stream", "arn", json!("a"), json!("b").into(), ""),
        ] {
            let found = operation(type_name, attribute, before, after);
            assert_eq!(found, expected, "{type_name}.{attribute}");
        }
    }
}
