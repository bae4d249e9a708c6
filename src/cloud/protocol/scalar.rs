//! Scalars as text: in forms, XML, paths, query strings and headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;

use super::ParseError;
use crate::aws_model::{Model, Reference, ShapeType};

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2026-01-02T03:04:05Z`, milliseconds where there are any.
    Iso8601,
    /// `2026-01-02T03:04:05.000Z`, as EC2 and S3 always do.
    Iso8601Millis,
    /// Seconds since the epoch.
    Epoch,
    /// `Fri, 02 Jan 2026 03:04:05 GMT`
    Http,
}

impl TimeFormat {
    /// The format of this use of a shape: the model's where it says, else the protocol's own.
    pub fn of(model: &Model, reference: &Reference, default: TimeFormat) -> TimeFormat {
        let named = reference
            .timestamp_format
            .as_deref()
            .or(model.shape(reference).timestamp_format.as_deref());
        match named {
            Some("iso8601") if default == TimeFormat::Iso8601Millis => default,
            Some("iso8601") => TimeFormat::Iso8601,
            Some("rfc822") => TimeFormat::Http,
            Some(_) => TimeFormat::Epoch,
            None => default,
        }
    }
}

/// Milliseconds since the epoch as text.
pub fn write_time(millis: i64, format: TimeFormat) -> String {
    let nanos = i128::from(millis) * 1_000_000;
    let Ok(at) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
        return millis.to_string();
    };
    let written = match format {
        TimeFormat::Epoch if millis % 1000 == 0 => return (millis / 1000).to_string(),
        TimeFormat::Epoch => return (millis as f64 / 1000.0).to_string(),
        TimeFormat::Iso8601 if millis % 1000 == 0 => at.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        )),
        TimeFormat::Iso8601 | TimeFormat::Iso8601Millis => at.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        )),
        TimeFormat::Http => at.format(format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        )),
    };
    written.unwrap_or_else(|_| millis.to_string())
}

/// Milliseconds since the epoch out of any of the formats: services take them all.
pub fn read_time(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Some((seconds * 1000.0).round() as i64);
    }
    let zone = text.replace(" GMT", " +0000").replace(" UTC", " +0000");
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&zone, &Rfc2822))
        .ok()
        .and_then(|at| i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok())
}

/// A canonical scalar as text.
pub fn to_text(model: &Model, reference: &Reference, value: &Value, time: TimeFormat) -> String {
    match (model.shape(reference).kind, value) {
        (ShapeType::Timestamp, Value::Number(n)) => write_time(
            n.as_i64().unwrap_or_default(),
            TimeFormat::of(model, reference, time),
        ),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// A canonical scalar out of text. `at` names it in errors.
pub fn from_text(
    model: &Model,
    reference: &Reference,
    text: &str,
    at: &str,
) -> Result<Value, ParseError> {
    let wrong = |expected: &str| ParseError::wrong_type(at, expected);
    match model.shape(reference).kind {
        ShapeType::Integer | ShapeType::Long => text
            .trim()
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| wrong("an integer")),
        ShapeType::Float | ShapeType::Double => {
            float_from_text(text.trim()).ok_or_else(|| wrong("a number"))
        }
        ShapeType::Boolean => match text.trim() {
            t if t.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            t if t.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            _ => Err(wrong("true or false")),
        },
        ShapeType::Timestamp => read_time(text)
            .map(Value::from)
            .ok_or_else(|| wrong("a timestamp")),
        ShapeType::Blob => STANDARD
            .decode(text.trim())
            .map(|bytes| Value::String(STANDARD.encode(bytes)))
            .map_err(|_| wrong("base64 data")),
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// A float; the three that JSON has no number for stay texts.
fn float_from_text(text: &str) -> Option<Value> {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return Some(Value::from(text));
    }
    let number = text.parse::<f64>().ok()?;
    Number::from_f64(number).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_both_ways() {
        let at = 1_767_323_045_000;
        assert_eq!(write_time(at, TimeFormat::Iso8601), "2026-01-02T03:04:05Z");
        assert_eq!(
            write_time(at + 7, TimeFormat::Iso8601),
            "2026-01-02T03:04:05.007Z"
        );
        assert_eq!(
            write_time(at, TimeFormat::Iso8601Millis),
            "2026-01-02T03:04:05.000Z"
        );
        assert_eq!(
            write_time(at, TimeFormat::Http),
            "Fri, 02 Jan 2026 03:04:05 GMT"
        );
        for format in [TimeFormat::Iso8601, TimeFormat::Epoch, TimeFormat::Http] {
            assert_eq!(read_time(&write_time(at, format)), Some(at));
        }
        assert_eq!(read_time("1767323045.007"), Some(at + 7));
        assert_eq!(read_time("yesterday"), None);
    }
}
