//! The path templates of REST operations, and how well a request fits one.

use percent_encoding::percent_decode_str;

/// `/v1/clusters/{clusterArn}/topics?mode=import`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    query: Vec<(String, Option<String>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Label(String),
    Greedy(String),
}

/// How a request fits: the greater the better, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// No label took several segments that was declared to.
    pub exact: bool,
    /// Literal segments.
    pub literals: usize,
    /// Literal query parameters.
    pub query: usize,
}

impl PathPattern {
    /// Reads a template.
    pub fn parse(template: &str) -> Self {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let segments = path
            .split('/')
            .skip(1)
            .filter(|part| !part.is_empty())
            .map(
                |part| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                    Some(label) => match label.strip_suffix('+') {
                        Some(greedy) => Segment::Greedy(greedy.to_owned()),
                        None => Segment::Label(label.to_owned()),
                    },
                    None => Segment::Literal(part.to_owned()),
                },
            )
            .collect();
        let query = query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (part.to_owned(), None),
            })
            .collect();
        PathPattern { segments, query }
    }

    /// Whether a literal query parameter of this name is part of it.
    pub fn asks_for(&self, name: &str) -> bool {
        self.query.iter().any(|(n, _)| n == name)
    }

    /// The decoded labels of a raw path that fits, and how well it does.
    pub fn matches(
        &self,
        path: &str,
        query: &[(String, String)],
    ) -> Option<(Fit, Vec<(String, String)>)> {
        let asked = |(name, value): &(String, Option<String>)| {
            query
                .iter()
                .any(|(n, v)| n == name && value.as_ref().is_none_or(|value| value == v))
        };
        if !self.query.iter().all(asked) {
            return None;
        }
        let raw: Vec<&str> = match path.trim_start_matches('/') {
            "" => Vec::new(),
            _ => path.strip_prefix('/').unwrap_or(path).split('/').collect(),
        };
        let mut labels = Vec::new();
        if !walk(&self.segments, &raw, &mut labels) {
            return None;
        }
        let fit = Fit {
            exact: !self
                .segments
                .iter()
                .any(|s| matches!(s, Segment::Greedy(_))),
            literals: self
                .segments
                .iter()
                .filter(|s| matches!(s, Segment::Literal(_)))
                .count(),
            query: self.query.len(),
        };
        Some((fit, labels))
    }
}

/// Fits segments to the raw parts of a path. An ARN that was sent without encoding its slashes
/// may take several parts.
fn walk(segments: &[Segment], raw: &[&str], labels: &mut Vec<(String, String)>) -> bool {
    let Some((segment, later)) = segments.split_first() else {
        // One trailing slash is no part of its own.
        return raw.is_empty() || raw == [""];
    };
    let Some(first) = raw.first() else {
        return false;
    };
    match segment {
        Segment::Literal(text) => decode(first) == *text && walk(later, &raw[1..], labels),
        Segment::Label(name) | Segment::Greedy(name) => {
            let longest = match segment {
                Segment::Greedy(_) => raw.len(),
                _ if first.starts_with("arn:") => raw.len(),
                _ => 1,
            };
            (1..=longest).rev().any(|taken| {
                let text = decode(&raw[..taken].join("/"));
                if text.is_empty() {
                    return false;
                }
                let known = labels.len();
                labels.push((name.clone(), text));
                let fits = walk(later, &raw[taken..], labels);
                if !fits {
                    labels.truncate(known);
                }
                fits
            })
        }
    }
}

/// Percent-decoding, as of paths: a plus stays a plus.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The pairs of a query string or form: a plus is a space.
pub fn decode_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (
                decode(&name.replace('+', " ")),
                decode(&value.replace('+', " ")),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn label(template: &str, path: &str) -> Option<String> {
        let (_, labels) = PathPattern::parse(template).matches(path, &[])?;
        labels.first().map(|(_, text)| text.clone())
    }

    #[test]
    fn arns_come_encoded_and_raw() {
        let arn = "arn:aws:kafka:us-east-1:1:cluster/a/b-1";
        let encoded = "/v1/clusters/arn%3Aaws%3Akafka%3Aus-east-1%3A1%3Acluster%2Fa%2Fb-1";
        for path in [encoded.to_owned(), format!("/v1/clusters/{arn}")] {
            assert_eq!(label("/v1/clusters/{arn}", &path).as_deref(), Some(arn));
            let nodes = format!("{path}/nodes");
            assert_eq!(
                label("/v1/clusters/{arn}/nodes", &nodes).as_deref(),
                Some(arn)
            );
        }
    }

    #[test]
    fn keys_keep_their_slashes() {
        let pattern = PathPattern::parse("/{Bucket}/{Key+}");
        let (_, labels) = pattern.matches("/b/a%20b//c/", &[]).unwrap();
        assert_eq!(labels[1].1, "a b//c/");
        assert!(pattern.matches("/b/", &[]).is_none());
        assert_eq!(label("/{Bucket}", "/b/").as_deref(), Some("b"));
    }

    #[test]
    fn literal_queries_are_asked_for() {
        let pattern = PathPattern::parse("/{Bucket}?list-type=2");
        let query = |v: &str| vec![("list-type".to_owned(), v.to_owned())];
        assert!(pattern.matches("/b", &query("2")).is_some());
        assert!(pattern.matches("/b", &query("1")).is_none());
    }
}
