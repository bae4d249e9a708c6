//! Faults on request: what makes the embedded cloud as unreliable as the real one.
//!
//! A faults file is YAML or JSON: a list of [`Rule`]s, or an object of `rules`, `latency` and
//! `throttling`. Every call asks [`Faults::decide`] once, after its operation is known and before
//! its handler runs; what comes back says what to do before the effect, after it, and with the
//! connection. `docs/cloud-faults.md` describes the file.

mod throttle;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::error::ApiError;
use super::services::Failure;
use super::store::Lag;
use throttle::Buckets;

/// Why a faults file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FaultsError {
    /// It cannot be read.
    #[error("the faults file {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what a faults file is.
    #[error("the faults file {path}: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: Vec<Rule>,
    /// Added to every call.
    #[serde(default)]
    latency: Option<Millis>,
    /// Whether AWS's documented request rates apply.
    #[serde(default)]
    throttling: bool,
}

/// The operations that make something which can fail afterwards.
const FAIL_LATER: [(&str, &str); 4] = [
    ("ec2", "ModifyVolume"),
    ("ec2", "RunInstances"),
    ("kafka", "CreateCluster"),
    ("kafka", "CreateClusterV2"),
];

/// When to do what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only calls of this service (`kinesis`); any when absent.
    pub service: Option<String>,
    /// Only calls of this operation (`CreateStream`); any when absent.
    pub operation: Option<String>,
    /// From the n-th call that service and operation match on, counted from 1.
    pub at: Option<u64>,
    /// For so many calls: one where `at` is given, else all.
    pub times: Option<u64>,
    /// What to do.
    pub action: Action,
}

impl Rule {
    fn check(&self) -> Result<(), String> {
        if self.at == Some(0) {
            return Err("calls are counted from 1, so `at: 0` never comes".to_owned());
        }
        let named = (self.service.as_deref(), self.operation.as_deref());
        let fails = matches!(self.action, Action::FailsLater(_));
        if fails
            && !FAIL_LATER
                .iter()
                .any(|(s, o)| named == (Some(*s), Some(*o)))
        {
            let known: Vec<String> = FAIL_LATER.iter().map(|(s, o)| format!("{s} {o}")).collect();
            return Err(format!(
                "`fails_later` needs the service and operation of something that can: {}",
                known.join(", ")
            ));
        }
        Ok(())
    }
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// An error instead of the effect, or after it.
    Fail {
        /// The error's code.
        code: String,
        /// HTTP status.
        #[serde(default = "five_hundred")]
        status: u16,
        /// For people.
        #[serde(default)]
        message: String,
        /// The effect is taken, then the error answered.
        #[serde(default)]
        after: bool,
    },
    /// The call goes well, and what it makes fails some time afterwards.
    FailsLater(Failure),
    /// The reply comes later.
    Delay(Millis),
    /// The effect is taken and the connection closed without a reply.
    Drop,
    /// The service's own throttling error.
    Throttle,
    /// The credentials count as expired, in the service's own words.
    Expired,
    /// They count as lacking the permission.
    Denied,
    /// They count as unknown.
    Invalid,
    /// Lists lag so many reads behind writes. Holds for all calls of the rule's service.
    Lag {
        /// Reads.
        reads: u32,
    },
    /// The tagging API lags so many reads behind.
    TagsLag {
        /// Reads.
        reads: u32,
    },
    /// No effect, and the connection stays open without a reply.
    HoldBefore,
    /// The effect is taken, and the connection stays open without a reply.
    HoldAfter,
    /// This process ends itself as by `kill -9`, before the effect.
    KillBefore,
    /// The same, after the effect was committed.
    KillAfter,
}

fn five_hundred() -> u16 {
    500
}

/// Milliseconds: a number, or a text such as `50ms` or `1.5s`; in an action also `{ms: 50}`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Millis(pub u64);

impl TryFrom<Value> for Millis {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let wrong = || format!("{value} is no duration: write 50, \"50ms\" or \"1.5s\"");
        let value = match &value {
            Value::Object(object) if object.len() == 1 => object.get("ms").ok_or_else(wrong)?,
            other => other,
        };
        let millis = match value {
            Value::Number(n) => n.as_f64(),
            Value::String(text) => match text.strip_suffix("ms") {
                Some(number) => number.trim().parse().ok(),
                None => text
                    .strip_suffix('s')
                    .and_then(|number| number.trim().parse::<f64>().ok())
                    .map(|seconds| seconds * 1000.0),
            },
            _ => None,
        };
        millis
            .filter(|millis| (0.0..=86_400_000.0).contains(millis))
            .map(|millis| Millis(millis.round() as u64))
            .ok_or_else(wrong)
    }
}

/// What becomes of a connection whose effect is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fate {
    /// It gets its reply.
    #[default]
    Reply,
    /// It is closed without one.
    Drop,
    /// It is left open without one.
    Hold,
}

/// What to do with one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// To wait before answering.
    pub delay: Duration,
    /// An access key id to take the caller's for: one of those that are refused.
    pub access_key: Option<&'static str>,
    /// To answer instead of taking the effect.
    pub fail_before: Option<ApiError>,
    /// To answer although the effect was taken.
    pub fail_after: Option<ApiError>,
    /// Why what the call makes fails later on.
    pub fails_later: Option<Failure>,
    /// Neither effect nor answer.
    pub hold_before: bool,
    /// The process ends before the effect.
    pub kill_before: bool,
    /// The process ends after the effect.
    pub kill_after: bool,
    /// After the effect.
    pub fate: Fate,
}

/// The faults of one cloud, with what was counted so far.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    matched: Mutex<Vec<u64>>,
    latency: Duration,
    buckets: Option<Buckets>,
}

impl Faults {
    /// None at all.
    pub fn none() -> Faults {
        Faults::default()
    }

    /// These rules.
    pub fn of(rules: Vec<Rule>) -> Faults {
        Faults {
            matched: Mutex::new(vec![0; rules.len()]),
            rules,
            ..Faults::default()
        }
    }

    /// Reads a faults file.
    pub fn read(path: &Path) -> Result<Faults, FaultsError> {
        let text = std::fs::read_to_string(path).map_err(|source| FaultsError::Read {
            path: path.to_owned(),
            source,
        })?;
        Faults::parse(&text).map_err(|reason| FaultsError::Content {
            path: path.to_owned(),
            reason,
        })
    }

    /// Parses the text of a faults file.
    pub fn parse(text: &str) -> Result<Faults, String> {
        let value: Value = serde_saphyr::from_str(text).map_err(|e| e.to_string())?;
        let file: File = match value {
            Value::Array(_) => File {
                rules: serde_json::from_value(value).map_err(|e| e.to_string())?,
                ..File::default()
            },
            Value::Null => File::default(),
            other => serde_json::from_value(other).map_err(|e| e.to_string())?,
        };
        for rule in &file.rules {
            rule.check()?;
        }
        let mut faults = Faults::of(file.rules);
        faults.latency = Duration::from_millis(file.latency.map_or(0, |Millis(ms)| ms));
        faults.buckets = file.throttling.then(Buckets::default);
        Ok(faults)
    }

    /// The lags asked for.
    pub fn lag(&self) -> Lag {
        let mut lag = Lag::default();
        for rule in &self.rules {
            match (&rule.action, &rule.service) {
                (Action::Lag { reads }, Some(service)) => {
                    lag.by_service.insert(service.clone(), *reads);
                }
                (Action::Lag { reads }, None) => lag.lists = *reads,
                (Action::TagsLag { reads }, _) => lag.tags = *reads,
                _ => {}
            }
        }
        lag
    }

    /// What to do with this call; counts it.
    pub fn decide(&self, service: &str, operation: &str) -> Verdict {
        let mut verdict = Verdict {
            delay: self.latency,
            ..Verdict::default()
        };
        if let Some(buckets) = &self.buckets
            && !buckets.take(service, operation)
        {
            verdict.fail_before = Some(throttle::error(service, operation));
        }
        let mut matched = self.matched.lock().unwrap_or_else(PoisonError::into_inner);
        for (rule, count) in self.rules.iter().zip(matched.iter_mut()) {
            let fits = |wanted: &Option<String>, is: &str| {
                wanted.as_deref().is_none_or(|wanted| wanted == is)
            };
            if !fits(&rule.service, service) || !fits(&rule.operation, operation) {
                continue;
            }
            *count += 1;
            let first = rule.at.unwrap_or(1);
            let times = rule
                .times
                .unwrap_or(if rule.at.is_some() { 1 } else { u64::MAX });
            if *count >= first && *count - first < times {
                verdict.take(&rule.action, service, operation);
            }
        }
        verdict
    }
}

impl Verdict {
    fn take(&mut self, action: &Action, service: &str, operation: &str) {
        match action {
            Action::Fail {
                code,
                status,
                message,
                after,
            } => {
                let error = ApiError::new(code, *status, message);
                if *after {
                    self.fail_after = Some(error);
                } else {
                    self.fail_before = Some(error);
                }
            }
            Action::FailsLater(failure) => self.fails_later = Some(failure.clone()),
            Action::Delay(Millis(ms)) => self.delay += Duration::from_millis(*ms),
            Action::Drop => self.fate = Fate::Drop,
            Action::Throttle => self.fail_before = Some(throttle::error(service, operation)),
            Action::Expired => self.access_key = Some("EXPIRED"),
            Action::Denied => self.access_key = Some("DENIED"),
            Action::Invalid => self.access_key = Some("INVALID"),
            Action::Lag { .. } | Action::TagsLag { .. } => {}
            Action::HoldBefore => self.hold_before = true,
            Action::HoldAfter => self.fate = Fate::Hold,
            Action::KillBefore => self.kill_before = true,
            Action::KillAfter => self.kill_after = true,
        }
    }
}

/// Ends this process as `kill -9` would: no destructor runs, nothing is flushed.
pub fn kill_this_process() {
    let signal = rustix::process::Signal::KILL;
    let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    // The signal is delivered before this returns to anything that matters; should it ever not
    // be, the process must not go on.
    std::process::abort();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_rule_counts_the_calls_it_matches() {
        let faults = Faults::parse(
            "- {service: kinesis, at: 2, action: drop}\n\
             - {operation: CreateRole, times: 1, action: {fail: {code: Boom, status: 503}}}",
        )
        .unwrap();
        let fate = |service, operation| faults.decide(service, operation).fate;
        assert_eq!(fate("kinesis", "CreateStream"), Fate::Reply);
        assert_eq!(fate("iam", "GetRole"), Fate::Reply);
        assert_eq!(fate("kinesis", "ListStreams"), Fate::Drop);
        assert_eq!(fate("kinesis", "ListStreams"), Fate::Reply);
        let failed = |f: &Faults| f.decide("iam", "CreateRole").fail_before.map(|e| e.code);
        assert_eq!(failed(&faults).as_deref(), Some("Boom"));
        assert_eq!(failed(&faults), None);
    }

    #[test]
    fn the_long_form_has_latency_and_lag() {
        let faults = Faults::parse(
            r#"{"latency": "50ms", "rules": [
                {"action": {"lag": {"reads": 3}}}, {"action": {"tags_lag": {"reads": 2}}},
                {"service": "ec2", "action": {"lag": {"reads": 1}}}, {"action": {"delay": {"ms": 5}}}]}"#,
        )
        .unwrap();
        let lag = faults.lag();
        assert_eq!((lag.lists, lag.tags), (3, 2));
        assert_eq!(lag.by_service["ec2"], 1);
        assert_eq!(
            faults.decide("s3", "PutObject").delay,
            Duration::from_millis(55)
        );
    }

    #[test]
    fn mistakes_are_named() {
        let mistake = |text: &str| Faults::parse(text).unwrap_err();
        assert!(mistake("- {action: explode}").contains("explode"));
        assert!(mistake("- {operatoin: X, action: drop}").contains("operatoin"));
        let late = "action: {fails_later: {code: Boom}}";
        assert!(mistake(&format!("- {{service: kafka, {late}}}")).contains("kafka CreateCluster"));
        assert!(mistake("{latency: soon}").contains("soon"));
        assert!(mistake("- {at: 0, action: drop}").contains("counted from 1"));
    }

    #[test]
    fn throttling_follows_the_documented_rates() {
        let faults = Faults::parse("{throttling: true}").unwrap();
        let refused = (0..40)
            .filter(|_| {
                let verdict = faults.decide("kinesis", "DescribeStreamSummary");
                verdict.fail_before.is_some()
            })
            .count();
        assert!(
            (15..=20).contains(&refused),
            "{refused} of 40 at 20 a second"
        );
        assert_eq!(faults.decide("kinesis", "PutRecord").fail_before, None);
    }
}
