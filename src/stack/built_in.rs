//! The built-in templates, and what their inputs must be.

use regex::Regex;
use serde_json::Value;

use super::evaluate::plain_text;
use super::nearest::suggest;

/// A template that belongs to pinfra.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// The inputs it takes, and no others.
    pub inputs: &'static [Input],
}

/// An input of a built-in template.
#[derive(Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a list of text, and the pattern holds for each element.
    pub list: bool,
    /// What its text must match.
    pub pattern: &'static str,
    /// The same for people.
    pub expected: &'static str,
}

const fn text(name: &'static str, pattern: &'static str, expected: &'static str) -> Input {
    Input {
        name,
        list: false,
        pattern,
        expected,
    }
}

const ANY: &str = "^[^\\x00-\\x1f\\x7f]*$";
const LINE: &str = "expected one line of text";
const VERSION: &str = "^[0-9]+(\\.[0-9]+)+$";
const URL: &str = "^https?://[^\\x00-\\x20]+$";
const COUNT: &str = "^[1-9][0-9]{0,4}$";

const SERVERS: Input = text("bootstrap_servers", ANY, LINE);
const ROLE: Input = text("role_arn", "^", "expected text");

/// The built-in templates.
pub static BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        name: "client.properties",
        text: include_str!("../../templates/configs/client.properties.hbs"),
        inputs: &[ROLE],
    },
    BuiltIn {
        name: "kafka-rest.properties",
        text: include_str!("../../templates/configs/kafka-rest.properties.hbs"),
        inputs: &[SERVERS, text("zookeeper_connect", ANY, LINE), ROLE],
    },
    BuiltIn {
        name: "bootstrap.sh",
        text: include_str!("../../templates/configs/bootstrap.sh.hbs"),
        inputs: &[
            SERVERS,
            Input {
                list: true,
                ..text(
                    "topics",
                    "^[A-Za-z0-9._-]{1,249}$",
                    "expected names of topics: letters, digits, `.`, `_`, `-`",
                )
            },
            text(
                "topic_prefix",
                "^[A-Za-z0-9._-]*$",
                "expected letters, digits, `.`, `_`, `-`",
            ),
            text("partitions", COUNT, "expected a whole number from 1"),
            text("replication", COUNT, "expected a whole number from 1"),
            text(
                "user",
                "^[a-z_][a-z0-9_-]{0,31}$",
                "expected a user's name, such as ec2-user",
            ),
            // Kafka's own scripts do not bear a blank in their path.
            text(
                "home",
                "^(/[A-Za-z0-9._-]+)+$",
                "expected a path from /, without blanks or special characters",
            ),
            text(
                "kafka_version",
                VERSION,
                "expected a version, such as 2.8.1",
            ),
            text("scala_version", VERSION, "expected a version, such as 2.12"),
            text("kafka_url", URL, "expected a URL"),
            text(
                "kafka_sha512",
                "^[0-9A-Fa-f]{128}$",
                "expected 128 hexadecimal digits",
            ),
            text(
                "iam_auth_version",
                VERSION,
                "expected a version, such as 1.1.5",
            ),
            text("iam_auth_url", URL, "expected a URL"),
            text(
                "iam_auth_sha256",
                "^[0-9A-Fa-f]{64}$",
                "expected 64 hexadecimal digits",
            ),
            text(
                "confluent_version",
                VERSION,
                "expected a version, such as 7.2.0",
            ),
            text("confluent_url", URL, "expected a URL"),
            text(
                "confluent_sha256",
                "^[0-9A-Fa-f]{64}$",
                "expected 64 hexadecimal digits",
            ),
        ],
    },
    BuiltIn {
        name: "user-data.sh",
        text: include_str!("../../templates/configs/user-data.sh.hbs"),
        inputs: &[
            text(
                "bucket",
                "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
                "expected a bucket's name",
            ),
            text("prefix", ANY, LINE),
            text(
                "region",
                "^[a-z]{2,}(-[a-z]+)+-[0-9]+$",
                "expected a region, such as us-east-1",
            ),
            text(
                "every",
                "^[1-9][0-9]*(s|min|h|d)$",
                "expected a time, such as 5min",
            ),
        ],
    },
];

/// The built-in template of a name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|template| template.name == name)
}

/// The names of all.
pub fn built_in_names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|template| template.name).collect()
}

impl BuiltIn {
    /// What is wrong with an input of this name: a message, and what was expected.
    pub(crate) fn unknown(&self, name: &str) -> Option<(String, String)> {
        if self.inputs.iter().any(|input| input.name == name) {
            return None;
        }
        let names: Vec<&str> = self.inputs.iter().map(|input| input.name).collect();
        let label = match super::nearest::nearest(name, names.iter().copied()) {
            Some(_) => suggest(name, names, "input"),
            None => format!("it takes {}", names.join(", ")),
        };
        let message = format!("the template `{}` has no input `{name}`", self.name);
        Some((message, label))
    }

    /// What is wrong with the value of an input, in the same way.
    pub(crate) fn wrong(&self, name: &str, value: &Value) -> Option<(String, String)> {
        let input = self.inputs.iter().find(|input| input.name == name)?;
        let texts: Vec<String> = match value {
            Value::Null => return None,
            Value::Array(items) if input.list && items.iter().all(scalar) => {
                items.iter().map(plain_text).collect()
            }
            value if !input.list && scalar(value) => vec![plain_text(value)],
            _ if input.list => {
                let label = "expected a list of text".to_owned();
                return Some((format!("`{name}` takes a list"), label));
            }
            _ => {
                let label = "expected text".to_owned();
                return Some((format!("`{name}` takes text"), label));
            }
        };
        let pattern = Regex::new(input.pattern).ok()?;
        let right = texts.iter().all(|text| pattern.is_match(text));
        (!right).then(|| {
            let message = format!("`{name}` of the template `{}` cannot be this", self.name);
            (message, input.expected.to_owned())
        })
    }
}

fn scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object() && !value.is_null()
}
