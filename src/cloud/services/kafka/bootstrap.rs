//! GetBootstrapBrokers.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::cluster::{self, Cluster};
use super::nodes::broker_host;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// AWS names at most this many brokers in a string.
const MOST_BROKERS: usize = 3;

/// GetBootstrapBrokers: a string for each way in that is open.
pub fn get_bootstrap_brokers(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    if let Some(state @ ("CREATING" | "DELETING" | "FAILED")) = cluster.state(call.now) {
        return Err(ApiError::new(
            "ConflictException",
            409,
            format!("The cluster is in the {state} state and has no bootstrap brokers."),
        )
        .with("InvalidParameter", "clusterArn"));
    }
    if cluster.is_serverless() {
        let host = format!(
            "boot-{}.c2.kafka-serverless.{}.amazonaws.com:9098",
            cluster.host_hash, call.region
        );
        return Ok(json!({ "BootstrapBrokerStringSaslIam": host }));
    }
    let ids = chosen(call, &cluster);
    let mut reply = Map::new();
    private(call, &cluster, &ids, &mut reply);
    public(call, &cluster, &ids, &mut reply);
    private_link(call, &cluster, &ids, &mut reply);
    Ok(Value::Object(reply))
}

/// At most three brokers, others in another order each time: the request's id decides.
fn chosen(call: &Call<'_>, cluster: &Cluster) -> Vec<u64> {
    let mut ids: Vec<u64> = cluster
        .settings
        .brokers
        .iter()
        .map(|broker| broker.id)
        .collect();
    ids.sort_by_key(|id| Vec::from(&Sha256::digest(format!("{}/{id}", call.request_id))[..]));
    ids.truncate(MOST_BROKERS);
    ids
}

/// The ways in that the cluster's security settings open.
struct Open {
    plaintext: bool,
    tls: bool,
    scram: bool,
    iam: bool,
}

fn open(cluster: &Cluster) -> Open {
    let shown = &cluster.settings.shown;
    let on = |path: &str| {
        let authentication = &shown["ClientAuthentication"];
        authentication.pointer(path).and_then(Value::as_bool) == Some(true)
    };
    let transit = shown["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"].as_str();
    let anyone = on("/Unauthenticated/Enabled");
    Open {
        plaintext: anyone && transit != Some("TLS"),
        tls: (anyone || on("/Tls/Enabled")) && transit != Some("PLAINTEXT"),
        scram: on("/Sasl/Scram/Enabled"),
        iam: on("/Sasl/Iam/Enabled"),
    }
}

fn private(call: &Call<'_>, cluster: &Cluster, ids: &[u64], reply: &mut Map<String, Value>) {
    let open = open(cluster);
    let ways = [
        (open.plaintext, "BootstrapBrokerString", 9092),
        (open.tls, "BootstrapBrokerStringTls", 9094),
        (open.scram, "BootstrapBrokerStringSaslScram", 9096),
        (open.iam, "BootstrapBrokerStringSaslIam", 9098),
    ];
    for (_, member, port) in ways.iter().filter(|(is_open, ..)| *is_open) {
        let hosts = ids.iter().map(|id| broker_host(cluster, call.region, *id));
        let hosts: Vec<String> = hosts.map(|host| format!("{host}:{port}")).collect();
        reply.insert((*member).to_owned(), hosts.join(",").into());
    }
}

fn public(call: &Call<'_>, cluster: &Cluster, ids: &[u64], reply: &mut Map<String, Value>) {
    let connectivity = &cluster.settings.shown["BrokerNodeGroupInfo"]["ConnectivityInfo"];
    if connectivity["PublicAccess"]["Type"] != "SERVICE_PROVIDED_EIPS" {
        return;
    }
    let open = open(cluster);
    let ways = [
        (open.tls, "BootstrapBrokerStringPublicTls", 9194),
        (open.scram, "BootstrapBrokerStringPublicSaslScram", 9196),
        (open.iam, "BootstrapBrokerStringPublicSaslIam", 9198),
    ];
    let domain = cluster.domain(call.region);
    for (_, member, port) in ways.iter().filter(|(is_open, ..)| *is_open) {
        let hosts: Vec<String> = ids
            .iter()
            .map(|id| format!("b-{id}-public.{domain}:{port}"))
            .collect();
        reply.insert((*member).to_owned(), hosts.join(",").into());
    }
}

/// Multi-VPC private connectivity: a port for each broker, from 14001.
fn private_link(call: &Call<'_>, cluster: &Cluster, ids: &[u64], reply: &mut Map<String, Value>) {
    let connectivity = &cluster.settings.shown["BrokerNodeGroupInfo"]["ConnectivityInfo"];
    let ways = [
        (
            "/Tls/Enabled",
            "tls",
            "BootstrapBrokerStringVpcConnectivityTls",
        ),
        (
            "/Sasl/Scram/Enabled",
            "scram",
            "BootstrapBrokerStringVpcConnectivitySaslScram",
        ),
        (
            "/Sasl/Iam/Enabled",
            "iam",
            "BootstrapBrokerStringVpcConnectivitySaslIam",
        ),
    ];
    let domain = cluster.domain(call.region);
    for (path, label, member) in ways {
        let authentication = &connectivity["VpcConnectivity"]["ClientAuthentication"];
        if authentication.pointer(path).and_then(Value::as_bool) == Some(true) {
            let hosts: Vec<String> = ids
                .iter()
                .map(|id| format!("b-{id}.{label}.{domain}:{}", 14_000 + id))
                .collect();
            reply.insert(member.to_owned(), hosts.join(",").into());
        }
    }
}
