//! What stands between `${` and `}`, and text that holds such expressions.

use std::fmt;

use super::source::Span;

/// One expression and where it stands in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// From its first to its last character, without `${` and `}`.
    pub span: Span,
    /// What it is.
    pub form: Form,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A text in quotes.
    Text(String),
    /// A number, digits as written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// `var.user_id`, `subnets.default[*].id`, `kinesis_stream.events["pin"].stream_arn`.
    Path(Path),
    /// `ssm:/path`: a parameter, read live and never shown.
    Parameter(String),
    /// `secret:name` or `secret:name#key`: a secret, or one key of a secret that is a JSON object.
    Secret {
        /// Its name or ARN.
        name: String,
        /// The key in its JSON object.
        key: Option<String>,
    },
    /// `join(",", var.topics)`.
    Call {
        /// The function.
        name: String,
        /// Where its name stands.
        name_span: Span,
        /// What it is given.
        arguments: Vec<Expr>,
    },
}

/// A name and the steps into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// `var`, `local`, `each`, `self`, `env`, `aws`, or a resource type.
    pub root: String,
    /// Where the root stands.
    pub root_span: Span,
    /// What follows.
    pub steps: Vec<PathStep>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq)]
pub enum PathStep {
    /// `.name`
    Name(String, Span),
    /// `[0]`, `["pin"]` or `[each.key]`.
    Index(Box<Expr>, Span),
    /// `[*]`
    Splat(Span),
}

impl PathStep {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(_, span) | Self::Index(_, span) | Self::Splat(span) => *span,
        }
    }
}

/// A scalar of the file that holds expressions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// The scalar, quotes included.
    pub span: Span,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// One part of a [`Template`].
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(String),
    /// `${…}`
    Expr(Expr),
}

impl Template {
    /// The expression, if the scalar is exactly one: its value keeps its type.
    pub fn whole(&self) -> Option<&Expr> {
        match self.parts.as_slice() {
            [Part::Expr(expr)] => Some(expr),
            _ => None,
        }
    }

    /// All its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expr(expr) => Some(expr),
            Part::Literal(_) => None,
        })
    }
}

impl Expr {
    /// Calls `visit` with this expression and every one inside it.
    pub fn each(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        match &self.form {
            Form::Call { arguments, .. } => arguments.iter().for_each(|a| a.each(visit)),
            Form::Path(path) => {
                for step in &path.steps {
                    if let PathStep::Index(index, _) = step {
                        index.each(visit);
                    }
                }
            }
            _ => {}
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Text(text) => quoted(f, text),
            Form::Number(digits) => f.write_str(digits),
            Form::Boolean(value) => write!(f, "{value}"),
            Form::Null => f.write_str("null"),
            Form::Path(path) => path.fmt(f),
            Form::Parameter(name) => write!(f, "ssm:{name}"),
            Form::Secret { name, key: None } => write!(f, "secret:{name}"),
            Form::Secret {
                name,
                key: Some(key),
            } => write!(f, "secret:{name}#{key}"),
            Form::Call {
                name, arguments, ..
            } => {
                write!(f, "{name}(")?;
                for (position, argument) in arguments.iter().enumerate() {
                    let comma = if position > 0 { ", " } else { "" };
                    write!(f, "{comma}{argument}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        for step in &self.steps {
            match step {
                PathStep::Name(name, _) => write!(f, ".{name}")?,
                PathStep::Index(index, _) => write!(f, "[{index}]")?,
                PathStep::Splat(_) => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Template {
    /// As the file spells it, quotes and YAML's escapes aside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(text) => f.write_str(&text.replace("${", "$${"))?,
                Part::Expr(expr) => write!(f, "${{{expr}}}")?,
            }
        }
        Ok(())
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}
