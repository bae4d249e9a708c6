//! The secrets with which clients authenticate by SASL/SCRAM.

use serde_json::{Value, json};

use super::cluster::{self, Cluster, bad};
use super::version;
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::secretsmanager;

/// BatchAssociateScramSecret: each secret that does not fit is named with the reason.
pub fn associate(call: &mut Call<'_>) -> Reply {
    let mut cluster = wanted(call)?;
    let mut unprocessed = Vec::new();
    for arn in call.strings("SecretArnList") {
        match refusal(call, &arn)? {
            Some((code, message)) => unprocessed.push(entry(&arn, code, &message)),
            None if cluster.scram_secrets.contains(&arn) => {}
            None => cluster.scram_secrets.push(arn),
        }
    }
    cluster.save(call.txn, call.region)?;
    Ok(json!({ "ClusterArn": cluster.arn, "UnprocessedScramSecrets": unprocessed }))
}

/// BatchDisassociateScramSecret.
pub fn disassociate(call: &mut Call<'_>) -> Reply {
    let mut cluster = wanted(call)?;
    let mut unprocessed = Vec::new();
    for arn in call.strings("SecretArnList") {
        match cluster.scram_secrets.iter().position(|held| *held == arn) {
            Some(at) => drop(cluster.scram_secrets.remove(at)),
            None => unprocessed.push(entry(
                &arn,
                "SecretNotFound",
                "The secret is not associated with the cluster.",
            )),
        }
    }
    cluster.save(call.txn, call.region)?;
    Ok(json!({ "ClusterArn": cluster.arn, "UnprocessedScramSecrets": unprocessed }))
}

/// ListScramSecrets.
pub fn list(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    let mut secrets = cluster.scram_secrets;
    secrets.sort();
    let items = secrets
        .into_iter()
        .map(|arn| (arn.clone(), Value::from(arn)))
        .collect();
    version::paged(call, items, "SecretArnList")
}

fn wanted(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let cluster = cluster::wanted(call)?;
    cluster::must_have_brokers(&cluster)?;
    cluster::must_be(call, &cluster, &["ACTIVE"])?;
    let scram = cluster
        .settings
        .shown
        .pointer("/ClientAuthentication/Sasl/Scram/Enabled");
    if scram != Some(&Value::Bool(true)) {
        return Err(bad(
            "clusterArn",
            "The request can't be completed because SASL/SCRAM authentication is not enabled for \
             the cluster.",
        ));
    }
    Ok(cluster)
}

/// Why MSK cannot use a secret: its name begins with `AmazonMSK_`, and it is encrypted with a
/// key of the customer's own.
fn refusal(call: &mut Call<'_>, arn: &str) -> Result<Option<(&'static str, String)>, ApiError> {
    let name = Arn::parse(arn).and_then(|arn| arn.resource_of("secret").map(str::to_owned));
    if !name.is_some_and(|name| name.starts_with("AmazonMSK_")) {
        let message = "The secret name must start with AmazonMSK_.".to_owned();
        return Ok(Some(("InvalidSecretName", message)));
    }
    match secretsmanager::key_of(call.txn, call.region, arn)? {
        None => Ok(Some((
            "SecretNotFound",
            format!("The secret {arn} does not exist."),
        ))),
        Some(None) => Ok(Some((
            "InvalidSecret",
            "The secret must be encrypted with a customer managed key.".to_owned(),
        ))),
        Some(Some(_)) => Ok(None),
    }
}

fn entry(arn: &str, code: &str, message: &str) -> Value {
    json!({ "SecretArn": arn, "ErrorCode": code, "ErrorMessage": message })
}
