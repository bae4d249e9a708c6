//! Serverless clusters: created and deleted as others, but without brokers or updates.

use serde_json::{Value, json};

use super::cluster::{self, Cluster, Settings, bad};
use super::{create, network, tag};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;

/// The Serverless half of CreateClusterV2.
pub fn create(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let name = create::checked_name(call)?;
    let tags = tag::given(call)?;
    let given = call.input["Serverless"].clone();
    let iam = given
        .pointer("/ClientAuthentication/Sasl/Iam/Enabled")
        .and_then(Value::as_bool);
    if iam == Some(false) {
        return Err(bad(
            "clientAuthentication",
            "IAM authentication must be enabled for serverless clusters.",
        ));
    }
    let mut configs = Vec::new();
    for config in given["VpcConfigs"].as_array().into_iter().flatten() {
        let group = json!({
            "ClientSubnets": config["SubnetIds"],
            "SecurityGroups": config["SecurityGroupIds"],
        });
        let place = network::checked(call, &group)?;
        configs.push(json!({
            "SubnetIds": config["SubnetIds"],
            "SecurityGroupIds": place.groups,
        }));
    }
    if configs.is_empty() {
        return Err(bad("vpcConfigs", "Specify at least one VPC configuration."));
    }
    // AWS marks the ARNs of serverless clusters with this ending.
    let uuid = format!("{}-s1", cluster::new_uuid(call.txn)?);
    let cluster = Cluster {
        arn: format!("{}/{uuid}", call.arn("kafka", &format!("cluster/{name}"))),
        uuid,
        host_hash: create::host_hash(call)?,
        kind: "SERVERLESS".to_owned(),
        created_at: call.now,
        failure: call.failure.clone(),
        deleted_at: None,
        version: 1,
        settings: Settings {
            shown: json!({
                "VpcConfigs": configs,
                "ClientAuthentication": { "Sasl": { "Iam": { "Enabled": true } } },
            }),
            brokers: Vec::new(),
        },
        running: None,
        tags,
        policy: None,
        scram_secrets: Vec::new(),
        name,
    };
    cluster.save(call.txn, call.region)?;
    Ok(cluster)
}
