//! What an object is made of is downloaded whole and proved, or not at all.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinfra::cloud::{Cloud, Options};
use pinfra::provider::call::{Api, Calls, Download, Reply, Request};
use pinfra::provider::{Key, Need, NoWatch, Provider, Sdk, Watch, catalog};
use pinfra::schema::Address;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A server that gives these answers, one after the other, the last one again and again.
struct Server {
    address: String,
    asked: Arc<AtomicUsize>,
}

fn server(answers: Vec<String>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            if stream.read(&mut request).unwrap_or(0) == 0 {
                continue;
            }
            let at = count.fetch_add(1, Ordering::SeqCst);
            let answer = &answers[at.min(answers.len() - 1)];
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    Server { address, asked }
}

fn answer(status: &str, headers: &str, length: usize, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn good(body: &str) -> String {
    answer("200 OK", "", body.len(), body)
}

async fn download(url: &str, limit: u64) -> Result<(Vec<u8>, String), String> {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Arc::new(Cloud::open(Options::at(dir.path())).unwrap());
    let sdk = Sdk::in_cloud(cloud, "us-east-1");
    let (file, digest) = sdk.download(url, limit, &NoWatch).await?;
    Ok((std::fs::read(&file).unwrap(), digest))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_downloaded_and_its_digest_told() {
    let body = "x".repeat(300_000);
    let server = server(vec![good(&body)]);
    let (bytes, digest) = download(&server.address, 1 << 20).await.unwrap();
    assert_eq!(bytes, body.as_bytes());
    assert_eq!(digest, hex::encode(Sha256::digest(&body)));
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_are_followed_and_do_not_go_round_for_ever() {
    let moved = answer("302 Found", "location: /elsewhere\r\n", 0, "");
    let there = server(vec![moved.clone(), good("found")]);
    let (bytes, _) = download(&format!("{}/a/b", there.address), 100)
        .await
        .unwrap();
    assert_eq!(bytes, b"found");
    let round = server(vec![moved]);
    let why = download(&round.address, 100).await.unwrap_err();
    assert!(why.contains("without end"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_twice_more() {
    let busy = answer("503 Service Unavailable", "", 0, "");
    let cut = answer("200 OK", "", 10, "half");
    let recovers = server(vec![busy.clone(), cut, good("whole")]);
    let (bytes, _) = download(&recovers.address, 100).await.unwrap();
    assert_eq!(bytes, b"whole");
    let never = server(vec![busy]);
    let why = download(&never.address, 100).await.unwrap_err();
    assert!(why.contains("answers 503 (tried 3 times)"), "{why}");
    assert_eq!(never.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_too_large_is_said_at_once() {
    let gone = server(vec![answer("404 Not Found", "", 0, "")]);
    let why = download(&gone.address, 100).await.unwrap_err();
    assert!(why.ends_with("answers 404"), "{why}");
    assert_eq!(gone.asked.load(Ordering::SeqCst), 1);
    let large = server(vec![good("more than ten bytes")]);
    let why = download(&large.address, 10).await.unwrap_err();
    assert!(why.contains("more than 10 bytes"), "{why}");
    assert_eq!(large.asked.load(Ordering::SeqCst), 1);
}

/// The embedded cloud taken for AWS: nothing stands in for a download.
struct Real(Sdk);

impl Calls for Real {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        self.0.call(request)
    }

    fn endpoint(&self, api: Api) -> String {
        self.0.endpoint(api)
    }

    fn download<'a>(&'a self, url: &'a str, limit: u64, watch: &'a dyn Watch) -> Download<'a> {
        self.0.download(url, limit, watch)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_declared_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Arc::new(Cloud::open(Options::at(dir.path())).unwrap());
    let sdk = Sdk::in_cloud(cloud, "us-east-1");
    let traffic = sdk.traffic();
    let provider = Provider::over(
        Box::new(Real(sdk)),
        traffic,
        "us-east-1".to_owned(),
        catalog::TYPES.to_vec(),
    );
    let (bucket, object) = (
        catalog::find("s3_bucket").unwrap(),
        catalog::find("s3_object").unwrap(),
    );
    let name = json!({ "bucket": "downloads" });
    let address = Address::new("s3_bucket", "it");
    let made = provider.create(bucket, "downloads", &address, &name, &NoWatch);
    made.await.unwrap();
    let server = server(vec![good("a plugin")]);
    let digest = hex::encode(Sha256::digest("a plugin"));
    let other = hex::encode(Sha256::digest("another"));
    let desired = |digest: &str| {
        json!({ "bucket": "downloads", "key": "plugin.zip", "sha256": digest,
                "contents": { "url": server.address } })
    };
    let address = Address::new("s3_object", "it");
    let wrong = desired(&other);
    let made = provider.create(object, "downloads", &address, &wrong, &NoWatch);
    let why = made.await.unwrap_err().to_string();
    assert!(why.contains(&digest) && why.contains(&other), "{why}");
    assert!(!provider.calls().by_operation.contains_key("s3:PutObject"));
    let right = desired(&digest);
    let made = provider.create(object, "downloads", &address, &right, &NoWatch);
    let key = Key::Id(made.await.unwrap().id);
    let live = provider.read(object, &key, &Need::default()).await.unwrap();
    let live = live.unwrap().attributes;
    assert_eq!(live["sha256"], digest);
    assert!(live.get("metadata").is_none_or(|noted| noted.is_null()));
}
