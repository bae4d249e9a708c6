//! `pinfra cloud serve` as a process: what it answers over a socket, and what is left when it is
//! killed.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// So fast that a stream is there at once: AWS allows five in creation at a time.
const FAST: [&str; 2] = ["--time-scale", "1000000"];

struct Server {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Server {
    fn start(dir: &Path, more: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pinfra"))
            .args(["cloud", "serve", "--port", "0", "--dir"])
            .arg(dir)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap();
        let address = address.split_whitespace().next().unwrap().to_owned();
        Server {
            child,
            out,
            address,
        }
    }

    /// Sends a Kinesis call; the status and the body, or none when the connection ends without.
    fn kinesis(&self, operation: &str, input: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
             content-type: application/x-amz-json-1.1\r\nx-amz-target: Kinesis_20131202.{operation}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/kinesis/aws4_request, \
             SignedHeaders=host, Signature=0\r\n\r\n{input}",
            self.address,
            input.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).ok()?;
        let status = reply.split(' ').nth(1)?.parse().ok()?;
        let body = reply.split_once("\r\n\r\n")?.1.to_owned();
        Some((status, body))
    }

    fn create(&self, name: &str) -> Option<u16> {
        let input = format!("{{\"StreamName\": \"{name}\", \"ShardCount\": 1}}");
        self.kinesis("CreateStream", &input)
            .map(|(status, _)| status)
    }

    fn exists(&self, name: &str) -> bool {
        let input = format!("{{\"StreamName\": \"{name}\"}}");
        self.kinesis("DescribeStreamSummary", &input).unwrap().0 == 200
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        while line.trim().is_empty() || line.trim_start().starts_with("export") {
            line.clear();
            assert_ne!(
                self.out.read_line(&mut line).unwrap(),
                0,
                "the server ended"
            );
        }
        line.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_was_answered_survives_kill_9() {
    let dir = TempDir::new().unwrap();
    let mut answered = Vec::new();
    for round in 0..4 {
        let mut server = Server::start(dir.path(), &FAST);
        for n in 0..=round {
            let name = format!("stream-{round}-{n}");
            assert_eq!(server.create(&name), Some(200));
            answered.push(name);
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    let server = Server::start(dir.path(), &[]);
    assert!(answered.iter().all(|name| server.exists(name)));
}

#[test]
fn two_processes_share_a_folder() {
    let dir = TempDir::new().unwrap();
    let servers = [
        Server::start(dir.path(), &FAST),
        Server::start(dir.path(), &FAST),
    ];
    std::thread::scope(|scope| {
        for (n, server) in servers.iter().enumerate() {
            scope.spawn(move || {
                for i in 0..8 {
                    assert_eq!(server.create(&format!("s-{n}-{i}")), Some(200));
                }
            });
        }
    });
    for server in &servers {
        for n in 0..2 {
            assert!((0..8).all(|i| server.exists(&format!("s-{n}-{i}"))));
        }
    }
}

#[test]
fn held_calls_are_announced_and_kill_rules_end_the_process() {
    let dir = TempDir::new().unwrap();
    let faults = dir.path().join("faults.yaml");
    let rules = "- {operation: CreateStream, at: 1, action: hold_before}\n\
                 - {operation: CreateStream, at: 2, action: hold_after}\n\
                 - {operation: CreateStream, at: 3, action: kill_after}\n";
    std::fs::write(&faults, rules).unwrap();
    let store = dir.path().join("store");
    let mut server = Server::start(&store, &["--faults", faults.to_str().unwrap()]);
    for (name, said) in [
        (
            "a",
            "fault: held call 1 before effect (kinesis CreateStream)",
        ),
        (
            "b",
            "fault: held call 2 after effect (kinesis CreateStream)",
        ),
    ] {
        let address = server.address.clone();
        let name = name.to_owned();
        std::thread::spawn(move || {
            let Some(mut stream) = TcpStream::connect(&address).ok() else {
                return;
            };
            let input = format!("{{\"StreamName\": \"{name}\", \"ShardCount\": 1}}");
            let request = format!(
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\nx-amz-target: Kinesis_20131202.CreateStream\r\n\
                 authorization: AWS4-HMAC-SHA256 Credential=A/1/us-east-1/kinesis/aws4_request\r\n\r\n{input}",
                input.len()
            );
            let _ = stream.write_all(request.as_bytes());
            // Until the server is killed: no answer ever comes.
            let _ = stream.read(&mut [0]);
        });
        assert_eq!(server.line(), said);
    }
    assert_eq!(server.create("c"), None);
    let ended = server.child.wait().unwrap();
    use std::os::unix::process::ExitStatusExt as _;
    assert_eq!(ended.signal(), Some(9));
    let again = Server::start(&store, &[]);
    assert_eq!(
        ["a", "b", "c"].map(|name| again.exists(name)),
        [false, true, true]
    );
}

#[test]
fn a_dropped_reply_closes_the_connection_after_the_effect() {
    let dir = TempDir::new().unwrap();
    let faults = dir.path().join("faults.json");
    std::fs::write(
        &faults,
        r#"[{"operation": "CreateStream", "at": 1, "action": "drop"}]"#,
    )
    .unwrap();
    let store = dir.path().join("store");
    let server = Server::start(&store, &["--faults", faults.to_str().unwrap()]);
    assert_eq!(server.create("a"), None);
    assert!(server.exists("a"));
}

#[test]
fn expect_continue_is_answered() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), &[]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\
                x-amz-target: Kinesis_20131202.ListStreams\r\n\
                authorization: AWS4-HMAC-SHA256 Credential=A/1/us-east-1/kinesis/aws4_request\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut first = [0; 25];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
}

#[test]
fn it_ends_at_sigterm_and_refuses_what_it_cannot_use() {
    let dir = TempDir::new().unwrap();
    let mut server = Server::start(&dir.path().join("store"), &[]);
    let pid = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let started = Instant::now();
    assert!(server.child.wait().unwrap().success());
    assert!(started.elapsed() < Duration::from_secs(5));

    let fails = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_pinfra"))
            .args(["cloud", "serve", "--port", "0"])
            .args(more)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let damaged = dir.path().join("damaged");
    std::fs::create_dir(&damaged).unwrap();
    std::fs::write(damaged.join("cloud.sqlite3"), "x".repeat(5000)).unwrap();
    assert!(fails(&["--dir", damaged.to_str().unwrap()]).contains("cloud.sqlite3 is corrupt"));
    let faults = dir.path().join("faults");
    std::fs::write(&faults, "- {action: explode}").unwrap();
    let store = dir.path().join("other");
    let arguments = [
        "--dir",
        store.to_str().unwrap(),
        "--faults",
        faults.to_str().unwrap(),
    ];
    assert!(fails(&arguments).contains("explode"));
    assert!(fails(&["--time-scale", "fast"]).contains("--time-scale"));
}
