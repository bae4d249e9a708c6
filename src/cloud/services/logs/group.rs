//! Log groups: the record, its making and its end.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    absent, fail, invalid, metric_filter, policy, put, settings, stream, subscription, tag,
};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;
use crate::cloud::store::Txn;

/// Where groups live, under `<region>/<name>`.
pub const KIND: &str = "logs.group";
/// After how long an event counts as stored: the number lags behind what is put.
const COUNTED_AFTER_MS: i64 = 3_600_000;

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What its streams, events and filters are kept under; never used twice.
    pub uid: String,
    pub name: String,
    /// Without `:*` at its end.
    pub arn: String,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    pub class: String,
    /// Simulated ms since the epoch.
    pub created_at: i64,
    /// Days; absent for events that never expire.
    pub retention: Option<i64>,
    pub kms_key: Option<String>,
    /// Whether it cannot be deleted.
    pub protected: bool,
    pub tags: Tags,
}

impl Group {
    /// Writes the record.
    pub fn save(&self, call: &mut Call<'_>) -> Result<(), ApiError> {
        record::save(
            call.txn,
            KIND,
            &format!("{}/{}", call.region, self.name),
            self,
        )
    }

    /// The API's LogGroup.
    pub fn view(&self, call: &mut Call<'_>) -> Result<Value, ApiError> {
        let mut view = json!({
            "logGroupName": self.name,
            "creationTime": self.created_at,
            "metricFilterCount": metric_filter::count(call.txn, self)?,
            "arn": format!("{}:*", self.arn),
            "logGroupArn": self.arn,
            "storedBytes": self.stored_bytes(call)?,
            "logGroupClass": self.class,
            "deletionProtectionEnabled": self.protected,
        });
        if let Some(days) = self.retention {
            view["retentionInDays"] = days.into();
        }
        if let Some(key) = &self.kms_key {
            view["kmsKeyId"] = key.as_str().into();
        }
        Ok(view)
    }

    /// What a search by a part of the name shows of it.
    pub fn brief(&self) -> Value {
        json!({
            "logGroupName": self.name,
            "creationTime": self.created_at,
            "arn": format!("{}:*", self.arn),
        })
    }

    fn stored_bytes(&self, call: &mut Call<'_>) -> Result<usize, ApiError> {
        let counted = call.now - COUNTED_AFTER_MS;
        let mut bytes = 0;
        for stream in stream::all(call.txn, self)? {
            let events = put::events(call, self, &stream)?;
            let old = events
                .iter()
                .filter(|(_, event)| event.ingested_at <= counted);
            bytes += old
                .map(|(_, event)| put::size(&event.message))
                .sum::<usize>();
        }
        Ok(bytes)
    }

    /// The refusal of what a class does not have.
    pub fn must_be_standard(&self, operation: &str) -> Result<(), ApiError> {
        if self.class == "STANDARD" {
            return Ok(());
        }
        Err(fail(
            "InvalidOperationException",
            format!(
                "{operation} is not supported for log groups of the class {}.",
                self.class
            ),
        ))
    }
}

/// The groups of a region, by name, as they are.
pub fn all(txn: &mut Txn, region: &str) -> Result<Vec<Group>, ApiError> {
    record::scan(txn, KIND, &format!("{region}/"))
}

/// The group of this name.
pub fn named(call: &mut Call<'_>, name: &str) -> Result<Group, ApiError> {
    let key = format!("{}/{name}", call.region);
    let found: Option<Group> = record::load(call.txn, KIND, &key)?;
    found.ok_or_else(|| absent("log group"))
}

/// The group that the request's `logGroupName` names.
pub fn wanted(call: &mut Call<'_>) -> Result<Group, ApiError> {
    let name = call.str("logGroupName").unwrap_or_default().to_owned();
    named(call, &name)
}

/// The group of a name or an ARN, with or without `:*`.
pub fn identified(call: &mut Call<'_>, identifier: &str) -> Result<Group, ApiError> {
    let Some(arn) = Arn::parse(identifier) else {
        return named(call, identifier);
    };
    if arn.service != "logs" || arn.region != call.region || arn.account != call.account {
        return Err(absent("log group"));
    }
    let name = arn.resource_of("log-group").unwrap_or_default();
    let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
    named(call, &name)
}

/// The group of the request's `logGroupName` or `logGroupIdentifier`, of which one must be there.
pub fn either(call: &mut Call<'_>) -> Result<Group, ApiError> {
    let identifier = call.str("logGroupIdentifier").map(str::to_owned);
    match (call.has("logGroupName"), identifier) {
        (true, Some(_)) => Err(invalid(
            "LogGroup name and LogGroup identifier are mutually exclusive parameters.",
        )),
        (false, Some(identifier)) => identified(call, &identifier),
        (true, None) => wanted(call),
        (false, None) => Err(invalid(
            "Either LogGroup name or LogGroup identifier must be provided.",
        )),
    }
}

/// CreateLogGroup.
pub fn create(call: &mut Call<'_>) -> Reply {
    let name = call.str("logGroupName").unwrap_or_default().to_owned();
    if name.starts_with("aws/") {
        return Err(invalid(
            "Log groups starting with aws/ are reserved for AWS.",
        ));
    }
    let class = call.str("logGroupClass").unwrap_or("STANDARD").to_owned();
    if class == "ESSENTIALS" {
        return Err(ApiError::not_implemented(
            "log groups of the class ESSENTIALS",
        ));
    }
    let kms_key = settings::key(call)?;
    let tags = tag::given(call)?;
    let key = format!("{}/{name}", call.region);
    if record::load::<Group>(call.txn, KIND, &key)?.is_some() {
        return Err(fail(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    let group = Group {
        uid: call.txn.hex_id(16)?,
        arn: call.arn("logs", &format!("log-group:{name}")),
        // Deliveries are kept for two days, and that is not changed.
        retention: (class == "DELIVERY").then_some(2),
        class,
        created_at: call.now,
        kms_key,
        protected: call.bool("deletionProtectionEnabled").unwrap_or_default(),
        tags,
        name,
    };
    group.save(call)?;
    Ok(json!({}))
}

/// DeleteLogGroup: with all it holds.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let group = wanted(call)?;
    must_be_free(&group)?;
    for stream in stream::all(call.txn, &group)? {
        stream::remove(call, &group, &stream)?;
    }
    let prefix = format!("{}/", group.uid);
    for kind in [metric_filter::KIND, subscription::KIND] {
        for (key, _) in call.txn.scan(kind, &prefix)? {
            call.txn.delete(kind, &key)?;
        }
    }
    policy::forget(call, &group)?;
    call.txn
        .delete(KIND, &format!("{}/{}", call.region, group.name))?;
    Ok(json!({}))
}

/// Nothing of a protected group is deleted.
pub fn must_be_free(group: &Group) -> Result<(), ApiError> {
    if group.protected {
        return Err(fail(
            "ValidationException",
            format!(
                "The log group {} cannot be deleted because deletion protection is enabled.",
                group.name
            ),
        ));
    }
    Ok(())
}
