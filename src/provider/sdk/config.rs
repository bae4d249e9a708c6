//! How the SDK is configured for each cloud.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls::{Provider as Tls, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::error::display::DisplayErrorContext;

use super::super::aws::call::chain;
use super::super::contract::ErrorClass;
use super::super::errors::{ErrorKind, ProviderError};
use super::super::session::Options;
use super::{LOCAL_REGION, no_region};
use crate::cloud::doors::sdk as door;
use crate::cloud::faults::Faults;
use crate::cloud::{self, Cloud};

/// How often the SDK sends a call in all.
const ATTEMPTS: u32 = 5;
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one attempt may take, where nothing is streamed.
const ATTEMPT: Duration = Duration::from_secs(60);
/// The same of a call with its retries.
const CALL: Duration = Duration::from_secs(180);
/// The first pause between two attempts at a cloud on this machine, which needs no rest.
const LOCAL_BACKOFF: Duration = Duration::from_millis(20);
/// Names a file of faults for the embedded cloud.
const FAULTS: &str = "PINFRA_FAULTS";

/// Opens the embedded cloud on a folder.
///
/// # Errors
/// Its store is damaged or cannot be opened; the file of faults is wrong.
pub fn open(folder: &Path) -> Result<Cloud, ProviderError> {
    let faults = match std::env::var_os(FAULTS) {
        Some(file) => Faults::read(Path::new(&file)).map_err(|error| {
            let text = format!("{FAULTS}: {error}");
            ProviderError::new(ErrorKind::Refused, "aws", text)
        })?,
        None => Faults::none(),
    };
    let options = cloud::Options {
        faults,
        ..cloud::Options::at(folder)
    };
    Cloud::open(options).map_err(|error| {
        let text = format!("the local cloud cannot be used: {error}");
        let mut error = ProviderError::new(ErrorKind::LocalStore, "aws", text);
        error.endpoint = folder.display().to_string().into();
        error
    })
}

/// The embedded cloud, in this process.
pub fn local(cloud: Arc<Cloud>, region: &str) -> SdkConfig {
    let retries = retries().with_initial_backoff(LOCAL_BACKOFF);
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(static_credentials()))
        .http_client(door::client(cloud))
        .retry_config(retries)
        .timeout_config(timeouts())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()));
    config.set_app_name(app_name());
    config.build()
}

/// AWS itself, with everything its configuration files and variables say.
///
/// # Errors
/// There is no region, or there are no credentials.
pub async fn aws(options: &Options) -> Result<(SdkConfig, String), ProviderError> {
    let region = region(options).await.ok_or_else(no_region)?;
    let http = http();
    let provider_config = ProviderConfig::default()
        .with_http_client(http.clone())
        .with_region(Some(region.clone()));
    let mut chain = DefaultCredentialsChain::builder()
        .configure(provider_config)
        .region(region.clone());
    if let Some(profile) = &options.profile {
        chain = chain.profile_name(profile);
    }
    let credentials = SharedCredentialsProvider::new(chain.build().await);
    available(&credentials, options).await?;
    let config = load(options, region.clone(), http, credentials)
        .load()
        .await;
    Ok((config, region.to_string()))
}

/// The endpoint that AWS's configuration names in the place of AWS's own. The SDK passes over a
/// variable that is no address until a call fails for it.
pub fn other_endpoint(config: &SdkConfig) -> Option<String> {
    let variable = || {
        let ignored = std::env::var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        let ignored = ignored.is_ok_and(|text| text.eq_ignore_ascii_case("true"));
        let named = std::env::var("AWS_ENDPOINT_URL").ok();
        named.filter(|address| !ignored && !address.is_empty())
    };
    config.endpoint_url().map(str::to_owned).or_else(variable)
}

/// Another endpoint, with the usual credentials; a local one needs none.
///
/// # Errors
/// There are no credentials, and the endpoint is not on this machine.
pub async fn endpoint(
    options: &Options,
    address: &str,
) -> Result<(SdkConfig, String), ProviderError> {
    let found = region(options).await;
    let region = found.unwrap_or_else(|| Region::new(LOCAL_REGION));
    let http = http();
    let provider_config = ProviderConfig::default()
        .with_http_client(http.clone())
        .with_region(Some(region.clone()));
    let credentials = if is_on_this_machine(address) {
        // Not the whole chain: it would look for the metadata service of an EC2 instance.
        let mut profile = ProfileFileCredentialsProvider::builder().configure(&provider_config);
        if let Some(name) = &options.profile {
            profile = profile.profile_name(name);
        }
        let environment = EnvironmentVariableCredentialsProvider::new();
        let chain = CredentialsProviderChain::first_try("Environment", environment)
            .or_else("Profile", profile.build());
        let chain = SharedCredentialsProvider::new(chain);
        match chain.provide_credentials().await {
            Err(error) if options.profile.is_none() && is_none(&error) => {
                SharedCredentialsProvider::new(static_credentials())
            }
            Err(error) => return Err(no_credentials(&error, options)),
            Ok(_) => chain,
        }
    } else {
        let mut chain = DefaultCredentialsChain::builder()
            .configure(provider_config)
            .region(region.clone());
        if let Some(profile) = &options.profile {
            chain = chain.profile_name(profile);
        }
        let chain = SharedCredentialsProvider::new(chain.build().await);
        available(&chain, options).await?;
        chain
    };
    let mut loader = load(options, region.clone(), http, credentials);
    if is_on_this_machine(address) {
        loader = loader.retry_config(retries().with_initial_backoff(LOCAL_BACKOFF));
    }
    let config = loader.endpoint_url(address).load().await;
    Ok((config, region.to_string()))
}

fn load(
    options: &Options,
    region: Region,
    http: SharedHttpClient,
    credentials: SharedCredentialsProvider,
) -> aws_config::ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        .http_client(http)
        .credentials_provider(credentials)
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Some(name) = app_name() {
        loader = loader.app_name(name);
    }
    match &options.profile {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    }
}

/// As declared, else as the environment or the profile says.
async fn region(options: &Options) -> Option<Region> {
    if let Some(region) = &options.region {
        return Some(Region::new(region.clone()));
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    let environment = EnvironmentVariableRegionProvider::new();
    let chain = RegionProviderChain::first_try(environment).or_else(profile.build());
    chain.region().await
}

async fn available(
    credentials: &SharedCredentialsProvider,
    options: &Options,
) -> Result<(), ProviderError> {
    let found = credentials.provide_credentials().await;
    found
        .map(|_| ())
        .map_err(|error| no_credentials(&error, options))
}

/// Whether there are none. The chain asks the machine's own metadata service (IMDS) last: one that
/// is not there, or refuses to answer, is no credentials either.
fn is_none(error: &CredentialsError) -> bool {
    matches!(error, CredentialsError::CredentialsNotLoaded(_))
        || DisplayErrorContext(error).to_string().contains("IMDS")
}

fn no_credentials(error: &CredentialsError, options: &Options) -> ProviderError {
    let expired = DisplayErrorContext(error).to_string();
    let expired = expired.to_lowercase().contains("expired");
    let reason = super::cause::plain(&chain(error));
    let (kind, text) = if is_none(error) {
        (
            ErrorKind::NoCredentials,
            match &options.profile {
                Some(profile) => {
                    format!("there are no AWS credentials in the profile `{profile}`")
                }
                None => "there are no AWS credentials: neither in the environment, nor in the \
                         profile, nor from the machine"
                    .to_owned(),
            },
        )
    } else if expired {
        (
            ErrorKind::Expired,
            format!("the AWS credentials have expired: {reason}"),
        )
    } else {
        (
            ErrorKind::NoCredentials,
            format!("the AWS credentials cannot be used: {reason}"),
        )
    };
    let mut error = ProviderError::new(kind, "aws", text);
    error.class = ErrorClass::Denied;
    error
}

fn static_credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "pinfra")
}

fn http() -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    builder
        .tls_provider(Tls::Rustls(CryptoMode::Ring))
        .build_https()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build()
}

/// What AWS's logs show of us.
fn app_name() -> Option<AppName> {
    AppName::new(concat!("pinfra-", env!("CARGO_PKG_VERSION"))).ok()
}

fn is_on_this_machine(address: &str) -> bool {
    let host = address.parse::<http::Uri>().ok();
    let host = host.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_on_this_machine() {
        for address in [
            "http://127.0.0.1:4566",
            "http://localhost:1",
            "http://[::1]:80/",
        ] {
            assert!(is_on_this_machine(address), "{address}");
        }
        for address in [
            "http://10.0.0.1",
            "https://aws.example.com",
            "localhost:1 x",
        ] {
            assert!(!is_on_this_machine(address), "{address}");
        }
    }
}
