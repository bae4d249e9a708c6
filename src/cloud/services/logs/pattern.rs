//! Filter patterns over unstructured events: terms, phrases, `?any`, `-none`.

use crate::cloud::error::ApiError;

use super::invalid;

/// A pattern; an empty one fits every event.
#[derive(Debug, Default, PartialEq)]
pub struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Parses a pattern of terms.
    ///
    /// # Errors
    /// InvalidParameterException for a quote that does not end; 501 for patterns over JSON, over
    /// columns and with regular expressions, which are not modelled.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let text = text.trim();
        if text.starts_with(['{', '[']) || text.contains('%') {
            return Err(ApiError::not_implemented(
                "filter patterns over JSON, over columns and with regular expressions",
            ));
        }
        let mut pattern = Pattern::default();
        let mut rest = text;
        while let Some(start) = rest.chars().next() {
            let (list, term) = match start {
                '?' => (&mut pattern.any, &rest[1..]),
                '-' => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, left) = match term.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or_else(|| invalid("Invalid filter pattern"))?,
                None => term.split_once(' ').unwrap_or((term, "")),
            };
            list.push(term.to_owned());
            rest = left.trim_start();
        }
        // Beside terms that must be there, those of which any may be say nothing.
        if !pattern.all.is_empty() {
            pattern.any.clear();
        }
        Ok(pattern)
    }

    /// Whether a message fits; case counts.
    pub fn fits(&self, message: &str) -> bool {
        self.all.iter().all(|term| message.contains(term))
            && (self.any.is_empty() || self.any.iter().any(|term| message.contains(term)))
            && !self.none.iter().any(|term| message.contains(term))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, message: &str) -> bool {
        Pattern::parse(pattern).is_ok_and(|pattern| pattern.fits(message))
    }

    #[test]
    fn terms_phrases_alternatives_and_exclusions() {
        let message = "ERROR in broker 3: not the leader";
        for pattern in [
            "",
            "ERROR",
            "ERROR broker",
            "\"broker 3\"",
            "?WARN ?ERROR",
            "ERROR -WARN",
        ] {
            assert!(fits(pattern, message), "{pattern}");
        }
        for pattern in [
            "error",
            "ERROR WARN",
            "\"3 broker\"",
            "?WARN ?INFO",
            "ERROR -leader",
        ] {
            assert!(!fits(pattern, message), "{pattern}");
        }
        assert!(Pattern::parse("\"open").is_err_and(|e| e.status == 400));
        assert!(Pattern::parse("{ $.a = 1 }").is_err_and(|e| e.status == 501));
    }
}
