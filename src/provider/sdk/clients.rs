//! A client a service: those of resource types, and those the engine needs itself.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use serde_json::Value;

use super::super::aws;
use super::super::call::{Api, Fault, Request, Traffic, global_region};
use super::tap::Tap;
use super::{cause, own};

/// The clients of all services.
pub struct Clients {
    types: aws::clients::Clients,
    sts: aws_sdk_sts::Client,
    ssm: aws_sdk_ssm::Client,
    secrets: aws_sdk_secretsmanager::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
    global_tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Clients {
    /// With one configuration, telling `traffic` of every request.
    pub fn new(
        config: &SdkConfig,
        traffic: &Arc<Traffic>,
        path_style: bool,
        retries: bool,
    ) -> Self {
        let mut config = config.clone().into_builder();
        if !retries {
            config = config.retry_config(RetryConfig::disabled());
        }
        let config = config.build();
        let tap = |api: Api| Tap {
            service: api.name(),
            traffic: Arc::clone(traffic),
        };
        macro_rules! client {
            ($sdk:ident, $api:expr) => {{
                let builder = $sdk::config::Builder::from(&config).interceptor(tap($api));
                $sdk::Client::from_conf(builder.build())
            }};
        }
        let region = config.region().map_or("", |region| region.as_ref());
        let global = Region::from_static(global_region(region));
        let global_tagging = aws_sdk_resourcegroupstagging::config::Builder::from(&config)
            .interceptor(tap(Api::GlobalTagging))
            .region(global);
        Self {
            types: aws::clients::Clients::new(&config, path_style, |service| tap(service.into())),
            sts: client!(aws_sdk_sts, Api::Sts),
            ssm: client!(aws_sdk_ssm, Api::Ssm),
            secrets: client!(aws_sdk_secretsmanager, Api::SecretsManager),
            tagging: client!(aws_sdk_resourcegroupstagging, Api::Tagging),
            global_tagging: aws_sdk_resourcegroupstagging::Client::from_conf(
                global_tagging.build(),
            ),
        }
    }

    /// Calls one operation.
    pub async fn call(&self, request: Request<'_>) -> Result<Value, Fault> {
        let Request {
            api,
            operation,
            input,
            ..
        } = request;
        let reply = match api {
            Api::Of(service) => self.types.call(service, operation, input).await,
            Api::Sts => own::identity(&self.sts).await,
            Api::Ssm => own::parameter(&self.ssm, input).await,
            Api::SecretsManager => own::secret(&self.secrets, input).await,
            Api::Tagging => own::tagged(&self.tagging, input).await,
            Api::GlobalTagging => own::tagged(&self.global_tagging, input).await,
        };
        reply.map_err(cause::fault)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Mutex;

    use aws_smithy_runtime_api::box_error::BoxError;
    use aws_smithy_runtime_api::client::interceptors::Intercept;
    use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
    use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
    use aws_smithy_types::config_bag::ConfigBag;
    use aws_smithy_types::timeout::{MergeTimeoutConfig, TimeoutConfig};
    use serde_json::json;

    use super::*;
    use crate::cloud::{Cloud, Options};
    use crate::provider::contract::Service;

    /// What holds for each request: its timeouts, and whether an upload that stalls is given up.
    #[derive(Clone, Debug, Default)]
    struct Heard(Arc<Mutex<Vec<(TimeoutConfig, bool)>>>);

    impl Intercept for Heard {
        fn name(&self) -> &'static str {
            "heard"
        }

        fn read_before_transmit(
            &self,
            _: &BeforeTransmitInterceptorContextRef<'_>,
            _: &RuntimeComponents,
            config: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            let stalled = config.load::<StalledStreamProtectionConfig>();
            let guarded = stalled.is_some_and(StalledStreamProtectionConfig::upload_enabled);
            let timeouts = config.load::<MergeTimeoutConfig>();
            self.0.lock().unwrap().push((timeouts, guarded));
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_upload_may_take_as_long_as_it_moves() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Arc::new(Cloud::open(Options::at(dir.path().join("cloud"))).unwrap());
        let config = super::super::config::local(cloud, "us-east-1");
        let heard = Heard::default();
        let clients = aws::clients::Clients::new(&config, true, |_| heard.clone());
        let body = json!({ "text": "hello" });
        for (operation, input) in [
            ("CreateBucket", json!({ "bucket": "uploads" })),
            (
                "PutObject",
                json!({ "bucket": "uploads", "key": "a", "body": body }),
            ),
        ] {
            let reply = clients.call(Service::S3, operation, &input).await;
            reply.unwrap_or_else(|error| panic!("{operation}: {error}"));
        }
        let heard = heard.0.lock().unwrap();
        let [(plain, _), (upload, guarded)] = heard.as_slice() else {
            panic!("{heard:?}");
        };
        assert!(plain.operation_timeout().is_some() && plain.operation_attempt_timeout().is_some());
        assert_eq!(upload.operation_timeout(), None);
        assert_eq!(upload.operation_attempt_timeout(), None);
        assert_eq!(upload.connect_timeout(), plain.connect_timeout());
        assert!(guarded);
    }
}
