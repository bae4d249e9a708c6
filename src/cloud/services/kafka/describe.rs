//! DescribeCluster, DescribeClusterV2, ListClusters and ListClustersV2.

use serde_json::{Value, json};

use super::cluster::{self, Cluster};
use super::{nodes, version};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags;

/// What both generations of the API show of a cluster.
fn common(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut view = json!({
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.name,
        "CreationTime": cluster.created_at,
        "CurrentVersion": cluster.current_version(),
        "State": cluster.state(call.now),
        "Tags": tags::to_map(&cluster.tags),
    });
    if let Some(running) = &cluster.running {
        view["ActiveOperationArn"] = running.operation_arn.as_str().into();
    }
    if let (Some("FAILED"), Some(failure)) = (cluster.state(call.now), &cluster.failure) {
        view["StateInfo"] = json!({ "Code": failure.code, "Message": failure.message });
    }
    view
}

/// The API's Provisioned: the settings, and what follows from the brokers and the state.
fn provisioned(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut view = cluster.settings.shown.clone();
    view["NumberOfBrokerNodes"] = cluster.settings.brokers.len().into();
    view["CustomerActionStatus"] = "NONE".into();
    let volumes = cluster
        .settings
        .brokers
        .iter()
        .filter_map(|broker| broker.volume);
    if let Some(smallest) = volumes.min() {
        view["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["VolumeSize"] =
            smallest.into();
    }
    // Only ZooKeeper clusters have these, and not before they are up.
    if cluster.is_up(call.now)
        && let Some(hosts) = nodes::zookeeper_hosts(cluster, call.region)
    {
        let on = |port: u16| {
            let nodes: Vec<String> = hosts.iter().map(|host| format!("{host}:{port}")).collect();
            Value::from(nodes.join(","))
        };
        view["ZookeeperConnectString"] = on(2181);
        view["ZookeeperConnectStringTls"] = on(2182);
    }
    view
}

/// The first generation's ClusterInfo: everything on one level.
fn info(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut view = common(call, cluster);
    if let Value::Object(members) = provisioned(call, cluster) {
        for (member, value) in members {
            view[member] = value;
        }
    }
    view
}

/// The second generation's Cluster.
fn info_v2(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut view = common(call, cluster);
    view["ClusterType"] = cluster.kind.as_str().into();
    if cluster.is_serverless() {
        view["Serverless"] = cluster.settings.shown.clone();
    } else {
        view["Provisioned"] = provisioned(call, cluster);
    }
    view
}

/// DescribeCluster: provisioned clusters only.
pub fn describe_cluster(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    Ok(json!({ "ClusterInfo": info(call, &cluster) }))
}

/// DescribeClusterV2.
pub fn describe_cluster_v2(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    Ok(json!({ "ClusterInfo": info_v2(call, &cluster) }))
}

/// The clusters whose names begin with ClusterNameFilter, by name.
fn filtered(call: &mut Call<'_>) -> Result<Vec<Cluster>, ApiError> {
    let prefix = call.str("ClusterNameFilter").unwrap_or_default().to_owned();
    let mut clusters = cluster::listed(call.txn, call.region)?;
    clusters.retain(|cluster| cluster.name.starts_with(&prefix));
    clusters.sort_by_key(key);
    Ok(clusters)
}

/// Unique even while a lagging list shows a dead cluster and its successor.
fn key(cluster: &Cluster) -> String {
    format!("{}/{}", cluster.name, cluster.uuid)
}

/// ListClusters: provisioned clusters only.
pub fn list_clusters(call: &mut Call<'_>) -> Reply {
    let clusters = filtered(call)?;
    let items = clusters
        .iter()
        .filter(|cluster| !cluster.is_serverless())
        .map(|cluster| (key(cluster), info(call, cluster)))
        .collect();
    version::paged(call, items, "ClusterInfoList")
}

/// ListClustersV2.
pub fn list_clusters_v2(call: &mut Call<'_>) -> Reply {
    let kind = call.str("ClusterTypeFilter").map(str::to_uppercase);
    if kind
        .as_deref()
        .is_some_and(|kind| !["PROVISIONED", "SERVERLESS"].contains(&kind))
    {
        return Err(cluster::bad(
            "clusterTypeFilter",
            "The cluster type must be PROVISIONED or SERVERLESS.",
        ));
    }
    let clusters = filtered(call)?;
    let items = clusters
        .iter()
        .filter(|cluster| kind.as_ref().is_none_or(|kind| cluster.kind == *kind))
        .map(|cluster| (key(cluster), info_v2(call, cluster)))
        .collect();
    version::paged(call, items, "ClusterInfoList")
}
