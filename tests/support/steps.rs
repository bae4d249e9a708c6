//! What a case's `steps.yaml` may hold. Every step is one of these; unknown keys are errors.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One step.
#[derive(Debug)]
pub enum Step {
    /// A command of pinfra.
    Run(Box<Run>),
    /// What somebody else does in the account, or asks of it.
    Call(Call),
    /// A change of a file.
    Edit(Edit),
    /// A file as it is to be.
    Write(Write),
    /// What a file must be.
    File(File),
    /// Simulated time that passes.
    Advance(Advance),
    /// How fast it passes.
    Pace(Pace),
    /// A newer machine image that AWS publishes.
    Publish(Publish),
    /// Whether the account is as fresh as on its first day.
    Account(Account),
}

/// `run: plan --format json`: the stack file follows the command's first word, `--local` its last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub run: String,
    /// The exit code.
    #[serde(default)]
    pub exit: i32,
    /// Texts that standard output holds, in this order.
    #[serde(default)]
    pub stdout: Texts,
    /// Texts that standard error holds, in this order.
    #[serde(default)]
    pub stderr: Texts,
    /// Texts that neither holds.
    #[serde(default)]
    pub never: Texts,
    /// Standard output, whole; ids and times are replaced.
    pub output: Option<String>,
    /// A part of standard output, which is one JSON document and nothing else.
    pub json: Option<Value>,
    /// What is planned, all of it: an address and its action. Of a `plan --format json`.
    pub planned: Option<BTreeMap<String, String>>,
    /// API calls the document must not count.
    #[serde(default)]
    pub not_called: Vec<String>,
    /// Variables of the environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What goes wrong in the cloud meanwhile: docs/cloud-faults.md.
    pub faults: Option<Value>,
    /// How the cloud is reached: `local` unless said, `served` over a socket, `none` with neither.
    #[serde(default)]
    pub cloud: Reach,
    /// An apply whose plan is expected not to be empty afterwards.
    #[serde(default)]
    pub plan_after: PlanAfter,
}

/// How the cloud is reached.
#[derive(Debug, Default, Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    #[default]
    Local,
    Served,
    None,
}

/// What a plan says after an apply that went well.
#[derive(Debug, Default, Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum PlanAfter {
    #[default]
    Empty,
    Unasked,
}

/// `call: kinesis DeleteStream`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The service, by botocore's name, and the operation.
    pub call: String,
    #[serde(default)]
    pub input: Value,
    /// A part of the reply.
    pub reply: Option<Value>,
    /// The code of the error it ends in.
    pub error: Option<String>,
    /// Names for values of the reply (as JSON pointers): `${name}` in later steps.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
}

/// `edit: stack.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub edit: String,
    /// Stands in the file exactly once.
    pub from: String,
    pub to: String,
}

/// `write: stack.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    pub write: String,
    /// The new content; none removes it.
    pub content: Option<String>,
}

/// `file: client.pem`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub file: String,
    /// Whether it is there.
    #[serde(default = "yes")]
    pub there: bool,
    /// Texts that it holds, in this order.
    #[serde(default)]
    pub holds: Texts,
    /// Texts that it does not hold.
    #[serde(default)]
    pub never: Texts,
    /// Its permissions.
    pub mode: Option<String>,
    /// Whether it is as it was at the last `file` step on it.
    #[serde(default)]
    pub unchanged: bool,
}

fn yes() -> bool {
    true
}

/// `advance: 25h`, in seconds, minutes or hours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    pub advance: String,
}

/// `publish: al2023-ami-kernel-default-x86_64`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    pub publish: String,
}

/// `pace: 60`, simulated seconds a real second.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    pub pace: f64,
}

/// `account: fresh`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    #[serde(rename = "account")]
    pub _fresh: Fresh,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fresh {
    Fresh,
}

/// One text or several.
#[derive(Debug, Default)]
pub struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        match Value::deserialize(input)? {
            Value::String(text) => Ok(Texts(vec![text])),
            Value::Array(items) if items.iter().all(Value::is_string) => Ok(Texts(
                items
                    .iter()
                    .map(|t| t.as_str().unwrap().to_owned())
                    .collect(),
            )),
            other => Err(serde::de::Error::custom(format!("no text: {other}"))),
        }
    }
}

/// Reads the steps; the error names the step.
pub fn parse(text: &str) -> Result<Vec<Step>, String> {
    let steps: Vec<Value> = serde_saphyr::from_str(text).map_err(|e| e.to_string())?;
    let one = |(at, step): (usize, Value)| {
        let first = step
            .as_object()
            .and_then(|step| step.keys().next().cloned());
        let wrong = |e: serde_json::Error| format!("step {}: {e}", at + 1);
        Ok(match first.unwrap_or_default().as_str() {
            "run" => Step::Run(serde_json::from_value(step).map_err(wrong)?),
            "call" => Step::Call(serde_json::from_value(step).map_err(wrong)?),
            "edit" => Step::Edit(serde_json::from_value(step).map_err(wrong)?),
            "write" => Step::Write(serde_json::from_value(step).map_err(wrong)?),
            "file" => Step::File(serde_json::from_value(step).map_err(wrong)?),
            "advance" => Step::Advance(serde_json::from_value(step).map_err(wrong)?),
            "pace" => Step::Pace(serde_json::from_value(step).map_err(wrong)?),
            "publish" => Step::Publish(serde_json::from_value(step).map_err(wrong)?),
            "account" => Step::Account(serde_json::from_value(step).map_err(wrong)?),
            other => return Err(format!("step {}: nothing begins with `{other}`", at + 1)),
        })
    };
    steps.into_iter().enumerate().map(one).collect()
}
