//! Hears every request that goes out and every reply that comes in, the SDK's retries included.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::call::Traffic;

/// The header with which a cloud says how fast its time runs.
const TIME_SCALE: &str = "x-pinfra-time-scale";

/// Between a service's client and the wire.
#[derive(Clone, Debug)]
pub struct Tap {
    /// The service's name, as counts have it.
    pub service: &'static str,
    /// Where it goes.
    pub traffic: Arc<Traffic>,
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "pinfra"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(Metadata::name);
        self.traffic
            .count(self.service, operation.unwrap_or_default());
        Ok(())
    }

    fn read_after_transmit(
        &self,
        reply: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(scale) = reply.response().headers().get(TIME_SCALE) {
            self.traffic.hear_time_scale(scale);
        }
        Ok(())
    }
}
