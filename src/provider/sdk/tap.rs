//! Hears every request that goes out and every reply that comes in, the SDK's retries included.

use std::cell::RefCell;
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

tokio::task_local! {
    /// Where the last request of the call under way went.
    static SENT_TO: RefCell<Option<String>>;
}

/// What a call gives, and where its last request went, if one did.
pub async fn noting<C: Future>(call: C) -> (C::Output, Option<String>) {
    let noted = async {
        let given = call.await;
        (given, SENT_TO.with(RefCell::take))
    };
    SENT_TO.scope(RefCell::default(), noted).await
}

/// The endpoint of an address: its scheme and its host.
fn endpoint(address: &str) -> Option<String> {
    let address: http::Uri = address.parse().ok()?;
    Some(format!(
        "{}://{}",
        address.scheme_str()?,
        address.authority()?
    ))
}

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
        sent: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let to = endpoint(sent.request().uri());
        // Only a call that nobody asks about is made outside.
        let _ = SENT_TO.try_with(|noted| noted.replace(to));
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
