//! The IAM instance profile of an instance, as an association with an id of its own.
//!
//! The record's `Profile` is the association; from `EndsAt` on it is none.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::describe::page;
use super::super::errors::{combination, error, invalid_value, missing};
use super::super::filters::{self, Table};
use super::super::things::{INSTANCE, text};
use super::life::{self, State};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::iam::{self, InstanceProfile};
use crate::cloud::store::{StoreError, Txn};

/// How long associating and disassociating take, simulated ms.
const TAKES: i64 = 10_000;

/// A new association's id.
pub fn new_id(txn: &mut Txn) -> Result<String, StoreError> {
    Ok(format!("iip-assoc-0{}", txn.hex_id(16)?))
}

/// The profile that an `IamInstanceProfileSpecification` names. EC2 sees what IAM's lists show.
pub fn asked_for(call: &mut Call<'_>, asked: &Value) -> Result<InstanceProfile, ApiError> {
    let unknown = |member: &str, value: &str, what: &str| {
        invalid_value(format!(
            "Value ({value}) for parameter iamInstanceProfile.{member} is invalid. Invalid IAM Instance Profile {what}"
        ))
    };
    let found = match (asked["Name"].as_str(), asked["Arn"].as_str()) {
        (Some(_), Some(_)) => {
            return Err(combination(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
            ));
        }
        (None, None) => return Err(missing("iamInstanceProfile.name")),
        (Some(name), None) => iam::instance_profile_seen(call.txn, name)?
            .ok_or_else(|| unknown("name", name, "name"))?,
        (None, Some(arn)) => by_arn(call, arn)?.ok_or_else(|| unknown("arn", arn, "ARN"))?,
    };
    match found.role {
        Some(_) => Ok(found),
        None => Err(invalid_value(format!(
            "IAM Instance Profile \"{}\" has no associated IAM Roles",
            found.arn
        ))),
    }
}

fn by_arn(call: &mut Call<'_>, arn: &str) -> Result<Option<InstanceProfile>, ApiError> {
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "iam");
    let path = parsed.and_then(|arn| arn.resource_of("instance-profile"));
    let Some(name) = path.and_then(|path| path.rsplit('/').next()) else {
        return Ok(None);
    };
    let found = iam::instance_profile_seen(call.txn, name)?;
    Ok(found.filter(|found| found.arn == arn))
}

/// A new association with a profile.
pub fn association(call: &mut Call<'_>, profile: &InstanceProfile) -> Result<Value, ApiError> {
    Ok(json!({
        "AssociationId": new_id(call.txn)?,
        "Arn": profile.arn,
        "Id": profile.id,
        "Since": call.now,
    }))
}

/// The association of a record at an instant.
fn held(record: &Value, now: i64) -> Option<&Value> {
    let held = record.get("Profile")?;
    let ended = held["EndsAt"].as_i64().is_some_and(|end| end <= now);
    let over = life::state(record, now) == State::Terminated;
    (!ended && !over).then_some(held)
}

/// `IamInstanceProfile` of an instance.
pub fn shown(record: &Value, now: i64) -> Option<Value> {
    let held = held(record, now)?;
    Some(json!({ "Arn": held["Arn"], "Id": held["Id"] }))
}

/// The API's association.
fn view(record: &Value, held: &Value, now: i64) -> Value {
    let since = held["Since"].as_i64().unwrap_or_default();
    let state = match held.get("EndsAt") {
        Some(_) => "disassociating",
        None if now < since + TAKES => "associating",
        None => "associated",
    };
    json!({
        "AssociationId": held["AssociationId"],
        "InstanceId": record["InstanceId"],
        "IamInstanceProfile": { "Arn": held["Arn"], "Id": held["Id"] },
        "State": state,
    })
}

/// AssociateIamInstanceProfile.
pub fn associate(call: &mut Call<'_>) -> Reply {
    let id = call.str("InstanceId").unwrap_or_default().to_owned();
    let record = INSTANCE.load(call.txn, call.region, &id)?;
    let asked = call.input["IamInstanceProfile"].clone();
    let profile = asked_for(call, &asked)?;
    let state = life::state(&record, call.now);
    if !matches!(state, State::Running | State::Stopped) {
        return Err(life::incorrect(
            &record,
            "is not in the 'running' or 'stopped' states.",
        ));
    }
    if held(&record, call.now).is_some() {
        return Err(error(
            "IncorrectState",
            format!("There is an existing association for instance {id}"),
        ));
    }
    put(call, record, &profile)
}

/// Gives an instance another profile.
fn put(call: &mut Call<'_>, mut record: Value, profile: &InstanceProfile) -> Reply {
    let made = association(call, profile)?;
    record["Profile"] = made.clone();
    INSTANCE.save(call.txn, call.region, &record)?;
    Ok(json!({ "IamInstanceProfileAssociation": view(&record, &made, call.now) }))
}

/// The instance with the association that a call names.
fn associated(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("AssociationId").unwrap_or_default().to_owned();
    let all = INSTANCE.with(call.txn, call.region, "Profile.AssociationId", &id)?;
    let found = all
        .into_iter()
        .find(|record| held(record, call.now).is_some_and(|held| held.get("EndsAt").is_none()));
    found.ok_or_else(|| {
        error(
            "InvalidAssociationID.NotFound",
            format!("An invalid association-id of '{id}' was given"),
        )
    })
}

/// ReplaceIamInstanceProfileAssociation: an association of another id takes its place, of a running
/// instance only.
pub fn replace(call: &mut Call<'_>) -> Reply {
    let record = associated(call)?;
    if life::state(&record, call.now) != State::Running {
        let id = call.str("AssociationId").unwrap_or_default();
        return Err(error(
            "IncorrectState",
            format!("The association {id} is not the active association"),
        ));
    }
    let asked = call.input["IamInstanceProfile"].clone();
    let profile = asked_for(call, &asked)?;
    put(call, record, &profile)
}

/// DisassociateIamInstanceProfile.
pub fn disassociate(call: &mut Call<'_>) -> Reply {
    let mut record = associated(call)?;
    record["Profile"]["EndsAt"] = (call.now + TAKES).into();
    INSTANCE.save(call.txn, call.region, &record)?;
    let view = view(&record, &record["Profile"], call.now);
    Ok(json!({ "IamInstanceProfileAssociation": view }))
}

const FILTERS: Table = &[("instance-id", "InstanceId"), ("state", "State")];

/// DescribeIamInstanceProfileAssociations.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), FILTERS, &[], false)?;
    let ids = call.strings("AssociationIds");
    let views: Vec<(String, Value)> = INSTANCE
        .listed(call.txn, call.region)?
        .iter()
        .filter_map(|record| Some(view(record, held(record, call.now)?, call.now)))
        .map(|view| (text(&view, "AssociationId").to_owned(), view))
        .collect();
    let known: BTreeSet<&str> = views.iter().map(|(id, _)| id.as_str()).collect();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(id.as_str())) {
        return Err(error(
            "InvalidAssociationID.NotFound",
            format!("An invalid association-id of '{unknown}' was given"),
        ));
    }
    let views = views
        .into_iter()
        .filter(|(id, view)| {
            (ids.is_empty() || ids.contains(id)) && filters::pass(&filters, view, "")
        })
        .collect();
    page(call, "IamInstanceProfileAssociations", views)
}
