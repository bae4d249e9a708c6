//! Which bytes of an object a read asks for: all, a range, or one of its parts.

use super::errors;
use super::record::Content;
use crate::cloud::error::ApiError;
use crate::cloud::services::Call;

/// Bytes from `start` up to (not including) `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub start: u64,
    pub end: u64,
    /// Whether the reply is 206, with a Content-Range.
    pub partial: bool,
}

/// The bytes that a GetObject or HeadObject asks for.
pub(super) fn asked(call: &Call<'_>, content: &Content) -> Result<Slice, ApiError> {
    let whole = Slice {
        start: 0,
        end: content.size,
        partial: false,
    };
    match (call.str("Range"), call.int("PartNumber")) {
        (Some(_), Some(_)) => Err(errors::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        )),
        (None, None) => Ok(whole),
        (None, Some(number)) => part(number, content),
        (Some(range), None) => match parse(range, content.size) {
            Asked::Nonsense => Ok(whole),
            Asked::Bytes(start, end) => Ok(Slice {
                start,
                end,
                partial: true,
            }),
            Asked::Beyond => Err(ApiError::new(
                "InvalidRange",
                416,
                "The requested range is not satisfiable",
            )
            .with("RangeRequested", range)
            .with("ActualObjectSize", content.size.to_string())
            .with("content-range", format!("bytes */{}", content.size))),
        },
    }
}

/// A part by its place in the object, counted from one; what was not uploaded in parts has one.
fn part(number: i64, content: &Content) -> Result<Slice, ApiError> {
    if !(1..=10_000).contains(&number) {
        return Err(errors::invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive",
            "partNumber",
            number.to_string(),
        ));
    }
    let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let Some(body) = content.bodies.get(at) else {
        return Err(ApiError::new(
            "InvalidPartNumber",
            416,
            "The requested partnumber is not satisfiable",
        )
        .with("PartNumberRequested", number.to_string())
        .with("ActualPartCount", content.bodies.len().to_string()));
    };
    let start = content.bodies[..at].iter().map(|body| body.size).sum();
    Ok(Slice {
        start,
        end: start + body.size,
        partial: true,
    })
}

/// What a `Range` header comes to.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Not a range, or several: S3 answers with the whole.
    Nonsense,
    /// From, up to (not including).
    Bytes(u64, u64),
    /// Nothing of it is in the object.
    Beyond,
}

fn parse(range: &str, size: u64) -> Asked {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .filter(|spec| !spec.contains(','))
        .and_then(|spec| spec.split_once('-'))
    else {
        return Asked::Nonsense;
    };
    let number = |text: &str| text.trim().parse::<u64>();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Ok(0) => Asked::Beyond,
            Ok(_) if size == 0 => Asked::Beyond,
            Ok(count) => Asked::Bytes(size.saturating_sub(count), size),
            Err(_) => Asked::Nonsense,
        },
        (first, last) => {
            let Ok(first) = number(first) else {
                return Asked::Nonsense;
            };
            let last = match last {
                "" => u64::MAX,
                last => match number(last) {
                    Ok(last) => last,
                    Err(_) => return Asked::Nonsense,
                },
            };
            match first {
                _ if last < first => Asked::Nonsense,
                first if first >= size => Asked::Beyond,
                first => Asked::Bytes(first, last.saturating_add(1).min(size)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, parse};

    #[test]
    fn ranges_are_inclusive_open_or_counted_from_the_end() {
        for (range, expected) in [
            ("bytes=0-3", Asked::Bytes(0, 4)),
            ("bytes=5-", Asked::Bytes(5, 10)),
            ("bytes=8-99", Asked::Bytes(8, 10)),
            ("bytes=-3", Asked::Bytes(7, 10)),
            ("bytes=-99", Asked::Bytes(0, 10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=3-1", Asked::Nonsense),
            ("bytes=0-1,3-4", Asked::Nonsense),
            ("lines=0-1", Asked::Nonsense),
        ] {
            assert_eq!(parse(range, 10), expected, "{range}");
        }
        assert_eq!(parse("bytes=0-", 0), Asked::Beyond);
    }
}
