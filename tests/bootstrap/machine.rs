//! A scratch machine: a folder for `/`, stand-ins for what only Amazon Linux has, and small
//! archives in place of the downloads.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pinfra::configs::render;
use pinfra::stack::{NothingKnown, Sources, load};
use sha2::{Digest as _, Sha256, Sha512};
use tempfile::TempDir;

use crate::catalog::TestCatalog;
use crate::server::Server;

pub const KAFKA: &str = "/kafka/kafka_2.12-2.8.1.tgz";
pub const JAR: &str = "/maven/aws-msk-iam-auth-1.1.5-all.jar";
pub const CONFLUENT: &str = "/confluent/confluent-7.2.0.tar.gz";
pub const KAFKA_HOME: &str = "home/ec2-user/kafka_2.12-2.8.1";
pub const CONFLUENT_HOME: &str = "home/ec2-user/confluent-7.2.0";
pub const UNIT: &str = "etc/systemd/system/kafka-rest.service";

/// What stands in for a command: a script that notes how it was called in `$NOTES`.
const STAND_INS: [(&str, &str); 6] = [
    (
        "rpm",
        r#"case $2 in
--quiet) [[ -e $MACHINE/packages/$3 ]] ;;
--list) [[ -e $MACHINE/split ]] || printf '%s\n' /usr/share/doc /usr/lib/jvm/corretto-8/jre/bin/java /usr/lib/jvm/corretto-8/jre/bin/javaws ;;
esac"#,
    ),
    (
        "dnf",
        r#"note "$@"; shift 3; for name; do : >"$MACHINE/packages/$name"; done"#,
    ),
    (
        "systemctl",
        r#"case $1 in
is-active) [[ -e $MACHINE/active ]] ;;
start | restart) note "$@"; [[ ! -e $MACHINE/broken ]] && : >"$MACHINE/active" ;;
*) note "$@" ;;
esac"#,
    ),
    (
        "runuser",
        r#"[[ "$1 $2 $3" == "-u ec2-user --" ]] && shift 3 && exec "$@""#,
    ),
    ("chown", ":"),
    (
        "aws",
        r#"note "$@"; [[ "$1 $2 $3 $4" == "s3 cp --only-show-errors --region" ]] && cp "$MACHINE/bucket/${6#s3://}" "$7""#,
    ),
];

/// What of curl the scripts use, over plain HTTP, for a machine without it.
const CURL: &str = r#"while (($#)); do
    case $1 in
    --output) output=$2 ;;
    --url) url=$2 ;;
    esac
    shift
done
path=${url#http://*/} host=${url#http://}
host=${host%%/*}
exec 3<>"/dev/tcp/${host%:*}/${host##*:}" || exit 7
printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$host" >&3
read -r _ status _ <&3 || exit 52
while read -r header <&3 && [[ $header != $'\r' ]]; do
    [[ ${header,,} != content-length:* ]] || length=${header#*: }
done
[[ $status == 200 ]] || exit 22
cat <&3 >"$output"
[[ $(wc -c <"$output") == "${length%$'\r'}" ]] || exit 18"#;

/// Kafka's tool, as the archive has it: it keeps the topics in a file.
const KAFKA_TOPICS: &str = r#"#!/usr/bin/env bash
set -euo pipefail
[[ -f $CLASSPATH && $JAVA_HOME == /usr/lib/jvm/corretto-8/jre && $1 == --bootstrap-server && -f $4 ]]
echo "kafka-topics $2 ${*:5}" >>"$MACHINE/notes"
case $5 in
--list) cat "$MACHINE/topics" ;;
--create) echo "$8" >>"$MACHINE/topics" ;;
esac
"#;

pub struct Machine {
    folder: TempDir,
    pub server: Server,
    jar_sum: String,
    confluent_sum: String,
}

impl Machine {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "root/home/ec2-user",
            "root/etc/systemd/system",
            "packages",
            "bucket",
            "files",
            "bin",
        ] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("topics"), "__consumer_offsets\n").unwrap();
        fs::write(folder.path().join("notes"), "").unwrap();
        for (name, script) in STAND_INS {
            let note = format!("note() {{ printf '%s\\n' \"{name} $*\" >>\"$MACHINE/notes\"; }}");
            let text = format!("#!/usr/bin/env bash\n{DIES}\n{note}\n{script}\n");
            executable(&folder.path().join("bin").join(name), &text);
        }
        for name in CHANGING {
            let own = folder.path().join("bin");
            let does = match found(name) {
                Some(real) => format!("exec {} \"$@\"", real.display()),
                None if name == "curl" => CURL.to_owned(),
                None => panic!("this test needs {name}"),
            };
            let text = format!("#!/usr/bin/env bash\n{DIES}\n{does}\n");
            executable(&own.join(name), &text);
        }
        let kafka = archive(
            folder.path(),
            "kafka_2.12-2.8.1",
            &[
                ("bin/kafka-topics.sh", KAFKA_TOPICS),
                ("libs/kafka-clients-2.8.1.jar", "clients"),
            ],
        );
        let confluent = archive(
            folder.path(),
            "confluent-7.2.0",
            &[
                ("bin/kafka-rest-start", "#!/bin/sh\n"),
                ("etc/kafka-rest/kafka-rest.properties", "# Copyright\n"),
            ],
        );
        let jar = b"the login module, in all its parts".to_vec();
        let confluent_sum = hex::encode(Sha256::digest(&confluent));
        let jar_sum = hex::encode(Sha256::digest(&jar));
        let files = BTreeMap::from([
            (format!("{KAFKA}.sha512"), published(&kafka).into_bytes()),
            (KAFKA.to_owned(), kafka),
            (format!("{JAR}.sha256"), jar_sum.clone().into_bytes()),
            (JAR.to_owned(), jar),
            (CONFLUENT.to_owned(), confluent),
        ]);
        let server = Server::start(files);
        let machine = Self {
            folder,
            server,
            jar_sum,
            confluent_sum,
        };
        machine.render("localhost:9098", "");
        machine
    }

    /// Renders all files anew, with these brokers and more inputs of bootstrap.sh.
    pub fn render(&self, brokers: &str, more: &str) {
        let url = |path| self.server.url(path);
        let sums = match more.contains("_sha") {
            true => String::new(),
            false => format!(
                "iam_auth_sha256: {}, confluent_sha256: {}, ",
                self.jar_sum, self.confluent_sum
            ),
        };
        let topics = match more.contains("topics:") {
            true => "",
            false => "topics: [me.pin, me.geo], ",
        };
        let stack = format!(
            "stack: demo\nconfigs:\n  \
             client.properties: {{ role_arn: 'arn:aws:iam::123456789012:role/r' }}\n  \
             kafka-rest.properties: {{ bootstrap_servers: '{brokers}', role_arn: 'arn:aws:iam::123456789012:role/r' }}\n  \
             bootstrap.sh: {{ bootstrap_servers: '{brokers}', {topics}\
             kafka_url: '{}', iam_auth_url: '{}', confluent_url: '{}', {sums}{more} }}\n  \
             user-data.sh: {{ bucket: demo-bucket, prefix: {PREFIX}, region: us-east-1 }}\n",
            url(KAFKA),
            url(JAR),
            url(CONFLUENT),
        );
        let path = self.folder.path().join("stack.yaml");
        fs::write(&path, stack).unwrap();
        let stack = load(&path, &Sources::default(), &TestCatalog)
            .unwrap_or_else(|found| panic!("{found}"));
        for file in
            render(&stack, &NothingKnown, None, &[]).unwrap_or_else(|error| panic!("{error}"))
        {
            fs::write(self.folder.path().join("files").join(file.name), file.bytes).unwrap();
        }
    }

    /// A path on the machine.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("root").join(name)
    }

    /// A path beside the machine's root: `files`, `bucket`, `active`, `topics`.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A script, in a process group of its own, which must not find anything of the tester's.
    pub fn command(&self, script: &Path) -> Command {
        let bin = self.beside("bin");
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .arg(script)
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("MACHINE", self.folder.path())
            .env(
                "PINFRA_ROOT",
                self.path("")
                    .as_os_str()
                    .to_string_lossy()
                    .trim_end_matches('/'),
            )
            .env("PINFRA_RETRY_DELAY", "0")
            .process_group(0);
        command
    }

    pub fn bootstrap(&self) -> Command {
        self.command(&self.beside("files/bootstrap.sh"))
    }

    /// Runs bootstrap.sh, which must succeed; what it prints.
    pub fn runs(&self) -> String {
        let done = self.bootstrap().output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Runs bootstrap.sh, which must fail; what it says.
    pub fn fails(&self) -> String {
        let done = self.bootstrap().output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{done:?}");
        said(&done)
    }

    /// How the stand-ins were called since the last time this was called.
    pub fn notes(&self) -> Vec<String> {
        let path = self.beside("notes");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, "").unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// How often the REST proxy was restarted since the last time this was called.
    pub fn restarts(&self) -> usize {
        let notes = self.notes();
        notes
            .iter()
            .filter(|note| note.starts_with("systemctl restart"))
            .count()
    }

    /// All that is on the machine: path, mode and text.
    pub fn tree(&self) -> BTreeMap<String, (u32, String)> {
        let mut tree = BTreeMap::new();
        let root = self.path("");
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                let mode = path.metadata().unwrap().permissions().mode();
                let mut text = String::new();
                if path.is_dir() {
                    folders.push(path);
                } else if !name.ends_with(".started") {
                    // But for the checksums of files that name the folder, machines are alike.
                    text = fs::read_to_string(&path).unwrap();
                    text = text.replace(&*self.folder.path().to_string_lossy(), "MACHINE");
                }
                tree.insert(name, (mode, text));
            }
        }
        tree
    }
}

/// Under which prefix the files are in the bucket: with all that a shell might take amiss.
pub const PREFIX: &str = r#""it's a $(touch owned) \"client\" \\\\ é""#;
/// The same as a path.
pub const PREFIX_PATH: &str = r#"it's a $(touch owned) "client" \\ é"#;

/// Commands that change something: a run can be killed at each of them.
const CHANGING: [&str; 7] = ["mv", "cp", "rm", "mkdir", "tar", "chmod", "curl"];

/// Kills the whole run at call number `$DIES_AT` of a stand-in.
const DIES: &str = r#"if [[ -n ${DIES_AT:-} ]]; then
    echo >>"$MACHINE/calls"
    if (($(wc -l <"$MACHINE/calls") == DIES_AT)); then kill -KILL 0; fi
fi"#;

pub fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn archive(folder: &Path, name: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let top = folder.join("archives").join(name);
    for (file, text) in files {
        fs::create_dir_all(top.join(file).parent().unwrap()).unwrap();
        executable(&top.join(file), text);
    }
    let path = folder.join("archive.tgz");
    let parent = top.parent().unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&path).arg("-C").arg(parent).arg(name);
    assert!(tar.status().unwrap().success());
    fs::read(path).unwrap()
}

/// A checksum as Apache publishes it: with the name, in groups, over several lines.
fn published(bytes: &[u8]) -> String {
    let sum = hex::encode_upper(Sha512::digest(bytes));
    let groups: Vec<&str> = sum
        .as_bytes()
        .chunks(8)
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    let lines: Vec<String> = groups.chunks(4).map(|line| line.join(" ")).collect();
    format!(
        "kafka_2.12-2.8.1.tgz: {}\n",
        lines.join("\n                      ")
    )
}
