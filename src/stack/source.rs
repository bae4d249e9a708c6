//! Text with a name, and places in it.

use std::sync::Arc;

/// A range of bytes in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A text that diagnostics point into: the stack file, a file of variables, or what followed
/// `--var` on the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// What a person calls it: the path as it was given.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let ends = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Arc::new(Self {
            name: name.into(),
            lines: std::iter::once(0).chain(ends).collect(),
            text,
        })
    }

    /// Line and column of a byte, both from one; columns count characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let mut end = byte.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= end);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        (line, self.text[start..end].chars().count() + 1)
    }

    /// The text of a range; empty where the range lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The same text with stars in these places: it is shown, and they are not. All places in it stay
    /// where they are.
    pub fn starred(&self, places: &[Span]) -> Arc<Self> {
        let hidden = |at: usize| {
            places
                .iter()
                .any(|span| (span.start..span.end).contains(&at))
        };
        let mut text = String::with_capacity(self.text.len());
        for (at, c) in self.text.char_indices() {
            match hidden(at) && c != '\n' {
                true => text.extend(std::iter::repeat_n('*', c.len_utf8())),
                false => text.push(c),
            }
        }
        Self::new(self.name.clone(), text)
    }

    /// The part of `span` that stands on its first line, without blanks at its end.
    pub fn first_line(&self, span: Span) -> Span {
        let line = self.slice(span).lines().next().unwrap_or_default();
        Span::new(span.start, span.start + line.trim_end().len())
    }
}
