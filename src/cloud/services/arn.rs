//! Amazon resource names: `arn:aws:<service>:<region>:<account>:<resource>`.

/// Services whose ARNs carry no region.
const GLOBAL: [&str; 3] = ["iam", "sts", "s3"];

/// Services whose ARNs carry no account either.
const NO_ACCOUNT: [&str; 1] = ["s3"];

/// Writes an ARN as the service does: IAM and STS without a region, S3 without an account too.
pub fn arn(service: &str, region: &str, account: &str, resource: &str) -> String {
    let region = if GLOBAL.contains(&service) {
        ""
    } else {
        region
    };
    let account = if NO_ACCOUNT.contains(&service) {
        ""
    } else {
        account
    };
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}

/// The parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The service as ARNs spell it (`kafka`, `iam`).
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty for S3.
    pub account: &'a str,
    /// All that follows the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of a text that is an ARN in form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty())
            .then_some(arn)
    }

    /// What follows `<kind>/` or `<kind>:` in the resource (`role/a/b` for `role` is `a/b`).
    pub fn resource_of(&self, kind: &str) -> Option<&'a str> {
        let rest = self.resource.strip_prefix(kind)?;
        rest.strip_prefix('/').or_else(|| rest.strip_prefix(':'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_services_have_no_region() {
        assert_eq!(
            arn("iam", "us-east-1", "1", "role/a"),
            "arn:aws:iam::1:role/a"
        );
        assert_eq!(arn("s3", "us-east-1", "1", "b/k"), "arn:aws:s3:::b/k");
        assert_eq!(
            arn("kinesis", "eu-west-1", "1", "stream/a"),
            "arn:aws:kinesis:eu-west-1:1:stream/a"
        );
    }

    #[test]
    fn parts_keep_colons_of_the_resource() {
        let arn = Arn::parse("arn:aws:logs:us-east-1:1:log-group:a:*");
        assert_eq!(arn.map(|a| a.resource), Some("log-group:a:*"));
        assert_eq!(arn.and_then(|a| a.resource_of("log-group")), Some("a:*"));
        assert_eq!(Arn::parse("arn:aws:iam::1:"), None);
        assert_eq!(Arn::parse("role/a"), None);
    }
}
