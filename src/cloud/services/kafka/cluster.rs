//! A cluster's record, and what it is at a moment: state, settings and version token are pure
//! functions of the record and the time.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Failure};
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;
use crate::cloud::store::Txn;

/// Where clusters live, under `<region>/<uuid>`.
pub const KIND: &str = "kafka.cluster";
const MINUTE_MS: i64 = 60_000;
/// How long a provisioned cluster is CREATING: AWS takes 15 to 30 minutes.
const CREATING_MS: i64 = 20 * MINUTE_MS;
/// A serverless cluster is there sooner.
const CREATING_SERVERLESS_MS: i64 = 3 * MINUTE_MS;
/// How long a cluster is DELETING.
pub const DELETING_MS: i64 = 5 * MINUTE_MS;

/// One broker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broker {
    pub id: u64,
    pub subnet: String,
    pub ip: String,
    /// Its network interface.
    pub eni: String,
    pub node: String,
    pub added_at: i64,
    /// GiB; absent for Express brokers, whose storage is the service's own.
    pub volume: Option<i64>,
    /// The API's ProvisionedThroughput, or null.
    pub throughput: Value,
}

/// What an update changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The API's Provisioned (or Serverless) as a description shows it, without what follows
    /// from the rest of the record.
    pub shown: Value,
    pub brokers: Vec<Broker>,
}

/// The operation under way; at `until` its settings take effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    pub operation_arn: String,
    /// UPDATING or REBOOTING_BROKER.
    pub state: String,
    pub until: i64,
    pub settings: Settings,
}

/// One cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cluster {
    pub name: String,
    pub arn: String,
    pub uuid: String,
    /// The part of its host names that tells it from clusters of a like name.
    pub host_hash: String,
    /// PROVISIONED or SERVERLESS.
    pub kind: String,
    pub created_at: i64,
    /// Why its creation ends in FAILED, where it does.
    #[serde(default)]
    pub failure: Option<Failure>,
    pub deleted_at: Option<i64>,
    /// Grows with each finished operation: CurrentVersion is made of it.
    pub version: u64,
    pub settings: Settings,
    pub running: Option<Running>,
    pub tags: Tags,
    /// The cluster policy and how often it was written.
    pub policy: Option<(String, u64)>,
    pub scram_secrets: Vec<String>,
}

impl Cluster {
    /// The state AWS would show at `now`; `None` once the cluster is gone.
    pub fn state(&self, now: i64) -> Option<&str> {
        if let Some(at) = self.deleted_at {
            return (now < at + DELETING_MS).then_some("DELETING");
        }
        if now < self.created_at + self.creating_ms() {
            return Some("CREATING");
        }
        if self.failure.is_some() {
            return Some("FAILED");
        }
        match &self.running {
            Some(running) if now < running.until => Some(&running.state),
            _ => Some("ACTIVE"),
        }
    }

    /// Whether it has, or ever had, brokers that run.
    pub fn is_up(&self, now: i64) -> bool {
        self.failure.is_none() && self.state(now) != Some("CREATING")
    }

    fn creating_ms(&self) -> i64 {
        if self.is_serverless() {
            CREATING_SERVERLESS_MS
        } else {
            CREATING_MS
        }
    }

    /// Whether it has no brokers of its own.
    pub fn is_serverless(&self) -> bool {
        self.kind == "SERVERLESS"
    }

    /// Makes the settings of a finished operation the cluster's.
    fn settle(&mut self, now: i64) {
        if self
            .running
            .as_ref()
            .is_some_and(|running| running.until <= now)
            && let Some(running) = self.running.take()
        {
            self.settings = running.settings;
            self.version += 1;
        }
    }

    /// The token an update must name: a `K`, then letters and digits.
    pub fn current_version(&self) -> String {
        version_token(&self.uuid, self.version)
    }

    /// The Kafka version its brokers run.
    pub fn kafka_version(&self) -> &str {
        self.settings.shown["CurrentBrokerSoftwareInfo"]["KafkaVersion"]
            .as_str()
            .unwrap_or("")
    }

    /// The brokers' instance type (`kafka.m5.large`).
    pub fn instance_type(&self) -> &str {
        self.settings.shown["BrokerNodeGroupInfo"]["InstanceType"]
            .as_str()
            .unwrap_or("")
    }

    /// `pinterestmskcluster.w8g8jt.c2.kafka.us-east-1.amazonaws.com`: the domain of its hosts.
    pub fn domain(&self, region: &str) -> String {
        let name: String = self
            .name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(21)
            .collect::<String>()
            .to_lowercase();
        format!("{name}.{}.c2.kafka.{region}.amazonaws.com", self.host_hash)
    }

    /// Writes the record back.
    pub fn save(&self, txn: &mut Txn, region: &str) -> Result<(), ApiError> {
        record::save(txn, KIND, &format!("{region}/{}", self.uuid), self)
    }
}

/// `K` and 13 digits of base 36, as AWS's tokens look.
pub fn version_token(seed: &str, count: u64) -> String {
    let hash: [u8; 32] = Sha256::digest(format!("{seed}/{count}")).into();
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let digits = hash
        .iter()
        .take(13)
        .map(|byte| char::from(alphabet[usize::from(*byte) % 36]));
    std::iter::once('K').chain(digits).collect()
}

/// BadRequestException; `parameter` is the wrong one's name on the wire.
pub fn bad(parameter: &str, message: impl Into<String>) -> ApiError {
    let error = ApiError::new("BadRequestException", 400, message);
    if parameter.is_empty() {
        error
    } else {
        error.with("InvalidParameter", parameter)
    }
}

/// NotFoundException for what `parameter` names.
pub fn not_found(parameter: &str) -> ApiError {
    ApiError::new(
        "NotFoundException",
        404,
        "The requested resource doesn't exist.",
    )
    .with("InvalidParameter", parameter)
}

/// The cluster of an ARN, as it is now; `None` where there is none (any more).
pub fn find(call: &mut Call<'_>, arn: &str) -> Result<Option<Cluster>, ApiError> {
    let invalid = || bad("clusterArn", "One or more of the parameters are not valid.");
    let parsed = Arn::parse(arn)
        .filter(|arn| arn.service == "kafka")
        .ok_or_else(invalid)?;
    let rest = parsed.resource_of("cluster").ok_or_else(invalid)?;
    let (_, uuid) = rest.split_once('/').ok_or_else(invalid)?;
    let key = format!("{}/{uuid}", call.region);
    let Some(mut cluster) = record::load::<Cluster>(call.txn, KIND, &key)? else {
        return Ok(None);
    };
    cluster.settle(call.now);
    Ok((cluster.arn == arn && cluster.state(call.now).is_some()).then_some(cluster))
}

/// The cluster the request's ClusterArn names, in whatever state it is.
pub fn wanted(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let arn = call.str("ClusterArn").unwrap_or_default().to_owned();
    find(call, &arn)?.ok_or_else(|| not_found("clusterArn"))
}

/// BadRequestException unless the cluster is in one of `states`.
pub fn must_be(call: &Call<'_>, cluster: &Cluster, states: &[&str]) -> Result<(), ApiError> {
    match cluster.state(call.now) {
        Some(state) if states.contains(&state) => Ok(()),
        _ => Err(bad(
            "clusterArn",
            format!(
                "This operation is only valid for resources that are in one of the following \
                 states :[{}]",
                states.join(", ")
            ),
        )),
    }
}

/// BadRequestException unless the request's CurrentVersion, where it has one, is the cluster's.
pub fn must_be_current(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    match call.str("CurrentVersion") {
        Some(version) if version != cluster.current_version() => Err(bad(
            "currentVersion",
            "The version of the cluster isn't current. Check the current version and try again.",
        )),
        _ => Ok(()),
    }
}

/// BadRequestException for what only clusters with brokers have.
pub fn must_have_brokers(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.is_serverless() {
        return Err(bad(
            "clusterArn",
            "This operation cannot be performed on serverless clusters.",
        ));
    }
    Ok(())
}

/// All live clusters of the region, strongly consistent: for conflicts.
pub fn all(txn: &mut Txn, region: &str) -> Result<Vec<Cluster>, ApiError> {
    let now = txn.now();
    Ok(settled(
        record::scan(txn, KIND, &format!("{region}/"))?,
        now,
    ))
}

/// All live clusters of the region, as a list answers, the newest last.
pub fn listed(txn: &mut Txn, region: &str) -> Result<Vec<Cluster>, ApiError> {
    let now = txn.now();
    Ok(settled(
        record::list(txn, KIND, &format!("{region}/"))?,
        now,
    ))
}

fn settled(mut clusters: Vec<Cluster>, now: i64) -> Vec<Cluster> {
    clusters.retain(|cluster| cluster.state(now).is_some());
    clusters.iter_mut().for_each(|cluster| cluster.settle(now));
    clusters
}

/// A new random-looking UUID.
pub fn new_uuid(txn: &mut Txn) -> Result<String, ApiError> {
    let hex = txn.hex_id(32)?;
    Ok(format!(
        "{}-{}-4{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    ))
}

#[cfg(test)]
mod tests {
    use super::version_token;

    #[test]
    fn version_tokens_look_like_awss_and_differ() {
        let token = version_token("a", 1);
        assert!(token.starts_with('K') && token.len() == 14, "{token}");
        assert_ne!(token, version_token("a", 2));
    }
}
