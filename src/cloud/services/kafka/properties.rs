//! The text of an MSK configuration: Java properties, of which only some may be set.

use serde_json::{Value, json};

/// What MSK lets users set (source: the MSK developer guide, custom configurations).
const ALLOWED: [&str; 59] = [
    "allow.everyone.if.no.acl.found",
    "auto.create.topics.enable",
    "auto.leader.rebalance.enable",
    "compression.type",
    "connections.max.idle.ms",
    "default.replication.factor",
    "delete.topic.enable",
    "group.initial.rebalance.delay.ms",
    "group.max.session.timeout.ms",
    "group.max.size",
    "group.min.session.timeout.ms",
    "leader.imbalance.per.broker.percentage",
    "log.cleaner.delete.retention.ms",
    "log.cleaner.min.cleanable.ratio",
    "log.cleanup.policy",
    "log.flush.interval.messages",
    "log.flush.interval.ms",
    "log.local.retention.bytes",
    "log.local.retention.ms",
    "log.message.timestamp.after.max.ms",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.difference.max.ms",
    "log.message.timestamp.type",
    "log.retention.bytes",
    "log.retention.hours",
    "log.retention.minutes",
    "log.retention.ms",
    "log.roll.hours",
    "log.roll.ms",
    "log.segment.bytes",
    "max.incremental.fetch.session.cache.slots",
    "message.max.bytes",
    "min.insync.replicas",
    "num.io.threads",
    "num.network.threads",
    "num.partitions",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
    "offsets.retention.minutes",
    "offsets.topic.num.partitions",
    "offsets.topic.replication.factor",
    "replica.fetch.max.bytes",
    "replica.fetch.response.max.bytes",
    "replica.lag.time.max.ms",
    "replica.selector.class",
    "replica.socket.receive.buffer.bytes",
    "replica.socket.timeout.ms",
    "socket.receive.buffer.bytes",
    "socket.request.max.bytes",
    "socket.send.buffer.bytes",
    "ssl.principal.mapping.rules",
    "transaction.max.timeout.ms",
    "transaction.state.log.min.isr",
    "transaction.state.log.num.partitions",
    "transaction.state.log.replication.factor",
    "transactional.id.expiration.ms",
    "unclean.leader.election.enable",
    "zookeeper.connection.timeout.ms",
    "zookeeper.session.timeout.ms",
];

/// The keys and values of a properties text, comments and empty lines left out.
fn parse(text: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut lines = text.lines().map(str::trim_start);
    while let Some(first) = lines.next() {
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut line = first.to_owned();
        while line.ends_with('\\') && !line.ends_with("\\\\") {
            line.pop();
            line.push_str(lines.next().unwrap_or_default());
        }
        let at = line.find(['=', ':', ' ', '\t']).unwrap_or(line.len());
        let (key, rest) = line.split_at(at);
        let value = rest.trim_start_matches([' ', '\t']);
        let value = value.strip_prefix(['=', ':']).unwrap_or(value).trim();
        entries.push((key.to_owned(), value.to_owned()));
    }
    entries
}

/// What AWS complains about in a configuration's text: an entry for each property that may not
/// be set. Empty where all may.
pub fn problems(text: &str, versions: &[String]) -> Vec<Value> {
    parse(text)
        .into_iter()
        .filter(|(key, _)| !ALLOWED.contains(&key.as_str()))
        .map(|(key, value)| {
            let message = format!(
                "Key '{key}' is not supported by at least one Apache Kafka version. Key checked \
                 against versions: [{}]",
                versions.join(", ")
            );
            json!({ "name": key, "value": value, "errorMessages": [message] })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_as_java_reads_them() {
        let text = "# a comment\n\nnum.partitions = 3\nlog.retention.\\\n  hours:24\n";
        let expected = [("num.partitions", "3"), ("log.retention.hours", "24")]
            .map(|(k, v)| (k.into(), v.into()));
        assert_eq!(parse(text), expected);
        assert!(problems(text, &[]).is_empty());
        assert_eq!(problems("broker.id=1", &[]).len(), 1);
    }
}
