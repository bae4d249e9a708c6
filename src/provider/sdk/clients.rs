//! A client a service.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use serde_json::Value;

use super::super::call::{Api, Fault, Request, Traffic};
use super::super::contract::Service;
use super::tap::Tap;
use super::{cause, own};

/// The clients of all services.
pub struct Clients {
    ec2: aws_sdk_ec2::Client,
    iam: aws_sdk_iam::Client,
    kafka: aws_sdk_kafka::Client,
    kinesis: aws_sdk_kinesis::Client,
    s3: aws_sdk_s3::Client,
    sts: aws_sdk_sts::Client,
    ssm: aws_sdk_ssm::Client,
    secrets: aws_sdk_secretsmanager::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Clients {
    /// With one configuration, telling `traffic` of every request.
    pub fn new(
        config: &SdkConfig,
        traffic: &Arc<Traffic>,
        path_style: bool,
        retries: bool,
    ) -> Self {
        macro_rules! config {
            ($sdk:ident, $api:expr) => {{
                let builder = $sdk::config::Builder::from(config).interceptor(Tap {
                    service: $api.name(),
                    traffic: Arc::clone(traffic),
                });
                if retries {
                    builder
                } else {
                    builder.retry_config(RetryConfig::disabled())
                }
            }};
        }
        macro_rules! client {
            ($sdk:ident, $api:expr) => {
                $sdk::Client::from_conf(config!($sdk, $api).build())
            };
        }
        let s3 = config!(aws_sdk_s3, Api::Of(Service::S3)).force_path_style(path_style);
        Self {
            ec2: client!(aws_sdk_ec2, Api::Of(Service::Ec2)),
            iam: client!(aws_sdk_iam, Api::Of(Service::Iam)),
            kafka: client!(aws_sdk_kafka, Api::Of(Service::Kafka)),
            kinesis: client!(aws_sdk_kinesis, Api::Of(Service::Kinesis)),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sts: client!(aws_sdk_sts, Api::Sts),
            ssm: client!(aws_sdk_ssm, Api::Ssm),
            secrets: client!(aws_sdk_secretsmanager, Api::SecretsManager),
            tagging: client!(aws_sdk_resourcegroupstagging, Api::Tagging),
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
        use crate::provider::aws;
        let reply = match api {
            Api::Of(Service::Ec2) => aws::ec2::shapes::call(&self.ec2, operation, input).await,
            Api::Of(Service::Iam) => aws::iam::shapes::call(&self.iam, operation, input).await,
            Api::Of(Service::Kafka) => {
                aws::kafka::shapes::call(&self.kafka, operation, input).await
            }
            Api::Of(Service::Kinesis) => {
                aws::kinesis::shapes::call(&self.kinesis, operation, input).await
            }
            Api::Of(Service::S3) => aws::s3::shapes::call(&self.s3, operation, input).await,
            Api::Sts => own::identity(&self.sts).await,
            Api::Ssm => own::parameter(&self.ssm, input).await,
            Api::SecretsManager => own::secret(&self.secrets, input).await,
            Api::Tagging => own::tagged(&self.tagging, input).await,
        };
        reply.map_err(cause::fault)
    }
}
