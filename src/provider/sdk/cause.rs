//! Why a call of the SDK failed, in plain words.

use super::super::call::{Fault, FaultKind};
use crate::provider::aws::call::{CallError, Failure};

/// What resolvers say of a name that does not exist; the texts are the C library's and the SDK's.
const NO_SUCH_HOST: &[&str] = &["dns error", "failed to lookup address"];
/// What the SDK says when it has nothing to sign with.
const NO_CREDENTIALS: &[&str] = &["credential", "identity"];

/// A failed call, told apart as far as people have to act differently.
pub fn fault(error: CallError) -> Fault {
    let lower = error.message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let kind = match error.failure {
        Failure::Answered => FaultKind::Refused,
        Failure::Input => FaultKind::BadInput,
        Failure::Timeout => FaultKind::TimedOut,
        Failure::Unreadable => FaultKind::BadReply,
        Failure::NotSent | Failure::Dispatch if says(NO_SUCH_HOST) => FaultKind::NoSuchHost,
        Failure::NotSent | Failure::Dispatch if says(NO_CREDENTIALS) => FaultKind::NoCredentials,
        Failure::NotSent => FaultKind::BadInput,
        Failure::Dispatch => FaultKind::Unreachable,
    };
    let message = match error.failure {
        Failure::Answered | Failure::Input if error.code.is_some() => error.message,
        _ => plain(&error.message),
    };
    Fault {
        kind,
        // An answer without a code has its status at least (HEAD has no body).
        code: error.code.or_else(|| {
            let status = error
                .status
                .filter(|_| error.failure == Failure::Answered)?;
            Some(if status == 404 {
                "NotFound".to_owned()
            } else {
                status.to_string()
            })
        }),
        message,
        request_id: error.request_id,
        endpoint: None,
    }
}

/// A chain of errors as the SDK writes it, without the debugging text at its end and the layers at
/// its beginning that mean nothing to people.
pub fn plain(chain: &str) -> String {
    let debug = chain.match_indices(" (").map(|(at, _)| at).find(|at| {
        let rest = &chain[at + 2..];
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric());
        name.is_some_and(|end| end > 0 && rest[end..].starts_with(['(', ' ', '{']))
            && rest.starts_with(|c: char| c.is_ascii_uppercase())
    });
    let text = &chain[..debug.unwrap_or(chain.len())];
    let layers = [
        "dispatch failure",
        "io error",
        "other",
        "unhandled error",
        "service error",
        "error trying to connect",
        "client error",
    ];
    let mut text = text.trim();
    while let Some((layer, rest)) = text.split_once(": ") {
        match layers.contains(&layer) || layer.starts_with("client error") {
            true => text = rest,
            false => break,
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(failure: Failure, message: &str) -> Fault {
        fault(CallError {
            failure,
            code: None,
            message: message.to_owned(),
            status: None,
            request_id: None,
        })
    }

    #[test]
    fn failures_on_the_way_are_told_apart_and_told_plainly() {
        let refused = of(
            Failure::Dispatch,
            "dispatch failure: io error: client error (Connect): tcp connect error: Connection \
             refused (os error 111) (DispatchFailure(DispatchFailure { source: ConnectorError }))",
        );
        assert_eq!(refused.kind, FaultKind::Unreachable);
        assert_eq!(
            refused.message,
            "tcp connect error: Connection refused (os error 111)"
        );
        let unknown = of(
            Failure::Dispatch,
            "dispatch failure: io error: client error (Connect): dns error: failed to lookup \
             address information: Name or service not known (DispatchFailure(…))",
        );
        assert_eq!(unknown.kind, FaultKind::NoSuchHost);
        let none = of(Failure::NotSent, "the credential provider was not enabled");
        assert_eq!(none.kind, FaultKind::NoCredentials);
    }

    #[test]
    fn an_answer_without_a_code_keeps_its_status() {
        let error = CallError {
            failure: Failure::Answered,
            code: None,
            message: String::new(),
            status: Some(404),
            request_id: None,
        };
        assert_eq!(fault(error).code.as_deref(), Some("NotFound"));
    }
}
