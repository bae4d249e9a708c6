//! CreateCluster, CreateClusterV2 and DeleteCluster.

use serde_json::{Map, Value, json};

use super::cluster::{self, Broker, Cluster, Settings, bad};
use super::{configuration, defaults, network, serverless, tag, version};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Instance types MSK offers for brokers.
const STANDARD_SIZES: [&str; 15] = [
    "t3.small",
    "m5.large",
    "m5.xlarge",
    "m5.2xlarge",
    "m5.4xlarge",
    "m5.8xlarge",
    "m5.12xlarge",
    "m5.16xlarge",
    "m5.24xlarge",
    "m7g.large",
    "m7g.xlarge",
    "m7g.2xlarge",
    "m7g.4xlarge",
    "m7g.8xlarge",
    "m7g.16xlarge",
];
const EXPRESS_SIZES: [&str; 7] = [
    "m7g.large",
    "m7g.xlarge",
    "m7g.2xlarge",
    "m7g.4xlarge",
    "m7g.8xlarge",
    "m7g.12xlarge",
    "m7g.16xlarge",
];
/// GiB of a broker's volume where the request names none.
const DEFAULT_VOLUME: i64 = 100;

/// CreateCluster: a provisioned cluster.
pub fn create_cluster(call: &mut Call<'_>) -> Reply {
    let provisioned = call.input.clone();
    let cluster = create(call, &provisioned)?;
    Ok(json!({
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.name,
        "State": cluster.state(call.now),
    }))
}

/// CreateClusterV2: a provisioned or a serverless one.
pub fn create_cluster_v2(call: &mut Call<'_>) -> Reply {
    let cluster = match (call.has("Provisioned"), call.has("Serverless")) {
        (true, false) => {
            let provisioned = call.input["Provisioned"].clone();
            create(call, &provisioned)?
        }
        (false, true) => serverless::create(call)?,
        _ => {
            return Err(bad(
                "",
                "Specify exactly one of the parameters provisioned and serverless.",
            ));
        }
    };
    Ok(json!({
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.name,
        "State": cluster.state(call.now),
        "ClusterType": cluster.kind,
    }))
}

/// The request's name, checked: letters, digits and hyphens, not in use in the region.
pub fn checked_name(call: &mut Call<'_>) -> Result<String, ApiError> {
    let name = call.str("ClusterName").unwrap_or_default().to_owned();
    let legal = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !legal {
        return Err(bad(
            "clusterName",
            "The parameter value contains one or more characters that are not valid.",
        ));
    }
    if cluster::all(call.txn, call.region)?
        .iter()
        .any(|other| other.name == name)
    {
        return Err(ApiError::new(
            "ConflictException",
            409,
            "A resource with this name already exists.",
        )
        .with("InvalidParameter", "clusterName"));
    }
    Ok(name)
}

fn create(call: &mut Call<'_>, given: &Value) -> Result<Cluster, ApiError> {
    let name = checked_name(call)?;
    let kafka = version::for_new_cluster(given["KafkaVersion"].as_str().unwrap_or_default())?;
    let tags = tag::given(call)?;
    let group = &given["BrokerNodeGroupInfo"];
    let instance_type = group["InstanceType"].as_str().unwrap_or_default();
    let express = checked_instance_type(instance_type)?;
    if express && !kafka.express {
        return Err(bad(
            "kafkaVersion",
            format!(
                "Express instance types are not supported for Kafka version {}.",
                kafka.name
            ),
        ));
    }
    let place = network::checked(call, group)?;
    let count = given["NumberOfBrokerNodes"].as_u64().unwrap_or_default();
    checked_count(count, place.subnets.len())?;
    checked_storage(given, express, kafka.name)?;
    checked_security(&given["ClientAuthentication"], &given["EncryptionInfo"])?;
    if group["ConnectivityInfo"]["PublicAccess"]["Type"]
        .as_str()
        .unwrap_or("DISABLED")
        != "DISABLED"
    {
        return Err(bad(
            "connectivityInfo",
            "You can't turn on public access while creating a cluster. Turn it on after the \
             cluster is active.",
        ));
    }
    let software = configuration::software_info(call, kafka.name, &given["ConfigurationInfo"])?;
    let uuid = cluster::new_uuid(call.txn)?;
    let mut cluster = Cluster {
        arn: format!("{}/{uuid}-1", call.arn("kafka", &format!("cluster/{name}"))),
        uuid: format!("{uuid}-1"),
        host_hash: host_hash(call)?,
        kind: "PROVISIONED".to_owned(),
        created_at: call.now,
        failure: call.failure.clone(),
        deleted_at: None,
        version: 1,
        settings: Settings {
            shown: Value::Null,
            brokers: Vec::new(),
        },
        running: None,
        tags,
        policy: None,
        scram_secrets: Vec::new(),
        name,
    };
    cluster.settings.shown = shown(call, given, &place, express, software)?;
    let volume =
        cluster.settings.shown["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"].clone();
    for id in 1..=count {
        let broker = new_broker(call, &cluster, &place, id, &volume)?;
        cluster.settings.brokers.push(broker);
    }
    cluster.save(call.txn, call.region)?;
    Ok(cluster)
}

/// One more broker: the subnets take turns.
pub fn new_broker(
    call: &mut Call<'_>,
    cluster: &Cluster,
    place: &network::Place,
    id: u64,
    volume: &Value,
) -> Result<Broker, ApiError> {
    let at = usize::try_from(id.saturating_sub(1)).unwrap_or(0) % place.subnets.len().max(1);
    let subnet = place
        .subnets
        .get(at)
        .map(|subnet| subnet.id.clone())
        .unwrap_or_default();
    let node = cluster::new_uuid(call.txn)?;
    let interface = network::attach(call, cluster, &subnet, &place.groups, &node)?;
    Ok(Broker {
        id,
        subnet,
        ip: interface.ip,
        eni: interface.id,
        node,
        added_at: call.now,
        volume: volume["VolumeSize"].as_i64(),
        throughput: volume["ProvisionedThroughput"].clone(),
    })
}

/// Six letters and digits, as in the host names of real clusters.
pub fn host_hash(call: &mut Call<'_>) -> Result<String, ApiError> {
    let hex = call.txn.hex_id(16)?;
    let number = u64::from_str_radix(&hex, 16).unwrap_or_default();
    let alphabet = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digit = |place: u32| {
        let at = usize::try_from(number / 36_u64.pow(place) % 36).unwrap_or(0);
        char::from(alphabet[at])
    };
    Ok((0..6).map(digit).collect())
}

/// Whether the type is an Express one; BadRequestException where MSK has no such type.
pub fn checked_instance_type(name: &str) -> Result<bool, ApiError> {
    let express = name
        .strip_prefix("express.")
        .is_some_and(|size| EXPRESS_SIZES.contains(&size));
    let standard = name
        .strip_prefix("kafka.")
        .is_some_and(|size| STANDARD_SIZES.contains(&size));
    if express || standard {
        return Ok(express);
    }
    let valid: Vec<String> = STANDARD_SIZES
        .iter()
        .map(|size| format!("kafka.{size}"))
        .chain(EXPRESS_SIZES.iter().map(|size| format!("express.{size}")))
        .collect();
    Err(bad(
        "instanceType",
        format!(
            "Unsupported InstanceType [{name}]. Valid values: [{}]",
            valid.join(", ")
        ),
    ))
}

/// BadRequestException unless the brokers can be spread evenly.
pub fn checked_count(count: u64, subnets: usize) -> Result<(), ApiError> {
    if count == 0 || !count.is_multiple_of(subnets.max(1) as u64) {
        return Err(bad(
            "numberOfBrokerNodes",
            "The number of broker nodes must be a multiple of Availability Zones in the Client \
             Subnets parameter.",
        ));
    }
    Ok(())
}

fn checked_storage(given: &Value, express: bool, kafka: &str) -> Result<(), ApiError> {
    let group = &given["BrokerNodeGroupInfo"];
    if express && group["StorageInfo"]["EbsStorageInfo"].is_object() {
        return Err(bad(
            "storageInfo",
            "Express brokers do not take the parameter storageInfo.",
        ));
    }
    let tiered = given["StorageMode"] == "TIERED";
    let small = group["InstanceType"] == "kafka.t3.small";
    if tiered && (express || small) {
        return Err(bad(
            "storageMode",
            "Tiered storage is not supported for this instance type.",
        ));
    }
    if tiered && kafka.starts_with("2.") && kafka != "2.8.2.tiered" {
        return Err(bad(
            "storageMode",
            "Tiered storage needs Apache Kafka 3.6.0 or later.",
        ));
    }
    if group["BrokerAZDistribution"].as_str().unwrap_or("DEFAULT") != "DEFAULT" {
        return Err(bad(
            "brokerAZDistribution",
            "The only valid value is DEFAULT.",
        ));
    }
    checked_throughput(&group["StorageInfo"]["EbsStorageInfo"]["ProvisionedThroughput"])
}

/// ProvisionedThroughput is 250 to 2375 MiB a second, and only where it is enabled.
pub fn checked_throughput(given: &Value) -> Result<(), ApiError> {
    let throughput = given["VolumeThroughput"].as_i64();
    let wrong = match (given["Enabled"].as_bool(), throughput) {
        (Some(true), Some(rate)) => !(250..=2375).contains(&rate),
        (Some(true), None) => true,
        (_, rate) => rate.is_some(),
    };
    if wrong {
        return Err(bad(
            "provisionedThroughput",
            "Provisioned throughput takes a volumeThroughput from 250 to 2375 when it is enabled, \
             and none when it is not.",
        ));
    }
    Ok(())
}

/// What clients authenticate with must fit how their traffic is encrypted.
pub fn checked_security(authentication: &Value, encryption: &Value) -> Result<(), ApiError> {
    let client_broker = encryption["EncryptionInTransit"]["ClientBroker"]
        .as_str()
        .unwrap_or("TLS");
    let on = |path: &str| authentication.pointer(path).and_then(Value::as_bool) == Some(true);
    let sasl = on("/Sasl/Iam/Enabled") || on("/Sasl/Scram/Enabled");
    let authorities = authentication["Tls"]["CertificateAuthorityArnList"]
        .as_array()
        .is_some_and(|list| !list.is_empty());
    if client_broker == "PLAINTEXT" && (sasl || on("/Tls/Enabled") || authorities) {
        return Err(bad(
            "clientBroker",
            "Client authentication needs TLS encryption between clients and brokers.",
        ));
    }
    if on("/Tls/Enabled") && !authorities {
        return Err(bad(
            "certificateAuthorityArnList",
            "Mutual TLS authentication needs at least one certificate authority ARN.",
        ));
    }
    Ok(())
}

/// The API's Provisioned as descriptions will show it, with AWS's defaults filled in.
fn shown(
    call: &mut Call<'_>,
    given: &Value,
    place: &network::Place,
    express: bool,
    software: Value,
) -> Reply {
    let group = &given["BrokerNodeGroupInfo"];
    let mut nodes = json!({
        "BrokerAZDistribution": "DEFAULT",
        "ClientSubnets": group["ClientSubnets"],
        "InstanceType": group["InstanceType"],
        "SecurityGroups": place.groups,
        "ConnectivityInfo": defaults::connectivity(&group["ConnectivityInfo"]),
        "ZoneIds": place.subnets.iter().map(|s| s.zone_id.as_str()).collect::<Vec<_>>(),
    });
    if !express {
        let base = json!({ "EbsStorageInfo": { "VolumeSize": DEFAULT_VOLUME } });
        nodes["StorageInfo"] = defaults::merged(base, &group["StorageInfo"]);
    }
    let mut shown = Map::new();
    let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
    set("BrokerNodeGroupInfo", nodes);
    set("CurrentBrokerSoftwareInfo", software);
    set(
        "ClientAuthentication",
        defaults::client_authentication(&given["ClientAuthentication"]),
    );
    let key = managed_key(call)?;
    set(
        "EncryptionInfo",
        defaults::encryption(&given["EncryptionInfo"], &key),
    );
    let monitoring = given["EnhancedMonitoring"].as_str().unwrap_or("DEFAULT");
    set("EnhancedMonitoring", monitoring.into());
    set(
        "OpenMonitoring",
        defaults::open_monitoring(&given["OpenMonitoring"]),
    );
    if given["LoggingInfo"].is_object() {
        set("LoggingInfo", defaults::logging(&given["LoggingInfo"]));
    }
    if express {
        let status = given["Rebalancing"]["Status"].as_str().unwrap_or("ACTIVE");
        set("Rebalancing", json!({ "Status": status }));
    } else {
        set(
            "StorageMode",
            given["StorageMode"].as_str().unwrap_or("LOCAL").into(),
        );
    }
    Ok(Value::Object(shown))
}

/// The ARN of the key AWS manages for MSK in this account and region: one for all clusters.
fn managed_key(call: &mut Call<'_>) -> Result<String, ApiError> {
    let kind = "kafka.managed_key";
    if let Some(Value::String(arn)) = call.txn.get(kind, call.region)? {
        return Ok(arn);
    }
    let uuid = cluster::new_uuid(call.txn)?;
    let arn = call.arn("kms", &format!("key/{uuid}"));
    call.txn
        .put(kind, call.region, &Value::String(arn.clone()))?;
    Ok(arn)
}

/// DeleteCluster: takes some minutes; its interfaces go with it.
pub fn delete_cluster(call: &mut Call<'_>) -> Reply {
    let mut cluster = cluster::wanted(call)?;
    cluster::must_be(call, &cluster, &["ACTIVE", "FAILED"])?;
    cluster::must_be_current(call, &cluster)?;
    cluster.deleted_at = Some(call.now);
    network::release(
        call,
        &cluster.settings.brokers,
        call.now + cluster::DELETING_MS,
    )?;
    cluster.save(call.txn, call.region)?;
    Ok(json!({ "ClusterArn": cluster.arn, "State": "DELETING" }))
}
