//! A case's world: a folder with the stack file, an embedded cloud beside it, and the binary.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use pinfra::cloud::{Cloud, Invocation, Options};
use regex::Regex;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::steps::{Advance, Call, Edit, File, PlanAfter, Reach, Run, Step, Texts, Write};

/// Simulated seconds a real second: a cluster is there in less than half a second.
const SCALE: f64 = 3000.0;
/// The commands that only read: the cloud is the same after them, which is checked after each.
const READING: [&str; 4] = ["plan", "validate", "render-configs", "output"];

pub struct World {
    root: TempDir,
    case: PathBuf,
    cloud: Cloud,
    saved: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

type Checked = Result<(), String>;

impl World {
    /// The case's files, and a fresh account.
    pub fn new(case: &Path, repository: &Path) -> World {
        let root = TempDir::new().unwrap();
        let work = root.path().join("work");
        std::fs::create_dir(&work).unwrap();
        for entry in std::fs::read_dir(case).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, work.join(path.file_name().unwrap())).unwrap();
        }
        if !work.join("stack.yaml").exists() {
            std::fs::copy(
                repository.join("stacks/pinterest.yaml"),
                work.join("stack.yaml"),
            )
            .unwrap();
        }
        let mut options = Options::at(root.path().join("cloud"));
        options.time_scale = Some(SCALE);
        let world = World {
            case: case.to_owned(),
            cloud: Cloud::open(options).unwrap(),
            saved: BTreeMap::from([("dir".to_owned(), work.display().to_string())]),
            files: BTreeMap::new(),
            root,
        };
        world.ask("ec2 DescribeRegions", json!({})).unwrap();
        world
    }

    pub fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::Run(run) => self.run(run),
            Step::Call(call) => self.call(call),
            Step::Edit(edit) => self.edit(edit),
            Step::Write(write) => self.write(write),
            Step::File(file) => self.file(file),
            Step::Advance(advance) => self.advance(advance),
            Step::Pace(pace) => {
                let mut options = Options::at(self.root.path().join("cloud"));
                options.time_scale = Some(pace.pace);
                Cloud::open(options).map(drop).map_err(|e| e.to_string())
            }
            Step::Publish(publish) => self.publish(&publish.publish),
            Step::Account(_) => self.is_fresh(),
        }
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    fn run(&mut self, run: &Run) -> Checked {
        let before = self.records();
        let done = self.pinfra(run, &run.run)?;
        self.judge(run, &done)
            .map_err(|why| format!("{why}\n{}", done.told()))?;
        let command = run.run.split(' ').next().unwrap_or_default();
        if READING.contains(&command) && self.records() != before {
            return Err(format!(
                "`{command}` changed something in the cloud\n{}",
                done.told()
            ));
        }
        if command == "apply" && done.code == 0 && run.plan_after == PlanAfter::Empty {
            return self.plan_is_empty(run);
        }
        Ok(())
    }

    fn plan_is_empty(&self, run: &Run) -> Checked {
        let mut words = vec!["plan"];
        let mut given = run.run.split(' ').skip(1);
        while let Some(word) = given.next() {
            match word {
                "--adopt" | "--rename" => drop(given.next()),
                "--auto-approve" | "--allow-data-loss" => {}
                other => words.push(other),
            }
        }
        let done = self.pinfra(run, &words.join(" "))?;
        match done.code {
            0 => Ok(()),
            _ => Err(format!(
                "the plan after the apply is not empty\n{}",
                done.told()
            )),
        }
    }

    fn pinfra(&self, run: &Run, words: &str) -> Result<Done, String> {
        let words = self.filled(words);
        let mut words = words.split_whitespace();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
        let name = words.next().ok_or("no command")?;
        command.arg(name).arg("stack.yaml").args(words);
        let mut server = None;
        let folder = self.root.path().join("cloud");
        let faults = run.faults.as_ref().map(|faults| self.faults(faults));
        match (run.cloud, name) {
            (_, "validate") | (Reach::None, _) => {}
            (Reach::Local, _) => drop(command.arg(format!("--local={}", folder.display()))),
            (Reach::Served, _) => {
                let started = Server::start(&folder, faults.as_deref())?;
                command.args(["--endpoint-url", &started.url]);
                server = Some(started);
            }
        }
        // Nothing of whoever runs the tests: no credentials, no profile, no metadata service.
        command.env_clear().current_dir(self.work());
        command
            .env("HOME", self.root.path())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        if let (Some(faults), Reach::Local) = (&faults, run.cloud) {
            command.env("PINFRA_FAULTS", faults);
        }
        command.envs(&run.env).stdin(Stdio::null());
        let output = command.output().map_err(|e| e.to_string())?;
        drop(server);
        Ok(Done {
            words: format!("{name} {}", command_line(&command)),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn faults(&self, faults: &Value) -> PathBuf {
        let path = self.root.path().join("faults.json");
        std::fs::write(&path, faults.to_string()).unwrap();
        path
    }

    fn judge(&self, run: &Run, done: &Done) -> Checked {
        if done.code != run.exit {
            return Err(format!("exit code {}, expected {}", done.code, run.exit));
        }
        self.holds("standard output", &done.stdout, &run.stdout)?;
        self.holds("standard error", &done.stderr, &run.stderr)?;
        for (name, text) in [
            ("standard output", &done.stdout),
            ("standard error", &done.stderr),
        ] {
            self.lacks(name, text, &run.never)?;
        }
        if let Some(file) = &run.output {
            self.snapshot(file, &done.stdout)?;
        }
        if run.json.is_none() && run.planned.is_none() && run.not_called.is_empty() {
            return Ok(());
        }
        let document: Value = serde_json::from_str(&done.stdout)
            .map_err(|e| format!("standard output is no JSON document: {e}"))?;
        if let Some(part) = &run.json {
            contains(&self.filled_value(part), &document, "")?;
        }
        if let Some(planned) = &run.planned {
            let found = actions(&document);
            if found != *planned {
                return Err(format!("planned {found:?}, expected {planned:?}"));
            }
        }
        let called = &document["api_calls"]["by_operation"];
        match run
            .not_called
            .iter()
            .find(|name| called.get(name.as_str()).is_some())
        {
            Some(name) => Err(format!("{name} was called: {called}")),
            None => Ok(()),
        }
    }

    fn holds(&self, name: &str, text: &str, wanted: &Texts) -> Checked {
        let mut rest = text;
        for wanted in &wanted.0 {
            let wanted = self.filled(wanted);
            let wanted = wanted.trim_end_matches('\n');
            match rest.find(wanted) {
                Some(at) => rest = &rest[at + wanted.len()..],
                None => return Err(format!("{name} does not hold, from there on:\n{wanted}\n")),
            }
        }
        Ok(())
    }

    fn lacks(&self, name: &str, text: &str, unwanted: &Texts) -> Checked {
        let mut unwanted = unwanted.0.iter().map(|text| self.filled(text));
        match unwanted.find(|unwanted| text.contains(unwanted.as_str())) {
            Some(unwanted) => Err(format!("{name} holds `{unwanted}`")),
            None => Ok(()),
        }
    }

    fn snapshot(&self, file: &str, text: &str) -> Checked {
        let path = self.case.join(file);
        let text = plain(text);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &text).unwrap();
            return Ok(());
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if expected == text {
            return Ok(());
        }
        let diff = similar::TextDiff::from_lines(&expected, &text);
        Err(format!("{file} differs:\n{}", diff.unified_diff()))
    }

    fn ask(&self, operation: &str, input: Value) -> Result<Value, (String, String)> {
        let (service, operation) = operation.split_once(' ').unwrap_or((operation, ""));
        let mut input = input;
        let body = match input.as_object_mut().and_then(|input| input.remove("Body")) {
            Some(Value::String(text)) => Bytes::from(text),
            _ => Bytes::new(),
        };
        let reply = self.cloud.invoke(Invocation {
            service,
            operation,
            input: if input.is_null() { json!({}) } else { input },
            body,
            region: "us-east-1",
        });
        reply
            .map(|(value, _)| value)
            .map_err(|e| (e.code.to_string(), e.message.to_string()))
    }

    fn call(&mut self, call: &Call) -> Checked {
        let reply = self.ask(&call.call, self.filled_value(&call.input));
        let value = match (reply, &call.error) {
            (Ok(value), None) => value,
            (Ok(value), Some(code)) => {
                return Err(format!("{code} expected, and it went well: {value}"));
            }
            (Err((code, _)), Some(expected)) if code == *expected => return Ok(()),
            (Err((code, message)), _) => return Err(format!("{}: {code}: {message}", call.call)),
        };
        if let Some(part) = &call.reply {
            contains(&self.filled_value(part), &value, "")
                .map_err(|why| format!("{why}\nin {value}"))?;
        }
        for (name, pointer) in &call.save {
            let found = value
                .pointer(pointer)
                .ok_or(format!("no {pointer} in {value}"))?;
            let text = found.as_str().map_or(found.to_string(), str::to_owned);
            self.saved.insert(name.clone(), text);
        }
        Ok(())
    }

    fn edit(&self, edit: &Edit) -> Checked {
        let path = self.work().join(&edit.edit);
        let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
        let (from, to) = (self.filled(&edit.from), self.filled(&edit.to));
        match text.matches(&from).count() {
            1 => {
                std::fs::write(&path, text.replace(&from, &to)).unwrap();
                Ok(())
            }
            times => Err(format!("`{from}` stands {times} times in {}", edit.edit)),
        }
    }

    fn write(&self, write: &Write) -> Checked {
        let path = self.work().join(&write.write);
        match &write.content {
            Some(content) => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, self.filled(content)).map_err(|e| e.to_string())
            }
            None => std::fs::remove_file(&path).map_err(|e| e.to_string()),
        }
    }

    fn file(&mut self, file: &File) -> Checked {
        let path = self.work().join(&file.file);
        if path.exists() != file.there {
            return Err(format!("{} is there: {}", file.file, path.exists()));
        }
        if !file.there {
            return Ok(());
        }
        let bytes = std::fs::read(&path).map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let told = |why: String| format!("{why}\n{text}");
        self.holds(&file.file, &text, &file.holds).map_err(told)?;
        self.lacks(&file.file, &text, &file.never).map_err(told)?;
        let mode = format!(
            "{:o}",
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777
        );
        if file.mode.as_ref().is_some_and(|wanted| *wanted != mode) {
            return Err(format!("{} has the mode {mode}", file.file));
        }
        let before = self.files.insert(file.file.clone(), bytes.clone());
        match file.unchanged && before != Some(bytes) {
            true => Err(format!("{} has changed", file.file)),
            false => Ok(()),
        }
    }

    fn advance(&self, advance: &Advance) -> Checked {
        let (number, unit) = advance.advance.split_at(advance.advance.len() - 1);
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err("a time is `90s`, `5m` or `2h`".to_owned()),
        };
        let number: u64 = number.parse().map_err(|_| "no number".to_owned())?;
        self.cloud
            .advance(Duration::from_secs(number * unit))
            .map_err(|e| e.to_string())
    }

    fn publish(&self, image: &str) -> Checked {
        let published = self.cloud.publish_image(image);
        published.map(drop).map_err(|e| e.to_string())
    }

    /// What the account's own lists show, service by service.
    fn is_fresh(&self) -> Checked {
        let lists = [
            ("kinesis ListStreams", "StreamNames", 0),
            ("kafka ListClustersV2", "ClusterInfoList", 0),
            ("s3 ListBuckets", "Buckets", 0),
            ("iam ListRoles", "Roles", 0),
            ("ec2 DescribeKeyPairs", "KeyPairs", 0),
            ("ec2 DescribeNetworkInterfaces", "NetworkInterfaces", 0),
            ("ec2 DescribeVolumes", "Volumes", 0),
            ("ec2 DescribeSecurityGroups", "SecurityGroups", 1),
            ("iam ListInstanceProfiles", "InstanceProfiles", 0),
            ("logs DescribeLogGroups", "logGroups", 0),
        ];
        for (operation, member, expected) in lists {
            let reply = self
                .ask(operation, json!({}))
                .map_err(|(code, why)| format!("{operation}: {code} {why}"))?;
            let found = reply[member].as_array().map_or(0, Vec::len);
            if found != expected {
                return Err(format!(
                    "{operation} shows {found}, expected {expected}: {reply}"
                ));
            }
        }
        self.only_the_dead_are_tagged()
    }

    /// The Tagging API shows terminated instances as long as EC2 does.
    fn only_the_dead_are_tagged(&self) -> Checked {
        let asked = |operation: &str| {
            self.ask(operation, json!({}))
                .map_err(|(code, why)| format!("{operation}: {code} {why}"))
        };
        let mut dead = Vec::new();
        for reservation in array(&asked("ec2 DescribeInstances")?["Reservations"]) {
            for instance in array(&reservation["Instances"]) {
                if instance["State"]["Name"] != "terminated" {
                    return Err(format!("there is still an instance: {instance}"));
                }
                dead.extend(instance["InstanceId"].as_str().map(str::to_owned));
            }
        }
        let tagged = asked("resourcegroupstaggingapi GetResources")?;
        for tagged in array(&tagged["ResourceTagMappingList"]) {
            let arn = tagged["ResourceARN"].as_str().unwrap_or_default();
            if !dead.iter().any(|id| arn.ends_with(id)) {
                return Err(format!("there is still something tagged: {tagged}"));
            }
        }
        Ok(())
    }

    /// Everything in the cloud, but secrets: AWS notes the day when one was read last.
    fn records(&self) -> Vec<(String, String, String)> {
        let file = self.root.path().join("cloud/cloud.sqlite3");
        let Ok(connection) = rusqlite::Connection::open(file) else {
            return Vec::new();
        };
        let Ok(mut query) = connection.prepare("SELECT kind, key, value FROM record WHERE kind != 'secretsmanager.secret' ORDER BY 1, 2")
        else {
            return Vec::new();
        };
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.map(|rows| rows.filter_map(Result::ok).collect())
            .unwrap_or_default()
    }

    /// A text with `${name}` replaced by what an earlier step saved.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.saved {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        text
    }

    fn filled_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.filled(text)),
            Value::Array(items) => items.iter().map(|v| self.filled_value(v)).collect(),
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(k, v)| (self.filled(k), self.filled_value(v)));
                Value::Object(members.collect())
            }
            other => other.clone(),
        }
    }
}

/// What a command did.
struct Done {
    words: String,
    code: i32,
    stdout: String,
    stderr: String,
}

impl Done {
    fn told(&self) -> String {
        format!(
            "--- {} (exit code {})\n--- standard output\n{}--- standard error\n{}",
            self.words, self.code, self.stdout, self.stderr
        )
    }
}

fn command_line(command: &Command) -> String {
    let words = command
        .get_args()
        .skip(1)
        .map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

/// The embedded cloud behind a socket, until dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, faults: Option<&Path>) -> Result<Server, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
        command
            .args(["cloud", "serve", "--port", "0", "--dir"])
            .arg(folder);
        if let Some(faults) = faults {
            command.arg("--faults").arg(faults);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        let mut out = std::io::BufReader::new(out);
        std::io::BufRead::read_line(&mut out, &mut line).map_err(|e| e.to_string())?;
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        let url = url.ok_or(format!("the server said: {line}"))?.to_owned();
        // What it says of faults is read on, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Ok(Server { child, url })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The addresses of a plan that something is done with.
fn actions(document: &Value) -> BTreeMap<String, String> {
    let text =
        |change: &Value, member: &str| change[member].as_str().unwrap_or_default().to_owned();
    let changes = document["changes"].as_array().into_iter().flatten();
    changes
        .map(|change| (text(change, "address"), text(change, "action")))
        .filter(|(_, action)| action != "none")
        .collect()
}

/// Whether a document holds a part: objects hold their members, lists hold each element somewhere,
/// `absent` stands for a member that must not be there.
fn contains(part: &Value, whole: &Value, at: &str) -> Checked {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part.iter().try_for_each(|(key, part)| {
            let at = format!("{at}/{key}");
            match (part.as_str(), whole.get(key)) {
                (Some("absent"), None) => Ok(()),
                (_, Some(whole)) => contains(part, whole, &at),
                (_, None) => Err(format!("{at} is missing")),
            }
        }),
        (Value::Array(part), Value::Array(whole)) if part.is_empty() != whole.is_empty() => {
            Err(format!("{at} is {}", Value::Array(whole.clone())))
        }
        (Value::Array(part), Value::Array(whole)) => part.iter().try_for_each(|part| {
            match whole.iter().any(|whole| contains(part, whole, at).is_ok()) {
                true => Ok(()),
                false => Err(format!(
                    "{at} has no {part} in {}",
                    Value::Array(whole.clone())
                )),
            }
        }),
        _ if part == whole => Ok(()),
        _ => Err(format!("{at} is {whole}, expected {part}")),
    }
}

/// What differs from run to run, taken out.
fn plain(text: &str) -> String {
    static FILTERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let filters = [
            (
                r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-\d+)?",
                "UUID",
            ),
            (r"\b(sg|vpc|subnet|key)-[0-9a-f]{17}\b", "$1-ID"),
            (r"read in [0-9.]+ s, \d+ calls", "read in T, N calls"),
            (r"request [0-9A-Za-z-]+", "request ID"),
        ];
        filters
            .map(|(pattern, with)| (Regex::new(pattern).unwrap(), with))
            .into()
    });
    let mut text = text.to_owned();
    for (pattern, with) in FILTERS.iter() {
        text = pattern.replace_all(&text, *with).into_owned();
    }
    text
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
