//! The SDK's own clients against the embedded cloud in this process: every protocol it speaks,
//! through its real serialisers, signers, retries and parsers.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use aws_smithy_types::retry::RetryConfig;
use pinfra::cloud::doors::sdk;
use pinfra::cloud::faults::Faults;
use pinfra::cloud::{Cloud, Options};
use tempfile::TempDir;

struct Fixture {
    _dir: TempDir,
    cloud: Arc<Cloud>,
    config: SdkConfig,
}

fn fixture(faults: &str, access_key: &str) -> Fixture {
    let dir = TempDir::new().unwrap();
    let cloud = Arc::new(
        Cloud::open(Options {
            faults: Faults::parse(faults).unwrap(),
            trace: true,
            ..Options::at(dir.path())
        })
        .unwrap(),
    );
    let credentials = Credentials::new(access_key, "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(sdk::client(Arc::clone(&cloud)))
        .retry_config(
            RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)),
        )
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()))
        .build();
    Fixture {
        _dir: dir,
        cloud,
        config,
    }
}

#[tokio::test]
async fn every_protocol_is_spoken() {
    let f = fixture("", "AKID");
    let who = aws_sdk_sts::Client::new(&f.config)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(who.account(), Some("123456789012"));

    let vpcs = aws_sdk_ec2::Client::new(&f.config)
        .describe_vpcs()
        .send()
        .await
        .unwrap();
    assert_eq!(vpcs.vpcs()[0].is_default(), Some(true));

    let kinesis = aws_sdk_kinesis::Client::new(&f.config);
    let create = kinesis.create_stream().stream_name("s").shard_count(1);
    create.send().await.unwrap();
    let listed = kinesis.list_streams().send().await.unwrap();
    assert_eq!(listed.stream_names(), ["s"]);
    assert!(
        listed.stream_summaries()[0]
            .stream_arn()
            .contains(":eu-west-1:")
    );

    let clusters = aws_sdk_kafka::Client::new(&f.config).list_clusters_v2();
    assert!(
        clusters
            .send()
            .await
            .unwrap()
            .cluster_info_list()
            .is_empty()
    );
}

#[tokio::test]
async fn objects_go_through_the_default_checksums_both_ways() {
    use aws_sdk_s3::primitives::ByteStream;
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
    let f = fixture("", "AKID");
    let s3 = aws_sdk_s3::Client::new(&f.config);
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuWest1)
        .build();
    let create = s3.create_bucket().bucket("a-bucket");
    create
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
    // From a file the SDK streams: framed, with the checksum in a trailer.
    let file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
    std::fs::write(file.path(), &content).unwrap();
    for (key, body) in [
        ("dir/a b+c", ByteStream::from(content.clone())),
        (
            "streamed",
            ByteStream::from_path(file.path()).await.unwrap(),
        ),
    ] {
        let put = s3.put_object().bucket("a-bucket").key(key).body(body);
        put.send().await.unwrap();
        let got = s3.get_object().bucket("a-bucket").key(key).send().await;
        let body = got.unwrap().body.collect().await.unwrap().into_bytes();
        assert!(body == content, "{key}");
    }
    let missing = s3.get_object().bucket("a-bucket").key("missing").send();
    assert_eq!(missing.await.unwrap_err().code(), Some("NoSuchKey"));
}

#[tokio::test]
async fn a_dropped_reply_is_retried() {
    let f = fixture("- {operation: CreateStream, at: 1, action: drop}", "AKID");
    let kinesis = aws_sdk_kinesis::Client::new(&f.config);
    let create = kinesis.create_stream().stream_name("s").shard_count(1);
    // The first attempt took effect, so the second finds it done: what makes callers ambiguous.
    let error = create.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceInUseException"));
    assert_eq!(f.cloud.calls(), 2);
}

#[tokio::test]
async fn bad_credentials_are_told_as_aws_tells_them() {
    let f = fixture("", "AKIDEXPIRED");
    let roles = aws_sdk_iam::Client::new(&f.config).list_roles().send();
    assert_eq!(roles.await.unwrap_err().code(), Some("ExpiredToken"));
    let vpcs = aws_sdk_ec2::Client::new(&f.config).describe_vpcs().send();
    assert_eq!(vpcs.await.unwrap_err().code(), Some("RequestExpired"));
    let clusters = aws_sdk_kafka::Client::new(&f.config).list_clusters_v2();
    assert_eq!(
        clusters.send().await.unwrap_err().code(),
        Some("ExpiredTokenException")
    );
}
