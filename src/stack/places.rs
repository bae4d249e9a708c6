//! Where each byte of a scalar's value stands in the text it was written as.

/// For each byte of `value`, and one past its end, the byte of `raw` it came from. `raw` is the
/// scalar as written: with quotes, escapes, line breaks and indentation.
pub(super) fn places(raw: &str, value: &str) -> Vec<usize> {
    if let Some(start) = raw.find(value) {
        return (start..=start + value.len()).collect();
    }
    let escapes = raw.starts_with('"');
    let doubled = raw.starts_with('\'');
    let mut places = Vec::with_capacity(value.len() + 1);
    let mut at = usize::from(escapes || doubled);
    for c in value.chars() {
        let (start, end) = next(raw, at, c, escapes, doubled);
        places.extend(std::iter::repeat_n(start, c.len_utf8()));
        at = end;
    }
    places.push(at);
    places
}

/// The place of the character that was written as `c`, not before `at`.
fn next(raw: &str, at: usize, c: char, escapes: bool, doubled: bool) -> (usize, usize) {
    let mut chars = raw[at.min(raw.len())..].char_indices().peekable();
    while let Some((offset, written)) = chars.next() {
        let start = at + offset;
        let end = start + written.len_utf8();
        if escapes && written == '\\' {
            let length = match chars.peek().map(|(_, escaped)| *escaped) {
                Some('x') => 4,
                Some('u') => 6,
                Some('U') => 10,
                // A line break that is written with a backslash stands for nothing.
                Some('\n' | '\r') => continue,
                _ => 2,
            };
            return (start, (start + length).min(raw.len()));
        }
        if doubled && written == '\'' && c == '\'' {
            return (start, (start + 2).min(raw.len()));
        }
        if written == c {
            return (start, end);
        }
        if c.is_whitespace() && written.is_whitespace() {
            // Folding: the break and the indentation after it became one blank.
            let rest = &raw[end..];
            return (start, end + rest.len() - rest.trim_start().len());
        }
    }
    (at.min(raw.len()), at.min(raw.len()))
}
