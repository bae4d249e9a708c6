//! EBS volumes: those that instances are launched with.
//!
//! A record is the API's `Volume` while it is attached; what becomes of it when its instance is
//! terminated is laid down then (`LeftAt`, `GoneAt`), and [`at`] shows it at an instant.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::errors::{combination, error, invalid_value};
use super::things::VOLUME;
use crate::cloud::error::ApiError;
use crate::cloud::store::{StoreError, Txn};

/// A type of volume: GiB, operations a second and MiB a second it can have.
struct Kind {
    name: &'static str,
    gib: [i64; 2],
    /// None where they cannot be chosen.
    iops: Option<[i64; 2]>,
    throughput: Option<[i64; 2]>,
}

/// From AWS's "Amazon EBS volume types".
const KINDS: [Kind; 7] = [
    Kind {
        name: "gp3",
        gib: [1, 65_536],
        iops: Some([3000, 80_000]),
        throughput: Some([125, 2000]),
    },
    Kind {
        name: "gp2",
        gib: [1, 16_384],
        iops: None,
        throughput: None,
    },
    Kind {
        name: "io1",
        gib: [4, 16_384],
        iops: Some([100, 64_000]),
        throughput: None,
    },
    Kind {
        name: "io2",
        gib: [4, 65_536],
        iops: Some([100, 256_000]),
        throughput: None,
    },
    Kind {
        name: "st1",
        gib: [125, 16_384],
        iops: None,
        throughput: None,
    },
    Kind {
        name: "sc1",
        gib: [125, 16_384],
        iops: None,
        throughput: None,
    },
    Kind {
        name: "standard",
        gib: [1, 1024],
        iops: None,
        throughput: None,
    },
];

/// What a volume is and gives, with AWS's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    kind: &'static str,
    gib: i64,
    iops: Option<i64>,
    throughput: Option<i64>,
}

/// Checks what is asked of a volume.
pub fn sizes(
    kind: &str,
    gib: i64,
    iops: Option<i64>,
    throughput: Option<i64>,
) -> Result<Sizes, ApiError> {
    let known = KINDS.iter().find(|known| known.name == kind);
    let known = known.ok_or_else(|| invalid_value(format!("Invalid volume type: {kind}")))?;
    let [least, most] = known.gib;
    if gib < least {
        return Err(invalid_value(format!(
            "Volume of {gib}GiB is too small; minimum is {least}GiB."
        )));
    }
    if gib > most {
        return Err(invalid_value(format!(
            "Volume of {gib}GiB is too large for volume type {kind}; maximum is {most}GiB."
        )));
    }
    let iops = match (iops, known.iops) {
        (Some(_), None) => return Err(unsupported("iops", kind)),
        (Some(iops), Some(range)) => Some(within("iops", iops, range, kind)?),
        (None, Some(_)) if kind == "gp3" => Some(3000),
        (None, Some(_)) => {
            return Err(error(
                "MissingParameter",
                format!("The request must contain the parameter iops for {kind} volumes."),
            ));
        }
        (None, None) if kind == "gp2" => Some((3 * gib).clamp(100, 16_000)),
        (None, None) => None,
    };
    let throughput = match (throughput, known.throughput) {
        (Some(_), None) => return Err(unsupported("throughput", kind)),
        (Some(throughput), Some(range)) => Some(within("throughput", throughput, range, kind)?),
        (None, Some([least, _])) => Some(least),
        (None, None) => None,
    };
    Ok(Sizes {
        kind: known.name,
        gib,
        iops,
        throughput,
    })
}

fn unsupported(what: &str, kind: &str) -> ApiError {
    combination(format!(
        "The parameter {what} is not supported for {kind} volumes."
    ))
}

fn within(what: &str, value: i64, [least, most]: [i64; 2], kind: &str) -> Result<i64, ApiError> {
    let problem = match value {
        value if value < least => format!("too low; minimum is {least}"),
        value if value > most => format!("too high; maximum is {most}"),
        value => return Ok(value),
    };
    Err(invalid_value(format!(
        "Volume {what} of {value} is {problem} for {kind} volumes."
    )))
}

impl Sizes {
    /// Writes them into a record.
    pub fn write(&self, record: &mut Value) {
        record["VolumeType"] = self.kind.into();
        record["Size"] = self.gib.into();
        if let Some(members) = record.as_object_mut() {
            members.remove("Iops");
            members.remove("Throughput");
        }
        if let Some(iops) = self.iops {
            record["Iops"] = iops.into();
        }
        if let Some(throughput) = self.throughput {
            record["Throughput"] = throughput.into();
        }
    }
}

/// The key that encrypts where no other is named: the account's own for EBS.
pub fn default_key(txn: &Txn, region: &str) -> String {
    let account = txn.account();
    let hash = hex::encode(Sha256::digest(format!("{account}/{region}/aws/ebs")));
    let (a, b, c, d, e) = (
        &hash[..8],
        &hash[8..12],
        &hash[13..16],
        &hash[17..20],
        &hash[20..32],
    );
    format!("arn:aws:kms:{region}:{account}:key/{a}-{b}-4{c}-8{d}-{e}")
}

/// The members that a modification changes.
pub const SIZES: [&str; 4] = ["Size", "VolumeType", "Iops", "Throughput"];

/// How long a modification takes until its figures hold, and until it is complete; simulated ms.
const MODIFYING: i64 = 30_000;
const OPTIMIZING: i64 = 10 * 60_000;
/// How long a modification counts among those that a volume may have; simulated ms.
pub const DAY: i64 = 24 * 3_600_000;

/// A record as it is at an instant.
pub fn at(mut record: Value, now: i64) -> Value {
    if record["LeftAt"].as_i64().is_some_and(|left| left <= now) {
        record["State"] = "available".into();
        record["Attachments"] = json!([]);
    }
    let change = record["Modification"].clone();
    let started = change["StartTime"].as_i64();
    let failed = change.get("Failure").is_some();
    if failed || started.is_some_and(|started| now < started + MODIFYING) {
        for member in SIZES {
            match (&change[format!("Original{member}")], record.as_object_mut()) {
                (Value::Null, Some(members)) => drop(members.remove(member)),
                (original, _) => record[member] = original.clone(),
            }
        }
    }
    record
}

/// The latest modification of a record, as the API shows it at an instant.
pub fn modification(record: &Value, now: i64) -> Option<Value> {
    let change = record.get("Modification")?;
    let started = change["StartTime"].as_i64()?;
    let elapsed = now - started;
    let failure = change.get("Failure");
    let (state, progress, end) = match elapsed {
        elapsed if elapsed < MODIFYING => ("modifying", 0, None),
        _ if failure.is_some() => ("failed", 0, Some(MODIFYING)),
        elapsed if elapsed < OPTIMIZING => ("optimizing", 100 * elapsed / OPTIMIZING, None),
        _ => ("completed", 100, Some(OPTIMIZING)),
    };
    let mut view = json!({
        "VolumeId": record["VolumeId"],
        "ModificationState": state,
        "Progress": progress,
        "StartTime": started,
        "OriginalMultiAttachEnabled": false,
        "TargetMultiAttachEnabled": false,
    });
    if let Some(end) = end {
        view["EndTime"] = (started + end).into();
    }
    if let Some(message) = failure.filter(|_| state == "failed") {
        view["StatusMessage"] = message.clone();
    }
    for member in SIZES {
        for (side, value) in [
            ("Original", &change[format!("Original{member}")]),
            ("Target", &record[member]),
        ] {
            if !value.is_null() {
                view[format!("{side}{member}")] = value.clone();
            }
        }
    }
    Some(view)
}

/// When a volume was modified within the last day.
pub fn changes(record: &Value, now: i64) -> Vec<i64> {
    let change = &record["Modification"];
    let earlier = change["Earlier"].as_array().into_iter().flatten();
    earlier
        .chain(change.get("StartTime"))
        .filter_map(Value::as_i64)
        .filter(|at| now - at < DAY)
        .collect()
}

/// An instance's volumes go with it at an instant, or stay without it.
pub fn leave(txn: &mut Txn, region: &str, instance: &str, at: i64) -> Result<(), StoreError> {
    for mut record in VOLUME.with(txn, region, "Attachments.InstanceId", instance)? {
        let attachment = &record["Attachments"][0];
        if record.get("LeftAt").is_some() {
            continue;
        }
        let end = match attachment["DeleteOnTermination"] == true {
            true => "GoneAt",
            false => "LeftAt",
        };
        record[end] = at.into();
        VOLUME.save(txn, region, &record)?;
    }
    Ok(())
}
