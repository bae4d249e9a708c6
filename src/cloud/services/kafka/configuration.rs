//! Configurations: a name, and revisions of a properties text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster::{self, bad};
use super::{properties, version};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;

/// Where configurations live, under `<region>/<uuid>`.
const KIND: &str = "kafka.configuration";
/// How long a configuration is DELETING.
const DELETING_MS: i64 = 30_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Revision {
    created_at: i64,
    description: Option<String>,
    /// Base64.
    properties: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Configuration {
    name: String,
    arn: String,
    uuid: String,
    description: String,
    kafka_versions: Vec<String>,
    created_at: i64,
    deleted_at: Option<i64>,
    revisions: Vec<Revision>,
}

impl Configuration {
    fn state(&self, now: i64) -> Option<&'static str> {
        match self.deleted_at {
            None => Some("ACTIVE"),
            Some(at) => (now < at + DELETING_MS).then_some("DELETING"),
        }
    }

    /// The API's ConfigurationRevision; revisions count from one.
    fn revision(&self, number: usize) -> Option<Value> {
        let revision = self.revisions.get(number.checked_sub(1)?)?;
        let mut view = json!({ "CreationTime": revision.created_at, "Revision": number });
        if let Some(description) = &revision.description {
            view["Description"] = description.as_str().into();
        }
        Some(view)
    }

    fn view(&self, now: i64) -> Value {
        json!({
            "Arn": self.arn,
            "CreationTime": self.created_at,
            "Description": self.description,
            "KafkaVersions": self.kafka_versions,
            "LatestRevision": self.revision(self.revisions.len()),
            "Name": self.name,
            "State": self.state(now),
        })
    }

    fn save(&self, call: &mut Call<'_>) -> Result<(), ApiError> {
        record::save(
            call.txn,
            KIND,
            &format!("{}/{}", call.region, self.uuid),
            self,
        )
    }
}

fn find(call: &mut Call<'_>, arn: &str) -> Result<Option<Configuration>, ApiError> {
    let Some(uuid) = Arn::parse(arn)
        .filter(|arn| arn.service == "kafka")
        .and_then(|arn| arn.resource_of("configuration"))
        .and_then(|path| path.split_once('/'))
        .map(|(_, uuid)| uuid.to_owned())
    else {
        return Err(bad("arn", "Invalid Configuration ARN."));
    };
    let found: Option<Configuration> =
        record::load(call.txn, KIND, &format!("{}/{uuid}", call.region))?;
    Ok(found.filter(|found| found.arn == arn && found.state(call.now).is_some()))
}

fn wanted(call: &mut Call<'_>) -> Result<Configuration, ApiError> {
    let arn = call.str("Arn").unwrap_or_default().to_owned();
    // Unlike clusters: MSK has no NotFoundException for these.
    find(call, &arn)?.ok_or_else(|| bad("arn", "Configuration ARN does not exist."))
}

/// The API's CurrentBrokerSoftwareInfo of brokers of this version and ConfigurationInfo (null
/// for MSK's own configuration), which must exist and suit the version.
pub fn software_info(call: &mut Call<'_>, kafka: &str, given: &Value) -> Reply {
    let Some(arn) = given["Arn"].as_str() else {
        return Ok(json!({ "KafkaVersion": kafka }));
    };
    let configuration = find(call, arn)?
        .filter(|found| found.deleted_at.is_none())
        .ok_or_else(|| bad("arn", "Invalid Configuration ARN."))?;
    let number = given["Revision"]
        .as_u64()
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    if configuration.revision(number).is_none() {
        return Err(bad("revision", "The configuration has no such revision."));
    }
    let versions = &configuration.kafka_versions;
    if !versions.is_empty() && !versions.iter().any(|version| version == kafka) {
        return Err(bad(
            "configurationInfo",
            format!("The configuration does not support Apache Kafka version {kafka}."),
        ));
    }
    Ok(json!({
        "ConfigurationArn": arn,
        "ConfigurationRevision": number,
        "KafkaVersion": kafka,
    }))
}

/// The request's ServerProperties, checked, still in base64.
fn checked_properties(call: &Call<'_>, versions: &[String]) -> Result<String, ApiError> {
    let text = call.str("ServerProperties").unwrap_or_default();
    let decoded = STANDARD.decode(text).unwrap_or_default();
    let problems = properties::problems(&String::from_utf8_lossy(&decoded), versions);
    if problems.is_empty() {
        return Ok(text.to_owned());
    }
    let listed = serde_json::to_string_pretty(&problems).unwrap_or_default();
    Err(bad("serverProperties", listed))
}

/// The longest description, in characters.
const DESCRIPTION_LIMIT: usize = 1024;

/// The request's Description, checked.
fn checked_description(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let text = call.str("Description");
    if text.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
        let why = format!("The description is longer than {DESCRIPTION_LIMIT} characters.");
        return Err(bad("description", why));
    }
    Ok(text.map(str::to_owned))
}

/// CreateConfiguration.
pub fn create(call: &mut Call<'_>) -> Reply {
    let name = call.str("Name").unwrap_or_default().to_owned();
    let legal = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !legal {
        return Err(bad(
            "name",
            "The parameter value contains one or more characters that are not valid.",
        ));
    }
    let prefix = format!("{}/", call.region);
    let all: Vec<Configuration> = record::scan(call.txn, KIND, &prefix)?;
    if all
        .iter()
        .any(|other| other.name == name && other.state(call.now).is_some())
    {
        return Err(ApiError::new(
            "ConflictException",
            409,
            "A resource with this name already exists.",
        )
        .with("InvalidParameter", "name"));
    }
    let kafka_versions = call.strings("KafkaVersions");
    if let Some(unknown) = kafka_versions
        .iter()
        .find(|name| version::find(name).is_none())
    {
        return Err(bad(
            "kafkaVersions",
            format!("Unsupported KafkaVersion [{unknown}]."),
        ));
    }
    let properties = checked_properties(call, &kafka_versions)?;
    let uuid = format!("{}-1", cluster::new_uuid(call.txn)?);
    let description = checked_description(call)?;
    let configuration = Configuration {
        arn: format!(
            "{}/{uuid}",
            call.arn("kafka", &format!("configuration/{name}"))
        ),
        name,
        uuid,
        description: description.clone().unwrap_or_default(),
        kafka_versions,
        created_at: call.now,
        deleted_at: None,
        revisions: vec![Revision {
            created_at: call.now,
            description,
            properties,
        }],
    };
    configuration.save(call)?;
    Ok(json!({
        "Arn": configuration.arn,
        "CreationTime": configuration.created_at,
        "LatestRevision": configuration.revision(1),
        "Name": configuration.name,
        "State": "ACTIVE",
    }))
}

/// UpdateConfiguration: a new revision. Clusters keep theirs until they are updated.
pub fn update(call: &mut Call<'_>) -> Reply {
    let mut configuration = wanted(call)?;
    if configuration.deleted_at.is_some() {
        return Err(bad("arn", "The configuration is being deleted."));
    }
    let properties = checked_properties(call, &configuration.kafka_versions)?;
    let description = checked_description(call)?;
    configuration.revisions.push(Revision {
        created_at: call.now,
        description,
        properties,
    });
    configuration.save(call)?;
    Ok(json!({
        "Arn": configuration.arn,
        "LatestRevision": configuration.revision(configuration.revisions.len()),
    }))
}

/// DescribeConfiguration.
pub fn describe(call: &mut Call<'_>) -> Reply {
    Ok(wanted(call)?.view(call.now))
}

/// DescribeConfigurationRevision.
pub fn describe_revision(call: &mut Call<'_>) -> Reply {
    let configuration = wanted(call)?;
    let number = call
        .int("Revision")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    let Some(mut view) = configuration.revision(number) else {
        return Err(ApiError::new(
            "NotFoundException",
            404,
            "The configuration has no such revision.",
        )
        .with("InvalidParameter", "revision"));
    };
    view["Arn"] = configuration.arn.as_str().into();
    view["ServerProperties"] = configuration.revisions[number - 1]
        .properties
        .as_str()
        .into();
    Ok(view)
}

/// ListConfigurations, by name.
pub fn list(call: &mut Call<'_>) -> Reply {
    let now = call.now;
    let mut all: Vec<Configuration> = record::list(call.txn, KIND, &format!("{}/", call.region))?;
    all.retain(|configuration| configuration.state(now).is_some());
    let mut items: Vec<(String, Value)> = all
        .iter()
        .map(|c| (format!("{}/{}", c.name, c.uuid), c.view(now)))
        .collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    version::paged(call, items, "Configurations")
}

/// ListConfigurationRevisions, oldest first.
pub fn list_revisions(call: &mut Call<'_>) -> Reply {
    let configuration = wanted(call)?;
    let items = (1..=configuration.revisions.len())
        .filter_map(|number| Some((format!("{number:09}"), configuration.revision(number)?)))
        .collect();
    version::paged(call, items, "Revisions")
}

/// DeleteConfiguration, which no cluster may use.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut configuration = wanted(call)?;
    let uses = |shown: &Value| {
        shown["CurrentBrokerSoftwareInfo"]["ConfigurationArn"] == configuration.arn.as_str()
    };
    let used = cluster::all(call.txn, call.region)?.iter().any(|cluster| {
        uses(&cluster.settings.shown)
            || cluster
                .running
                .as_ref()
                .is_some_and(|running| uses(&running.settings.shown))
    });
    if used {
        return Err(bad(
            "arn",
            "Configuration is in use by one or more clusters. Dissociate the configuration from \
             the clusters.",
        ));
    }
    configuration.deleted_at.get_or_insert(call.now);
    configuration.save(call)?;
    Ok(json!({ "Arn": configuration.arn, "State": "DELETING" }))
}
