//! The AWS SDK as the engine sees it: one configuration, a client a service, values in and out.

mod cause;
mod clients;
mod config;
mod download;
mod own;
mod tap;

use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;

use super::call::{Api, Calls, Download, Fault, FaultKind, Reply, Request, Traffic, global_region};
use super::errors::{ErrorKind, ProviderError};
use super::session::{Options, Target, Watch, is_address};
use crate::cloud::Cloud;
use clients::Clients;

/// The region of the embedded cloud and of local endpoints where nothing names one.
pub const LOCAL_REGION: &str = "us-east-1";

/// The SDK, connected to a cloud.
pub struct Sdk {
    config: SdkConfig,
    path_style: bool,
    /// Retrying by itself.
    patient: Clients,
    /// For what must not be sent twice: no plan needs it.
    once: OnceLock<Clients>,
    region: String,
    place: Place,
    traffic: Arc<Traffic>,
}

/// Where calls go, in words.
enum Place {
    Aws,
    Endpoint(String),
    Local(String),
}

impl Sdk {
    fn new(config: SdkConfig, region: String, place: Place, path_style: bool) -> Self {
        let traffic = Arc::new(Traffic::default());
        Self {
            patient: Clients::new(&config, &traffic, path_style, true),
            once: OnceLock::new(),
            config,
            path_style,
            region,
            place,
            traffic,
        }
    }

    fn once(&self) -> &Clients {
        let clients = || Clients::new(&self.config, &self.traffic, self.path_style, false);
        self.once.get_or_init(clients)
    }

    /// Over an embedded cloud that is open already.
    pub fn in_cloud(cloud: Arc<Cloud>, region: &str) -> Self {
        let config = config::local(cloud, region);
        let place = Place::Local("the embedded cloud".to_owned());
        Self::new(config, region.to_owned(), place, true)
    }

    /// The region that calls go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What the HTTP layer learns.
    pub fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }
}

/// Makes the configuration, and makes sure that there are credentials and a region.
///
/// # Errors
/// There are none, or the embedded cloud's store cannot be used.
pub async fn connect(options: &Options) -> Result<Sdk, ProviderError> {
    match &options.target {
        Target::Local(folder) => {
            let region = options.region.as_deref().unwrap_or(LOCAL_REGION);
            let cloud = config::open(folder)?;
            let config = config::local(Arc::new(cloud), region);
            let place = Place::Local(folder.display().to_string());
            Ok(Sdk::new(config, region.to_owned(), place, true))
        }
        Target::Endpoint(address) => {
            let (config, region) = config::endpoint(options, address).await?;
            Ok(Sdk::new(
                config,
                region,
                Place::Endpoint(address.clone()),
                true,
            ))
        }
        Target::Aws => {
            let (config, region) = config::aws(options).await?;
            let place = match config::other_endpoint(&config) {
                None => Place::Aws,
                Some(address) if is_address(&address) => Place::Endpoint(address),
                Some(address) => return Err(no_address(&address)),
            };
            Ok(Sdk::new(config, region, place, false))
        }
    }
}

impl Calls for Sdk {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        Box::pin(async move {
            let clients = if request.repeatable {
                &self.patient
            } else {
                self.once()
            };
            let (reply, sent_to) = tap::noting(clients.call(request)).await;
            reply.map_err(|fault| self.explained(fault, sent_to))
        })
    }

    fn stands_in(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }

    fn download<'a>(&'a self, url: &'a str, limit: u64, watch: &'a dyn Watch) -> Download<'a> {
        Box::pin(download::proved(url, limit, watch))
    }

    fn endpoint(&self, api: Api) -> String {
        let region = &self.region;
        match (&self.place, api) {
            (Place::Local(folder), _) => folder.clone(),
            (Place::Endpoint(address), _) => address.clone(),
            (Place::Aws, Api::Of(service)) if service.is_global() => {
                format!("https://{}.amazonaws.com", service.name())
            }
            (Place::Aws, Api::GlobalTagging) => {
                format!("https://tagging.{}.amazonaws.com", global_region(region))
            }
            (Place::Aws, api) => format!("https://{}.{region}.amazonaws.com", api.name()),
        }
    }
}

impl Sdk {
    /// The fault with where its request went: the SDK's configuration can name an endpoint for one
    /// service alone. The embedded cloud has none, and answers with an internal failure where its
    /// store does not work.
    fn explained(&self, fault: Fault, sent_to: Option<String>) -> Fault {
        let broken = fault.message.starts_with("the local store failed");
        match self.place {
            Place::Local(_) if broken => Fault {
                kind: FaultKind::LocalStore,
                ..fault
            },
            Place::Local(_) => fault,
            Place::Aws | Place::Endpoint(_) => Fault {
                endpoint: sent_to,
                ..fault
            },
        }
    }
}

fn no_address(configured: &str) -> ProviderError {
    let text = format!(
        "`{configured}` is no address of an endpoint; set AWS_ENDPOINT_URL, or `endpoint_url` of the \
         profile, to one that begins with http:// or https://"
    );
    ProviderError::new(ErrorKind::Refused, "aws", text)
}

fn no_region() -> ProviderError {
    let text = "no AWS region is set; write `aws: { region: … }` in the stack file, or set \
                AWS_REGION, or choose a profile that has one with --profile";
    ProviderError::new(ErrorKind::Refused, "aws", text)
}
