//! What every update of a cluster has in common: its checks, its operation record, and the new
//! settings that take effect when the operation ends.

use serde_json::{Value, json};

use super::cluster::{self, Cluster, Running, Settings, bad};
use super::operation;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The cluster an update means: it has brokers, nothing else is under way, and the request
/// names its current version.
pub fn wanted(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    cluster::must_be(call, &cluster, &["ACTIVE"])?;
    cluster::must_be_current(call, &cluster)?;
    Ok(cluster)
}

/// AWS's answer to an update that would change nothing; `what` is what it is about.
pub fn nothing_to_do(what: &str) -> ApiError {
    bad(
        "",
        format!(
            "The request does not include any updates to the {what} of the cluster. Verify the \
             request, then try again."
        ),
    )
}

/// What an update is called, how long it takes, and what an operation shows of it.
pub struct Update {
    pub kind: &'static str,
    pub minutes: i64,
    /// The API's MutableClusterInfo before and after.
    pub source: Value,
    pub target: Value,
}

/// Starts the update: the cluster is UPDATING (or rebooting), then has `settings`.
pub fn begin(
    call: &mut Call<'_>,
    mut cluster: Cluster,
    update: Update,
    settings: Settings,
) -> Reply {
    let duration = update.minutes * 60_000;
    let change = (update.source, update.target);
    let operation = operation::start(call, &cluster, update.kind, duration, change)?;
    let rebooting = update.kind == "REBOOT_NODE";
    cluster.running = Some(Running {
        operation_arn: operation.arn.clone(),
        state: if rebooting {
            "REBOOTING_BROKER"
        } else {
            "UPDATING"
        }
        .to_owned(),
        until: operation.ends_at,
        settings,
    });
    cluster.save(call.txn, call.region)?;
    Ok(json!({ "ClusterArn": cluster.arn, "ClusterOperationArn": operation.arn }))
}

/// Starts an update that sets one member of the API's Provisioned; `nothing_to_do` where it
/// already has that value.
pub fn set_member(
    call: &mut Call<'_>,
    cluster: Cluster,
    (kind, minutes): (&'static str, i64),
    member: &str,
    value: Value,
    what: &str,
) -> Reply {
    let mut settings = cluster.settings.clone();
    let before = settings.shown[member].take();
    if before == value {
        return Err(nothing_to_do(what));
    }
    settings.shown[member] = value.clone();
    let update = Update {
        kind,
        minutes,
        source: json!({ member: before }),
        target: json!({ member: value }),
    };
    begin(call, cluster, update, settings)
}
