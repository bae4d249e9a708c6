//! DescribeInstanceStatus.

use serde_json::{Value, json};

use super::super::filters::{self, Table};
use super::super::things::{INSTANCE, text};
use super::life::{self, State};
use super::lists;
use crate::cloud::services::call::{Call, Reply};

/// How long after it runs an instance's checks are passed, simulated ms.
const CHECKED: i64 = 60_000;

const FILTERS: Table = &[
    ("availability-zone", "AvailabilityZone"),
    ("availability-zone-id", "AvailabilityZoneId"),
    ("instance-state-code", "InstanceState.Code"),
    ("instance-state-name", "InstanceState.Name"),
    (
        "instance-status.reachability",
        "InstanceStatus.Details.Status",
    ),
    ("instance-status.status", "InstanceStatus.Status"),
    ("operator.managed", "Operator.Managed"),
    ("system-status.reachability", "SystemStatus.Details.Status"),
    ("system-status.status", "SystemStatus.Status"),
    ("attached-ebs-status.status", "AttachedEbsStatus.Status"),
];

/// Nothing here has scheduled events or tells how its applications are.
const NEVER: &[&str] = &[
    "application-status.status",
    "event.code",
    "event.description",
    "event.instance-event-id",
    "event.not-after",
    "event.not-before",
    "event.not-before-deadline",
    "operator.principal",
];

/// DescribeInstanceStatus: of running instances, unless all are asked for.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), FILTERS, NEVER, true)?;
    lists::limit(call)?;
    let all = call.bool("IncludeAllInstances") == Some(true);
    let records = lists::named(call)?;
    let views = records
        .iter()
        .filter(|record| all || life::state(record, call.now) == State::Running)
        .map(|record| (record, view(record, call.now)))
        .filter(|(record, view)| {
            let mut probe = view.clone();
            probe["Tags"] = record["Tags"].clone();
            filters::pass(&filters, &probe, "Tags")
        })
        .map(|(record, view)| (text(record, INSTANCE.id).to_owned(), view))
        .collect();
    let (views, next) = lists::page(call, views)?;
    let mut reply = json!({ "InstanceStatuses": views });
    if let Some(next) = next {
        reply["NextToken"] = next.into();
    }
    Ok(reply)
}

fn view(record: &Value, now: i64) -> Value {
    let state = life::state(record, now);
    let check = check(record, state, now);
    json!({
        "AvailabilityZone": record["Placement"]["AvailabilityZone"],
        "AvailabilityZoneId": record["Placement"]["AvailabilityZoneId"],
        "InstanceId": record["InstanceId"],
        "InstanceState": state.view(),
        "InstanceStatus": check,
        "SystemStatus": check,
        "AttachedEbsStatus": check,
        "Operator": { "Managed": false },
    })
}

/// The result of a check: only what runs is checked.
fn check(record: &Value, state: State, now: i64) -> Value {
    let (status, detail) = match state {
        State::Running if now < life::done(record) + CHECKED => ("initializing", "initializing"),
        State::Running => ("ok", "passed"),
        _ => return json!({ "Status": "not-applicable" }),
    };
    json!({
        "Status": status,
        "Details": [{ "Name": "reachability", "Status": detail }],
    })
}
