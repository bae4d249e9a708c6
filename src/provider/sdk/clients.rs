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
