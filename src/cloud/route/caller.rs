//! Who calls, for which service and region: the scope of the signature, else the host.
//!
//! Signatures are not checked and any key is taken, except that access key ids containing
//! `EXPIRED`, `DENIED` or `INVALID` are refused as AWS refuses such credentials, so that a client's
//! handling of them can be tried.

use http::request::Parts;

use super::pattern::decode_pairs;
use crate::cloud::error::ApiError;
use crate::cloud::protocol::Protocol;

/// What a request says of its sender and its addressee.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The access key id; none in a request without credentials.
    pub access_key: Option<String>,
    /// The signing name of the service (`kafka`, `airflow`).
    pub service: Option<String>,
    /// The region.
    pub region: Option<String>,
}

impl Caller {
    /// Reads the Authorization header, the presigned query, or the host.
    pub fn of(parts: &Parts) -> Caller {
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
        let query = decode_pairs(parts.uri.query().unwrap_or_default());
        let parameter = |name: &str| {
            query
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        let authorization = header("authorization").unwrap_or_default();
        let scope = authorization
            .split(['=', ',', ' '])
            .skip_while(|part| *part != "Credential")
            .nth(1)
            .or(parameter("X-Amz-Credential"));
        let mut caller = scope.map(from_scope).unwrap_or_default();
        if let Some(key) = authorization.strip_prefix("AWS ") {
            // The old S3 signature has no scope.
            caller.access_key = key.split(':').next().map(str::to_owned);
            caller.service = Some("s3".to_owned());
        }
        if let Some(key) = parameter("AWSAccessKeyId").filter(|_| scope.is_none()) {
            // The same, in a presigned URL.
            caller.access_key = Some(key.to_owned());
            caller.service = Some("s3".to_owned());
        }
        if caller.region.is_none() {
            let set = header("x-amz-region-set").or(parameter("X-Amz-Region-Set"));
            caller.region = set
                .map(|set| set.split(',').next().unwrap_or(set).to_owned())
                .filter(|region| region != "*");
        }
        let host = from_host(super::host(parts));
        caller.service = caller.service.or(host.service);
        caller.region = caller.region.or(host.region);
        caller
    }
}

/// `AKID/20260102/us-east-1/kafka/aws4_request`; SigV4A leaves the region out.
fn from_scope(scope: &str) -> Caller {
    let parts: Vec<&str> = scope.split('/').collect();
    let text = |n: usize| parts.get(n).map(|part| (*part).to_owned());
    match parts.len() {
        5 => Caller {
            access_key: text(0),
            region: text(2),
            service: text(3),
        },
        4 => Caller {
            access_key: text(0),
            region: None,
            service: text(2),
        },
        _ => Caller::default(),
    }
}

/// `kafka.us-east-1.amazonaws.com`, `bucket.s3.amazonaws.com`, `api.airflow.eu-west-1.amazonaws.com`.
fn from_host(host: &str) -> Caller {
    let Some(labels) = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".api.aws"))
    else {
        return Caller::default();
    };
    let mut labels: Vec<&str> = labels.split('.').collect();
    labels.retain(|label| *label != "dualstack");
    let is_region = |label: &&str| {
        let mut parts = label.split('-');
        parts.next().is_some_and(|p| p.len() == 2)
            && label.chars().last().is_some_and(|c| c.is_ascii_digit())
            && label.matches('-').count() >= 2
    };
    let region = labels.last().copied().filter(is_region).map(str::to_owned);
    if region.is_some() {
        labels.pop();
    }
    Caller {
        access_key: None,
        service: labels.last().map(|label| (*label).to_owned()),
        region,
    }
}

/// A refusal for credentials: its code and status differ by service.
struct Refusals {
    missing: (&'static str, u16),
    expired: (&'static str, u16),
    denied: (&'static str, u16),
    invalid: (&'static str, u16),
}

fn refusals(protocol: Protocol) -> Refusals {
    match protocol {
        Protocol::Query => Refusals {
            missing: ("MissingAuthenticationToken", 403),
            expired: ("ExpiredToken", 403),
            denied: ("AccessDenied", 403),
            invalid: ("InvalidClientTokenId", 403),
        },
        Protocol::Ec2 => Refusals {
            missing: ("MissingAuthenticationToken", 403),
            expired: ("RequestExpired", 400),
            denied: ("UnauthorizedOperation", 403),
            invalid: ("AuthFailure", 401),
        },
        Protocol::RestXml => Refusals {
            missing: ("AccessDenied", 403),
            expired: ("ExpiredToken", 400),
            denied: ("AccessDenied", 403),
            invalid: ("InvalidAccessKeyId", 403),
        },
        Protocol::RestJson => Refusals {
            missing: ("MissingAuthenticationTokenException", 403),
            expired: ("ExpiredTokenException", 403),
            denied: ("AccessDeniedException", 403),
            invalid: ("UnrecognizedClientException", 403),
        },
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => Refusals {
            missing: ("MissingAuthenticationTokenException", 400),
            expired: ("ExpiredTokenException", 400),
            denied: ("AccessDeniedException", 400),
            invalid: ("UnrecognizedClientException", 400),
        },
    }
}

/// Refuses a request without credentials, or with one of the ids that stand for bad ones.
/// `action` is the permission asked for (`iam:CreateRole`).
pub fn check(
    protocol: Protocol,
    access_key: Option<&str>,
    principal: &str,
    action: &str,
) -> Result<(), ApiError> {
    let codes = refusals(protocol);
    let refuse =
        |(code, status): (&str, u16), message: String| Err(ApiError::new(code, status, message));
    let Some(key) = access_key.filter(|key| !key.is_empty()) else {
        let message = match protocol {
            Protocol::RestXml => "Access Denied",
            Protocol::Query | Protocol::Ec2 => "Request is missing Authentication Token",
            _ => "Missing Authentication Token",
        };
        return refuse(codes.missing, message.to_owned());
    };
    if key.contains("EXPIRED") {
        let message = match protocol {
            Protocol::RestXml => "The provided token has expired.",
            Protocol::Ec2 => "Request has expired.",
            _ => "The security token included in the request is expired",
        };
        return refuse(codes.expired, message.to_owned());
    }
    if key.contains("INVALID") {
        let message = match protocol {
            Protocol::RestXml => {
                "The AWS Access Key Id you provided does not exist in our records."
            }
            Protocol::Ec2 => "AWS was not able to validate the provided access credentials",
            _ => "The security token included in the request is invalid.",
        };
        return refuse(codes.invalid, message.to_owned());
    }
    // Anyone may ask who they are.
    if key.contains("DENIED") && action != "sts:GetCallerIdentity" {
        let message = match protocol {
            Protocol::Ec2 => format!(
                "You are not authorized to perform this operation. User: {principal} is not \
                 authorized to perform: {action} because no identity-based policy allows the {action} action"
            ),
            _ => format!(
                "User: {principal} is not authorized to perform: {action} because no \
                 identity-based policy allows the {action} action"
            ),
        };
        return refuse(codes.denied, message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn caller(uri: &str, authorization: &str) -> Caller {
        let request = http::Request::builder()
            .uri(uri)
            .header("authorization", authorization)
            .body(())
            .unwrap();
        Caller::of(&request.into_parts().0)
    }

    #[test]
    fn the_scope_names_service_and_region() {
        let v4 = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/airflow/aws4_request, SignedHeaders=host, Signature=0";
        let found = caller("http://127.0.0.1/", v4);
        assert_eq!(found.access_key.as_deref(), Some("AKID"));
        assert_eq!(found.service.as_deref(), Some("airflow"));
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
        let presigned =
            "http://127.0.0.1/b/k?X-Amz-Credential=AKID%2F20260102%2Fus-east-1%2Fs3%2Faws4_request";
        assert_eq!(caller(presigned, "").service.as_deref(), Some("s3"));
    }

    #[test]
    fn hosts_name_them_too() {
        let found = from_host("bucket.name.s3.us-west-2.amazonaws.com");
        assert_eq!(found.service.as_deref(), Some("s3"));
        assert_eq!(found.region.as_deref(), Some("us-west-2"));
        assert_eq!(
            from_host("iam.amazonaws.com").service.as_deref(),
            Some("iam")
        );
        assert_eq!(from_host("127.0.0.1"), Caller::default());
    }
}
