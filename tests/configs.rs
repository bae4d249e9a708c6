//! The Kafka clients' configuration files: what is in them, how they are written and compared.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use pinfra::configs::{Options, missing, render, run};
use pinfra::provider::catalog::Types;
use pinfra::schema::{Address, Draft, ResourceName};
use pinfra::stack::{AwsFact, NothingKnown, ParameterKind, Scope, Sources, Stack, load};
use pinfra::stack::{BUILT_IN, jaas, property_key, property_value, shell};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

const ROLE: &str = "arn:aws:iam::123456789012:role/r";

/// A cluster, with or without ZooKeeper, and a role.
struct Live {
    zookeeper: Value,
}

impl Scope for Live {
    fn resource(&self, address: &Address, attribute: Option<&str>) -> Option<Draft> {
        let live = match address.type_name() {
            "msk_cluster" => json!({
                "bootstrap_brokers_sasl_iam": "b-3.k:9098,b-1.k:9098, b-2.k:9098",
                "zookeeper_connect_string": self.zookeeper,
            }),
            "iam_role" => json!({ "arn": ROLE }),
            _ => return None,
        };
        let live = attribute.map_or(live.clone(), |name| live[name].clone());
        Some(live.into())
    }

    fn lookup(&self, _: &ResourceName) -> Option<Draft> {
        None
    }

    fn aws(&self, _: AwsFact) -> Option<Draft> {
        None
    }

    fn parameter(&self, _: ParameterKind, _: &str) -> Option<Draft> {
        Some(json!("hunter2").into())
    }
}

const WITH_ZOOKEEPER: &str = "z-1.k:2181,z-2.k:2181";

fn live() -> Live {
    Live {
        zookeeper: json!(WITH_ZOOKEEPER),
    }
}

fn shipped() -> Stack {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/pinterest.yaml");
    load(&path, &Sources::default(), &Types).unwrap_or_else(|found| panic!("{found}"))
}

fn written(folder: &Path, configs: &str) -> Stack {
    let path = folder.join("stack.yaml");
    std::fs::write(&path, format!("stack: demo\nconfigs:\n{configs}")).unwrap();
    load(&path, &Sources::default(), &Types).unwrap_or_else(|found| panic!("{found}"))
}

fn text(stack: &Stack, scope: &dyn Scope, name: &str, set: &[(&str, &str)]) -> String {
    let set: Vec<_> = set
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let files = render(stack, scope, Some(name), &set).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(files[0].bytes.clone()).unwrap()
}

#[test]
fn the_clients_file_has_the_four_lines() {
    let text = text(&shipped(), &live(), "client.properties", &[]);
    assert_eq!(
        text,
        "# client.properties: rendered by pinfra from pinterest-0a60b9a8a831, template client.properties\n\
         security.protocol=SASL_SSL\n\
         sasl.mechanism=AWS_MSK_IAM\n\
         sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required \
         awsRoleArn=\"arn:aws:iam::123456789012:role/r\";\n\
         sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n"
    );
}

#[test]
fn a_file_is_the_same_wherever_its_stack_file_is_and_whatever_it_is_called() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.yaml");
    std::fs::copy("stacks/pinterest.yaml", &path).unwrap();
    let moved = load(&path, &Sources::default(), &Types).unwrap();
    for name in ["client.properties", "kafka-rest.properties", "bootstrap.sh"] {
        let there = text(&moved, &live(), name, &[]);
        assert_eq!(there, text(&shipped(), &live(), name, &[]));
    }
    let stack = "stack: by-${aws.account_id}\nconfigs:\n  client.properties: { role_arn: r }\n";
    std::fs::write(&path, stack).unwrap();
    let asked = load(&path, &Sources::default(), &Types).unwrap();
    let header = "# client.properties: rendered by pinfra from by-${aws.account_id}, ";
    assert!(text(&asked, &live(), "client.properties", &[]).starts_with(header));
}

#[test]
fn the_proxys_file_has_the_cluster_and_the_prefixed_lines() {
    let text = text(&shipped(), &live(), "kafka-rest.properties", &[]);
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines[0],
        "bootstrap.servers=b-1.k:9098,b-2.k:9098,b-3.k:9098"
    );
    assert_eq!(lines[1], "zookeeper.connect=z-1.k:2181,z-2.k:2181");
    assert_eq!(lines.len(), 6);
    assert!(
        lines[2..].iter().all(|line| line.starts_with("client.s")),
        "{text}"
    );
}

#[test]
fn a_cluster_without_zookeeper_has_no_such_line() {
    let kraft = Live {
        zookeeper: Value::Null,
    };
    let text = text(&shipped(), &kraft, "kafka-rest.properties", &[]);
    assert!(
        !text.contains("zookeeper") && text.ends_with('\n'),
        "{text}"
    );
}

#[test]
fn with_every_input_set_nothing_live_is_asked() {
    let stack = shipped();
    let set = [
        ("bootstrap_servers", "h:9098"),
        ("zookeeper_connect", ""),
        ("role_arn", "arn:x"),
    ];
    let rest = text(&stack, &NothingKnown, "kafka-rest.properties", &set);
    assert!(
        rest.contains("bootstrap.servers=h:9098\n") && !rest.contains("zookeeper"),
        "{rest}"
    );
    assert!(rest.contains("awsRoleArn=\"arn:x\";"));
    // A template needs only what it asks for.
    text(&stack, &NothingKnown, "client.properties", &set[2..]);
}

#[test]
fn what_is_not_known_is_named_with_what_to_set() {
    let stack = shipped();
    let left = missing(&stack, &NothingKnown, None, &[]).unwrap();
    let inputs: Vec<_> = left
        .iter()
        .map(|m| (m.file.as_str(), m.input.as_str()))
        .collect();
    assert_eq!(
        inputs,
        [
            ("client.properties", "role_arn"),
            ("kafka-rest.properties", "bootstrap_servers"),
            ("kafka-rest.properties", "zookeeper_connect"),
            ("kafka-rest.properties", "role_arn"),
            ("bootstrap.sh", "bootstrap_servers"),
        ]
    );
    let error = render(&stack, &NothingKnown, Some("client.properties"), &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "client.properties needs `role_arn`, and `iam_role.ec2_access.arn` is not known yet\n\
         apply the stack first, or give: --set role_arn=VALUE"
    );
}

#[test]
fn names_that_are_none_are_refused() {
    let stack = shipped();
    let error = render(&stack, &live(), Some("client.propertie"), &[]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("did you mean `client.properties`?"),
        "{error}"
    );
    let set = [("rol_arn".to_owned(), "x".to_owned())];
    let error = render(&stack, &live(), None, &set).unwrap_err();
    assert!(
        error.to_string().contains("did you mean `role_arn`?"),
        "{error}"
    );
}

#[test]
fn a_template_of_ones_own_takes_inputs_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("mine.hbs"),
        "{{#each topics}}{{this}}\n{{/each}}{{greeting}}",
    )
    .unwrap();
    let stack = written(
        folder.path(),
        "  mine.txt: { template: mine.hbs, topics: [a, b], greeting: \"$${hi} & <bye>\" }\n",
    );
    assert_eq!(
        text(&stack, &NothingKnown, "mine.txt", &[]),
        "a\nb\n${hi} & <bye>\n"
    );
    let set = [("greeting", "x")];
    assert_eq!(text(&stack, &NothingKnown, "mine.txt", &set), "a\nb\nx\n");
}

#[test]
fn files_are_written_once_and_compared() {
    let stack = shipped();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        out: folder.path().join("rendered"),
        ..Options::default()
    };
    let path = options.out.join("kafka-rest.properties");
    let check = Options {
        check: true,
        ..options.clone()
    };
    let before = run(&stack, &live(), &check).unwrap();
    assert!(before.differs && before.output.contains("+client.security.protocol=SASL_SSL"));
    assert!(!path.exists());

    let first = run(&stack, &live(), &options).unwrap();
    assert!(
        first.notes.iter().all(|note| note.ends_with("written")),
        "{first:?}"
    );
    let inode = std::fs::metadata(&path).unwrap().ino();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o644
    );
    let again = run(&stack, &live(), &options).unwrap();
    assert!(
        again.notes.iter().all(|note| note.ends_with("unchanged")),
        "{again:?}"
    );
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
    assert!(!run(&stack, &live(), &check).unwrap().differs);

    std::fs::write(&path, "bootstrap.servers=old\n").unwrap();
    let after = run(&stack, &live(), &check).unwrap();
    assert!(
        after.differs && after.output.contains("-bootstrap.servers=old"),
        "{after:?}"
    );
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "bootstrap.servers=old\n"
    );
    run(&stack, &live(), &options).unwrap();
    let left = std::fs::read_dir(&options.out).unwrap().count();
    assert_eq!(left, 4, "nothing temporary is left");
    let script = options.out.join("bootstrap.sh");
    let mode = std::fs::metadata(&script).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755, "a script can be run");
}

#[test]
fn a_secret_is_for_its_owner_alone_and_in_no_diff() {
    let folder = tempfile::tempdir().unwrap();
    let stack = written(
        folder.path(),
        "  client.properties: { role_arn: \"${ssm:/role}\" }\n",
    );
    let options = Options {
        out: folder.path().join("out"),
        ..Options::default()
    };
    let check = Options {
        check: true,
        ..options.clone()
    };
    let before = run(&stack, &live(), &check).unwrap();
    assert!(
        before.differs && !before.output.contains("hunter2"),
        "{before:?}"
    );
    run(&stack, &live(), &options).unwrap();
    let path = options.out.join("client.properties");
    assert!(std::fs::read_to_string(&path).unwrap().contains("hunter2"));
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    run(&stack, &live(), &options).unwrap();
    assert_eq!(mode(), 0o600);
}

#[test]
fn standard_output_names_the_files_where_there_are_several() {
    let options = Options {
        stdout: true,
        ..Options::default()
    };
    let both = run(&shipped(), &live(), &options).unwrap().output;
    assert!(
        both.starts_with("==> client.properties <==\n# client"),
        "{both}"
    );
    assert!(both.contains("\n\n==> kafka-rest.properties <==\n"));
    let one = Options {
        only: Some("client.properties".to_owned()),
        ..options
    };
    assert!(
        run(&shipped(), &live(), &one)
            .unwrap()
            .output
            .starts_with("# client")
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let options = Options {
        out: file,
        ..Options::default()
    };
    let error = run(&shipped(), &live(), &options).unwrap_err();
    assert!(error.to_string().contains("file: "), "{error}");
}

#[test]
fn a_folder_in_which_files_would_be_taken_for_templates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |configs: &str, out: &str| {
        let stack = written(folder.path(), configs);
        let options = Options {
            out: folder.path().join(out),
            ..Options::default()
        };
        let before = std::fs::read_dir(folder.path()).unwrap().count();
        let error = run(&stack, &live(), &options).unwrap_err().to_string();
        assert!(error.contains("another folder with --out"), "{error}");
        let after = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(after, before, "nothing is written");
    };
    let built_in = "  user-data.sh: { bucket: bucket, region: us-east-1 }\n";
    refused(built_in, ".");
    refused(
        "  stack.yaml: { template: client.properties, role_arn: x }\n",
        ".",
    );
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    std::fs::write(folder.path().join("mine/own.conf"), "a={{role_arn}}").unwrap();
    let own = "  own.conf: { template: mine/own.conf, role_arn: x }\n";
    refused(own, "mine/../mine");

    let stack = written(folder.path(), own);
    let options = Options {
        out: folder.path().to_owned(),
        ..Options::default()
    };
    run(&stack, &live(), &options).unwrap_or_else(|error| panic!("{error}"));
    let text = std::fs::read_to_string(folder.path().join("own.conf")).unwrap();
    assert_eq!(text, "a=x\n");
}

#[test]
fn quotes_and_backslashes_survive_jaas_and_properties() {
    assert_eq!(jaas(r#"a"b\c"#), r#""a\"b\\c""#);
    assert_eq!(jaas("two\r\nlines"), r#""two\r\nlines""#);
    let folder = tempfile::tempdir().unwrap();
    let stack = written(folder.path(), "  client.properties: { role_arn: 'a\"b' }\n");
    let text = text(&stack, &NothingKnown, "client.properties", &[]);
    assert!(text.contains(r#"awsRoleArn="a\\"b";"#), "{text}");
}

#[test]
fn a_built_in_template_takes_its_inputs_and_no_others() {
    for template in &BUILT_IN {
        let words = template
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        let words: Vec<&str> = words.collect();
        for input in template.inputs {
            assert!(
                words.contains(&input.name),
                "{}: {}",
                template.name,
                input.name
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let wrong = |configs: &str| {
        let path = folder.path().join("stack.yaml");
        std::fs::write(&path, format!("stack: demo\nconfigs:\n{configs}")).unwrap();
        let found = load(&path, &Sources::default(), &Types).unwrap_err();
        found.to_string()
    };
    let with = |more: &str| {
        wrong(&format!(
            "  bootstrap.sh: {{ bootstrap_servers: 'k:9098', {more} }}\n"
        ))
    };
    assert!(with("topcis: [a]").contains("has no input `topcis`"));
    assert!(with("topics: a").contains("`topics` takes a list"));
    assert!(with("topics: [a, 'b c']").contains("`topics` of the template"));
    assert!(with("home: '/home/a b'").contains("`home` of the template"));
    assert!(with("partitions: 0").contains("`partitions` of the template"));
    assert!(with("kafka_sha512: abc").contains("`kafka_sha512` of the template"));
    assert!(
        wrong("  bootstrap.sh: { topics: [a] }\n")
            .contains("there is no input `bootstrap_servers`")
    );
    let set = [("user".to_owned(), "not a user".to_owned())];
    let error = render(&shipped(), &live(), Some("bootstrap.sh"), &set).unwrap_err();
    assert!(
        error.to_string().contains("`user` of the template"),
        "{error}"
    );
}

#[test]
fn the_clients_user_data_is_small_and_constant() {
    let stack = shipped();
    let first = text(&stack, &live(), "user-data.sh", &[]);
    assert!(first.len() < 4096, "{} of 16 KB", first.len());
    assert_eq!(
        first,
        text(&stack, &NothingKnown, "user-data.sh", &[("role_arn", "x")])
    );
    assert!(
        !first.contains("pinterest"),
        "renaming the stack file changes nothing"
    );
    // The function takes the built-in as well.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.hbs"), "{{data}}").unwrap();
    let stack = written(
        folder.path(),
        "  mine.txt: { template: mine.hbs, data: '${template(\"user-data.sh\", local.client)}' }\n\
         locals:\n  client: { bucket: user-0a60b9a8a831-bucket, prefix: kafka-client, region: us-east-1 }\n",
    );
    assert_eq!(text(&stack, &NothingKnown, "mine.txt", &[]), first);
}

#[test]
fn words_of_a_shell_come_back_as_they_were() {
    let odd = "it's \"quoted\", \\ back`tick` $HOME !\n é 𝄞 *";
    let script = format!("printf %s {}", shell(odd));
    let mut bash = std::process::Command::new("bash");
    let done = bash.arg("-c").arg(script).output().unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), odd);
}

/// What java.util.Properties.load makes of one line, by its documentation.
fn load_property(line: &str) -> (String, String) {
    let mut key = String::new();
    let mut value = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut chars = line
        .trim_start_matches([' ', '\t', '\u{c}'])
        .chars()
        .peekable();
    let mut in_value = false;
    let mut skipping = false;
    let mut separated = false;
    while let Some(c) = chars.next() {
        if !in_value && matches!(c, '=' | ':' | ' ' | '\t' | '\u{c}') {
            in_value = true;
            skipping = true;
            separated = c == '=' || c == ':';
            key = String::from_utf16(&units).unwrap();
            units.clear();
            continue;
        }
        if skipping {
            if matches!(c, ' ' | '\t' | '\u{c}') {
                continue;
            }
            if !separated && matches!(c, '=' | ':') {
                separated = true;
                continue;
            }
            skipping = false;
        }
        let c = if c == '\\' {
            match chars.next() {
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => break,
            }
        } else {
            c
        };
        let mut buffer = [0; 2];
        units.extend_from_slice(c.encode_utf16(&mut buffer));
    }
    let rest = String::from_utf16(&units).unwrap();
    if in_value {
        value.push_str(&rest);
    } else {
        key = rest;
    }
    (key, value)
}

proptest! {
    #[test]
    fn java_reads_what_was_written(key in "\\PC{1,8}|[ a#!:=\\\\é𝄞\n\t]{1,8}", value in any::<String>()) {
        let line = format!("{}={}", property_key(&key), property_value(&value));
        prop_assert!(line.is_ascii() && !line.contains(['\n', '\r']), "{}", line);
        prop_assert!(!line.starts_with(['#', '!']));
        prop_assert_eq!(load_property(&line), (key, value));
    }
}

#[test]
fn the_binary_validates_and_renders_without_a_cloud() {
    let pinfra = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pinfra"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
        let done = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    let (code, _, err) = pinfra(&["validate", "stacks/pinterest.yaml"]);
    assert_eq!(code, Some(0), "{err}");
    let (code, _, err) = pinfra(&["validate", "stacks/pinterest.yaml", "--var", "user_id=me"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("--var user_id:1:1"), "{err}");
    assert_eq!(pinfra(&["validate"]).0, Some(1));
    let set = [
        "--set",
        "role_arn=arn:x",
        "--only",
        "client.properties",
        "--stdout",
    ];
    let args = [&["render-configs", "stacks/pinterest.yaml"], &set[..]].concat();
    let (code, out, err) = pinfra(&args);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("awsRoleArn=\"arn:x\";"), "{out}");
}
