//! The HTTP door: a server on 127.0.0.1 for any AWS client.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cloud::faults::Fate;
use crate::cloud::{Cloud, Traced};

/// How long a client may take over its headers, and over its body.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest body taken.
const LARGEST_BODY: usize = 1 << 30;

/// How long calls under way are waited for when the server ends.
const GRACE: Duration = Duration::from_secs(2);

/// Told of each call once its effect is settled, before its answer is sent.
pub type Observer = Arc<dyn Fn(&Traced) + Send + Sync>;

/// Binds a port of 127.0.0.1; port 0 takes a free one.
pub async fn bind(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until `stop` is done; then takes no more connections, lets the calls under way finish
/// for a moment, and returns.
pub async fn serve(
    cloud: Arc<Cloud>,
    listener: TcpListener,
    observer: Observer,
    stop: impl Future<Output = ()>,
) {
    let (ending, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(
                    stream,
                    Arc::clone(&cloud),
                    Arc::clone(&observer),
                    ended.clone(),
                );
                connections.spawn(connection);
            }
            // Out of descriptors: those in use must be given back first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // An error only means that no connection is left to be told.
    let _ = ending.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, all).await;
    connections.shutdown().await;
}

async fn connection(
    stream: TcpStream,
    cloud: Arc<Cloud>,
    observer: Observer,
    mut ended: watch::Receiver<bool>,
) {
    // Small replies must not wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (cloud, observer) = (Arc::clone(&cloud), Arc::clone(&observer));
        async move { answer(cloud, observer, request).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    let finished = tokio::select! {
        // The client's going away, or a dropped reply, ends the connection: nothing to report.
        _ = served.as_mut() => true,
        _ = ended.wait_for(|ended| *ended) => false,
    };
    if !finished {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

/// The error that makes the server close a connection without a reply.
#[derive(Debug, thiserror::Error)]
#[error("the reply was dropped on request")]
struct Dropped;

async fn answer(
    cloud: Arc<Cloud>,
    observer: Observer,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return Ok(refusal(status)),
    };
    let request = Request::from_parts(parts, body);
    let answered = tokio::task::spawn_blocking(move || cloud.answer(request)).await;
    let Ok(answer) = answered else {
        // The handler panicked; its transaction is rolled back.
        return Ok(refusal(StatusCode::INTERNAL_SERVER_ERROR));
    };
    observer(&answer.traced);
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    match answer.fate {
        Fate::Reply => Ok(answer.response.map(Full::new)),
        Fate::Drop => Err(Dropped),
        Fate::Hold => match std::future::pending::<Infallible>().await {},
    }
}

async fn read(body: Incoming) -> Result<Bytes, StatusCode> {
    let whole = Limited::new(body, LARGEST_BODY).collect();
    match tokio::time::timeout(READ_TIMEOUT, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn refusal(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("connection", http::HeaderValue::from_static("close"));
    response
}
