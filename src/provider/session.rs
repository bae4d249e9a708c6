//! One connection to a cloud: everything the engine does begins here.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::call::{Api, CallCounts, Calls, Request, Traffic};
use super::contract::{DefaultWithin, ErrorClass, ErrorRule, Input, ResourceType};
use super::errors::ProviderError;
use super::input;
use super::limits::Limits;
use super::marks::Parents;
use super::wait::Listings;
use super::young::Young;

/// Which cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// AWS itself.
    Aws,
    /// Something else that speaks AWS's protocols: `--endpoint-url`.
    Endpoint(String),
    /// The embedded cloud, in this process, with its store in this folder: `--local`.
    Local(PathBuf),
}

/// Whether a text is the address of an endpoint: `http://` or `https://` and a host.
pub fn is_address(text: &str) -> bool {
    let uri = text.parse::<http::Uri>().ok();
    uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which cloud.
    pub target: Target,
    /// The stack's region; without one the profile's counts.
    pub region: Option<String>,
    /// The profile of AWS's configuration files.
    pub profile: Option<String>,
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account's twelve digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
}

/// Whoever watches an operation that takes its time.
pub trait Watch: Sync {
    /// The object is in this state, and is looked at again; that usually takes so long in all.
    fn waiting(&self, state: &str, usual: Option<Duration>);
    /// A call failed and is tried again after this pause.
    fn retrying(&self, error: &ProviderError, pause: Duration);
    /// Whether to finish the calls under way and wait for nothing more.
    fn stopping(&self) -> bool;
}

/// A watcher that neither shows nor stops anything.
#[derive(Clone, Copy, Debug)]
pub struct NoWatch;

impl Watch for NoWatch {
    fn waiting(&self, _: &str, _: Option<Duration>) {}
    fn retrying(&self, _: &ProviderError, _: Duration) {}
    fn stopping(&self) -> bool {
        false
    }
}

/// A connection to a cloud. Cloning it is cheap: clones share everything.
#[derive(Clone)]
pub struct Provider(pub(super) Arc<Inner>);

pub(super) struct Inner {
    calls: Box<dyn Calls>,
    traffic: Arc<Traffic>,
    catalog: Vec<&'static ResourceType>,
    region: String,
    identity: OnceCell<Identity>,
    /// What templates call `aws`, once it is known who calls.
    facts: OnceLock<Value>,
    /// The same before that.
    region_alone: Value,
    limits: Limits,
    pub(super) young: Young,
    pub(super) parents: Parents,
    pub(super) listings: Listings,
    /// What is asked once: where a unique name is unique by default.
    pub(super) places: Mutex<HashMap<DefaultWithin, Arc<OnceCell<Option<String>>>>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("region", &self.0.region)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Connects to a cloud. No request goes out yet, but credentials are looked for.
    ///
    /// # Errors
    /// There are no credentials or no region, or the embedded cloud's store cannot be used.
    #[cfg(feature = "aws")]
    pub async fn connect(
        options: Options,
        catalog: Vec<&'static ResourceType>,
    ) -> Result<Self, ProviderError> {
        let sdk = super::sdk::connect(&options).await?;
        let (region, traffic) = (sdk.region().to_owned(), sdk.traffic());
        Ok(Self::over(Box::new(sdk), traffic, region, catalog))
    }

    /// Connects to an embedded cloud that is open already.
    #[cfg(feature = "aws")]
    pub fn in_cloud(
        cloud: Arc<crate::cloud::Cloud>,
        region: &str,
        catalog: Vec<&'static ResourceType>,
    ) -> Self {
        let sdk = super::sdk::Sdk::in_cloud(cloud, region);
        let traffic = sdk.traffic();
        Self::over(Box::new(sdk), traffic, region.to_owned(), catalog)
    }

    /// The engine over any way to call operations; `traffic` is what that way tells of its requests.
    pub fn over(
        calls: Box<dyn Calls>,
        traffic: Arc<Traffic>,
        region: String,
        catalog: Vec<&'static ResourceType>,
    ) -> Self {
        Self(Arc::new(Inner {
            calls,
            traffic,
            catalog,
            region_alone: json!({ "region": region }),
            region,
            identity: OnceCell::new(),
            facts: OnceLock::new(),
            limits: Limits::default(),
            young: Young::default(),
            parents: Parents::default(),
            listings: Listings::default(),
            places: Mutex::default(),
        }))
    }

    /// Who is calling; asked once.
    ///
    /// # Errors
    /// STS did not answer, or does not accept the credentials.
    pub async fn identity(&self) -> Result<Identity, ProviderError> {
        let ask = || async {
            let reply = self.ask(Api::Sts, "GetCallerIdentity", &json!({})).await?;
            let text = |member| super::path::text_at(&reply, member).unwrap_or_default();
            let arn = text("arn");
            let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
            Ok(Identity {
                account: text("account"),
                arn,
                partition,
            })
        };
        self.0.identity.get_or_try_init(ask).await.cloned()
    }

    /// The region that calls go to.
    pub fn region(&self) -> &str {
        &self.0.region
    }

    /// The requests that went out so far.
    pub fn calls(&self) -> CallCounts {
        self.0.traffic.counts()
    }

    /// How many of the cloud's seconds pass in one of ours, as its last reply said; 1 on AWS.
    pub fn time_scale(&self) -> f64 {
        self.0.traffic.time_scale()
    }

    /// The value of an SSM parameter, decrypted; `None` if there is no such parameter.
    ///
    /// # Errors
    /// SSM did not give it for another reason.
    pub async fn parameter(&self, name: &str) -> Result<Option<String>, ProviderError> {
        let input = json!({ "name": name, "with_decryption": true });
        let reply = self.ask(Api::Ssm, "GetParameter", &input).await;
        absent_or(reply.map(|reply| super::path::text_at(&reply, "parameter.value")))
    }

    /// The text of a secret's current version; `None` if there is no such secret.
    ///
    /// # Errors
    /// Secrets Manager did not give it for another reason.
    pub async fn secret(&self, name: &str) -> Result<Option<String>, ProviderError> {
        let input = json!({ "secret_id": name });
        let reply = self.ask(Api::SecretsManager, "GetSecretValue", &input);
        absent_or(
            reply
                .await
                .map(|reply| super::path::text_at(&reply, "secret_string")),
        )
    }

    /// The resource types this provider knows.
    pub fn catalog(&self) -> &[&'static ResourceType] {
        &self.0.catalog
    }

    /// The way to call operations.
    pub(super) fn calls_way(&self) -> &dyn Calls {
        &*self.0.calls
    }

    /// One repeatable call of an operation that belongs to no type.
    pub(super) async fn ask(
        &self,
        api: Api,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ProviderError> {
        let request = Request {
            api,
            operation,
            input,
            repeatable: true,
        };
        self.send(request, &[]).await
    }

    /// One call, within the service's documented rates.
    pub(super) async fn send(
        &self,
        request: Request<'_>,
        rules: &[ErrorRule],
    ) -> Result<Value, ProviderError> {
        let inner = &*self.0;
        let _slot = inner
            .limits
            .slot(request.api, request.operation, self.time_scale())
            .await;
        let reply = inner.calls.call(request).await;
        reply.map_err(|mut fault| {
            let used = fault.endpoint.take();
            let endpoint = used.unwrap_or_else(|| inner.calls.endpoint(request.api));
            ProviderError::of_call(fault, rules, request.api, request.operation, endpoint)
        })
    }

    /// `account_id`, `region`, `partition` and `location_constraint`; the region alone where nobody has
    /// asked yet who is calling, and these templates do not either.
    pub(super) async fn facts<'i>(
        &self,
        inputs: impl IntoIterator<Item = &'i Input>,
    ) -> Result<&Value, ProviderError> {
        let inner = &*self.0;
        if let Some(facts) = inner.facts.get() {
            return Ok(facts);
        }
        let region = self.region();
        let asked = || inputs.into_iter().any(|input| input::uses(input, "aws"));
        if !inner.identity.initialized() && !asked() {
            return Ok(&inner.region_alone);
        }
        let identity = self.identity().await?;
        Ok(inner.facts.get_or_init(|| {
            json!({
                "account_id": identity.account,
                "region": region,
                "partition": identity.partition,
                "location_constraint": Some(region).filter(|region| *region != "us-east-1"),
            })
        }))
    }

    /// A pause of the cloud's time in ours.
    pub(super) fn scaled(&self, pause: Duration) -> Duration {
        pause.div_f64(self.time_scale().max(1e-3))
    }
}

fn absent_or(
    reply: Result<Option<String>, ProviderError>,
) -> Result<Option<String>, ProviderError> {
    match reply {
        Err(error) if error.class == ErrorClass::Absent => Ok(None),
        other => other,
    }
}
