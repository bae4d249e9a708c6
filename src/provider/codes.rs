//! What AWS's error codes mean, for every service.

use super::contract::{ErrorClass, ErrorRule};

const fn rule(code: &'static str, class: ErrorClass) -> ErrorRule {
    ErrorRule {
        code,
        message: "",
        class,
        advice: "",
    }
}

/// The codes that mean the same wherever they occur; a type's own rules go first.
pub static RULES: &[ErrorRule] = &[
    rule("BandwidthLimitExceeded", ErrorClass::Throttle),
    rule("EC2ThrottledException", ErrorClass::Throttle),
    rule("PriorRequestNotComplete", ErrorClass::Throttle),
    rule(
        "ProvisionedThroughputExceededException",
        ErrorClass::Throttle,
    ),
    rule("RequestLimitExceeded", ErrorClass::Throttle),
    rule("RequestThrottled", ErrorClass::Throttle),
    rule("RequestThrottledException", ErrorClass::Throttle),
    rule("SlowDown", ErrorClass::Throttle),
    rule("Throttling", ErrorClass::Throttle),
    rule("ThrottlingException", ErrorClass::Throttle),
    rule("ThrottledException", ErrorClass::Throttle),
    rule("TooManyRequestsException", ErrorClass::Throttle),
    rule("InternalError", ErrorClass::Transient),
    rule("InternalFailure", ErrorClass::Transient),
    rule("InternalServerError", ErrorClass::Transient),
    rule("InternalServerErrorException", ErrorClass::Transient),
    rule("InternalServiceError", ErrorClass::Transient),
    rule("RequestTimeout", ErrorClass::Transient),
    rule("RequestTimeoutException", ErrorClass::Transient),
    rule("ServiceFailure", ErrorClass::Transient),
    rule("ServiceUnavailable", ErrorClass::Transient),
    rule("ServiceUnavailableException", ErrorClass::Transient),
    rule("Unavailable", ErrorClass::Transient),
    rule("ConcurrentModification", ErrorClass::Conflict),
    rule("ConcurrentModificationException", ErrorClass::Conflict),
    rule("OperationAborted", ErrorClass::Conflict),
    rule("EntityTemporarilyUnmodifiable", ErrorClass::Conflict),
    rule("ResourceInUseException", ErrorClass::Conflict),
    rule("NoSuchEntity", ErrorClass::Absent),
    rule("NoSuchBucket", ErrorClass::Absent),
    rule("NoSuchKey", ErrorClass::Absent),
    rule("NotFound", ErrorClass::Absent),
    rule("NotFoundException", ErrorClass::Absent),
    rule("ParameterNotFound", ErrorClass::Absent),
    rule("ResourceNotFoundException", ErrorClass::Absent),
    rule("InvalidGroup.NotFound", ErrorClass::Absent),
    rule("InvalidKeyPair.NotFound", ErrorClass::Absent),
    rule("BucketAlreadyExists", ErrorClass::Exists),
    rule("BucketAlreadyOwnedByYou", ErrorClass::Exists),
    rule("EntityAlreadyExists", ErrorClass::Exists),
    rule("InvalidGroup.Duplicate", ErrorClass::Exists),
    rule("InvalidKeyPair.Duplicate", ErrorClass::Exists),
    rule("AccessDenied", ErrorClass::Denied),
    rule("AccessDeniedException", ErrorClass::Denied),
    rule("AuthFailure", ErrorClass::Denied),
    rule("ExpiredToken", ErrorClass::Denied),
    rule("ExpiredTokenException", ErrorClass::Denied),
    rule("Forbidden", ErrorClass::Denied),
    rule("ForbiddenException", ErrorClass::Denied),
    rule("IncompleteSignature", ErrorClass::Denied),
    rule("InvalidAccessKeyId", ErrorClass::Denied),
    rule("InvalidClientTokenId", ErrorClass::Denied),
    rule("InvalidToken", ErrorClass::Denied),
    rule("MissingAuthenticationToken", ErrorClass::Denied),
    rule("MissingAuthenticationTokenException", ErrorClass::Denied),
    rule("NotAuthorized", ErrorClass::Denied),
    rule("OptInRequired", ErrorClass::Denied),
    rule("RequestExpired", ErrorClass::Denied),
    rule("SignatureDoesNotMatch", ErrorClass::Denied),
    rule("UnauthorizedException", ErrorClass::Denied),
    rule("UnauthorizedOperation", ErrorClass::Denied),
    rule("UnrecognizedClientException", ErrorClass::Denied),
];

/// Codes of credentials that were good once.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Codes of credentials AWS does not know or cannot verify.
const UNKNOWN: &[&str] = &[
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// What a code and a message mean: the type's own rules first, then the general ones.
pub fn classify(own: &[ErrorRule], code: &str, message: &str) -> ErrorClass {
    rule_of(own, code, message).map_or(ErrorClass::Fatal, |rule| rule.class)
}

/// What a person can do about an error, if one of the rules says so.
pub fn advice(own: &[ErrorRule], code: &str, message: &str) -> Option<&'static str> {
    let advice = rule_of(own, code, message).map(|rule| rule.advice);
    advice.filter(|advice| !advice.is_empty())
}

fn rule_of<'r>(own: &'r [ErrorRule], code: &str, message: &str) -> Option<&'r ErrorRule> {
    let mut rules = own.iter().chain(RULES);
    rules.find(|rule| matches(rule, code, message))
}

/// Whether this code says that credentials have expired.
pub fn is_expired(code: &str) -> bool {
    EXPIRED.contains(&code)
}

/// Whether this code says that credentials are wrong altogether.
pub fn is_unknown_caller(code: &str) -> bool {
    UNKNOWN.contains(&code)
}

fn matches(rule: &ErrorRule, code: &str, message: &str) -> bool {
    (rule.code == "*" || rule.code == code) && message.contains(rule.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn a_types_own_rule_goes_first_and_needs_its_fragment() {
        let own = [ErrorRule {
            code: "MalformedPolicyDocument",
            message: "Invalid principal",
            class: ErrorClass::Eventual,
            advice: "",
        }];
        let class = |message| classify(&own, "MalformedPolicyDocument", message);
        assert_eq!(class("Invalid principal in policy"), ErrorClass::Eventual);
        assert_eq!(class("Syntax errors in policy."), ErrorClass::Fatal);
        assert_eq!(classify(&own, "SlowDown", ""), ErrorClass::Throttle);
    }

    #[test]
    fn every_code_about_the_caller_is_denied() {
        for code in EXPIRED.iter().chain(UNKNOWN) {
            assert_eq!(classify(&[], code, ""), ErrorClass::Denied, "{code}");
        }
    }
}
