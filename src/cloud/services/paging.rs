//! Pages of a list: a token is the key of the last item given, so that a page neither repeats nor
//! skips an item when others come or go between two calls.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One page of a list and the token of the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items with their keys.
    pub items: Vec<(String, T)>,
    /// Absent on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The items without their keys.
    pub fn into_values(self) -> Vec<T> {
        self.items.into_iter().map(|(_, item)| item).collect()
    }
}

/// The token was not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pagination token is not valid")]
pub struct BadToken;

/// The page of `items` (in key order, keys unique) that follows `token`: at most `limit` items.
pub fn page<T>(
    items: Vec<(String, T)>,
    token: Option<&str>,
    limit: usize,
) -> Result<Page<T>, BadToken> {
    let after = token.map(decode).transpose()?;
    let rest = items
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    Ok(cut(rest, limit))
}

/// The same from the end on: `items` in key order, the page by falling keys.
pub fn page_back<T>(
    items: Vec<(String, T)>,
    token: Option<&str>,
    limit: usize,
) -> Result<Page<T>, BadToken> {
    let before = token.map(decode).transpose()?;
    let rest = items
        .into_iter()
        .rev()
        .filter(|(key, _)| before.as_ref().is_none_or(|before| key < before));
    Ok(cut(rest, limit))
}

fn cut<T>(mut rest: impl Iterator<Item = (String, T)>, limit: usize) -> Page<T> {
    let items: Vec<_> = rest.by_ref().take(limit.max(1)).collect();
    let next = match (rest.next(), items.last()) {
        (Some(_), Some((last, _))) => Some(encode(last)),
        _ => None,
    };
    Page { items, next }
}

/// How many items a page may hold: what was asked for, within what the API allows.
pub fn limit(asked: Option<i64>, default: usize, max: usize) -> usize {
    asked
        .and_then(|n| usize::try_from(n).ok())
        .map_or(default, |n| n.clamp(1, max))
}

/// An opaque token for a key.
pub fn encode(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{key}"))
}

/// The key of a token.
pub fn decode(token: &str) -> Result<String, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
    let text = String::from_utf8(bytes).map_err(|_| BadToken)?;
    text.strip_prefix("after:")
        .map(str::to_owned)
        .ok_or(BadToken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let all: Vec<_> = (0..7).map(|n| (format!("k{n}"), n)).collect();
        let mut seen = Vec::new();
        let mut token = None;
        for _ in 0..4 {
            let p = page(all.clone(), token.as_deref(), 3).unwrap();
            token = p.next.clone();
            seen.extend(p.into_values());
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
        assert_eq!(page(all, Some("nonsense"), 3), Err(BadToken));
    }

    #[test]
    fn pages_from_the_end_cover_the_list_once() {
        let all: Vec<_> = (0..5).map(|n| (format!("k{n}"), n)).collect();
        let first = page_back(all.clone(), None, 3).unwrap();
        let token = first.next.clone();
        assert_eq!(first.into_values(), [4, 3, 2]);
        let last = page_back(all, token.as_deref(), 3).unwrap();
        assert_eq!((last.next.clone(), last.into_values()), (None, vec![1, 0]));
    }

    #[test]
    fn a_full_last_page_has_no_token() {
        let all = vec![("a".to_owned(), 1), ("b".to_owned(), 2)];
        assert_eq!(page(all, None, 2).map(|p| p.next), Ok(None));
    }
}
