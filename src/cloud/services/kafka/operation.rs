//! Cluster operations: what every update leaves behind, and how it can be followed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster::{self, Cluster};
use super::version;
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;

/// Where operations live, under `<region>/<cluster uuid>/<start>/<operation uuid>`.
const KIND: &str = "kafka.operation";

/// One operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    pub arn: String,
    pub cluster_arn: String,
    pub kind: String,
    pub request_id: String,
    pub started_at: i64,
    pub ends_at: i64,
    /// The API's MutableClusterInfo before and after: only what the operation changes.
    pub source: Value,
    pub target: Value,
}

/// Notes an operation of `duration` milliseconds that begins now, and returns it.
pub fn start(
    call: &mut Call<'_>,
    cluster: &Cluster,
    kind: &str,
    duration: i64,
    (source, target): (Value, Value),
) -> Result<Operation, ApiError> {
    let uuid = cluster::new_uuid(call.txn)?;
    let path = format!("cluster-operation/{}/{}/{uuid}", cluster.name, cluster.uuid);
    let operation = Operation {
        arn: call.arn("kafka", &path),
        cluster_arn: cluster.arn.clone(),
        kind: kind.to_owned(),
        request_id: call.request_id.to_owned(),
        started_at: call.now,
        ends_at: call.now + duration,
        source,
        target,
    };
    let key = format!("{}/{}/{:015}/{uuid}", call.region, cluster.uuid, call.now);
    record::save(call.txn, KIND, &key, &operation)?;
    Ok(operation)
}

impl Operation {
    fn is_done(&self, now: i64) -> bool {
        now >= self.ends_at
    }

    /// The members both generations of the API have, but for the name of the start.
    fn common(&self, now: i64, start: &str) -> Value {
        let state = if self.is_done(now) {
            "UPDATE_COMPLETE"
        } else {
            "UPDATE_IN_PROGRESS"
        };
        let mut view = json!({
            "ClusterArn": self.cluster_arn,
            start: self.started_at,
            "OperationArn": self.arn,
            "OperationState": state,
            "OperationType": self.kind,
        });
        if self.is_done(now) {
            view["EndTime"] = self.ends_at.into();
        }
        view
    }

    fn view(&self, now: i64) -> Value {
        let mut view = self.common(now, "CreationTime");
        view["ClientRequestId"] = self.request_id.as_str().into();
        view["SourceClusterInfo"] = self.source.clone();
        view["TargetClusterInfo"] = self.target.clone();
        view
    }

    fn summary_v2(&self, now: i64) -> Value {
        let mut view = self.common(now, "StartTime");
        view["ClusterType"] = "PROVISIONED".into();
        view
    }

    fn view_v2(&self, now: i64) -> Value {
        let mut view = self.summary_v2(now);
        view["Provisioned"] =
            json!({ "SourceClusterInfo": self.source, "TargetClusterInfo": self.target });
        view
    }
}

fn wanted(call: &mut Call<'_>) -> Result<Operation, ApiError> {
    let arn = call
        .str("ClusterOperationArn")
        .unwrap_or_default()
        .to_owned();
    let invalid = || {
        cluster::bad(
            "clusterOperationArn",
            "One or more of the parameters are not valid.",
        )
    };
    let parsed = Arn::parse(&arn)
        .filter(|arn| arn.service == "kafka")
        .ok_or_else(invalid)?;
    let path = parsed
        .resource_of("cluster-operation")
        .ok_or_else(invalid)?;
    let uuid = path.split('/').nth(1).ok_or_else(invalid)?;
    let prefix = format!("{}/{uuid}/", call.region);
    let all: Vec<Operation> = record::scan(call.txn, KIND, &prefix)?;
    all.into_iter()
        .find(|operation| operation.arn == arn)
        .ok_or_else(|| cluster::not_found("clusterOperationArn"))
}

/// DescribeClusterOperation.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let operation = wanted(call)?;
    Ok(json!({ "ClusterOperationInfo": operation.view(call.now) }))
}

/// DescribeClusterOperationV2.
pub fn describe_v2(call: &mut Call<'_>) -> Reply {
    let operation = wanted(call)?;
    Ok(json!({ "ClusterOperationInfo": operation.view_v2(call.now) }))
}

/// ListClusterOperations, the newest first.
pub fn list(call: &mut Call<'_>) -> Reply {
    list_with(call, Operation::view)
}

/// ListClusterOperationsV2, the newest first.
pub fn list_v2(call: &mut Call<'_>) -> Reply {
    list_with(call, Operation::summary_v2)
}

fn list_with(call: &mut Call<'_>, view: fn(&Operation, i64) -> Value) -> Reply {
    let cluster = cluster::wanted(call)?;
    let prefix = format!("{}/{}/", call.region, cluster.uuid);
    let operations: Vec<Operation> = record::scan(call.txn, KIND, &prefix)?;
    let items = operations
        .iter()
        .rev()
        .map(|o| {
            (
                format!("{:020}/{}", i64::MAX - o.started_at, o.arn),
                view(o, call.now),
            )
        })
        .collect();
    version::paged(call, items, "ClusterOperationInfoList")
}
