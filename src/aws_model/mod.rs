//! AWS's own facts: the API models and registry schemas under `models/`, embedded and indexed.
//!
//! `models/extract.py` writes those files from botocore and cfn-lint (its head describes their
//! format); `embedded`, which is generated, names them all. A service's file is parsed once, when it
//! is first asked for; after that every [`Reference`] in it is known to lead to a shape, so walking a
//! model cannot fail. The generator takes schemas and conversions from here, the embedded cloud its
//! protocols and validation.

mod embedded;
mod model;
#[cfg(feature = "generate")]
mod registry;

use std::sync::OnceLock;

use embedded::SERVICES;
pub use model::{
    Acceptor, Checksum, Endpoint, ErrorFacts, Http, Keys, Metadata, Model, Operation, Paginator,
    Reference, RustOperation, Shape, ShapeType, Source, Waiter, XmlNamespace,
};
#[cfg(feature = "generate")]
pub use registry::{Handler, RegistryType, Tagging};

/// Why a model could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// No such file under `models/`.
    #[error("no model of {name}; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// The file is not what `models/extract.py` writes.
    #[error("models/{file}: {reason}")]
    Malformed {
        /// The file, below `models/`.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

struct Embedded {
    name: &'static str,
    text: &'static str,
    model: OnceLock<Result<Model, ModelError>>,
}

impl Embedded {
    const fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            model: OnceLock::new(),
        }
    }
}

/// The names of all services that have a model (botocore's), in order.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name)
}

/// The model of one service, by botocore's name for it (`kafka`, `resourcegroupstaggingapi`).
///
/// # Errors
/// If there is no such model, or its file is malformed (which a test of this module excludes).
pub fn service(name: &str) -> Result<&'static Model, ModelError> {
    let Some(embedded) = SERVICES.iter().find(|service| service.name == name) else {
        return Err(ModelError::Unknown {
            name: name.to_owned(),
            known: services().collect::<Vec<_>>().join(", "),
        });
    };
    let parsed = embedded
        .model
        .get_or_init(|| Model::parse(embedded.name, embedded.text));
    parsed.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_model_parses_and_is_closed() {
        for name in services() {
            let model = service(name).unwrap();
            assert!(!model.operations.is_empty(), "{name}");
            for (operation, facts) in &model.operations {
                assert!(
                    !model.not_modelled.contains(operation),
                    "{name} {operation}"
                );
                assert_eq!(operation, &facts.name);
            }
        }
    }

    #[test]
    fn facts_are_where_protocols_look_for_them() {
        let kafka = service("kafka").unwrap();
        let create = &kafka.operations["CreateCluster"];
        assert_eq!(
            (
                create.http.method.as_str(),
                create.http.request_uri.as_str()
            ),
            ("POST", "/v1/clusters")
        );
        let input = kafka.shape(create.input.as_ref().unwrap());
        assert_eq!(
            input.required,
            [
                "BrokerNodeGroupInfo",
                "KafkaVersion",
                "NumberOfBrokerNodes",
                "ClusterName"
            ]
        );
        let name = &input.members["ClusterName"];
        assert_eq!(name.location_name.as_deref(), Some("clusterName"));
        assert_eq!(name.rust.as_deref(), Some("cluster_name"));
        assert_eq!(kafka.shape(name).max, Some(64));
        assert_eq!(
            service("iam").unwrap().shapes["NoSuchEntityException"]
                .error
                .as_ref()
                .unwrap()
                .http_status_code,
            Some(404)
        );
        assert!(
            service("kinesis")
                .unwrap()
                .not_modelled
                .contains("SubscribeToShard")
        );
        assert!(service("s3").unwrap().shapes["PutObjectRequest"].members["Body"].streaming);
    }

    #[test]
    fn an_unknown_service_is_an_error_that_names_those_there_are() {
        let error = service("kafak").unwrap_err().to_string();
        assert!(
            error.contains("no model of kafak") && error.contains("kafka, kinesis"),
            "{error}"
        );
    }

    #[test]
    fn a_dangling_reference_is_found_on_loading() {
        let text = r#"{"source": {"package": "p", "version": "1", "licence": "l"},
            "metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "json", "protocols": ["json"],
              "serviceFullName": "X", "serviceId": "X", "signatureVersion": "v4", "uid": "x"},
            "operations": {"Do": {"name": "Do", "http": {"method": "POST", "requestUri": "/"},
              "input": {"shape": "Nowhere"}, "rust": {"module": "do", "type": "Do"}}},
            "shapes": {}, "paginators": {}, "waiters": {}, "not_modelled": []}"#;
        let error = Model::parse("x", text).unwrap_err().to_string();
        assert_eq!(
            error,
            "models/api/x.json: operation Do refers to shape Nowhere, which is not there"
        );
    }
}
