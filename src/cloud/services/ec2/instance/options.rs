//! Monitoring, metadata options, CPU credits and the console of instances.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::describe::by_ids;
use super::super::errors::{error, missing};
use super::super::filters::{self, Table};
use super::super::things::{INSTANCE, text};
use super::life::{self, State};
use super::{lists, types, view, wish};
use crate::cloud::error::ApiError;
use crate::cloud::protocol::scalar::{self, TimeFormat};
use crate::cloud::services::call::{Call, Reply};

/// MonitorInstances.
pub fn monitor(call: &mut Call<'_>) -> Reply {
    set_monitoring(call, true)
}

/// UnmonitorInstances.
pub fn unmonitor(call: &mut Call<'_>) -> Reply {
    set_monitoring(call, false)
}

fn set_monitoring(call: &mut Call<'_>, on: bool) -> Reply {
    let ids = call.strings("InstanceIds");
    if ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    let mut views = Vec::new();
    for mut record in by_ids(call, &INSTANCE, &ids)? {
        let state = life::state(&record, call.now);
        if state.is_over() {
            return Err(life::incorrect(&record, "is not in a valid state."));
        }
        let before = view::monitoring(&record, state);
        record["Monitored"] = on.into();
        let now = match (before, on) {
            ("enabled", true) | ("disabled", false) => before,
            (_, true) => "pending",
            (_, false) => "disabling",
        };
        INSTANCE.save(call.txn, call.region, &record)?;
        views.push(json!({
            "InstanceId": record["InstanceId"],
            "Monitoring": { "State": now },
        }));
    }
    Ok(json!({ "InstanceMonitorings": views }))
}

/// ModifyInstanceMetadataOptions.
pub fn metadata(call: &mut Call<'_>) -> Reply {
    let id = call.str("InstanceId").unwrap_or_default().to_owned();
    let mut record = INSTANCE.load(call.txn, call.region, &id)?;
    let state = life::state(&record, call.now);
    if !matches!(state, State::Running | State::Stopped | State::Pending) {
        return Err(life::incorrect(
            &record,
            "is not in a valid state for modifying its metadata options.",
        ));
    }
    let sent = call.input.clone();
    wish::overlay_metadata(&mut record["MetadataOptions"], &sent)?;
    INSTANCE.save(call.txn, call.region, &record)?;
    let mut options = record["MetadataOptions"].clone();
    options["State"] = "pending".into();
    Ok(json!({ "InstanceId": id, "InstanceMetadataOptions": options }))
}

const CREDIT_FILTERS: Table = &[("instance-id", "InstanceId")];

/// DescribeInstanceCreditSpecifications: of those asked for, else of all that spend without limit.
pub fn credits(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), CREDIT_FILTERS, &[], false)?;
    let ids = call.strings("InstanceIds");
    let records = lists::named(call)?;
    let mut views = Vec::new();
    for record in records {
        let state = life::state(&record, call.now);
        let id = text(&record, INSTANCE.id);
        // Of what is not burstable too, where it is asked for by its id.
        let option = record["Credits"].as_str().unwrap_or("standard");
        let view = json!({ "InstanceId": id, "CpuCredits": option });
        let shown = state != State::Terminated && (!ids.is_empty() || option == "unlimited");
        if shown && filters::pass(&filters, &view, "") {
            views.push((id.to_owned(), view));
        }
    }
    let (views, next) = lists::page(call, views)?;
    let mut reply = json!({ "InstanceCreditSpecifications": views });
    if let Some(next) = next {
        reply["NextToken"] = next.into();
    }
    Ok(reply)
}

/// ModifyInstanceCreditSpecification: each instance by itself, those that fail are told.
pub fn modify_credits(call: &mut Call<'_>) -> Reply {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for asked in call.list("InstanceCreditSpecifications").to_vec() {
        let id = text(&asked, "InstanceId").to_owned();
        let option = wish::credit_option(text(&asked, "CpuCredits"))?;
        match spend(call, &id, &option) {
            Ok(()) => done.push(json!({ "InstanceId": id })),
            Err(problem) if problem.status == 400 => failed.push(json!({
                "InstanceId": id,
                "Error": { "Code": problem.code, "Message": problem.message },
            })),
            Err(problem) => return Err(problem),
        }
    }
    Ok(json!({
        "SuccessfulInstanceCreditSpecifications": done,
        "UnsuccessfulInstanceCreditSpecifications": failed,
    }))
}

fn spend(call: &mut Call<'_>, id: &str, option: &str) -> Result<(), ApiError> {
    let mut record = INSTANCE.load(call.txn, call.region, id)?;
    if types::named(text(&record, "InstanceType"))?
        .family
        .credits
        .is_none()
    {
        return Err(error(
            "InstanceCreditSpecification.NotSupported",
            format!("The instance '{id}' is not a burstable performance instance."),
        ));
    }
    if life::state(&record, call.now).is_over() {
        return Err(life::incorrect(&record, "is not in a valid state."));
    }
    record["Credits"] = option.into();
    Ok(INSTANCE.save(call.txn, call.region, &record)?)
}

/// GetConsoleOutput: nothing before it has run, then what a kernel says when it boots.
pub fn console_output(call: &mut Call<'_>) -> Reply {
    let id = call.str("InstanceId").unwrap_or_default().to_owned();
    let record = INSTANCE.load(call.txn, call.region, &id)?;
    let kind = types::named(text(&record, "InstanceType"))?;
    if call.bool("Latest") == Some(true) && !kind.family.nitro {
        return Err(error(
            "UnsupportedOperation",
            "This instance type does not support retrieving the latest console logs.",
        ));
    }
    let mut reply = json!({ "InstanceId": id, "Timestamp": call.now });
    let booted = record["LaunchTime"].as_i64().unwrap_or_default();
    if !matches!(
        life::state(&record, call.now),
        State::Pending | State::Terminated
    ) {
        reply["Output"] = STANDARD.encode(console(&record, booted)).into();
    }
    Ok(reply)
}

fn console(record: &Value, booted: i64) -> String {
    let at = scalar::write_time(booted / 1000 * 1000, TimeFormat::Iso8601);
    format!(
        "[    0.000000] Booting {} on {} at {at}\n[  OK  ] Reached target Multi-User System.\n",
        text(record, "ImageId"),
        text(record, "InstanceType"),
    )
}
