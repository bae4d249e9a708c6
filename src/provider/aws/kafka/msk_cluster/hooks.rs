//! A cluster's connection strings, in one order.

use serde_json::Value;

use crate::provider::hooks::Hooks;

/// A cluster's hand-written parts.
pub static HOOKS: MskCluster = MskCluster;

/// See [`HOOKS`].
#[derive(Debug)]
pub struct MskCluster;

/// The strings that name the brokers as [`brokers`] do.
const PRIVATE: [&str; 4] = [
    "bootstrap_brokers",
    "bootstrap_brokers_tls",
    "bootstrap_brokers_sasl_scram",
    "bootstrap_brokers_sasl_iam",
];
/// The strings with other names of theirs, or of other hosts: only their order is AWS's whim.
const SORTED: [&str; 5] = [
    "bootstrap_brokers_public_tls",
    "bootstrap_brokers_public_sasl_scram",
    "bootstrap_brokers_public_sasl_iam",
    "zookeeper_connect_string",
    "zookeeper_connect_string_tls",
];
/// As many brokers stand in a bootstrap string.
const NAMED: usize = 3;

impl Hooks for MskCluster {
    fn live(&self, mut live: Value) -> Value {
        let brokers = brokers(&live);
        for output in PRIVATE.into_iter().chain(SORTED) {
            let Some(text) = live.get(output).and_then(Value::as_str) else {
                continue;
            };
            let chosen = match &brokers {
                Some(hosts) if PRIVATE.contains(&output) => named(text, hosts),
                _ => None,
            };
            let mut parts = chosen.unwrap_or_else(|| text.split(',').map(str::to_owned).collect());
            parts.sort();
            live[output] = parts.join(",").into();
        }
        live
    }
}

/// The first three brokers, by their ids, of a cluster that has more: GetBootstrapBrokers picks
/// any three. `None` where it names them all.
fn brokers(live: &Value) -> Option<Vec<String>> {
    let nodes = live.get("nodes")?.as_array()?;
    let mut brokers: Vec<(u64, &str)> = nodes
        .iter()
        .filter_map(|node| {
            let broker = node.get("broker_node_info")?;
            let id = broker.get("broker_id")?.as_f64()?;
            Some((id as u64, broker.get("endpoints")?.get(0)?.as_str()?))
        })
        .collect();
    brokers.sort_unstable();
    let first = brokers.iter().take(NAMED).map(|(_, host)| host.to_string());
    (brokers.len() > NAMED).then(|| first.collect())
}

/// `hosts` with the port of `text`; `None` if `text` is about other hosts.
fn named(text: &str, hosts: &[String]) -> Option<Vec<String>> {
    let (host, port) = text.split(',').next()?.rsplit_once(':')?;
    let domain = |host: &str| host.split_once('.').map(|(_, domain)| domain.to_owned());
    let same = hosts.iter().all(|h| domain(h) == domain(host));
    same.then(|| hosts.iter().map(|host| format!("{host}:{port}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(id: f64) -> Value {
        json!({"broker_node_info": {"broker_id": id, "endpoints": [format!("b-{id}.c.kafka")]}})
    }

    #[test]
    fn strings_are_sorted() {
        let live = json!({"bootstrap_brokers_tls": "b-2.c.kafka:9094,b-1.c.kafka:9094",
            "zookeeper_connect_string": "z-3:2181,z-1:2181", "nodes": [node(2.0), node(1.0)]});
        let live = HOOKS.live(live);
        assert_eq!(
            live["bootstrap_brokers_tls"],
            "b-1.c.kafka:9094,b-2.c.kafka:9094"
        );
        assert_eq!(live["zookeeper_connect_string"], "z-1:2181,z-3:2181");
    }

    #[test]
    fn of_more_than_three_brokers_it_is_always_the_first_three() {
        let nodes = json!([node(6.0), node(3.0), node(2.0), node(1.0)]);
        let live =
            HOOKS.live(json!({"bootstrap_brokers_sasl_iam": "b-6.c.kafka:9098", "nodes": nodes}));
        let expected = "b-1.c.kafka:9098,b-2.c.kafka:9098,b-3.c.kafka:9098";
        assert_eq!(live["bootstrap_brokers_sasl_iam"], expected);
        assert_eq!(HOOKS.live(live)["bootstrap_brokers_sasl_iam"], expected);
    }
}
