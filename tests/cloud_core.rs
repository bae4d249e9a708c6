//! What clients see of the embedded cloud's road: errors in every protocol, framed bodies, faults,
//! lag.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/cloud.rs"]
mod support;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use pinfra::cloud::faults::Fate;
use serde_json::{Value, json};
use support::*;

// ---- errors, in each protocol's own form ------------------------------------------------------

#[test]
fn query_errors() {
    let f = fixture("");
    let answer = f
        .cloud
        .answer(query("iam", "AKIDEXPIRED", "Action=GetRole&RoleName=a"));
    assert_eq!(status(&answer), 403);
    assert_eq!(
        text(&answer),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
         <Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>\
         </Error><RequestId>ID</RequestId></ErrorResponse>"
    );
    let answer = f.cloud.answer(query("iam", "AKID", "Action=GetRoll"));
    assert_eq!(status(&answer), 400);
    assert!(
        text(&answer).contains("<Code>InvalidAction</Code>"),
        "{}",
        text(&answer)
    );
}

#[test]
fn ec2_errors() {
    let f = fixture("");
    let answer = f.cloud.answer(query(
        "ec2",
        "INVALID",
        "Action=DescribeVpcs&Version=2016-11-15",
    ));
    assert_eq!(status(&answer), 401);
    assert_eq!(
        text(&answer),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access \
         credentials</Message></Error></Errors><RequestID>ID</RequestID></Response>"
    );
    let answer = f
        .cloud
        .answer(query("ec2", "AKID", "Action=CreateSecurityGroup"));
    assert!(
        text(&answer).contains("<Code>MissingParameter</Code>"),
        "{}",
        text(&answer)
    );
}

#[test]
fn json_errors() {
    let f = fixture("");
    let answer = f
        .cloud
        .answer(kinesis("CreateStream", &json!({"StreamName": "a b"})));
    assert_eq!(status(&answer), 400);
    assert_eq!(
        answer.response.headers()["x-amzn-errortype"],
        "ValidationException"
    );
    assert_eq!(
        json_of(&answer.response),
        json!({
            "__type": "ValidationException",
            "message": "1 validation error detected: Value 'a b' at 'streamName' failed to satisfy \
                        constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        })
    );
    let answer = f
        .cloud
        .answer(kinesis("CreateStream", &json!({"StreamName": 1})));
    assert_eq!(
        json_of(&answer.response)["__type"],
        "SerializationException"
    );
    let answer = f.cloud.answer(kinesis("SubscribeToShard", &json!({})));
    assert_eq!(
        (status(&answer), answer.traced.code.as_deref()),
        (501, Some("NotImplemented"))
    );
    let answer = f.cloud.answer(kinesis("Nonsense", &json!({})));
    assert_eq!(
        json_of(&answer.response)["__type"],
        "UnknownOperationException"
    );
}

#[test]
fn rest_json_errors() {
    let f = fixture("");
    let request = signed("kafka", "AKIDDENIED").uri("/v1/clusters");
    let answer = f.cloud.answer(request.body(Bytes::new()).unwrap());
    assert_eq!(status(&answer), 403);
    assert_eq!(
        answer.response.headers()["x-amzn-errortype"],
        "AccessDeniedException"
    );
    let body = json_of(&answer.response);
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("not authorized to perform: kafka:ListClusters"),
        "{message}"
    );
}

#[test]
fn s3_errors() {
    let f = fixture("");
    let answer = f
        .cloud
        .answer(s3(Method::GET, "/absent-bucket/key", &[], ""));
    assert_eq!(status(&answer), 404);
    let body = text(&answer);
    assert!(
        body.starts_with(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchBucket</Code>"
        ) && body.ends_with("<RequestId>ID</RequestId><HostId>ID</HostId></Error>"),
        "{body}"
    );
    let answer = f.cloud.answer(s3(Method::HEAD, "/absent-bucket", &[], ""));
    assert_eq!((status(&answer), text(&answer).as_str()), (404, ""));
    let answer = f
        .cloud
        .answer(s3(Method::GET, "/absent-bucket?torrent", &[], ""));
    assert_eq!(status(&answer), 501, "not taken for ListObjects");
}

#[test]
fn cbor_errors() {
    let f = fixture("");
    let request = signed("tagging", "INVALID")
        .method(Method::POST)
        .uri("/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources")
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("content-type", "application/cbor")
        .body(Bytes::from_static(&[0xa0]))
        .unwrap();
    let answer = f.cloud.answer(request);
    assert_eq!(status(&answer), 400);
    assert_eq!(answer.response.headers()["smithy-protocol"], "rpc-v2-cbor");
    let body: Value = ciborium::from_reader(answer.response.body().as_ref()).unwrap();
    assert_eq!(body["__type"], "UnrecognizedClientException");
}

#[test]
fn a_request_without_credentials_is_refused() {
    let f = fixture("");
    let mut request = kinesis("ListStreams", &json!({}));
    request.headers_mut().remove("authorization");
    let answer = f.cloud.answer(request);
    assert_eq!(
        json_of(&answer.response)["__type"],
        "MissingAuthenticationTokenException"
    );
    let plain = Request::builder().uri("/").body(Bytes::new()).unwrap();
    assert_eq!(status(&f.cloud.answer(plain)), 403);
}

#[test]
fn a_service_that_is_not_there_is_not_implemented() {
    let f = fixture("");
    let request = signed("lambda", "AKID").uri("/2015-03-31/functions");
    let answer = f.cloud.answer(request.body(Bytes::new()).unwrap());
    assert_eq!(status(&answer), 501);
}

#[test]
fn replies_say_how_fast_time_goes() {
    let f = fixture("");
    for answer in [
        f.cloud.answer(kinesis("ListStreams", &json!({}))),
        f.cloud
            .answer(kinesis("DescribeStream", &json!({"StreamName": "a"}))),
    ] {
        assert_eq!(answer.response.headers()["x-pinfra-time-scale"], "300");
    }
    let calls: Vec<_> = f.cloud.trace().iter().map(|t| (t.call, t.status)).collect();
    assert_eq!(calls, [(1, 200), (2, 400)]);
}

// ---- bodies -----------------------------------------------------------------------------------

fn bucket(f: &Fixture) {
    let answer = f.cloud.answer(s3(Method::PUT, "/a-bucket", &[], ""));
    assert_eq!(
        answer.response.status(),
        StatusCode::OK,
        "{}",
        text(&answer)
    );
}

fn object(f: &Fixture, key: &str) -> Bytes {
    let answer = f
        .cloud
        .answer(s3(Method::GET, &format!("/a-bucket/{key}"), &[], ""));
    assert_eq!(
        answer.response.status(),
        StatusCode::OK,
        "{}",
        text(&answer)
    );
    answer.response.into_body()
}

#[test]
fn framed_bodies_are_stored_without_their_frames() {
    let f = fixture("");
    bucket(&f);
    let signed_chunks = "6;chunk-signature=00\r\nhello \r\n5;chunk-signature=11\r\nworld\r\n0;chunk-signature=22\r\n\r\n";
    let with_trailer = "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let put = |key: &str, kind: &str, body: &'static str| {
        let headers = [
            ("x-amz-content-sha256", kind),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "11"),
        ];
        f.cloud
            .answer(s3(Method::PUT, &format!("/a-bucket/{key}"), &headers, body))
    };
    for (key, kind, body) in [
        (
            "signed",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            signed_chunks,
        ),
        (
            "trailer",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            with_trailer,
        ),
    ] {
        let answer = put(key, kind, body);
        assert_eq!(status(&answer), 200, "{}", text(&answer));
        assert_eq!(object(&f, key), Bytes::from_static(b"hello world"));
    }
    let head = f
        .cloud
        .answer(s3(Method::HEAD, "/a-bucket/signed", &[], ""));
    assert_eq!(head.response.headers()["content-length"], "11");
    assert!(!head.response.headers().contains_key("content-encoding"));

    let cut = put("cut", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "b\r\nhello");
    assert_eq!(
        (status(&cut), cut.traced.code.as_deref()),
        (400, Some("IncompleteBody"))
    );
    let wrong = "b\r\nhello worle\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let wrong = put("wrong", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", wrong);
    assert_eq!(wrong.traced.code.as_deref(), Some("BadDigest"));
    let absent = f.cloud.answer(s3(Method::GET, "/a-bucket/wrong", &[], ""));
    assert_eq!(status(&absent), 404);
}

#[test]
fn digests_are_verified() {
    let f = fixture("");
    bucket(&f);
    let put = |headers: &[(&str, &str)]| {
        let answer = f
            .cloud
            .answer(s3(Method::PUT, "/a-bucket/key", headers, "hello world"));
        answer.traced.code
    };
    assert_eq!(put(&[("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==")]), None);
    let code = |headers| put(headers).unwrap();
    assert_eq!(
        code(&[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]),
        "BadDigest"
    );
    assert_eq!(code(&[("content-md5", "short")]), "InvalidDigest");
    assert_eq!(code(&[("x-amz-checksum-sha256", "AAAA")]), "BadDigest");
    let zeros = "0".repeat(64);
    assert_eq!(
        code(&[("x-amz-content-sha256", zeros.as_str())]),
        "XAmzContentSHA256Mismatch"
    );
}

#[test]
fn buckets_stand_in_hosts_or_paths() {
    let f = fixture("");
    bucket(&f);
    let put = s3(Method::PUT, "/a-bucket/dir/key%20one", &[], "x");
    assert_eq!(status(&f.cloud.answer(put)), 200);
    for host in [
        "a-bucket.localhost:4599",
        "a-bucket.s3.us-east-1.amazonaws.com",
        "a-bucket.s3.amazonaws.com",
    ] {
        let get = s3(Method::GET, "/dir/key%20one", &[("host", host)], "");
        assert_eq!(status(&f.cloud.answer(get)), 200, "{host}");
    }
}

#[test]
fn garbage_is_refused_and_nothing_panics() {
    let f = fixture("");
    let mut noise = 1u64;
    let mut next = move || {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise
    };
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"[]",
        b"<a><b/>",
        b"<a>&unknown;</a>",
        b"Action=CreateRole&Tags.member.x.Key=1&Tags=2&Tags.member.1=3",
        b"Action=DescribeVpcs&Filter.1.Value.99999999999999999999=x",
        b"\xff\xfe\x00",
    ];
    for (service, path) in [
        ("iam", "/"),
        ("ec2", "/"),
        ("kinesis", "/"),
        ("tagging", "/service/x/operation/GetResources"),
        ("kafka", "/v1/clusters"),
        ("s3", "/b/k?uploadId=%ff&partNumber=x"),
        ("s3", "//?list-type=2&max-keys=x"),
    ] {
        for body in bodies {
            let random: Vec<u8> = (0..40).map(|_| next() as u8).collect();
            for body in [body.to_vec(), random] {
                for method in [Method::POST, Method::PUT] {
                    let request = signed(service, "AKID")
                        .method(method)
                        .uri(path)
                        .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
                        .body(Bytes::from(body.clone()))
                        .unwrap();
                    let answer = f.cloud.answer(request);
                    assert_ne!(status(&answer), 500, "{service} {path} {body:?}");
                }
            }
        }
    }
    let deep = "a.".repeat(50_000) + "b=1&Action=CreateRole";
    assert_eq!(status(&f.cloud.answer(query("iam", "AKID", &deep))), 400);
    let deep = Bytes::from("<a>".repeat(50_000));
    let answer = f.cloud.answer(s3(Method::PUT, "/b?versioning", &[], deep));
    assert_eq!(status(&answer), 400);
}

// ---- faults -----------------------------------------------------------------------------------

#[test]
fn an_injected_error_comes_before_or_after_the_effect() {
    let f = fixture(
        "- {operation: CreateStream, at: 1, action: {fail: {code: Boom, status: 503, message: not now}}}\n\
         - {operation: CreateStream, at: 2, action: {fail: {code: Boom, after: true}}}",
    );
    let first = create(&f.cloud, "before");
    assert_eq!(
        (status(&first), first.traced.code.as_deref()),
        (503, Some("Boom"))
    );
    let second = create(&f.cloud, "after");
    assert_eq!(status(&second), 500);
    assert_eq!(streams(&f.cloud), ["after"]);
}

#[test]
fn connections_drop_and_hang_on_request() {
    let f = fixture(
        "- {operation: CreateStream, at: 1, action: drop}\n\
         - {operation: CreateStream, at: 2, action: hold_before}\n\
         - {operation: CreateStream, at: 3, action: hold_after}",
    );
    let fates: Vec<_> = ["dropped", "before", "after"]
        .iter()
        .map(|name| {
            let answer = create(&f.cloud, name);
            (answer.fate, answer.traced.fault)
        })
        .collect();
    assert_eq!(
        fates,
        [
            (Fate::Drop, Some("dropped")),
            (Fate::Hold, Some("held before effect")),
            (Fate::Hold, Some("held after effect")),
        ]
    );
    assert_eq!(streams(&f.cloud), ["after", "dropped"]);
}

#[test]
fn credentials_expire_in_the_middle() {
    let f = fixture("- {at: 2, times: 1, action: expired}");
    assert_eq!(status(&create(&f.cloud, "one")), 200);
    let refused = create(&f.cloud, "two");
    assert_eq!(
        refused.traced.code.as_deref(),
        Some("ExpiredTokenException")
    );
    assert_eq!(streams(&f.cloud), ["one"]);
}

#[test]
fn throttling_and_latency() {
    let f = fixture("{latency: 7ms, rules: [{service: kinesis, at: 1, action: throttle}]}");
    let answer = create(&f.cloud, "one");
    assert_eq!(
        answer.traced.code.as_deref(),
        Some("LimitExceededException")
    );
    assert_eq!(answer.delay, Duration::from_millis(7));
}

#[test]
fn lists_lag_and_reads_by_name_do_not() {
    let f = fixture("[{service: kinesis, action: {lag: {reads: 3}}}]");
    create(&f.cloud, "late");
    let describe = kinesis("DescribeStreamSummary", &json!({"StreamName": "late"}));
    assert_eq!(status(&f.cloud.answer(describe)), 200);
    for _ in 0..3 {
        assert!(streams(&f.cloud).is_empty());
    }
    assert_eq!(streams(&f.cloud), ["late"]);
}
