//! The in-process door: the SDK's own HTTP client, answered without a socket.
//!
//! An SDK client configured with [`client`] signs, serialises, retries and parses as it does
//! against AWS; only the transport is replaced. Its requests carry AWS's real host names.

use std::convert::Infallible;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;

use crate::cloud::Cloud;
use crate::cloud::faults::Fate;

/// An HTTP client for SDK configurations, every request of which this cloud answers.
pub fn client(cloud: Arc<Cloud>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector { cloud });
    http_client_fn(move |_: &HttpConnectorSettings, _: &RuntimeComponents| connector.clone())
}

struct Connector {
    cloud: Arc<Cloud>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(answer(Arc::clone(&self.cloud), request))
    }
}

/// The connection broke, for the SDK to retry as it would a real one.
#[derive(Debug, thiserror::Error)]
#[error("the embedded cloud closed the connection without a reply")]
struct Dropped;

async fn answer(cloud: Arc<Cloud>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|e| ConnectorError::user(e.into()))?;
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(ConnectorError::user)?
        .to_bytes();
    let request = Request::from_parts(parts, body);
    let answer = tokio::task::spawn_blocking(move || cloud.answer(request))
        .await
        .map_err(|panicked| ConnectorError::other(panicked.into(), None))?;
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    match answer.fate {
        Fate::Reply => {
            let response = answer.response.map(|body: Bytes| SdkBody::from(body));
            HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
        }
        Fate::Drop => Err(ConnectorError::io(Dropped.into())),
        Fate::Hold => match std::future::pending::<Infallible>().await {},
    }
}
