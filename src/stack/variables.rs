//! Variables: what they take, and where their values come from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use regex::Regex;

use crate::schema::{Draft, secrets};

use super::diagnostic::Diagnostic;
use super::document::{Given, Variable};
use super::fields::Fields;
use super::functions::reason;
use super::nearest::suggest;
use super::source::{Source, Span};
use super::tree::{self, Data, Entry, Node};
use super::variable_type::{Rules, TYPES, VariableType, Wrong};

/// Where the values of variables come from, the first before the others.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--var name=value`, in order; the last of a name counts.
    pub vars: Vec<(String, String)>,
    /// `--var-file`, in order; the last that has a name counts.
    pub var_files: Vec<PathBuf>,
    /// The environment: `PINFRA_VAR_name`, and what `${env.NAME}` reads.
    pub env: BTreeMap<String, String>,
}

/// The section `variables:` with the values given.
pub(super) fn read(
    section: Option<&Entry>,
    sources: &Sources,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> IndexMap<String, Variable> {
    let fields = Fields { source };
    let entries = section
        .map(|section| fields.map(section, found))
        .unwrap_or_default();
    let names = Names {
        all: entries.iter().map(|entry| entry.key.as_str()).collect(),
        secret: entries
            .iter()
            .copied()
            .filter(|e| is_secret(e))
            .map(|e| e.key.as_str())
            .collect(),
    };
    let mut given = given(sources, &names, found);
    let mut variables = IndexMap::new();
    for entry in entries {
        let variable = declaration(entry, given.shift_remove(&entry.key), source, found);
        variables.insert(entry.key.clone(), variable);
    }
    variables
}

/// Who gives a value: only a default may hold expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Default,
    Outside,
}

/// A value from outside the stack file: a text to be read, or a node of a file of variables.
enum Outside {
    Text(Arc<Source>),
    Node(Arc<Source>, Node),
}

/// The names of the variables that the stack has.
struct Names<'e> {
    all: Vec<&'e str>,
    /// Those that are sensitive.
    secret: Vec<&'e str>,
}

impl Names<'_> {
    /// Whether what is given under a name is not to be seen. A name that the stack does not have can
    /// be a misspelt one of a secret.
    fn hides(&self, name: &str) -> bool {
        !self.secret.is_empty() && (self.secret.contains(&name) || !self.all.contains(&name))
    }
}

/// Whether a variable says that it is sensitive, whatever else is wrong with it.
fn is_secret(variable: &Entry) -> bool {
    let keys = variable.value.map().unwrap_or_default();
    let says = keys.iter().find(|entry| entry.key == "sensitive");
    says.is_some_and(
        |entry| !matches!(&entry.value.data, Data::Scalar { text, .. } if text == "false"),
    )
}

/// What is given for the variables named, the strongest source of each.
fn given(
    sources: &Sources,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> IndexMap<String, Outside> {
    let mut given = IndexMap::new();
    for name in &names.all {
        if let Some(text) = sources.env.get(&format!("PINFRA_VAR_{name}")) {
            let source = Source::new(format!("PINFRA_VAR_{name}"), text);
            given.insert((*name).to_owned(), Outside::Text(source));
        }
    }
    for path in &sources.var_files {
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                found.push(Diagnostic::file(
                    file,
                    format!("cannot be read: {}", reason(&error)),
                ));
                continue;
            }
        };
        let mut source = Source::new(file, text);
        let mut wrong = Vec::new();
        let tree = tree::read(&source, &mut wrong);
        match names.secret.is_empty() {
            true => found.extend(wrong),
            // Whose value a text is that cannot be read, nobody knows.
            false => found.extend(wrong.into_iter().map(Diagnostic::unseen)),
        }
        let Some(tree) = tree else {
            continue;
        };
        let Data::Map(entries) = tree.data else {
            if !tree.is_null() && tree.data != Data::Broken {
                let at = source.first_line(tree.span);
                found.push(
                    Diagnostic::error(&source, at, "a file of variables is a map")
                        .label("expected NAME: VALUE"),
                );
            }
            continue;
        };
        let hidden = entries.iter().filter(|entry| names.hides(&entry.key));
        let hidden: Vec<Span> = hidden.map(|entry| entry.value.span).collect();
        source = source.starred(&hidden);
        for entry in entries {
            if names.all.contains(&entry.key.as_str()) {
                given.insert(entry.key, Outside::Node(Arc::clone(&source), entry.value));
            } else {
                found.push(undeclared(&source, entry.key_span, &entry.key, names));
            }
        }
    }
    for (name, text) in &sources.vars {
        if names.all.contains(&name.as_str()) {
            let source = Source::new(format!("--var {name}"), text);
            given.insert(name.clone(), Outside::Text(source));
        } else {
            let shown = if names.hides(name) { "…" } else { text };
            let source = Source::new("--var", format!("{name}={shown}"));
            found.push(undeclared(&source, Span::new(0, name.len()), name, names));
        }
    }
    given
}

fn undeclared(source: &Arc<Source>, span: Span, name: &str, names: &Names<'_>) -> Diagnostic {
    Diagnostic::error(source, span, format!("the stack has no variable `{name}`")).label(suggest(
        name,
        names.all.iter().copied(),
        "variable",
    ))
}

const KEYS: [&str; 8] = [
    "type",
    "default",
    "description",
    "sensitive",
    "pattern",
    "min",
    "max",
    "enum",
];

fn declaration(
    entry: &Entry,
    outside: Option<Outside>,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> Variable {
    let fields = Fields { source };
    let name = &entry.key;
    let mut variable = Variable {
        kind: VariableType::Any,
        rules: Rules::default(),
        value: None,
    };
    if !super::fields::is_name(name) {
        found.push(
            Diagnostic::error(
                source,
                entry.key_span,
                format!("`{name}` cannot name a variable"),
            )
            .label("expected letters, digits, `_` and `-`"),
        );
    }
    let before = found.len();
    let keys = fields.known_keys(entry, &KEYS, found);
    let get = |key: &str| keys.iter().find(|entry| entry.key == key).copied();
    if let Some(entry) = get("type") {
        match fields
            .text(entry, found)
            .map(|text| (VariableType::parse(&text), text))
        {
            Some((Some(kind), _)) => variable.kind = kind,
            Some((None, text)) => found.push(
                Diagnostic::error(
                    source,
                    entry.value.span,
                    format!("there is no type `{text}`"),
                )
                .label(suggest(&text, TYPES, "type")),
            ),
            None => {}
        }
    }
    let secret = get("sensitive")
        .and_then(|entry| fields.boolean(entry, found))
        .unwrap_or(false);
    if let (true, Some(default)) = (secret, get("default")) {
        learn(&default.value);
    }
    variable.rules = rules(&fields, &get, secret, found);
    if let Some(entry) = get("description") {
        fields.text(entry, found);
    }
    let whole = found.len() == before;
    if let Some(outside) = outside {
        let (source, node) = match outside {
            Outside::Node(source, node) => (source, Some(node)),
            Outside::Text(source) if secret => {
                secrets::learn(&source.text.as_str().into());
                let mut wrong = Vec::new();
                let node = text_node(&variable.kind, &source, &mut wrong);
                found.extend(wrong.into_iter().map(Diagnostic::unseen));
                (source, node)
            }
            Outside::Text(source) => {
                let node = text_node(&variable.kind, &source, found);
                (source, node)
            }
        };
        if let (Some(node), true) = (node, whole) {
            variable.value = value(&variable, name, &node, &source, From::Outside, found);
        }
        return variable;
    }
    match get("default") {
        Some(default) if whole => {
            variable.value = value(
                &variable,
                name,
                &default.value,
                source,
                From::Default,
                found,
            );
        }
        None if whole => found.push(
            Diagnostic::error(
                source,
                entry.key_span,
                format!("the variable `{name}` has no value"),
            )
            .label("it has no default")
            .help(format!(
                "give one: --var {name}=VALUE, --var-file FILE or PINFRA_VAR_{name}"
            )),
        ),
        _ => {}
    }
    variable
}

/// The text that followed `--var`, as what the type makes of it: text as it is, else YAML.
fn text_node(
    kind: &VariableType,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let span = Span::new(0, source.text.len());
    let data = Data::Scalar {
        text: source.text.clone(),
        plain: false,
    };
    let whole = Node { span, data };
    if *kind == VariableType::Text || source.text.is_empty() {
        return Some(whole);
    }
    tree::read(source, found)
}

fn value(
    variable: &Variable,
    name: &str,
    node: &Node,
    source: &Arc<Source>,
    from: From,
    found: &mut Vec<Diagnostic>,
) -> Option<Given> {
    let mut live = false;
    node.templates(&mut |_| live = true);
    if live && from == From::Default {
        return Some(Given::Default(node.clone()));
    }
    let shown = match variable.rules.secret {
        true => {
            learn(node);
            source.starred(&[node.span])
        }
        false => Arc::clone(source),
    };
    let error = |span, message: String, label: String| {
        Diagnostic::error(&shown, shown.first_line(span), message).label(label)
    };
    match variable.kind.node(node) {
        Ok(value) => {
            if let Err((message, label)) = variable.rules.check(name, &value) {
                found.push(error(node.span, message, label));
                return None;
            }
            let draft = Draft::Known(value);
            Some(Given::Value(if variable.rules.secret {
                draft.sensitive()
            } else {
                draft
            }))
        }
        Err(Wrong::Is(span, is, expected)) => {
            let message = format!("the variable `{name}` takes {expected}, not {is}");
            found.push(error(span, message, format!("expected {expected}")));
            None
        }
        Err(Wrong::Expression(span)) => {
            let message = "a variable's value holds no expression".to_owned();
            found.push(error(span, message, "expected a plain value".to_owned()));
            None
        }
        Err(Wrong::Reported) => None,
    }
}

/// Takes note that what a node says is secret, right or wrong.
fn learn(node: &Node) {
    match &node.data {
        Data::Scalar { text, .. } => secrets::learn(&text.as_str().into()),
        Data::List(items) => items.iter().for_each(learn),
        Data::Map(entries) => entries.iter().for_each(|entry| learn(&entry.value)),
        Data::Template(_) | Data::Broken => {}
    }
}

fn rules<'e>(
    fields: &Fields<'_>,
    get: &dyn Fn(&str) -> Option<&'e Entry>,
    secret: bool,
    found: &mut Vec<Diagnostic>,
) -> Rules {
    let mut rules = Rules {
        secret,
        ..Rules::default()
    };
    if let Some(entry) = get("pattern")
        && let Some(text) = fields.text(entry, found)
    {
        match Regex::new(&text) {
            Ok(regex) => rules.pattern = Some((text, regex)),
            Err(error) => {
                let why = error.to_string();
                let why = why
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                found.push(
                    Diagnostic::error(
                        fields.source,
                        entry.value.span,
                        format!("not a regular expression: {why}"),
                    )
                    .label("expected a pattern, such as ^[0-9a-f]{12}$"),
                );
            }
        }
    }
    rules.min = get("min").and_then(|entry| fields.number(entry, found));
    rules.max = get("max").and_then(|entry| fields.number(entry, found));
    if let Some(entry) = get("enum") {
        rules.values = fields.texts(entry, found);
    }
    rules
}
