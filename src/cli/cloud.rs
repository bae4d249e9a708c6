//! `pinfra cloud`: the embedded AWS, served to any client.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::{CliError, Ended};
use crate::cloud::doors::http;
use crate::cloud::faults::Faults;
use crate::cloud::services::ssm::public;
use crate::cloud::{Cloud, Options, Traced, services};

mod roundtrip;

/// The arguments of `pinfra cloud`.
#[derive(Debug, Args)]
pub struct CloudArgs {
    #[command(subcommand)]
    command: CloudCommand,
}

#[derive(Debug, Subcommand)]
enum CloudCommand {
    /// Serve the embedded AWS on 127.0.0.1 until Ctrl-C
    Serve(ServeArgs),
    /// Let AWS publish a newer release of a machine image, which its public parameter then names
    PublishImage(PublishArgs),
    /// List the operations the embedded AWS implements, one `service Operation` a line
    Operations,
    /// Read and write messages without a handler, JSON lines in and out
    #[command(hide = true)]
    Roundtrip,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pinfra cloud serve --port 0 --dir /tmp/cloud\n  AWS_ENDPOINT_URL=http://127.0.0.1:4599 aws s3 ls"
)]
struct ServeArgs {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 4599)]
    port: u16,
    /// The folder that holds the cloud's objects
    #[arg(long, default_value = ".pinfra/local")]
    dir: PathBuf,
    /// What goes wrong on request (docs/cloud-faults.md)
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Simulated seconds a real second [default: the folder's own, 300 for a new one]
    #[arg(long, value_name = "N", value_parser = time_scale)]
    time_scale: Option<f64>,
    /// The account's number
    #[arg(long, default_value = crate::cloud::DEFAULT_ACCOUNT, value_parser = account)]
    account: String,
    /// Log each call to standard error
    #[arg(long)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct PublishArgs {
    /// The image, as the parameter's name ends
    #[arg(value_parser = PossibleValuesParser::new(public::names()))]
    image: String,
    /// The folder that holds the cloud's objects
    #[arg(long, default_value = ".pinfra/local")]
    dir: PathBuf,
}

fn time_scale(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|n: &f64| n.is_finite() && (0.0..=1e6).contains(n))
        .ok_or_else(|| "a number from 0 to 1000000 is expected".to_owned())
}

fn account(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("an account number has twelve digits".to_owned()),
    }
}

/// Runs `pinfra cloud`.
pub fn run(args: CloudArgs) -> Result<Ended, CliError> {
    match args.command {
        CloudCommand::Serve(args) => serve(args),
        CloudCommand::PublishImage(args) => {
            Cloud::open(Options::at(&args.dir))?.publish_image(&args.image)?;
            Ok(Ended::Well)
        }
        CloudCommand::Operations => {
            super::print_stdout(&operations())?;
            Ok(Ended::Well)
        }
        CloudCommand::Roundtrip => roundtrip::run(),
    }
}

fn operations() -> String {
    let services = services::SERVICES.iter();
    let lines = services.flat_map(|service| {
        let names = service.operations.iter();
        names.map(|(operation, _)| format!("{} {operation}\n", service.name))
    });
    lines.collect()
}

fn serve(args: ServeArgs) -> Result<Ended, CliError> {
    let faults = match &args.faults {
        Some(path) => Faults::read(path)?,
        None => Faults::none(),
    };
    let cloud = Cloud::open(Options {
        account: Some(args.account),
        time_scale: args.time_scale,
        faults,
        ..Options::at(&args.dir)
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (listener, address) = http::bind(args.port)
            .await
            .map_err(|error| CliError::new(format!("port {} of 127.0.0.1: {error}", args.port)))?;
        let stop = stop_signal()?;
        super::print_stdout(&announcement(&format!("http://{address}")))?;
        let verbose = args.verbose;
        let observer = Arc::new(move |call: &Traced| observe(call, verbose));
        http::serve(Arc::new(cloud), listener, observer, stop).await;
        Ok(Ended::Well)
    })
}

/// Done at Ctrl-C or SIGTERM.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn announcement(url: &str) -> String {
    format!(
        "The embedded AWS answers at {url} (Ctrl-C ends it). To use it:\n\
         \n  export AWS_ENDPOINT_URL={url}\
         \n  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1\n\n"
    )
}

/// Tells of a call. Whether anybody reads it is no reason to stop serving.
fn observe(call: &Traced, verbose: bool) {
    if let Some(fault) = call.fault {
        let line = format!(
            "fault: {} call {}{} ({} {})\n",
            fault.split(' ').next().unwrap_or(fault),
            call.call,
            fault.strip_prefix("held").unwrap_or_default(),
            call.service,
            call.operation
        );
        drop(super::print_stdout(&line));
    }
    if verbose {
        let line = format!(
            "{:>6}  {}  {} {} {}{}\n",
            call.call,
            call.status,
            call.region,
            call.service,
            call.operation,
            call.code
                .as_ref()
                .map_or(String::new(), |code| format!("  {code}"))
        );
        super::print_stderr(&line);
    }
}
