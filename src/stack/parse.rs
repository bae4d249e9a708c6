//! Text to expressions.

use super::expression::{Expr, Form, Part, Path, PathStep, Template};
use super::source::Span;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
    /// What was expected.
    pub expected: String,
}

/// Where each byte of a scalar's value stands in its file.
pub trait Place {
    /// The file's byte for a byte of the value.
    fn at(&self, byte: usize) -> usize;
}

impl<F: Fn(usize) -> usize> Place for F {
    fn at(&self, byte: usize) -> usize {
        self(byte)
    }
}

/// How deeply calls and indices may be nested.
const DEPTH: usize = 40;

/// Reads the value of a scalar; `span` is the scalar's place in its file.
///
/// # Errors
/// The first mistake of each expression at fault.
pub fn template(text: &str, span: Span, place: &dyn Place) -> Result<Template, Vec<ParseError>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut errors = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let start = at + found;
        if start > at && text.as_bytes()[start - 1] == b'$' {
            literal.push_str(&text[at..start - 1]);
            literal.push_str("${");
            at = start + 2;
            continue;
        }
        literal.push_str(&text[at..start]);
        let mut parser = Parser {
            text,
            at: start + 2,
            place,
            depth: 0,
        };
        match parser.until_brace(start) {
            Ok(expr) => {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Expr(expr));
                at = parser.at;
            }
            Err(error) => {
                errors.push(error);
                // On to the next expression, if the end of this one can be guessed.
                at = match text[start..].find('}') {
                    Some(end) => start + end + 1,
                    None => text.len(),
                };
            }
        }
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() || parts.is_empty() {
        parts.push(Part::Literal(literal));
    }
    if errors.is_empty() {
        Ok(Template { span, parts })
    } else {
        Err(errors)
    }
}

/// Reads one expression, such as `security_group.client.id`; spans are bytes of `text`.
///
/// # Errors
/// The first mistake.
pub fn expression(text: &str) -> Result<Expr, ParseError> {
    let mut parser = Parser {
        text,
        at: 0,
        place: &|byte| byte,
        depth: 0,
    };
    parser.blanks();
    let expr = parser.expr()?;
    parser.blanks();
    if parser.at < text.len() {
        let end = parser.next_end();
        return Err(parser.error(
            parser.at,
            end,
            "there is more after the expression",
            "its end",
        ));
    }
    Ok(expr)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    place: &'t dyn Place,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next_end(&self) -> usize {
        self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    /// The place of the bytes from `start` to `end` of the value.
    fn span(&self, start: usize, end: usize) -> Span {
        let from = self.place.at(start);
        // The last character's place and one more: what follows it may stand on another line.
        let to = if end > start {
            let last = self.text[..end]
                .chars()
                .next_back()
                .map_or(1, char::len_utf8);
            self.place.at(end - last) + last
        } else {
            from
        };
        Span::new(from, to.max(from))
    }

    fn error(&self, start: usize, end: usize, message: &str, expected: &str) -> ParseError {
        ParseError {
            span: self.span(start, end),
            message: message.to_owned(),
            expected: expected.to_owned(),
        }
    }

    /// The expression after a `${` that stands at `start`, and its `}`.
    fn until_brace(&mut self, start: usize) -> Result<Expr, ParseError> {
        self.blanks();
        if self.peek() == Some('}') {
            return Err(self.error(
                start,
                self.at + 1,
                "there is nothing between `${` and `}`",
                "expected a reference or a function; `$${` stands for a literal `${`",
            ));
        }
        let expr = self.expr()?;
        self.blanks();
        if self.eat('}') {
            return Ok(expr);
        }
        Err(match self.peek() {
            None => self.error(
                start,
                start + 2,
                "`${` is never closed",
                "expected a `}` after it",
            ),
            Some(c) if "+-*/%<>=!&|?".contains(c) => self.error(
                self.at,
                self.next_end(),
                "the language has no operators",
                "expected `}`",
            ),
            Some(_) => self.error(
                self.at,
                self.next_end(),
                "an expression ends before this",
                "expected `}`",
            ),
        })
    }

    fn expr(&mut self) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error(
                self.at,
                self.next_end(),
                "expressions are nested too deeply",
                "expected a simpler expression",
            ));
        }
        let start = self.at;
        let form = match self.peek() {
            Some('"' | '\'') => self.quoted()?,
            Some(c) if c.is_ascii_digit() || c == '-' => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' => self.named()?,
            Some(_) => {
                return Err(self.error(
                    start,
                    self.next_end(),
                    "this begins no expression",
                    "expected a reference, a function, a text in quotes or a number",
                ));
            }
            None => {
                return Err(self.error(
                    start,
                    start,
                    "the expression is not complete",
                    "expected a reference or a function",
                ));
            }
        };
        self.depth -= 1;
        Ok(Expr {
            span: self.span(start, self.at),
            form,
        })
    }

    fn quoted(&mut self) -> Result<Form, ParseError> {
        let start = self.at;
        let quote = self.peek().unwrap_or('"');
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(self.error(
                    start,
                    start + 1,
                    "the text is never closed",
                    "expected the same quote after it",
                ));
            };
            let at = self.at;
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(Form::Text(text)),
                '\\' => {
                    let escaped = self.peek();
                    self.at = self.next_end();
                    match escaped {
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        Some('r') => text.push('\r'),
                        Some(c @ ('"' | '\'' | '\\')) => text.push(c),
                        _ => {
                            return Err(self.error(
                                at,
                                self.at,
                                "unknown escape in a text",
                                "expected \\n, \\t, \\r, \\\", \\' or \\\\",
                            ));
                        }
                    }
                }
                c => text.push(c),
            }
        }
    }

    fn number(&mut self) -> Result<Form, ParseError> {
        let start = self.at;
        self.eat('-');
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        let length = self
            .rest()
            .find(|c| !digits(c))
            .unwrap_or(self.rest().len());
        self.at += length;
        let text = &self.text[start..self.at];
        if serde_json::from_str::<serde_json::Number>(text).is_err() {
            return Err(self.error(
                start,
                self.at,
                "this is not a number",
                "expected digits, such as 3 or 0.5; put a text in quotes",
            ));
        }
        Ok(Form::Number(text.to_owned()))
    }

    /// A keyword, `ssm:`, `secret:`, a call or a path.
    fn named(&mut self) -> Result<Form, ParseError> {
        let start = self.at;
        let root = self.name();
        let root_span = self.span(start, self.at);
        match (root.as_str(), self.peek()) {
            ("ssm", Some(':')) => return self.parameter(start),
            ("secret", Some(':')) => return self.secret(start),
            (_, Some('(')) => return self.call(root, root_span),
            ("true", next) if !opens_path(next) => return Ok(Form::Boolean(true)),
            ("false", next) if !opens_path(next) => return Ok(Form::Boolean(false)),
            ("null", next) if !opens_path(next) => return Ok(Form::Null),
            _ => {}
        }
        let steps = self.steps()?;
        if steps.is_empty() {
            return Err(self.error(
                start,
                self.at,
                &format!("`{root}` alone refers to nothing"),
                "expected var.NAME, local.NAME, or TYPE.NAME.ATTRIBUTE",
            ));
        }
        Ok(Form::Path(Path {
            root,
            root_span,
            steps,
        }))
    }

    fn name(&mut self) -> String {
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let length = self.rest().find(|c| !plain(c)).unwrap_or(self.rest().len());
        let name = self.rest()[..length].to_owned();
        self.at += length;
        name
    }

    fn steps(&mut self) -> Result<Vec<PathStep>, ParseError> {
        let mut steps = Vec::new();
        loop {
            let start = self.at;
            if self.eat('.') {
                let from = self.at;
                let name = self.name();
                if name.is_empty() {
                    return Err(self.error(
                        start,
                        self.next_end(),
                        "a name is missing after `.`",
                        "expected a name",
                    ));
                }
                steps.push(PathStep::Name(name, self.span(from, self.at)));
            } else if self.eat('[') {
                self.blanks();
                if self.eat('*') {
                    self.close(start)?;
                    steps.push(PathStep::Splat(self.span(start, self.at)));
                } else {
                    let index = self.expr()?;
                    self.close(start)?;
                    steps.push(PathStep::Index(Box::new(index), self.span(start, self.at)));
                }
            } else {
                return Ok(steps);
            }
        }
    }

    fn close(&mut self, start: usize) -> Result<(), ParseError> {
        self.blanks();
        if self.eat(']') {
            return Ok(());
        }
        Err(self.error(
            start,
            self.next_end(),
            "`[` is never closed",
            "expected [0], [\"key\"] or [*]",
        ))
    }

    fn call(&mut self, name: String, name_span: Span) -> Result<Form, ParseError> {
        let open = self.at;
        self.eat('(');
        let mut arguments = Vec::new();
        self.blanks();
        if !self.eat(')') {
            loop {
                self.blanks();
                arguments.push(self.expr()?);
                self.blanks();
                if self.eat(')') {
                    break;
                }
                if !self.eat(',') {
                    if self.peek().is_some_and(|c| c != '}') {
                        return Err(self.error(
                            self.at,
                            self.next_end(),
                            "an argument ends before this",
                            "expected `,` or `)`",
                        ));
                    }
                    return Err(self.error(
                        open,
                        open + 1,
                        "`(` is never closed",
                        "expected `,` or `)` after an argument",
                    ));
                }
            }
        }
        Ok(Form::Call {
            name,
            name_span,
            arguments,
        })
    }

    fn parameter(&mut self, start: usize) -> Result<Form, ParseError> {
        let name = self.live_name("");
        if name.is_empty() {
            return Err(self.error(
                start,
                self.at,
                "`ssm:` names no parameter",
                "expected ssm:/path/of/parameter",
            ));
        }
        Ok(Form::Parameter(name))
    }

    fn secret(&mut self, start: usize) -> Result<Form, ParseError> {
        let name = self.live_name("#");
        let key = if self.eat('#') {
            self.at -= 1;
            Some(self.live_name(""))
        } else {
            None
        };
        if name.is_empty() || key.as_ref().is_some_and(String::is_empty) {
            return Err(self.error(
                start,
                self.at,
                "`secret:` names no secret",
                "expected secret:NAME or secret:NAME#KEY",
            ));
        }
        Ok(Form::Secret { name, key })
    }

    /// The name after the `:` or `#` that stands here, up to what cannot be part of one.
    fn live_name(&mut self, stop: &str) -> String {
        self.at += 1;
        let ends = |c: char| c.is_whitespace() || "}),]".contains(c) || stop.contains(c);
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        let name = self.rest()[..length].to_owned();
        self.at += length;
        name
    }
}

fn opens_path(next: Option<char>) -> bool {
    matches!(next, Some('.' | '['))
}
