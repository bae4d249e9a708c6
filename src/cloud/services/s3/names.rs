//! What a bucket may be called, and where it may live.

use std::net::Ipv4Addr;

use crate::cloud::error::ApiError;

/// Beginnings that S3 keeps for itself.
const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

/// Endings that S3 keeps for access points and other kinds of buckets.
const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// The commercial regions that S3 takes as a location constraint.
const REGIONS: [&str; 34] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
];

/// Whether S3 has a region of this name.
pub(super) fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

/// The naming rules of general purpose buckets: 3 to 63 lower-case letters, digits, hyphens and
/// dots, beginning and ending with a letter or digit, no two dots together, not an IP address.
pub(super) fn check(name: &str) -> Result<(), ApiError> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let good = (3..=63).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
        && edge(name.chars().next())
        && edge(name.chars().next_back())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        && !RESERVED_ENDS.iter().any(|end| name.ends_with(end));
    if good {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidBucketName",
        400,
        "The specified bucket is not valid.",
    )
    .with("BucketName", name))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn the_rules_hold() {
        for good in ["user-0a60b9a8a831-bucket", "a.b-c", "123", "1.2.3", "a.-b"] {
            assert!(check(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "ab",
            &long,
            "Upper",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
            ".abc",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
