//! ListNodes, and the host names of a cluster's nodes.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cluster::{self, Broker, Cluster};
use super::version;
use crate::cloud::services::call::{Call, Reply};

/// ZooKeeper nodes, or KRaft controllers, of any cluster.
const QUORUM: u64 = 3;

/// Whether ZooKeeper keeps the cluster's metadata.
fn has_zookeeper(cluster: &Cluster) -> bool {
    !cluster.is_serverless()
        && version::find(cluster.kafka_version()).is_none_or(|version| !version.kraft)
}

/// The ZooKeeper hosts; `None` where there is no ZooKeeper.
pub fn zookeeper_hosts(cluster: &Cluster, region: &str) -> Option<Vec<String>> {
    let domain = cluster.domain(region);
    has_zookeeper(cluster).then(|| (1..=QUORUM).map(|n| format!("z-{n}.{domain}")).collect())
}

/// `b-1.<domain>`.
pub fn broker_host(cluster: &Cluster, region: &str, id: u64) -> String {
    format!("b-{id}.{}", cluster.domain(region))
}

fn broker_node(call: &Call<'_>, cluster: &Cluster, broker: &Broker) -> Value {
    let instance_type = cluster.instance_type();
    json!({
        "AddedToClusterTime": iso8601(broker.added_at),
        "BrokerNodeInfo": {
            "AttachedENIId": broker.eni,
            "BrokerId": broker.id,
            "ClientSubnet": broker.subnet,
            "ClientVpcIpAddress": broker.ip,
            "CurrentBrokerSoftwareInfo": cluster.settings.shown["CurrentBrokerSoftwareInfo"],
            "Endpoints": [broker_host(cluster, call.region, broker.id)],
        },
        // Nodes show the type without the service's prefix.
        "InstanceType": instance_type.strip_prefix("kafka.").unwrap_or(instance_type),
        "NodeARN": node_arn(call, cluster, &broker.node),
        "NodeType": "BROKER",
    })
}

fn node_arn(call: &Call<'_>, cluster: &Cluster, node: &str) -> String {
    call.arn(
        "kafka",
        &format!("broker/{}/{}/{node}", cluster.name, cluster.uuid),
    )
}

fn iso8601(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

fn quorum_node(call: &Call<'_>, cluster: &Cluster, n: u64) -> Value {
    let domain = cluster.domain(call.region);
    if !has_zookeeper(cluster) {
        return json!({
            "ControllerNodeInfo": { "Endpoints": [format!("c-1000{n}.{domain}")] },
        });
    }
    // ZooKeeper's interfaces are the service's own: only their addresses are shown.
    json!({
        "AddedToClusterTime": iso8601(cluster.created_at),
        "NodeARN": node_arn(call, cluster, &format!("{}-z{n}", cluster.uuid)),
        "ZookeeperNodeInfo": {
            "Endpoints": [format!("z-{n}.{domain}")],
            "ZookeeperId": n,
            "ZookeeperVersion": "3.8.4",
        },
    })
}

/// ListNodes: brokers by id, then ZooKeeper's nodes or the controllers.
pub fn list_nodes(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    let mut items = Vec::new();
    if cluster.is_up(call.now) {
        let brokers = cluster.settings.brokers.iter();
        items.extend(brokers.map(|b| (format!("b{:05}", b.id), broker_node(call, &cluster, b))));
        items.extend((1..=QUORUM).map(|n| (format!("z{n}"), quorum_node(call, &cluster, n))));
    }
    version::paged(call, items, "NodeInfoList")
}
