//! Updates of what a cluster is set to: configuration, version, security, monitoring,
//! connectivity, storage mode, rebalancing.

use serde_json::{Value, json};

use super::cluster::bad;
use super::create::checked_security;
use super::update::{Update, begin, nothing_to_do, set_member, wanted};
use super::{configuration, defaults, update_brokers, version};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The API's ConfigurationInfo of a CurrentBrokerSoftwareInfo; null without a configuration.
fn configuration_info(software: &Value) -> Value {
    match &software["ConfigurationArn"] {
        Value::Null => Value::Null,
        arn => json!({ "Arn": arn, "Revision": software["ConfigurationRevision"] }),
    }
}

/// Drops the null members of an object.
fn present(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

/// UpdateClusterConfiguration.
pub fn configuration(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let given = call.input["ConfigurationInfo"].clone();
    let before = cluster.settings.shown["CurrentBrokerSoftwareInfo"].clone();
    let after = configuration::software_info(call, cluster.kafka_version(), &given)?;
    if before == after {
        return Err(nothing_to_do("configuration"));
    }
    let mut settings = cluster.settings.clone();
    let update = Update {
        kind: "UPDATE_CLUSTER_CONFIGURATION",
        minutes: 10,
        source: present(json!({ "ConfigurationInfo": configuration_info(&before) })),
        target: json!({ "ConfigurationInfo": configuration_info(&after) }),
    };
    settings.shown["CurrentBrokerSoftwareInfo"] = after;
    begin(call, cluster, update, settings)
}

/// UpdateClusterKafkaVersion, with another configuration where the request names one.
pub fn kafka_version(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let target = call
        .str("TargetKafkaVersion")
        .unwrap_or_default()
        .to_owned();
    let held = cluster.kafka_version().to_owned();
    if held == target {
        return Err(nothing_to_do("Apache Kafka version"));
    }
    let express = cluster.instance_type().starts_with("express.");
    let targets = version::targets(&held, express);
    if !targets.contains(&target.as_str()) {
        return Err(bad(
            "targetKafkaVersion",
            format!(
                "Unsupported KafkaVersion [{target}] for a cluster of version {held}. Valid \
                 values: [{}]",
                targets.join(", ")
            ),
        ));
    }
    let before = cluster.settings.shown["CurrentBrokerSoftwareInfo"].clone();
    let given = match call.has("ConfigurationInfo") {
        true => call.input["ConfigurationInfo"].clone(),
        false => configuration_info(&before),
    };
    let after = configuration::software_info(call, &target, &given)?;
    let update = Update {
        kind: "UPDATE_CLUSTER_KAFKA_VERSION",
        minutes: 20,
        source: present(json!({
            "KafkaVersion": held,
            "ConfigurationInfo": configuration_info(&before),
        })),
        target: present(json!({
            "KafkaVersion": target,
            "ConfigurationInfo": configuration_info(&after),
        })),
    };
    let mut settings = cluster.settings.clone();
    settings.shown["CurrentBrokerSoftwareInfo"] = after;
    begin(call, cluster, update, settings)
}

/// UpdateSecurity: how clients authenticate and how their traffic is encrypted. What the
/// request leaves out stays.
pub fn security(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let shown = &cluster.settings.shown;
    let (authentication, encryption) = (&shown["ClientAuthentication"], &shown["EncryptionInfo"]);
    let new_authentication =
        defaults::merged(authentication.clone(), &call.input["ClientAuthentication"]);
    let new_encryption = defaults::merged(encryption.clone(), &call.input["EncryptionInfo"]);
    if new_encryption["EncryptionAtRest"] != encryption["EncryptionAtRest"] {
        return Err(bad(
            "encryptionAtRest",
            "You can't change the encryption at rest of an existing cluster.",
        ));
    }
    let in_cluster = |info: &Value| info["EncryptionInTransit"]["InCluster"].clone();
    if in_cluster(&new_encryption) != in_cluster(encryption) {
        return Err(bad(
            "inCluster",
            "You can't change the encryption between the brokers of an existing cluster.",
        ));
    }
    if &new_authentication == authentication && &new_encryption == encryption {
        return Err(nothing_to_do("security setting"));
    }
    checked_security(&new_authentication, &new_encryption)?;
    someone_may_enter(&new_authentication)?;
    let (mut source, mut target) = (json!({}), json!({}));
    for (member, before, after) in [
        ("ClientAuthentication", authentication, &new_authentication),
        ("EncryptionInfo", encryption, &new_encryption),
    ] {
        if before != after {
            source[member] = before.clone();
            target[member] = after.clone();
        }
    }
    let mut settings = cluster.settings.clone();
    settings.shown["ClientAuthentication"] = new_authentication;
    settings.shown["EncryptionInfo"] = new_encryption;
    let update = Update {
        kind: "UPDATE_SECURITY",
        minutes: 15,
        source,
        target,
    };
    begin(call, cluster, update, settings)
}

fn someone_may_enter(authentication: &Value) -> Result<(), ApiError> {
    let on = |path: &str| authentication.pointer(path).and_then(Value::as_bool) == Some(true);
    let ways = [
        "/Sasl/Iam/Enabled",
        "/Sasl/Scram/Enabled",
        "/Tls/Enabled",
        "/Unauthenticated/Enabled",
    ];
    if ways.iter().any(|path| on(path)) {
        return Ok(());
    }
    Err(bad(
        "clientAuthentication",
        "At least one of unauthenticated access and the authentication methods must be enabled.",
    ))
}

/// UpdateMonitoring: metrics, exporters and logs. A part the request leaves out stays.
pub fn monitoring(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let mut settings = cluster.settings.clone();
    let level = call.input["EnhancedMonitoring"].clone();
    let exporters = match &call.input["OpenMonitoring"] {
        Value::Object(_) => defaults::open_monitoring(&call.input["OpenMonitoring"]),
        _ => Value::Null,
    };
    let logs = match &call.input["LoggingInfo"] {
        Value::Object(_) => defaults::logging(&call.input["LoggingInfo"]),
        _ => Value::Null,
    };
    let (mut source, mut target) = (json!({}), json!({}));
    for (member, value) in [
        ("EnhancedMonitoring", level),
        ("OpenMonitoring", exporters),
        ("LoggingInfo", logs),
    ] {
        let held = cluster
            .settings
            .shown
            .get(member)
            .cloned()
            .unwrap_or(Value::Null);
        if !value.is_null() && value != held {
            source[member] = held;
            target[member] = value.clone();
            settings.shown[member] = value;
        }
    }
    if settings == cluster.settings {
        return Err(nothing_to_do("monitoring"));
    }
    let update = Update {
        kind: "UPDATE_MONITORING",
        minutes: 10,
        source: present(source),
        target,
    };
    begin(call, cluster, update, settings)
}

/// UpdateConnectivity: public access and multi-VPC private connectivity.
pub fn connectivity(call: &mut Call<'_>) -> Reply {
    if call.has("ZookeeperAccess") {
        return Err(ApiError::not_implemented(
            "the ZookeeperAccess of UpdateConnectivity",
        ));
    }
    let cluster = wanted(call)?;
    let held = cluster.settings.shown["BrokerNodeGroupInfo"]["ConnectivityInfo"].clone();
    let after = defaults::merged(held.clone(), &call.input["ConnectivityInfo"]);
    if held == after {
        return Err(nothing_to_do("connectivity setting"));
    }
    let access = after["PublicAccess"]["Type"].as_str().unwrap_or_default();
    if !["DISABLED", "SERVICE_PROVIDED_EIPS"].contains(&access) {
        return Err(bad(
            "type",
            "The type must be DISABLED or SERVICE_PROVIDED_EIPS.",
        ));
    }
    let shown = &cluster.settings.shown;
    let open = shown["ClientAuthentication"]["Unauthenticated"]["Enabled"] == true;
    let plain = shown["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"] != "TLS";
    if access != "DISABLED" && (open || plain) {
        return Err(bad(
            "publicAccess",
            "Public access needs unauthenticated access turned off, an authentication method \
             turned on, and TLS as the only encryption between clients and brokers.",
        ));
    }
    let mut settings = cluster.settings.clone();
    let update = Update {
        kind: "UPDATE_CONNECTIVITY",
        minutes: 15,
        source: json!({ "ConnectivityInfo": held }),
        target: json!({ "ConnectivityInfo": after }),
    };
    settings.shown["BrokerNodeGroupInfo"]["ConnectivityInfo"] = after;
    begin(call, cluster, update, settings)
}

/// UpdateStorage: storage mode, size and throughput of all brokers together. Tiered storage
/// stays once it is on.
pub fn storage(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    update_brokers::must_have_volumes(&cluster)?;
    let mut settings = cluster.settings.clone();
    let held = settings.shown["StorageMode"].clone();
    if let Some(mode) = call.str("StorageMode") {
        if held == "TIERED" && mode == "LOCAL" {
            return Err(bad(
                "storageMode",
                "You can't turn off tiered storage for a cluster.",
            ));
        }
        if mode == "TIERED" && cluster.instance_type() == "kafka.t3.small" {
            return Err(bad(
                "storageMode",
                "Tiered storage is not supported for this instance type.",
            ));
        }
        settings.shown["StorageMode"] = mode.into();
    }
    for broker in &mut settings.brokers {
        let throughput = call
            .input
            .get("ProvisionedThroughput")
            .unwrap_or(&Value::Null);
        update_brokers::grow(broker, call.int("VolumeSizeGB"), throughput)?;
    }
    if settings.shown["StorageMode"] == held {
        return update_brokers::finish_storage(call, cluster, settings, "UPDATE_STORAGE");
    }
    let update = Update {
        kind: "UPDATE_STORAGE",
        minutes: 10,
        source: json!({
            "StorageMode": held,
            "BrokerEBSVolumeInfo": update_brokers::volumes(&cluster.settings.brokers),
        }),
        target: json!({
            "StorageMode": settings.shown["StorageMode"],
            "BrokerEBSVolumeInfo": update_brokers::volumes(&settings.brokers),
        }),
    };
    begin(call, cluster, update, settings)
}

/// UpdateRebalancing: Express brokers only.
pub fn rebalancing(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    if !cluster.instance_type().starts_with("express.") {
        return Err(bad(
            "rebalancing",
            "Intelligent rebalancing is only supported for clusters with Express brokers.",
        ));
    }
    let value = call.input["Rebalancing"].clone();
    set_member(
        call,
        cluster,
        ("UPDATE_REBALANCING", 5),
        "Rebalancing",
        value,
        "rebalancing",
    )
}
