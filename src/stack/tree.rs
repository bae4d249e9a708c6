//! YAML text to a tree in which every key and every scalar knows its place.
//!
//! The tree keeps scalars as they are written: whether `3.10` is a version or a number is decided
//! where it is used. What the language leaves out of YAML (anchors, tags, several documents, keys
//! that are no text) is refused here.

use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, StrInput};

use super::diagnostic::Diagnostic;
use super::expression::Template;
use super::parse;
use super::source::{Source, Span};

/// A value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// A scalar with its quotes, or a list or map from its first to its last element.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// What a value of the file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// A scalar without expressions.
    Scalar {
        /// Its text, YAML's escapes undone.
        text: String,
        /// Whether it stands without quotes, so that it may be a number, a boolean or null.
        plain: bool,
    },
    /// A scalar with expressions.
    Template(Template),
    /// A list.
    List(Vec<Node>),
    /// A map, in order.
    Map(Vec<Entry>),
    /// What has been reported already: nothing more is said about it.
    Broken,
}

/// One entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What a person calls it.
    pub fn noun(&self) -> &'static str {
        match &self.data {
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
            Data::Scalar { text, plain: true } if is_null(text) => "nothing",
            _ => "text",
        }
    }

    /// Whether it is YAML's null, written or left out.
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, plain: true } if is_null(text))
    }

    /// The entries of a map.
    pub fn map(&self) -> Option<&[Entry]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Calls `visit` with every template inside.
    pub fn templates(&self, visit: &mut dyn FnMut(&Template)) {
        match &self.data {
            Data::Template(template) => visit(template),
            Data::List(items) => items.iter().for_each(|item| item.templates(visit)),
            Data::Map(entries) => entries.iter().for_each(|e| e.value.templates(visit)),
            Data::Scalar { .. } | Data::Broken => {}
        }
    }
}

/// Whether a plain scalar is null (YAML 1.2, core schema).
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Reads a text. The tree is `None` if it is no YAML or empty; what is wrong is added to `found`.
pub fn read(source: &Arc<Source>, found: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut reader = Reader {
        events: Parser::new_from_str(&source.text),
        bytes: byte_offsets(&source.text),
        source,
        found,
        depth: 0,
    };
    reader.document().unwrap_or_default()
}

/// How deeply lists and maps may be nested.
const DEPTH: usize = 64;

/// The text is no YAML; it has been reported.
struct Stop;

struct Reader<'s> {
    events: Parser<'s, StrInput<'s>>,
    /// The byte of each character: the parser counts characters.
    bytes: Vec<usize>,
    source: &'s Arc<Source>,
    found: &'s mut Vec<Diagnostic>,
    depth: usize,
}

fn byte_offsets(text: &str) -> Vec<usize> {
    let mut bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
    bytes.push(text.len());
    bytes
}

impl<'s> Reader<'s> {
    fn byte(&self, character: usize) -> usize {
        self.bytes
            .get(character)
            .copied()
            .unwrap_or(self.source.text.len())
    }

    fn span(&self, marks: Marks) -> Span {
        Span::new(self.byte(marks.start.index()), self.byte(marks.end.index()))
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.source, span, message)
    }

    fn next(&mut self) -> Result<(Event<'s>, Span), Stop> {
        match self.events.next_event() {
            Some(Ok((event, marks))) => {
                let span = self.span(marks);
                Ok((event, span))
            }
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                let diagnostic = self.syntax(at, error.info());
                self.found.push(diagnostic);
                Err(Stop)
            }
            None => Err(Stop),
        }
    }

    /// A syntax error, with a hint where the usual reason can be seen.
    fn syntax(&self, at: usize, info: &str) -> Diagnostic {
        let text = &self.source.text;
        let mut from = at.min(text.len());
        // At the end of the text, point at the last line that has something.
        if from == text.len() {
            from = text.trim_end().len().saturating_sub(1);
            while !text.is_char_boundary(from) {
                from -= 1;
            }
        }
        let start = text[..from].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        if let Some(tab) = line[..indent].find('\t') {
            return self
                .error(
                    Span::new(start + tab, start + tab + 1),
                    "a tab cannot indent YAML",
                )
                .label("expected spaces");
        }
        if let Some(expression) = unquoted_in_flow(line) {
            let from = start + expression;
            return self
                .error(
                    Span::new(from, from + 2),
                    "inside { } and [ ], a value with ${…} needs quotes",
                )
                .label("expected \"${…}\"");
        }
        let width = text[from..].chars().next().map_or(1, char::len_utf8);
        self.error(Span::new(from, from + width), format!("not YAML: {info}"))
            .label("the text makes no sense from here on")
    }

    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut tree = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(tree),
                Event::DocumentStart(_) if tree.is_some() => {
                    let diagnostic = self
                        .error(
                            self.source.first_line(span),
                            "a stack file is one YAML document",
                        )
                        .label("a second one begins here");
                    self.found.push(diagnostic);
                    return Ok(tree);
                }
                Event::Nothing
                | Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd => {}
                event => tree = Some(self.node(event, span)?),
            }
        }
    }

    fn node(&mut self, event: Event<'s>, span: Span) -> Result<Node, Stop> {
        match event {
            Event::Alias(_) => {
                let diagnostic = self
                    .error(span, "anchors and aliases are not part of the language")
                    .label("expected a value")
                    .help("give the value a name under `locals:` and refer to it as ${local.NAME}");
                self.found.push(diagnostic);
                Ok(broken(span))
            }
            Event::Scalar(text, style, _, tag) => {
                let whole = self.refuse(tag.is_some(), span);
                let node = self.scalar(text.into_owned(), style, span);
                Ok(if whole { node } else { broken(span) })
            }
            Event::SequenceStart(_, tag) => {
                let whole = self.refuse(tag.is_some(), span);
                let node = self.sequence(span)?;
                Ok(if whole { node } else { broken(node.span) })
            }
            Event::MappingStart(_, tag) => {
                let whole = self.refuse(tag.is_some(), span);
                let node = self.mapping(span)?;
                Ok(if whole { node } else { broken(node.span) })
            }
            _ => Ok(broken(span)),
        }
    }

    /// Reports tags; an anchor is reported where an alias uses it, and does no harm alone.
    fn refuse(&mut self, tagged: bool, span: Span) -> bool {
        if tagged {
            let before = self.source.text[..span.start].trim_end();
            let start = before.rfind([' ', '\n', ':']).map_or(0, |at| at + 1);
            let inside = self.source.slice(span).starts_with('!');
            let tag = if inside {
                let text = self.source.slice(span);
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                Span::new(span.start, span.start + end)
            } else {
                Span::new(start, before.len())
            };
            let diagnostic = self
                .error(tag, "YAML tags are not part of the language")
                .label("expected the value alone")
                .help("quotes make a text; types follow from what the attribute takes");
            self.found.push(diagnostic);
        }
        !tagged
    }

    fn sequence(&mut self, start: Span) -> Result<Node, Stop> {
        self.deeper(start)?;
        let mut items = Vec::new();
        let mut span = start;
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                self.depth -= 1;
                span.end = span.end.max(at.end.min(self.trimmed(at.end)));
                return Ok(Node {
                    span,
                    data: Data::List(items),
                });
            }
            items.push(self.node(event, at)?);
        }
    }

    fn mapping(&mut self, start: Span) -> Result<Node, Stop> {
        self.deeper(start)?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut span = start;
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                self.depth -= 1;
                span.end = span.end.max(at.end.min(self.trimmed(at.end)));
                return Ok(Node {
                    span,
                    data: Data::Map(entries),
                });
            }
            let key = self.key(event, at)?;
            let (event, value_at) = self.next()?;
            // What a refused key holds is refused with it.
            let told = self.found.len();
            let value = self.node(event, value_at)?;
            if key.is_none() {
                self.found.truncate(told);
            }
            let Some(key) = key else { continue };
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let diagnostic = self
                    .error(at, format!("`{key}` is given twice"))
                    .label("expected each key once")
                    .and(first.key_span, "it was given here first");
                self.found.push(diagnostic);
                continue;
            }
            entries.push(Entry {
                key,
                key_span: at,
                value,
            });
        }
    }

    /// The end of what is before `end`, blanks left out: a block ends where the next one begins.
    fn trimmed(&self, end: usize) -> usize {
        self.source.text[..end].trim_end().len()
    }

    fn deeper(&mut self, at: Span) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth <= DEPTH {
            return Ok(());
        }
        let diagnostic = self.error(
            Span::new(at.start, at.start + 1),
            format!("lists and maps are nested more than {DEPTH} deep"),
        );
        self.found.push(diagnostic);
        Err(Stop)
    }

    fn key(&mut self, event: Event<'s>, at: Span) -> Result<Option<String>, Stop> {
        let Event::Scalar(text, style, _, tag) = event else {
            let node = self.node(event, at)?;
            let span = self.source.first_line(node.span);
            if node.data != Data::Broken {
                let diagnostic = self
                    .error(span, "a key must be text")
                    .label("expected a name");
                self.found.push(diagnostic);
            }
            return Ok(None);
        };
        if !self.refuse(tag.is_some(), at) {
            return Ok(None);
        }
        if text == "<<" && style == ScalarStyle::Plain {
            let diagnostic = self
                .error(at, "merge keys are not part of the language")
                .label("expected an attribute's name");
            self.found.push(diagnostic);
            return Ok(None);
        }
        if text.replace("$${", "").contains("${") {
            let diagnostic = self
                .error(at, "a key cannot hold an expression")
                .label("expected plain text; `$${` stands for a literal `${`");
            self.found.push(diagnostic);
            return Ok(None);
        }
        Ok(Some(text.replace("$${", "${")))
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Node {
        let plain = style == ScalarStyle::Plain;
        if !text.contains("${") {
            return Node {
                span,
                data: Data::Scalar { text, plain },
            };
        }
        let raw = self.source.slice(span);
        let places = super::places::places(raw, &text);
        let place = |byte: usize| span.start + places.get(byte).copied().unwrap_or(raw.len());
        match parse::template(&text, span, &place) {
            Ok(template) => Node {
                span,
                data: match template.parts.as_slice() {
                    [super::expression::Part::Literal(text)] => Data::Scalar {
                        text: text.clone(),
                        plain: false,
                    },
                    _ => Data::Template(template),
                },
            },
            Err(errors) => {
                for error in errors {
                    let diagnostic = self.error(error.span, error.message).label(error.expected);
                    self.found.push(diagnostic);
                }
                broken(span)
            }
        }
    }
}

fn broken(span: Span) -> Node {
    Node {
        span,
        data: Data::Broken,
    }
}

/// Where a line has a `${` that stands inside braces or brackets and not inside quotes.
fn unquoted_in_flow(line: &str) -> Option<usize> {
    let mut depth = 0;
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => return None,
            (None, '$') if depth > 0 && line[at..].starts_with("${") => return Some(at),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth -= 1,
            _ => {}
        }
    }
    None
}
