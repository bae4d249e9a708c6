//! The Kafka versions MSK knows, as a table: what is offered, what ended, what upgrades to what.

use serde_json::{Value, json};

use super::cluster;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

/// One version of the table.
pub struct Version {
    pub name: &'static str,
    /// Whether new clusters may have it.
    pub active: bool,
    /// Whether its metadata is kept by KRaft controllers instead of ZooKeeper.
    pub kraft: bool,
    /// Whether Express brokers run it.
    pub express: bool,
}

const fn row(name: &'static str, active: bool, kraft: bool, express: bool) -> Version {
    Version {
        name,
        active,
        kraft,
        express,
    }
}

/// Oldest first (source: the MSK developer guide's table of supported versions).
const VERSIONS: &[Version] = &[
    row("1.1.1", false, false, false),
    row("2.1.0", false, false, false),
    row("2.2.1", false, false, false),
    row("2.3.1", false, false, false),
    row("2.4.1", false, false, false),
    row("2.4.1.1", false, false, false),
    row("2.5.1", false, false, false),
    row("2.6.0", false, false, false),
    row("2.6.1", false, false, false),
    row("2.6.2", false, false, false),
    row("2.6.3", false, false, false),
    row("2.7.0", false, false, false),
    row("2.7.1", false, false, false),
    row("2.7.2", false, false, false),
    row("2.8.0", false, false, false),
    row("2.8.1", false, false, false),
    row("2.8.2.tiered", false, false, false),
    row("3.1.1", false, false, false),
    row("3.2.0", false, false, false),
    row("3.3.1", false, false, false),
    row("3.3.2", false, false, false),
    row("3.4.0", false, false, false),
    row("3.5.1", false, false, false),
    row("3.6.0", true, false, true),
    row("3.7.x", true, false, false),
    row("3.7.x.kraft", true, true, false),
    row("3.8.x", true, false, true),
    row("3.8.x.kraft", true, true, true),
    row("3.9.x", true, false, true),
    row("3.9.x.kraft", true, true, true),
    row("4.0.x.kraft", true, true, false),
    row("4.1.x.kraft", true, true, false),
];

/// The version of this name.
pub fn find(name: &str) -> Option<&'static Version> {
    VERSIONS.iter().find(|version| version.name == name)
}

/// The version a new cluster may have; BadRequestException with the valid ones otherwise.
pub fn for_new_cluster(name: &str) -> Result<&'static Version, ApiError> {
    find(name).filter(|version| version.active).ok_or_else(|| {
        cluster::bad(
            "kafkaVersion",
            format!(
                "Unsupported KafkaVersion [{name}]. Valid values: [{}]",
                names().join(", ")
            ),
        )
    })
}

fn names() -> Vec<&'static str> {
    VERSIONS
        .iter()
        .filter(|version| version.active)
        .map(|version| version.name)
        .collect()
}

/// What a cluster of the version `from` can be upgraded to: later active versions of the same
/// kind of metadata, Express to Express.
pub fn targets(from: &str, express: bool) -> Vec<&'static str> {
    let Some(at) = VERSIONS.iter().position(|version| version.name == from) else {
        return Vec::new();
    };
    let kraft = VERSIONS[at].kraft;
    let later = VERSIONS[at + 1..].iter();
    later
        .filter(|v| v.active && v.kraft == kraft && (v.express || !express))
        .map(|v| v.name)
        .collect()
}

/// ListKafkaVersions.
pub fn list(call: &mut Call<'_>) -> Reply {
    // The keys keep the table's order, which is not that of the names.
    let items = VERSIONS
        .iter()
        .enumerate()
        .map(|(at, version)| {
            let status = if version.active {
                "ACTIVE"
            } else {
                "DEPRECATED"
            };
            (
                format!("{at:03}"),
                json!({ "Version": version.name, "Status": status }),
            )
        })
        .collect();
    paged(call, items, "KafkaVersions")
}

/// One page of `items` under `member`, with NextToken where there are more.
pub fn paged(call: &Call<'_>, items: Vec<(String, Value)>, member: &str) -> Reply {
    let limit = paging::limit(call.int("MaxResults"), 100, 100);
    let page = paging::page(items, call.str("NextToken"), limit)
        .map_err(|_| cluster::bad("nextToken", "The parameter nextToken is not valid."))?;
    let next = page.next.clone();
    let mut reply = json!({ member: page.into_values() });
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}

/// GetCompatibleKafkaVersions: of one cluster, or of every version that can be upgraded.
pub fn compatible(call: &mut Call<'_>) -> Reply {
    let sources: Vec<(String, bool)> = if call.has("ClusterArn") {
        let cluster = cluster::wanted(call)?;
        cluster::must_have_brokers(&cluster)?;
        let express = cluster.instance_type().starts_with("express.");
        vec![(cluster.kafka_version().to_owned(), express)]
    } else {
        VERSIONS
            .iter()
            .map(|version| (version.name.to_owned(), false))
            .collect()
    };
    let list: Vec<Value> = sources
        .iter()
        .map(|(from, express)| (from, targets(from, *express)))
        .filter(|(_, to)| call.has("ClusterArn") || !to.is_empty())
        .map(|(from, to)| json!({ "SourceVersion": from, "TargetVersions": to }))
        .collect();
    Ok(json!({ "CompatibleKafkaVersions": list }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upgrades_stay_with_their_kind_of_metadata() {
        assert_eq!(targets("3.8.x", false), ["3.9.x"]);
        assert_eq!(
            targets("3.9.x.kraft", false),
            ["4.0.x.kraft", "4.1.x.kraft"]
        );
        assert!(targets("9.9", false).is_empty());
    }

    #[test]
    fn ended_versions_are_refused_with_the_valid_ones() {
        let refused = for_new_cluster("2.8.1").err().map(|error| error.message);
        assert!(refused.is_some_and(|text| text.starts_with("Unsupported KafkaVersion [2.8.1]")));
        assert!(for_new_cluster("3.8.x").is_ok());
    }
}
