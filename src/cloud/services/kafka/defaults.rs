//! What AWS fills in where a request for a cluster says nothing, and the merging of parts.

use serde_json::{Map, Value, json};

/// Lays `given` over `base`, object by object; null and absent members change nothing.
pub fn merge(base: &mut Value, given: &Value) {
    match (base, given) {
        (_, Value::Null) => {}
        (Value::Object(base), Value::Object(given)) => {
            for (key, value) in given {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, given) => *base = given.clone(),
    }
}

/// `base` with `given` laid over it.
pub fn merged(mut base: Value, given: &Value) -> Value {
    merge(&mut base, given);
    base
}

/// ClientAuthentication with every switch shown. Without any, clients need none.
pub fn client_authentication(given: &Value) -> Value {
    let open = given.as_object().is_none_or(Map::is_empty);
    let base = json!({
        "Sasl": { "Scram": { "Enabled": false }, "Iam": { "Enabled": false } },
        "Tls": { "CertificateAuthorityArnList": [], "Enabled": false },
        "Unauthenticated": { "Enabled": open },
    });
    let mut all = merged(base, given);
    // Naming authorities is what turns mutual TLS on.
    let authorities = all["Tls"]["CertificateAuthorityArnList"].as_array();
    if authorities.is_some_and(|list| !list.is_empty()) && given["Tls"]["Enabled"].is_null() {
        all["Tls"]["Enabled"] = true.into();
    }
    all
}

/// EncryptionInfo: the AWS-managed key, TLS everywhere.
pub fn encryption(given: &Value, managed_key: &str) -> Value {
    let base = json!({
        "EncryptionAtRest": { "DataVolumeKMSKeyId": managed_key },
        "EncryptionInTransit": { "ClientBroker": "TLS", "InCluster": true },
    });
    merged(base, given)
}

/// ConnectivityInfo: no public access, no private connectivity.
pub fn connectivity(given: &Value) -> Value {
    let base = json!({
        "PublicAccess": { "Type": "DISABLED" },
        "VpcConnectivity": { "ClientAuthentication": {
            "Sasl": { "Scram": { "Enabled": false }, "Iam": { "Enabled": false } },
            "Tls": { "Enabled": false },
        } },
        "NetworkType": "IPV4",
    });
    merged(base, given)
}

/// OpenMonitoring: both exporters off.
pub fn open_monitoring(given: &Value) -> Value {
    let base = json!({ "Prometheus": {
        "JmxExporter": { "EnabledInBroker": false },
        "NodeExporter": { "EnabledInBroker": false },
    } });
    merged(base, given)
}

/// LoggingInfo: every destination shown.
pub fn logging(given: &Value) -> Value {
    let destinations = || {
        json!({
            "CloudWatchLogs": { "Enabled": false },
            "Firehose": { "Enabled": false },
            "S3": { "Enabled": false },
        })
    };
    let mut base = json!({ "BrokerLogs": destinations() });
    if given.get("AuthorizerLogs").is_some_and(Value::is_object) {
        base["AuthorizerLogs"] = destinations();
    }
    merged(base, given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_one_way_to_authenticate_closes_the_open_one() {
        let iam = client_authentication(&json!({ "Sasl": { "Iam": { "Enabled": true } } }));
        assert_eq!(iam["Unauthenticated"]["Enabled"], false);
        assert_eq!(
            iam["Sasl"],
            json!({ "Scram": { "Enabled": false }, "Iam": { "Enabled": true } })
        );
        assert_eq!(
            client_authentication(&Value::Null)["Unauthenticated"]["Enabled"],
            true
        );
    }
}
