//! DescribeVolumes and its kin, ModifyVolume.

use serde_json::{Map, Value, json};

use super::describe::{Describe, by_ids, page};
use super::errors::{combination, error, invalid_value, missing};
use super::filters::{self, Table};
use super::things::{VOLUME, text};
use super::volume;
use crate::cloud::error::ApiError;
use crate::cloud::protocol::scalar::{self, TimeFormat};
use crate::cloud::services::call::{Call, Reply};

/// Items a page must at least be asked for.
const LEAST_PAGE: i64 = 5;
/// A volume is modified so often in a day.
const MOST_CHANGES: usize = 4;
/// The operations a second of a volume that becomes one of a type with a choice.
const DEFAULT_IOPS: i64 = 3000;

static DESCRIBE: Describe = Describe {
    thing: &VOLUME,
    ids: "VolumeIds",
    reply: "Volumes",
    filters: &[
        (
            "attachment.delete-on-termination",
            "Attachments.DeleteOnTermination",
        ),
        ("attachment.attach-time", "Probe.Attached"),
        ("attachment.device", "Attachments.Device"),
        ("attachment.instance-id", "Attachments.InstanceId"),
        ("attachment.status", "Attachments.State"),
        ("availability-zone", "AvailabilityZone"),
        ("availability-zone-id", "AvailabilityZoneId"),
        ("create-time", "Probe.Created"),
        ("encrypted", "Encrypted"),
        ("multi-attach-enabled", "MultiAttachEnabled"),
        ("operator.managed", "Operator.Managed"),
        ("size", "Size"),
        ("snapshot-id", "SnapshotId"),
        ("status", "State"),
        ("volume-id", "VolumeId"),
        ("volume-type", "VolumeType"),
    ],
    never: &["fast-restored", "operator.principal"],
};

/// Pages have five items at least and go with no ids.
fn check_page(call: &Call<'_>) -> Result<(), ApiError> {
    let Some(asked) = call.int("MaxResults") else {
        return Ok(());
    };
    if !call.list("VolumeIds").is_empty() {
        return Err(combination(
            "The parameter volumeIdsSet cannot be used with the parameter maxResults",
        ));
    }
    match asked < LEAST_PAGE {
        true => Err(invalid_value(format!(
            "Value ( {asked} ) for parameter maxResults is invalid. Expecting a value greater than {LEAST_PAGE}."
        ))),
        false => Ok(()),
    }
}

/// A time as filters look for it.
fn time(value: &Value) -> String {
    let ms = value.as_i64().unwrap_or_default();
    scalar::write_time(ms / 1000 * 1000, TimeFormat::Iso8601Millis)
}

/// DescribeVolumes.
pub fn describe(call: &mut Call<'_>) -> Reply {
    check_page(call)?;
    let mut reply = DESCRIBE.answer(call, |call, records| {
        let at = |record| VOLUME.view(volume::at(record, call.now));
        let probed = |mut view: Value| {
            view["Probe"] = json!({
                "Created": time(&view["CreateTime"]),
                "Attached": time(&view["Attachments"][0]["AttachTime"]),
            });
            view
        };
        Ok(records.into_iter().map(at).map(probed).collect())
    })?;
    for view in reply["Volumes"].as_array_mut().into_iter().flatten() {
        view.as_object_mut().map(|members| members.remove("Probe"));
    }
    Ok(reply)
}

/// The records of the volumes a call names, or of all as lists show them.
fn named(call: &mut Call<'_>) -> Result<Vec<Value>, ApiError> {
    check_page(call)?;
    let ids = call.strings("VolumeIds");
    match ids.is_empty() {
        true => Ok(VOLUME.listed(call.txn, call.region)?),
        false => by_ids(call, &VOLUME, &ids),
    }
}

/// DescribeVolumeAttribute.
pub fn describe_attribute(call: &mut Call<'_>) -> Reply {
    let id = call.str("VolumeId").unwrap_or_default().to_owned();
    VOLUME.load(call.txn, call.region, &id)?;
    Ok(match call.str("Attribute") {
        Some("productCodes") => json!({ "VolumeId": id, "ProductCodes": [] }),
        _ => json!({ "VolumeId": id, "AutoEnableIO": { "Value": false } }),
    })
}

const STATUS_FILTERS: Table = &[
    (
        "attachment-status.instance-id",
        "AttachmentStatuses.InstanceId",
    ),
    (
        "attachment-status.io-performance",
        "AttachmentStatuses.IoPerformance",
    ),
    ("availability-zone", "AvailabilityZone"),
    ("volume-status.details-name", "VolumeStatus.Details.Name"),
    (
        "volume-status.details-status",
        "VolumeStatus.Details.Status",
    ),
    ("volume-status.status", "VolumeStatus.Status"),
];

/// No volume here has events or asks for action.
const STATUS_NEVER: &[&str] = &[
    "action.code",
    "action.description",
    "action.event-id",
    "event.description",
    "event.event-id",
    "event.event-type",
    "event.not-after",
    "event.not-before",
];

/// DescribeVolumeStatus: all are well.
pub fn describe_status(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), STATUS_FILTERS, STATUS_NEVER, false)?;
    let records = named(call)?;
    let views = records
        .into_iter()
        .map(|record| status(&volume::at(record, call.now)))
        .filter(|view| filters::pass(&filters, view, ""))
        .map(|view| (text(&view, VOLUME.id).to_owned(), view))
        .collect();
    page(call, "VolumeStatuses", views)
}

fn status(record: &Value) -> Value {
    let attached = record["Attachments"].as_array().into_iter().flatten();
    let attachments: Vec<Value> = attached
        .map(|attachment| {
            json!({ "InstanceId": attachment["InstanceId"], "IoPerformance": "not-applicable" })
        })
        .collect();
    json!({
        "Actions": [],
        "AttachmentStatuses": attachments,
        "AvailabilityZone": record["AvailabilityZone"],
        "AvailabilityZoneId": record["AvailabilityZoneId"],
        "Events": [],
        "Operator": { "Managed": false },
        "VolumeId": record["VolumeId"],
        "VolumeStatus": {
            "Details": [
                { "Name": "io-enabled", "Status": "passed" },
                { "Name": "io-performance", "Status": "not-applicable" },
            ],
            "Status": "ok",
        },
    })
}

const CHANGE_FILTERS: Table = &[
    ("modification-state", "ModificationState"),
    ("original-iops", "OriginalIops"),
    ("original-size", "OriginalSize"),
    ("original-volume-type", "OriginalVolumeType"),
    ("originalMultiAttachEnabled", "OriginalMultiAttachEnabled"),
    ("start-time", "Probe"),
    ("target-iops", "TargetIops"),
    ("target-size", "TargetSize"),
    ("target-volume-type", "TargetVolumeType"),
    ("targetMultiAttachEnabled", "TargetMultiAttachEnabled"),
    ("volume-id", "VolumeId"),
];

/// DescribeVolumesModifications: the latest of each volume that was ever modified.
pub fn describe_modifications(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), CHANGE_FILTERS, &[], false)?;
    let ids = call.strings("VolumeIds");
    let mut views = Vec::new();
    for record in named(call)? {
        let id = text(&record, VOLUME.id);
        match volume::modification(&record, call.now) {
            Some(view) => {
                let mut probe = view.clone();
                probe["Probe"] = time(&view["StartTime"]).into();
                if filters::pass(&filters, &probe, "") {
                    views.push((id.to_owned(), view));
                }
            }
            None if ids.is_empty() => {}
            None => {
                return Err(error(
                    "InvalidVolumeModification.NotFound",
                    format!("Modification for volume '{id}' does not exist."),
                ));
            }
        }
    }
    page(call, "VolumesModifications", views)
}

/// ModifyVolume: what is not named stays, but for figures that another type does not have.
pub fn modify(call: &mut Call<'_>) -> Reply {
    let id = call.str("VolumeId").unwrap_or_default().to_owned();
    let record = VOLUME.load(call.txn, call.region, &id)?;
    if call.bool("MultiAttachEnabled") == Some(true) {
        return Err(ApiError::not_implemented("volumes of several instances"));
    }
    if volume::SIZES.iter().all(|member| !call.has(member)) {
        return Err(missing("size, volumeType, iops or throughput"));
    }
    check_rate(&record, call.now)?;
    let mut record = volume::at(record, call.now);
    let now = |member: &str| record[member].as_i64();
    let kind = call
        .str("VolumeType")
        .unwrap_or(text(&record, "VolumeType"));
    let same = kind == text(&record, "VolumeType") && kind != "gp2";
    let size = call.int("Size").or(now("Size")).unwrap_or_default();
    if size < now("Size").unwrap_or_default() {
        return Err(invalid_value(
            "New size cannot be smaller than existing size",
        ));
    }
    let keep = |member: &str| call.int(member).or(now(member).filter(|_| same));
    // Where a volume is made, these types must be told.
    let default = ["io1", "io2"].contains(&kind).then_some(DEFAULT_IOPS);
    let iops = keep("Iops").or(default);
    let sizes = volume::sizes(kind, size, iops, keep("Throughput"))?;
    let mut change = Map::new();
    for member in volume::SIZES {
        change.insert(format!("Original{member}"), record[member].clone());
    }
    change.insert("StartTime".to_owned(), call.now.into());
    let earlier = volume::changes(&record, call.now);
    change.insert("Earlier".to_owned(), earlier.into());
    if let Some(failure) = &call.failure {
        change.insert("Failure".to_owned(), failure.message.as_str().into());
    }
    sizes.write(&mut record);
    record["Modification"] = Value::Object(change);
    VOLUME.save(call.txn, call.region, &record)?;
    let view = volume::modification(&record, call.now).unwrap_or_default();
    Ok(json!({ "VolumeModification": view }))
}

/// One modification at a time, and only so many a day.
fn check_rate(record: &Value, now: i64) -> Result<(), ApiError> {
    let id = text(record, VOLUME.id);
    let state = volume::modification(record, now);
    let state = state
        .as_ref()
        .map_or("", |view| text(view, "ModificationState"));
    if ["modifying", "optimizing"].contains(&state) {
        return Err(error(
            "IncorrectModificationState",
            format!(
                "Cannot modify volume {id}, currently in modification state {}.",
                state.to_uppercase()
            ),
        ));
    }
    let changes = volume::changes(record, now);
    match changes.first() {
        Some(first) if changes.len() >= MOST_CHANGES => Err(error(
            "VolumeModificationRateExceeded",
            format!(
                "You've reached the maximum modification rate per volume limit: volume {id} was modified {MOST_CHANGES} times within 24 hours. It can next be modified at {}.",
                time(&(first + volume::DAY).into())
            ),
        )),
        _ => Ok(()),
    }
}
