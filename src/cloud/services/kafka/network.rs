//! What MSK needs of EC2: subnets, security groups, and interfaces that keep both in use.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster::{Broker, Cluster, bad};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::ec2;

/// A subnet brokers live in.
#[derive(Clone, Debug)]
pub struct Subnet {
    pub id: String,
    /// `use1-az4`.
    pub zone_id: String,
}

/// Where brokers live: checked subnets, in the order given, and security groups.
#[derive(Clone, Debug)]
pub struct Place {
    pub subnets: Vec<Subnet>,
    pub groups: Vec<String>,
}

/// One broker's network interface.
pub struct Interface {
    pub id: String,
    pub ip: String,
}

/// The texts of a JSON list.
fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// The subnets and groups of a BrokerNodeGroupInfo: two or three subnets of one VPC, each in
/// its own zone; without groups, the VPC's default one.
pub fn checked(call: &mut Call<'_>, group: &Value) -> Result<Place, ApiError> {
    let ids = texts(&group["ClientSubnets"]);
    if !(2..=3).contains(&ids.len()) {
        return Err(bad(
            "clientSubnets",
            "Specify either two or three client subnets.",
        ));
    }
    let (mut subnets, mut zones, mut vpcs) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for id in &ids {
        let Some(subnet) = ec2::subnet(call.txn, call.region, id)? else {
            return Err(bad(
                "clientSubnets",
                format!("One or more subnets do not exist or are not accessible: [{id}]"),
            ));
        };
        let text = |member: &str| subnet[member].as_str().unwrap_or_default().to_owned();
        zones.insert(text("AvailabilityZoneId"));
        vpcs.insert(text("VpcId"));
        subnets.push(Subnet {
            id: id.clone(),
            zone_id: text("AvailabilityZoneId"),
        });
    }
    if zones.len() != ids.len() {
        return Err(bad(
            "clientSubnets",
            "Each client subnet must be in a different Availability Zone.",
        ));
    }
    let vpc = match vpcs.pop_first() {
        Some(vpc) if vpcs.is_empty() => vpc,
        _ => {
            return Err(bad(
                "clientSubnets",
                "All client subnets must be in the same VPC.",
            ));
        }
    };
    let groups = checked_groups(call, texts(&group["SecurityGroups"]), &vpc)?;
    Ok(Place { subnets, groups })
}

fn checked_groups(
    call: &mut Call<'_>,
    ids: Vec<String>,
    vpc: &str,
) -> Result<Vec<String>, ApiError> {
    if ids.is_empty() {
        let default = ec2::default_security_group(call.txn, call.region, vpc)?;
        let id = default.and_then(|group| group["GroupId"].as_str().map(str::to_owned));
        return Ok(id.into_iter().collect());
    }
    for id in &ids {
        let group = ec2::security_group(call.txn, call.region, id)?;
        if group.is_none_or(|group| group["VpcId"] != vpc) {
            return Err(bad(
                "securityGroups",
                format!("One or more security groups do not exist in the VPC {vpc}: [{id}]"),
            ));
        }
    }
    Ok(ids)
}

/// The place of a cluster that exists, from the BrokerNodeGroupInfo it shows.
pub fn known(call: &mut Call<'_>, group: &Value) -> Result<Place, ApiError> {
    let mut subnets = Vec::new();
    for id in texts(&group["ClientSubnets"]) {
        let subnet = ec2::subnet(call.txn, call.region, &id)?.unwrap_or(Value::Null);
        let zone_id = subnet["AvailabilityZoneId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        subnets.push(Subnet { id, zone_id });
    }
    Ok(Place {
        subnets,
        groups: texts(&group["SecurityGroups"]),
    })
}

/// Puts a broker's interface into its subnet, with the cluster's groups.
pub fn attach(
    call: &mut Call<'_>,
    cluster: &Cluster,
    subnet: &str,
    groups: &[String],
    broker: &str,
) -> Result<Interface, ApiError> {
    let made = ec2::attach_interfaces(
        call.txn,
        call.region,
        &owner(broker),
        &format!(
            "DO NOT DELETE - Amazon MSK network interface for cluster {}",
            cluster.arn
        ),
        &[subnet.to_owned()],
        groups,
    )
    .map_err(|error| bad("clientSubnets", error.message))?;
    let of_broker = ec2::interfaces_of(call.txn, call.region, &owner(broker))?;
    let address = |interface: &Value| interface["PrivateIpAddress"].as_str().map(str::to_owned);
    Ok(Interface {
        id: made.into_iter().next().unwrap_or_default(),
        ip: of_broker.first().and_then(address).unwrap_or_default(),
    })
}

/// Under which EC2 keeps a broker's interface: a broker can leave a cluster that stays.
fn owner(broker: &str) -> String {
    format!("kafka/{broker}")
}

/// Takes the interfaces of brokers away at the simulated time `at`.
pub fn release(call: &mut Call<'_>, brokers: &[Broker], at: i64) -> Result<(), ApiError> {
    for broker in brokers {
        ec2::release_interfaces(call.txn, call.region, &owner(&broker.node), at)?;
    }
    Ok(())
}
