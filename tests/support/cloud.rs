//! An embedded cloud in a folder of its own, and requests to it.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinfra::cloud::faults::Faults;
use pinfra::cloud::{Answer, Cloud, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

pub struct Fixture {
    pub dir: TempDir,
    pub cloud: Cloud,
}

pub fn fixture(faults: &str) -> Fixture {
    let dir = TempDir::new().unwrap();
    let cloud = open(&dir, faults);
    Fixture { dir, cloud }
}

pub fn open(dir: &TempDir, faults: &str) -> Cloud {
    Cloud::open(Options {
        faults: Faults::parse(faults).unwrap(),
        trace: true,
        ..Options::at(dir.path())
    })
    .unwrap()
}

pub fn signed(service: &str, key: &str) -> http::request::Builder {
    Request::builder().header(
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260102/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        ),
    )
}

pub fn kinesis(operation: &str, input: &Value) -> Request<Bytes> {
    signed("kinesis", "AKID")
        .method(Method::POST)
        .uri("/")
        .header("x-amz-target", format!("Kinesis_20131202.{operation}"))
        .header("content-type", "application/x-amz-json-1.1")
        .body(Bytes::from(input.to_string()))
        .unwrap()
}

pub fn query(service: &str, key: &str, body: &str) -> Request<Bytes> {
    signed(service, key)
        .method(Method::POST)
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

pub fn s3(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let mut builder = signed("s3", "AKID").method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

/// The body with the request's own id taken out.
pub fn text(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(answer.response.body()).into_owned();
    ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .filter_map(|name| answer.response.headers().get(*name))
        .fold(body, |body, id| body.replace(id.to_str().unwrap(), "ID"))
}

pub fn status(answer: &Answer) -> u16 {
    answer.response.status().as_u16()
}

pub fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

pub fn streams(cloud: &Cloud) -> Vec<String> {
    let answer = cloud.answer(kinesis("ListStreams", &json!({})));
    assert_eq!(answer.response.status(), StatusCode::OK);
    json_of(&answer.response)["StreamNames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

pub fn create(cloud: &Cloud, name: &str) -> Answer {
    cloud.answer(kinesis(
        "CreateStream",
        &json!({"StreamName": name, "ShardCount": 1}),
    ))
}
