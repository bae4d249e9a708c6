//! What went wrong with AWS, in words for people.

use std::fmt;

use super::call::{Api, Fault, FaultKind};
use super::codes;
use super::contract::{ErrorClass, ErrorRule};

/// Something that AWS refused, or that could not be asked of it.
///
/// Its text says what was tried, where, why it failed and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ProviderError {
    /// The service, as in IAM actions: `kinesis`.
    pub service: &'static str,
    /// AWS's name of the operation; empty if none was called.
    pub operation: Box<str>,
    /// Where the call went: an address, or the folder of the embedded cloud.
    pub endpoint: Box<str>,
    /// The service's error code, if it answered with one.
    pub code: Option<Box<str>>,
    /// The service's own words, or the reason.
    pub message: Box<str>,
    /// The id AWS support asks for.
    pub request_id: Option<Box<str>>,
    /// What it means for what is done next.
    pub class: ErrorClass,
    /// What happened.
    pub kind: ErrorKind,
    /// What a person can do about it, where more is known than the kind says.
    pub help: Option<Box<str>>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The service answered with an error.
    Refused,
    /// The credentials have expired.
    Expired,
    /// AWS does not know the credentials, or cannot verify them.
    UnknownCaller,
    /// The credentials are good, but do not allow this.
    Denied,
    /// There are no credentials.
    NoCredentials,
    /// No answer came in time.
    TimedOut,
    /// The endpoint does not answer.
    Unreachable,
    /// The endpoint's name does not exist: in this region AWS has no such service.
    NoSuchEndpoint,
    /// The folder of the embedded cloud cannot be used.
    LocalStore,
    /// The object did not get where it was to be: a failed state.
    Failed,
    /// The object is still not where it was to be.
    WaitedTooLong,
    /// The person asked to stop.
    Stopped,
    /// AWS has no way to do it.
    Impossible,
    /// A fault of pinfra's: a request that AWS's API does not take, a reply that cannot be read.
    Internal,
}

impl ProviderError {
    /// An error without a call.
    pub fn new(kind: ErrorKind, service: &'static str, message: impl Into<Box<str>>) -> Self {
        Self {
            service,
            operation: "".into(),
            endpoint: "".into(),
            code: None,
            message: message.into(),
            request_id: None,
            class: ErrorClass::Fatal,
            kind,
            help: None,
        }
    }

    /// Whether the service answered with one of these codes.
    pub fn is_one_of(&self, codes: &[&str]) -> bool {
        let code = self.code.as_deref();
        code.is_some_and(|code| codes.contains(&code))
    }

    /// The error of a call that failed.
    pub fn of_call(
        fault: Fault,
        own: &[ErrorRule],
        api: Api,
        operation: &str,
        endpoint: String,
    ) -> Self {
        let code = fault.code.as_deref().unwrap_or_default();
        let class = match fault.kind {
            FaultKind::Refused => codes::classify(own, code, &fault.message),
            FaultKind::TimedOut | FaultKind::Unreachable | FaultKind::BadReply => {
                ErrorClass::Transient
            }
            FaultKind::NoCredentials => ErrorClass::Denied,
            FaultKind::NoSuchHost | FaultKind::LocalStore | FaultKind::BadInput => {
                ErrorClass::Fatal
            }
        };
        let kind = match fault.kind {
            FaultKind::Refused if codes::is_expired(code) => ErrorKind::Expired,
            FaultKind::Refused if codes::is_unknown_caller(code) => ErrorKind::UnknownCaller,
            FaultKind::Refused if class == ErrorClass::Denied => ErrorKind::Denied,
            FaultKind::Refused => ErrorKind::Refused,
            FaultKind::TimedOut => ErrorKind::TimedOut,
            FaultKind::Unreachable => ErrorKind::Unreachable,
            FaultKind::NoSuchHost => ErrorKind::NoSuchEndpoint,
            FaultKind::NoCredentials => ErrorKind::NoCredentials,
            FaultKind::LocalStore => ErrorKind::LocalStore,
            FaultKind::BadInput | FaultKind::BadReply => ErrorKind::Internal,
        };
        let help = match fault.kind {
            FaultKind::Refused => codes::advice(own, code, &fault.message),
            _ => None,
        };
        Self {
            service: api.name(),
            operation: operation.into(),
            endpoint: endpoint.into(),
            code: fault.code.map(Into::into),
            message: fault.message.into(),
            request_id: fault.request_id.map(Into::into),
            class,
            kind,
            help: help.map(Into::into),
        }
    }

    /// What a person can do about it, if there is something.
    pub fn advice(&self) -> Option<String> {
        if let Some(help) = &self.help {
            return Some(help.to_string());
        }
        let action = format!("{}:{}", self.service, self.operation);
        Some(match self.kind {
            ErrorKind::NoCredentials => "configure some (`aws configure`, `aws sso login`, or the \
                variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), choose a profile with \
                --profile, or use --local, which needs none"
                .to_owned(),
            ErrorKind::Expired => "get new ones (`aws sso login`, or whatever gave you these) and \
                run the same command again: it goes on from here"
                .to_owned(),
            ErrorKind::UnknownCaller => "check the access key and its secret (`aws sts \
                get-caller-identity` must work with them), or choose another profile with --profile"
                .to_owned(),
            ErrorKind::Denied => format!(
                "ask for a policy that allows {action}, or use other credentials with --profile"
            ),
            ErrorKind::Unreachable | ErrorKind::TimedOut => format!(
                "check the network and that {} is up, then run the same command again",
                self.endpoint
            ),
            ErrorKind::NoSuchEndpoint => format!(
                "check the spelling of `aws.region`, choose a region that has {}, and check that \
                 this machine can resolve names",
                self.service
            ),
            ErrorKind::LocalStore => format!(
                "nothing was changed; move {} away to start with an empty cloud, or name another \
                 folder with --local=DIR",
                self.endpoint
            ),
            ErrorKind::Internal => {
                "this is a fault of pinfra's: please report it with this text".to_owned()
            }
            ErrorKind::WaitedTooLong | ErrorKind::Stopped => {
                "run the same command again: it goes on from here".to_owned()
            }
            ErrorKind::Refused if self.class == ErrorClass::Throttle => {
                "AWS limits the calls of this account; run the same command again later".to_owned()
            }
            ErrorKind::Refused | ErrorKind::Failed | ErrorKind::Impossible => return None,
        })
    }

    fn what(&self) -> &'static str {
        match self.kind {
            ErrorKind::Refused => "was refused",
            ErrorKind::Expired => "failed: the credentials have expired",
            ErrorKind::UnknownCaller => "failed: AWS does not accept the credentials",
            ErrorKind::Denied => "was denied",
            ErrorKind::NoCredentials => "failed: there are no AWS credentials",
            ErrorKind::TimedOut => "failed: no answer came in time",
            ErrorKind::Unreachable => "failed: the endpoint does not answer",
            ErrorKind::NoSuchEndpoint => "failed: its endpoint does not exist",
            ErrorKind::LocalStore => "failed: the local cloud cannot be used",
            ErrorKind::Internal => "failed",
            ErrorKind::Failed
            | ErrorKind::WaitedTooLong
            | ErrorKind::Stopped
            | ErrorKind::Impossible => "",
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what();
        if self.operation.is_empty() || what.is_empty() {
            f.write_str(&self.message)?;
        } else {
            write!(f, "{}:{} {what}", self.service, self.operation)?;
            if !self.message.is_empty() {
                write!(f, ": {}", self.message.trim_end_matches('.'))?;
            }
        }
        let endpoint = (!self.endpoint.is_empty()).then(|| format!("at {}", self.endpoint));
        let code = self.code.as_deref().map(str::to_owned);
        let request = self.request_id.as_deref().map(|id| format!("request {id}"));
        let details: Vec<_> = [code, endpoint, request].into_iter().flatten().collect();
        if !details.is_empty() {
            write!(f, " ({})", details.join(", "))?;
        }
        match self.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

/// Why a change cannot be made to the live object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be changed in place: {why}")]
pub struct Impossible {
    /// The attribute.
    pub path: String,
    /// Why, for people.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::contract::Service;

    fn shown(kind: FaultKind, code: Option<&str>, message: &str) -> String {
        let fault = Fault {
            kind,
            code: code.map(str::to_owned),
            message: message.to_owned(),
            request_id: Some("r-1".to_owned()),
            endpoint: None,
        };
        let api = Api::Of(Service::Kinesis);
        let endpoint = "https://kinesis.us-east-1.amazonaws.com".to_owned();
        ProviderError::of_call(fault, &[], api, "CreateStream", endpoint).to_string()
    }

    #[test]
    fn every_text_says_what_where_why_and_what_to_do() {
        let texts = [
            (
                FaultKind::Refused,
                Some("AccessDeniedException"),
                "kinesis:CreateStream",
            ),
            (
                FaultKind::Refused,
                Some("ExpiredTokenException"),
                "aws sso login",
            ),
            (
                FaultKind::Refused,
                Some("UnrecognizedClientException"),
                "--profile",
            ),
            (FaultKind::NoCredentials, None, "--local"),
            (FaultKind::Unreachable, None, "check the network"),
            (FaultKind::NoSuchHost, None, "a region that has kinesis"),
            (FaultKind::LocalStore, None, "--local=DIR"),
        ];
        for (kind, code, advice) in texts {
            let text = shown(kind, code, "the reason");
            assert!(text.starts_with("kinesis:CreateStream "), "{text}");
            assert!(text.contains("the reason"), "{text}");
            assert!(text.contains("kinesis.us-east-1.amazonaws.com"), "{text}");
            let told = text.split_once("; ").map(|(_, advice)| advice);
            assert!(told.is_some_and(|told| told.contains(advice)), "{text}");
        }
    }

    #[test]
    fn a_refusal_is_the_services_own_words_and_code() {
        assert_eq!(
            shown(
                FaultKind::Refused,
                Some("InvalidArgumentException"),
                "Too many."
            ),
            "kinesis:CreateStream was refused: Too many (InvalidArgumentException, at \
             https://kinesis.us-east-1.amazonaws.com, request r-1)"
        );
    }
}
