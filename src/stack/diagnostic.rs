//! What is wrong with a stack file, as data.

use std::sync::Arc;

use super::source::{Source, Span};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and someone should look.
    Warning,
}

/// One mistake: what, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// The file as it was named on the command line.
    pub file: String,
    /// The text at fault; `None` where the file as a whole is.
    pub span: Option<Span>,
    /// Its line, from one.
    pub line: usize,
    /// Its column, from one, in characters.
    pub column: usize,
    /// What is written under the text at fault: what was expected, or the nearest valid name.
    pub label: String,
    /// How to mend it, where the label does not say so already.
    pub help: Option<String>,
    /// Other places that matter, such as the first of two duplicates.
    pub more: Vec<(Span, String)>,
    /// The text that the spans lie in.
    pub source: Arc<Source>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        let (line, column) = source.position(span.start);
        Self {
            severity: Severity::Error,
            message: message.into(),
            file: source.name.clone(),
            span: Some(span),
            line,
            column,
            label: String::new(),
            help: None,
            more: Vec::new(),
            source: Arc::clone(source),
        }
    }

    /// A warning at a place.
    pub fn warning(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(source, span, message)
        }
    }

    /// An error about a file as a whole, such as one that cannot be read.
    pub fn file(name: impl Into<String>, message: impl Into<String>) -> Self {
        let source = Source::new(name, "");
        Self {
            span: None,
            ..Self::error(&source, Span::default(), message)
        }
    }

    /// The same, where the whole text that it lies in is not to be shown.
    pub(crate) fn unseen(mut self) -> Self {
        let whole = Span::new(0, self.source.text.len());
        self.source = self.source.starred(&[whole]);
        self
    }

    /// The same with a text under the place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a hint how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with one more place.
    pub fn and(mut self, span: Span, label: impl Into<String>) -> Self {
        self.more.push((span, label.into()));
        self
    }
}

/// All that is wrong, in file order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// In file order, each mistake once: what the same place is told twice is said once.
    pub(crate) fn tidy(mut found: Vec<Diagnostic>, main: &str) -> Self {
        found.sort_by_key(|d| (d.file != main, d.file.clone(), d.span));
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(found.len());
        for diagnostic in found {
            let same = |other: &Diagnostic| {
                (&other.file, other.span, &other.message)
                    == (&diagnostic.file, diagnostic.span, &diagnostic.message)
            };
            if !kept.iter().any(same) {
                kept.push(diagnostic);
            }
        }
        Self(kept)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::render::report(self, false))
    }
}

impl std::error::Error for Diagnostics {}
