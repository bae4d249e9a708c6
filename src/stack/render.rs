//! Diagnostics drawn: the offending line, what is at fault underlined, what was expected.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use crate::schema::secrets::mask;

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::source::Source;

/// How many columns a message may take before it is wrapped.
const WIDTH: usize = 110;

/// All diagnostics as text that ends in a newline; `colour` only for a terminal. Secrets are masked
/// before lines are wrapped: afterwards they could not be found.
pub fn report(diagnostics: &Diagnostics, colour: bool) -> String {
    let mut theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    theme.characters.error = "error:".to_owned();
    theme.characters.warning = "warning:".to_owned();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .without_syntax_highlighting()
        .with_context_lines(0)
        .with_links(false);
    let mut text = String::new();
    for diagnostic in &diagnostics.0 {
        let mut one = String::new();
        let drawn = Drawn::new(diagnostic);
        // Writing to a String does not fail.
        let _ = handler.render_report(&mut one, &drawn);
        for line in one.lines() {
            let line = line.strip_prefix("  ").unwrap_or(line);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
    }
    text
}

/// A diagnostic as miette wants it.
#[derive(Debug)]
struct Drawn<'d> {
    diagnostic: &'d Diagnostic,
    lines: Lines<'d>,
    message: String,
    help: Option<String>,
}

impl<'d> Drawn<'d> {
    fn new(diagnostic: &'d Diagnostic) -> Self {
        let message = match diagnostic.span {
            Some(_) => diagnostic.message.clone(),
            None => format!("{}: {}", diagnostic.file, diagnostic.message),
        };
        // Nothing can be underlined in an empty text.
        let bare = diagnostic.source.text.is_empty() && !diagnostic.label.is_empty();
        let label = bare.then_some(&diagnostic.label);
        let help = diagnostic.help.as_ref().or(label);
        Self {
            diagnostic,
            lines: Lines {
                source: &diagnostic.source,
            },
            message: mask(&message),
            help: help.map(|help| mask(help)),
        }
    }
}

/// A source that always shows whole lines, and where on them a text begins.
#[derive(Debug)]
struct Lines<'d> {
    source: &'d Source,
}

impl SourceCode for Lines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &self.source.text;
        let from = span.offset().min(text.len());
        let to = (span.offset() + span.len()).min(text.len());
        let start = text[..from].rfind('\n').map_or(0, |newline| newline + 1);
        // The last character decides which line is the last.
        let last = text[from..to].trim_end_matches('\n').len() + from;
        let end = text[last..]
            .find('\n')
            .map_or(text.len(), |newline| last + newline);
        let (line, column) = self.source.position(from);
        let count = text[start..end].matches('\n').count() + 1;
        let shown = (start, end - start).into();
        let data = &text.as_bytes()[start..end];
        let name = self.source.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            data,
            shown,
            line - 1,
            column - 1,
            count,
        )))
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.diagnostic.span.map(|_| &self.lines as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.diagnostic.span?;
        let length = span.end.saturating_sub(span.start).max(1);
        let label = Some(mask(&self.diagnostic.label)).filter(|label| !label.is_empty());
        let first = LabeledSpan::new_primary_with_span(label, (span.start, length));
        let more = self.diagnostic.more.iter().map(|(span, label)| {
            LabeledSpan::new(Some(mask(label)), span.start, span.end - span.start)
        });
        Some(Box::new(std::iter::once(first).chain(more)))
    }
}
