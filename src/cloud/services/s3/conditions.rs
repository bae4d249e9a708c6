//! Conditional requests: which headers let a read or a write go on (RFC 9110, section 13).

use super::errors;
use super::record::{Content, Version};
use crate::cloud::error::ApiError;
use crate::cloud::services::Call;

/// What a conditional read comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Read it.
    Proceed,
    /// 304: the client has it.
    NotModified,
}

/// The members that hold the conditions on what is read, and how errors name their headers.
pub(super) struct Names {
    matches: (&'static str, &'static str),
    none_match: (&'static str, &'static str),
    modified_since: (&'static str, &'static str),
    unmodified_since: (&'static str, &'static str),
}

/// The conditions of GetObject and HeadObject.
pub(super) const READ: Names = Names {
    matches: ("IfMatch", "If-Match"),
    none_match: ("IfNoneMatch", "If-None-Match"),
    modified_since: ("IfModifiedSince", "If-Modified-Since"),
    unmodified_since: ("IfUnmodifiedSince", "If-Unmodified-Since"),
};

/// The conditions on the source of a copy.
pub(super) const COPY_SOURCE: Names = Names {
    matches: ("CopySourceIfMatch", "x-amz-copy-source-If-Match"),
    none_match: ("CopySourceIfNoneMatch", "x-amz-copy-source-If-None-Match"),
    modified_since: (
        "CopySourceIfModifiedSince",
        "x-amz-copy-source-If-Modified-Since",
    ),
    unmodified_since: (
        "CopySourceIfUnmodifiedSince",
        "x-amz-copy-source-If-Unmodified-Since",
    ),
};

/// Whether a list of entity tags (`"a", b`, `*`) names this one.
fn names_etag(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag == etag)
}

/// Weighs the conditions: an entity tag that matches outweighs dates.
pub(super) fn weigh(
    call: &Call<'_>,
    names: &Names,
    version: &Version,
    content: &Content,
) -> Result<Verdict, ApiError> {
    match call.str(names.matches.0) {
        Some(tags) if !names_etag(tags, &content.etag) => {
            return Err(errors::precondition_failed(names.matches.1));
        }
        None if call
            .int(names.unmodified_since.0)
            .is_some_and(|at| version.modified > at) =>
        {
            return Err(errors::precondition_failed(names.unmodified_since.1));
        }
        _ => {}
    }
    let unchanged = match call.str(names.none_match.0) {
        Some(tags) => names_etag(tags, &content.etag),
        None => call
            .int(names.modified_since.0)
            .is_some_and(|at| version.modified <= at),
    };
    Ok(if unchanged {
        Verdict::NotModified
    } else {
        Verdict::Proceed
    })
}

/// As [`weigh`] for the source of a copy, where nothing new is an error too.
pub(super) fn weigh_source(
    call: &Call<'_>,
    version: &Version,
    content: &Content,
) -> Result<(), ApiError> {
    match weigh(call, &COPY_SOURCE, version, content)? {
        Verdict::Proceed => Ok(()),
        Verdict::NotModified => Err(errors::precondition_failed(
            if call.has(COPY_SOURCE.none_match.0) {
                COPY_SOURCE.none_match.1
            } else {
                COPY_SOURCE.modified_since.1
            },
        )),
    }
}

/// Whether a write may replace what is there (`None`: nothing, or a delete marker).
/// `If-None-Match` takes only `*`: write if absent.
pub(super) fn check_write(
    call: &Call<'_>,
    key: &str,
    present: Option<&Content>,
) -> Result<(), ApiError> {
    match call.str("IfNoneMatch") {
        None => {}
        Some(star) if star.trim_matches('"') != "*" => {
            return Err(ApiError::new(
                "NotImplemented",
                501,
                "A header you provided implies functionality that is not implemented",
            )
            .with("Header", "If-None-Match"));
        }
        Some(_) if present.is_some() => {
            return Err(errors::precondition_failed("If-None-Match"));
        }
        Some(_) => {}
    }
    match (call.str("IfMatch"), present) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(errors::no_such_key(key)),
        (Some(tags), Some(present)) if names_etag(tags, &present.etag) => Ok(()),
        (Some(_), Some(_)) => Err(errors::precondition_failed("If-Match")),
    }
}

#[cfg(test)]
mod tests {
    use super::names_etag;

    #[test]
    fn entity_tags_come_quoted_bare_weak_or_as_a_star() {
        for list in ["\"a\"", "a", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(names_etag(list, "a"), "{list}");
        }
        assert!(!names_etag("\"b\"", "a"));
        assert!(!names_etag("", "a"));
    }
}
