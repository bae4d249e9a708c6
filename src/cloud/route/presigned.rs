//! URLs signed beforehand, whose signature stands in the query: complete, and not expired.
//!
//! They are made by the real clock and end by it, however fast simulated time passes. Version 4
//! says when it was made and for how long (`X-Amz-Date`, `X-Amz-Expires`), version 2 when it ends
//! (`Expires`).

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::cloud::error::ApiError;

/// Seconds that a URL may be good for: a week.
const LONGEST: i64 = 604_800;

/// The parameters of version 4.
const PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];

/// Refuses a presigned request that is not complete or has expired; others pass.
pub fn check(query: &[(String, String)]) -> Result<(), ApiError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    check_at(query, now)
}

fn check_at(query: &[(String, String)], now: i64) -> Result<(), ApiError> {
    let parameter = |name: &str| {
        let found = query.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    };
    if let (Some(_), Some(expires)) = (parameter("AWSAccessKeyId"), parameter("Expires")) {
        let expires = expires.parse::<i64>().map_err(|_| {
            ApiError::new(
                "AccessDenied",
                403,
                "Invalid date (should be seconds since epoch)",
            )
        })?;
        return if now > expires {
            Err(expired(now, expires))
        } else {
            Ok(())
        };
    }
    if parameter("X-Amz-Signature").is_none() {
        return Ok(());
    }
    if PARAMETERS.iter().any(|name| parameter(name).is_none()) {
        return Err(malformed(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, \
             X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
             X-Amz-Expires parameters.",
        ));
    }
    let valid_for = parameter("X-Amz-Expires").unwrap_or_default();
    let seconds = valid_for
        .parse::<i64>()
        .map_err(|_| malformed("X-Amz-Expires should be a number"))?;
    if seconds < 0 {
        return Err(malformed("X-Amz-Expires must be non-negative"));
    }
    if seconds > LONGEST {
        return Err(malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given \
             X-Amz-Expires must be less than 604800 seconds",
        ));
    }
    let made = made_at(parameter("X-Amz-Date").unwrap_or_default()).ok_or_else(|| {
        malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    })?;
    if now > made + seconds {
        return Err(expired(now, made + seconds).with("X-Amz-Expires", valid_for));
    }
    Ok(())
}

/// Seconds since the epoch of `20260102T030405Z`.
fn made_at(text: &str) -> Option<i64> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let date = time::PrimitiveDateTime::parse(text, format).ok()?;
    Some(date.assume_utc().unix_timestamp())
}

fn malformed(message: &str) -> ApiError {
    ApiError::new("AuthorizationQueryParametersError", 400, message)
}

fn expired(now: i64, end: i64) -> ApiError {
    let date = |seconds: i64| {
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .and_then(|date| date.format(&Rfc3339).ok())
            .unwrap_or_default()
    };
    ApiError::new("AccessDenied", 403, "Request has expired")
        .with("Expires", date(end))
        .with("ServerTime", date(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &[(&str, &str)], now: i64) -> Option<String> {
        let query: Vec<(String, String)> = query
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        check_at(&query, now).err().map(|error| error.code)
    }

    #[test]
    fn a_url_is_good_until_its_end() {
        let url = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "A/20260102/us-east-1/s3/aws4_request"),
            ("X-Amz-Signature", "0"),
            ("X-Amz-Date", "20260102T000000Z"),
            ("X-Amz-SignedHeaders", "host"),
            ("X-Amz-Expires", "60"),
        ];
        let made = 1_767_312_000;
        assert_eq!(code(&url, made + 60), None);
        assert_eq!(code(&url, made + 61).as_deref(), Some("AccessDenied"));
        let refused = Some("AuthorizationQueryParametersError");
        assert_eq!(code(&url[..5], made).as_deref(), refused);
        let mut forever = url;
        forever[5].1 = "604801";
        assert_eq!(code(&forever, made).as_deref(), refused);
        let old = [
            ("AWSAccessKeyId", "A"),
            ("Signature", "0"),
            ("Expires", "60"),
        ];
        assert_eq!(code(&old, 60), None);
        assert_eq!(code(&old, 61).as_deref(), Some("AccessDenied"));
        assert_eq!(code(&[("prefix", "a")], 0), None);
    }
}
