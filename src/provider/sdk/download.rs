//! Downloading what an object is made of, over the HTTP client that the SDK uses.

use std::io::Write;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider as Tls, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http::Uri;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::time::timeout;

use super::super::aws::call::chain;
use super::super::session::Watch;
use super::cause::plain;

/// How often it is tried in all.
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt; the next is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an answer may take to begin, or to go on.
const SILENCE: Duration = Duration::from_secs(30);
/// How often an answer may point elsewhere.
const REDIRECTS: usize = 10;

/// Why there is no file.
enum Failed {
    /// It may work another time.
    Passing(String),
    /// It will not.
    For(String),
}

/// What `url` gives, in a file of its own that goes with its path, and its SHA-256 in hexadecimal.
/// It is never held whole in memory. Passing failures are tried twice more.
///
/// # Errors
/// What went wrong, for people.
pub(super) async fn proved(
    url: &str,
    limit: u64,
    watch: &dyn Watch,
) -> Result<(TempPath, String), String> {
    let mut attempt = 1;
    loop {
        let why = match once(url, limit, watch).await {
            Ok(found) => return Ok(found),
            Err(Failed::For(why)) => return Err(why),
            Err(Failed::Passing(why)) => why,
        };
        if attempt == ATTEMPTS || watch.stopping() {
            return Err(format!("{why} (tried {attempt} times)"));
        }
        tokio::time::sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}

async fn once(url: &str, limit: u64, watch: &dyn Watch) -> Result<(TempPath, String), Failed> {
    let response = answer(url).await?;
    let here = |error: std::io::Error| Failed::For(format!("no room for {url}: {error}"));
    let mut file = NamedTempFile::new().map_err(here)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut body = ByteStream::new(response.into_body());
    loop {
        let chunk = timeout(SILENCE, body.next()).await;
        let chunk = chunk.map_err(|_| Failed::Passing(format!("{url} stopped answering")))?;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|error| {
            Failed::Passing(format!("{url} broke off: {}", plain(&chain(&error))))
        })?;
        size += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if size > limit {
            let why = format!("{url} gives more than {limit} bytes, which AWS takes at once");
            return Err(Failed::For(why));
        }
        if watch.stopping() {
            return Err(Failed::For(format!("stopped while downloading {url}")));
        }
        hash.update(&chunk);
        file.write_all(&chunk).map_err(here)?;
    }
    file.flush().map_err(here)?;
    Ok((file.into_temp_path(), hex::encode(hash.finalize())))
}

/// The answer that has the contents, wherever the address leads.
async fn answer(url: &str) -> Result<HttpResponse, Failed> {
    let connector = Connector::builder()
        .tls_provider(Tls::Rustls(CryptoMode::Ring))
        .build();
    let mut at = url.to_owned();
    for _ in 0..=REDIRECTS {
        let mut request = HttpRequest::new(SdkBody::empty());
        request
            .set_uri(at.as_str())
            .map_err(|error| Failed::For(format!("{at} is no address: {error}")))?;
        let call = timeout(SILENCE, connector.call(request)).await;
        let response = match call {
            Err(_) => return Err(Failed::Passing(format!("{at} does not answer"))),
            Ok(Err(error)) => {
                let why = plain(&chain(&error));
                return Err(Failed::Passing(format!("{at} does not answer: {why}")));
            }
            Ok(Ok(response)) => response,
        };
        let status = response.status().as_u16();
        match (status, response.headers().get("location")) {
            (200, _) => return Ok(response),
            (301 | 302 | 303 | 307 | 308, Some(location)) => at = target(&at, location)?,
            (408 | 425 | 429 | 500.., _) => {
                return Err(Failed::Passing(format!("{at} answers {status}")));
            }
            _ => return Err(Failed::For(format!("{at} answers {status}"))),
        }
    }
    Err(Failed::For(format!(
        "{url} leads from one address to the next without end"
    )))
}

/// Where a redirection leads: never from a protected address to an open one.
fn target(from: &str, location: &str) -> Result<String, Failed> {
    let wrong = || {
        Failed::For(format!(
            "{from} leads to `{location}`, which is not followed"
        ))
    };
    let base: Uri = from.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (base.scheme_str(), base.authority()) else {
        return Err(wrong());
    };
    let to = match location {
        whole if whole.contains("://") => whole.to_owned(),
        same if same.starts_with("//") => format!("{scheme}:{same}"),
        path if path.starts_with('/') => format!("{scheme}://{authority}{path}"),
        relative => {
            let folder = base
                .path()
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{relative}")
        }
    };
    let safe = to.starts_with("https://") || (scheme == "http" && to.starts_with("http://"));
    if safe { Ok(to) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_stays_as_safe_as_it_was() {
        let to = |from: &str, location: &str| target(from, location).ok();
        let from = "https://example.com/a/b.zip";
        let leads = [
            ("https://other.com/x", Some("https://other.com/x")),
            ("/x", Some("https://example.com/x")),
            ("c.zip", Some("https://example.com/a/c.zip")),
            ("//other.com/x", Some("https://other.com/x")),
            ("http://example.com/x", None),
            ("file:///etc/passwd", None),
        ];
        for (location, expected) in leads {
            assert_eq!(to(from, location).as_deref(), expected, "{location}");
        }
        assert_eq!(
            to("http://127.0.0.1:1/a", "http://127.0.0.1:2/b").as_deref(),
            Some("http://127.0.0.1:2/b")
        );
    }
}
