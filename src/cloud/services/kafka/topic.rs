//! Topics, by MSK's own operations: they take effect at once, so a topic is always ACTIVE.
//!
//! AWS offers them for provisioned clusters of Kafka 3.6.0 and later that are ACTIVE.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster::{self, Cluster, bad};
use super::version;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;

/// Where topics live, under `<region>/<cluster uuid>/<name>`.
const KIND: &str = "kafka.topic";
/// Kafka's longest topic name.
const LONGEST_NAME: usize = 249;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Topic {
    name: String,
    partitions: i64,
    replication: i64,
    /// Base64, as it was given.
    configs: String,
}

fn key(call: &Call<'_>, cluster: &Cluster, name: &str) -> String {
    format!("{}/{}/{name}", call.region, cluster.uuid)
}

fn arn(call: &Call<'_>, cluster: &Cluster, topic: &str) -> String {
    call.arn(
        "kafka",
        &format!("topic/{}/{}/{topic}", cluster.name, cluster.uuid),
    )
}

/// The request's cluster, which must be one that has these operations.
fn wanted_cluster(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    if version::find(cluster.kafka_version()).is_none_or(|version| !version.active) {
        return Err(bad(
            "clusterArn",
            "Topic operations need a cluster of Apache Kafka 3.6.0 or later.",
        ));
    }
    cluster::must_be(call, &cluster, &["ACTIVE", "UPDATING", "REBOOTING_BROKER"])?;
    Ok(cluster)
}

/// The request's topic with its cluster; `absent` is the operation's code for none.
fn wanted(call: &mut Call<'_>, absent: &str) -> Result<(Cluster, Topic), ApiError> {
    let cluster = wanted_cluster(call)?;
    let name = call.str("TopicName").unwrap_or_default().to_owned();
    let key = key(call, &cluster, &name);
    let topic = record::load(call.txn, KIND, &key)?.ok_or_else(|| {
        ApiError::new(absent, 404, format!("The topic {name} does not exist."))
            .with("InvalidParameter", "topicName")
    })?;
    Ok((cluster, topic))
}

fn reply(call: &Call<'_>, cluster: &Cluster, name: &str, status: &str) -> Value {
    json!({ "TopicArn": arn(call, cluster, name), "TopicName": name, "Status": status })
}

/// The request's Configs: base64 of `name=value` lines or a JSON object, kept as given.
fn checked_configs(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(text) = call.str("Configs") else {
        return Ok(None);
    };
    match STANDARD.decode(text).map(String::from_utf8) {
        Ok(Ok(_)) => Ok(Some(text.to_owned())),
        _ => Err(bad(
            "configs",
            "The topic configurations must be text encoded in Base64.",
        )),
    }
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let length = (1..=LONGEST_NAME).contains(&name.len());
    if !length || [".", ".."].contains(&name) || !name.chars().all(legal) {
        return Err(bad(
            "topicName",
            "A topic name has 1 to 249 letters, digits, periods, underscores and hyphens, and is \
             neither . nor ..",
        ));
    }
    Ok(())
}

/// CreateTopic.
pub fn create(call: &mut Call<'_>) -> Reply {
    let cluster = wanted_cluster(call)?;
    let name = call.str("TopicName").unwrap_or_default().to_owned();
    check_name(&name)?;
    let key = key(call, &cluster, &name);
    if call.txn.get(KIND, &key)?.is_some() {
        return Err(ApiError::new(
            "TopicExistsException",
            409,
            format!("Topic '{name}' already exists."),
        )
        .with("InvalidParameter", "topicName"));
    }
    let replication = call.int("ReplicationFactor").unwrap_or(1);
    let brokers = cluster.settings.brokers.len();
    if usize::try_from(replication).is_ok_and(|wanted| wanted > brokers) {
        return Err(bad(
            "replicationFactor",
            format!("Replication factor: {replication} larger than available brokers: {brokers}."),
        ));
    }
    let topic = Topic {
        partitions: call.int("PartitionCount").unwrap_or(1),
        replication,
        configs: checked_configs(call)?.unwrap_or_default(),
        name,
    };
    record::save(call.txn, KIND, &key, &topic)?;
    Ok(reply(call, &cluster, &topic.name, "CREATING"))
}

/// UpdateTopic: more partitions, other configurations; partitions never become fewer.
pub fn update(call: &mut Call<'_>) -> Reply {
    let (cluster, mut topic) = wanted(call, "UnknownTopicOrPartitionException")?;
    if let Some(partitions) = call.int("PartitionCount") {
        if partitions < topic.partitions {
            return Err(bad(
                "partitionCount",
                format!(
                    "The topic {} currently has {} partition(s); {partitions} would not be an \
                     increase.",
                    topic.name, topic.partitions
                ),
            ));
        }
        topic.partitions = partitions;
    }
    if let Some(configs) = checked_configs(call)? {
        topic.configs = configs;
    }
    let key = key(call, &cluster, &topic.name);
    record::save(call.txn, KIND, &key, &topic)?;
    Ok(reply(call, &cluster, &topic.name, "UPDATING"))
}

/// DeleteTopic.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let (cluster, topic) = wanted(call, "UnknownTopicOrPartitionException")?;
    let key = key(call, &cluster, &topic.name);
    call.txn.delete(KIND, &key)?;
    Ok(reply(call, &cluster, &topic.name, "DELETING"))
}

/// DescribeTopic.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let (cluster, topic) = wanted(call, "NotFoundException")?;
    let mut view = reply(call, &cluster, &topic.name, "ACTIVE");
    view["ReplicationFactor"] = topic.replication.into();
    view["PartitionCount"] = topic.partitions.into();
    view["Configs"] = topic.configs.into();
    Ok(view)
}

/// DescribeTopicPartitions: the brokers take turns as leaders.
pub fn describe_partitions(call: &mut Call<'_>) -> Reply {
    let (cluster, topic) = wanted(call, "NotFoundException")?;
    let brokers: Vec<u64> = cluster.settings.brokers.iter().map(|b| b.id).collect();
    let replication = usize::try_from(topic.replication).unwrap_or(1);
    let items = (0..usize::try_from(topic.partitions).unwrap_or(0))
        .map(|partition| {
            let turn = brokers
                .iter()
                .cycle()
                .skip(partition % brokers.len().max(1));
            let replicas: Vec<u64> = turn.take(replication).copied().collect();
            let view = json!({
                "Partition": partition,
                "Leader": replicas.first(),
                "Replicas": replicas,
                "Isr": replicas,
            });
            (format!("{partition:09}"), view)
        })
        .collect();
    version::paged(call, items, "Partitions")
}

/// ListTopics, by name.
pub fn list(call: &mut Call<'_>) -> Reply {
    let cluster = wanted_cluster(call)?;
    let filter = call.str("TopicNameFilter").unwrap_or_default().to_owned();
    let prefix = key(call, &cluster, &filter);
    let topics: Vec<Topic> = record::list(call.txn, KIND, &prefix)?;
    let items = topics
        .into_iter()
        .map(|topic| {
            let view = json!({
                "TopicArn": arn(call, &cluster, &topic.name),
                "TopicName": topic.name,
                "ReplicationFactor": topic.replication,
                "PartitionCount": topic.partitions,
                "OutOfSyncReplicaCount": 0,
            });
            (topic.name, view)
        })
        .collect();
    version::paged(call, items, "Topics")
}
