//! Updates of the brokers themselves: their storage, type and number, and rebooting one.

use serde_json::{Value, json};

use super::cluster::{Broker, Cluster, bad};
use super::create::{self, checked_throughput};
use super::update::{Update, begin, nothing_to_do, wanted};
use super::{cluster, network};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The API's largest volume, in GiB.
const LARGEST_VOLUME: i64 = 16_384;

/// The API's BrokerEBSVolumeInfo list: one entry for all where they are alike.
pub fn volumes(brokers: &[Broker]) -> Value {
    let entry = |id: &str, broker: &Broker| {
        let mut entry = json!({ "KafkaBrokerNodeId": id, "VolumeSizeGB": broker.volume });
        if !broker.throughput.is_null() {
            entry["ProvisionedThroughput"] = broker.throughput.clone();
        }
        entry
    };
    let alike = |a: &Broker, b: &Broker| a.volume == b.volume && a.throughput == b.throughput;
    match brokers {
        [first, rest @ ..] if rest.iter().all(|other| alike(first, other)) => {
            json!([entry("All", first)])
        }
        _ => brokers
            .iter()
            .map(|b| entry(&b.id.to_string(), b))
            .collect(),
    }
}

/// UpdateBrokerStorage: of all brokers or of some; a volume only grows.
pub fn storage(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    must_have_volumes(&cluster)?;
    let mut settings = cluster.settings.clone();
    for target in call.list("TargetBrokerEBSVolumeInfo") {
        let id = target["KafkaBrokerNodeId"].as_str().unwrap_or_default();
        let mut named = settings
            .brokers
            .iter_mut()
            .filter(|broker| id.eq_ignore_ascii_case("all") || id == broker.id.to_string())
            .peekable();
        if named.peek().is_none() {
            return Err(bad(
                "kafkaBrokerNodeId",
                format!("The broker ID {id} is not valid for this cluster."),
            ));
        }
        for broker in named {
            grow(
                broker,
                target["VolumeSizeGB"].as_i64(),
                &target["ProvisionedThroughput"],
            )?;
        }
    }
    finish_storage(call, cluster, settings, "UPDATE_BROKER_STORAGE")
}

/// Starts the update that gives the brokers of `settings` their volumes.
pub fn finish_storage(
    call: &mut Call<'_>,
    cluster: Cluster,
    mut settings: cluster::Settings,
    kind: &'static str,
) -> Reply {
    if settings == cluster.settings {
        return Err(nothing_to_do("EBS volumes"));
    }
    if let Some(first) = settings.brokers.first()
        && !first.throughput.is_null()
    {
        let throughput = first.throughput.clone();
        settings.shown["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["ProvisionedThroughput"] =
            throughput;
    }
    let update = Update {
        kind,
        minutes: 5,
        source: json!({ "BrokerEBSVolumeInfo": volumes(&cluster.settings.brokers) }),
        target: json!({ "BrokerEBSVolumeInfo": volumes(&settings.brokers) }),
    };
    begin(call, cluster, update, settings)
}

/// BadRequestException for Express brokers, whose storage is not the user's.
pub fn must_have_volumes(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster
        .settings
        .brokers
        .iter()
        .any(|broker| broker.volume.is_none())
    {
        return Err(bad(
            "clusterArn",
            "This operation cannot be performed on clusters with Express brokers.",
        ));
    }
    Ok(())
}

/// Gives a broker a larger volume or another throughput.
pub fn grow(broker: &mut Broker, size: Option<i64>, throughput: &Value) -> Result<(), ApiError> {
    let held = broker.volume.unwrap_or_default();
    if let Some(size) = size {
        if size < held {
            return Err(bad(
                "volumeSizeGB",
                format!(
                    "The volume size of a broker can only be increased. Broker {} has {held} \
                     GiB, the request says {size} GiB.",
                    broker.id
                ),
            ));
        }
        if size > LARGEST_VOLUME {
            return Err(bad(
                "volumeSizeGB",
                format!("The volume size must be at most {LARGEST_VOLUME} GiB."),
            ));
        }
        broker.volume = Some(size);
    }
    checked_throughput(throughput)?;
    if throughput.is_object() {
        broker.throughput = throughput.clone();
    }
    Ok(())
}

/// UpdateBrokerType: all brokers get another size of the same family of brokers.
pub fn instance_type(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let target = call
        .str("TargetInstanceType")
        .unwrap_or_default()
        .to_owned();
    let express = create::checked_instance_type(&target)?;
    let held = cluster.instance_type().to_owned();
    if held == target {
        return Err(nothing_to_do("instance type"));
    }
    if express != held.starts_with("express.") {
        return Err(bad(
            "targetInstanceType",
            "You can't change between Standard and Express brokers.",
        ));
    }
    if target == "kafka.t3.small" {
        return Err(bad(
            "targetInstanceType",
            "You can't change the instance type of a cluster to kafka.t3.small.",
        ));
    }
    let mut settings = cluster.settings.clone();
    settings.shown["BrokerNodeGroupInfo"]["InstanceType"] = target.as_str().into();
    let update = Update {
        kind: "UPDATE_BROKER_TYPE",
        minutes: 15,
        source: json!({ "InstanceType": held }),
        target: json!({ "InstanceType": target }),
    };
    begin(call, cluster, update, settings)
}

/// UpdateBrokerCount: grows by any multiple of the subnets, or gives up one broker, the one
/// with the highest id, in each Availability Zone.
pub fn count(call: &mut Call<'_>) -> Reply {
    let cluster = wanted(call)?;
    let target = call
        .int("TargetNumberOfBrokerNodes")
        .unwrap_or_default()
        .unsigned_abs();
    let group = cluster.settings.shown["BrokerNodeGroupInfo"].clone();
    let place = network::known(call, &group)?;
    let zones = place.subnets.len();
    create::checked_count(target, zones)
        .map_err(|error| bad("targetNumberOfBrokerNodes", error.message))?;
    let held = cluster.settings.brokers.len();
    let wanted = usize::try_from(target).unwrap_or(usize::MAX);
    match wanted.cmp(&held) {
        std::cmp::Ordering::Equal => Err(nothing_to_do("number of broker nodes")),
        std::cmp::Ordering::Greater => add_brokers(call, cluster, &place, wanted),
        std::cmp::Ordering::Less => remove_brokers(call, cluster, zones, wanted),
    }
}

fn add_brokers(
    call: &mut Call<'_>,
    cluster: Cluster,
    place: &network::Place,
    wanted: usize,
) -> Reply {
    let mut settings = cluster.settings.clone();
    let held = settings.brokers.len();
    let volume = match settings.brokers.first() {
        Some(broker) => json!({
            "VolumeSize": broker.volume,
            "ProvisionedThroughput": broker.throughput,
        }),
        None => Value::Null,
    };
    let next = settings
        .brokers
        .iter()
        .map(|broker| broker.id)
        .max()
        .unwrap_or(0)
        + 1;
    for id in (next..).take(wanted - held) {
        let broker = create::new_broker(call, &cluster, place, id, &volume)?;
        settings.brokers.push(broker);
    }
    let update = Update {
        kind: "INCREASE_BROKER_COUNT",
        minutes: 10,
        source: json!({ "NumberOfBrokerNodes": held }),
        target: json!({ "NumberOfBrokerNodes": wanted }),
    };
    begin(call, cluster, update, settings)
}

fn remove_brokers(call: &mut Call<'_>, cluster: Cluster, zones: usize, wanted: usize) -> Reply {
    let mut settings = cluster.settings.clone();
    let held = settings.brokers.len();
    if held - wanted != zones {
        return Err(bad(
            "targetNumberOfBrokerNodes",
            "You can remove only one broker per Availability Zone in one operation.",
        ));
    }
    if cluster.instance_type() == "kafka.t3.small" {
        return Err(bad(
            "targetNumberOfBrokerNodes",
            "You can't remove brokers of the instance type kafka.t3.small.",
        ));
    }
    settings.brokers.sort_by_key(|broker| broker.id);
    let removed = settings.brokers.split_off(wanted);
    let minutes = 10;
    network::release(call, &removed, call.now + minutes * 60_000)?;
    let update = Update {
        kind: "DECREASE_BROKER_COUNT",
        minutes,
        source: json!({ "NumberOfBrokerNodes": held }),
        target: json!({ "NumberOfBrokerNodes": wanted }),
    };
    begin(call, cluster, update, settings)
}

/// RebootBroker: one broker at a time; no version token.
pub fn reboot(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    cluster::must_be(call, &cluster, &["ACTIVE"])?;
    let ids = call.strings("BrokerIds");
    let [id] = ids.as_slice() else {
        return Err(bad("brokerIds", "You can reboot one broker at a time."));
    };
    if !cluster
        .settings
        .brokers
        .iter()
        .any(|broker| broker.id.to_string() == *id)
    {
        return Err(bad(
            "brokerIds",
            format!("The broker ID {id} is not valid for this cluster."),
        ));
    }
    let settings = cluster.settings.clone();
    let update = Update {
        kind: "REBOOT_NODE",
        minutes: 3,
        source: json!({}),
        target: json!({}),
    };
    begin(call, cluster, update, settings)
}
