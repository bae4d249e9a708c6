//! Texts that people can read.

/// The longest text that is shown line by line, in bytes.
pub const LONGEST_TEXT: usize = 64 << 10;

/// The text that bytes are, if people can read it: not too long, in UTF-8, and without what makes a
/// terminal do something.
pub fn readable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_shown = |c: char| !c.is_control() || ['\n', '\r', '\t'].contains(&c);
    (bytes.len() <= LONGEST_TEXT && text.chars().all(is_shown)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_binary_or_moves_the_cursor_or_is_too_long_is_no_text() {
        assert_eq!(readable("é\tb\r\n".as_bytes()), Some("é\tb\r\n"));
        assert_eq!(readable(b"a\x1b[2J"), None);
        assert_eq!(readable(b"a\0"), None);
        assert_eq!(readable(b"\xff"), None);
        let long = vec![b'a'; LONGEST_TEXT];
        assert!(readable(&long).is_some());
        assert!(readable(&[long, vec![b'a']].concat()).is_none());
    }
}
