//! Amazon MSK.
//!
//! A cluster is one record ([`cluster::Cluster`]): its settings in the API's own shape, its
//! brokers, and at most one operation under way that takes effect at a known moment. Handlers
//! read it as it is *now* ([`cluster::wanted`]), so a state is never stored. Every update goes
//! through [`update`]: the same checks, one operation record ([`operation`]), new settings at
//! its end. Configurations ([`configuration`]) are records of their own. What MSK needs of EC2
//! is in [`network`].

mod bootstrap;
mod cluster;
mod configuration;
mod create;
mod defaults;
mod describe;
mod network;
mod nodes;
mod operation;
mod policy;
mod properties;
mod scram;
mod serverless;
mod tag;
mod topic;
mod update;
mod update_brokers;
mod update_settings;
mod version;

pub use tag::tagged;

use crate::cloud::services::call::{Handler, Service, no_seed};

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "kafka",
    operations: OPERATIONS,
    validation_code: "BadRequestException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("BatchAssociateScramSecret", scram::associate),
    ("BatchDisassociateScramSecret", scram::disassociate),
    ("CreateCluster", create::create_cluster),
    ("CreateClusterV2", create::create_cluster_v2),
    ("CreateConfiguration", configuration::create),
    ("CreateTopic", topic::create),
    ("DeleteCluster", create::delete_cluster),
    ("DeleteClusterPolicy", policy::delete),
    ("DeleteConfiguration", configuration::delete),
    ("DeleteTopic", topic::delete),
    ("DescribeCluster", describe::describe_cluster),
    ("DescribeClusterOperation", operation::describe),
    ("DescribeClusterOperationV2", operation::describe_v2),
    ("DescribeClusterV2", describe::describe_cluster_v2),
    ("DescribeConfiguration", configuration::describe),
    (
        "DescribeConfigurationRevision",
        configuration::describe_revision,
    ),
    ("DescribeTopic", topic::describe),
    ("DescribeTopicPartitions", topic::describe_partitions),
    ("GetBootstrapBrokers", bootstrap::get_bootstrap_brokers),
    ("GetClusterPolicy", policy::get),
    ("GetCompatibleKafkaVersions", version::compatible),
    ("ListClusterOperations", operation::list),
    ("ListClusterOperationsV2", operation::list_v2),
    ("ListClusters", describe::list_clusters),
    ("ListClustersV2", describe::list_clusters_v2),
    ("ListConfigurationRevisions", configuration::list_revisions),
    ("ListConfigurations", configuration::list),
    ("ListKafkaVersions", version::list),
    ("ListNodes", nodes::list_nodes),
    ("ListScramSecrets", scram::list),
    ("ListTagsForResource", tag::list),
    ("ListTopics", topic::list),
    ("PutClusterPolicy", policy::put),
    ("RebootBroker", update_brokers::reboot),
    ("TagResource", tag::tag),
    ("UntagResource", tag::untag),
    ("UpdateBrokerCount", update_brokers::count),
    ("UpdateBrokerStorage", update_brokers::storage),
    ("UpdateBrokerType", update_brokers::instance_type),
    ("UpdateClusterConfiguration", update_settings::configuration),
    ("UpdateClusterKafkaVersion", update_settings::kafka_version),
    ("UpdateConfiguration", configuration::update),
    ("UpdateConnectivity", update_settings::connectivity),
    ("UpdateMonitoring", update_settings::monitoring),
    ("UpdateRebalancing", update_settings::rebalancing),
    ("UpdateSecurity", update_settings::security),
    ("UpdateStorage", update_settings::storage),
    ("UpdateTopic", topic::update),
];
