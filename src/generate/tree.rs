//! YAML text as a tree in which every key and value knows where it stands.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

use super::problem::{Place, Problems};

/// A value of a spec.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub data: Data,
}

/// What kind of value it is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub place: Place,
    pub text: String,
}

impl Node {
    /// What a person calls this kind of value.
    pub fn noun(&self) -> &'static str {
        match &self.data {
            Data::Scalar(Value::Null) => "nothing",
            Data::Scalar(Value::Bool(_)) => "true or false",
            Data::Scalar(Value::Number(_)) => "a number",
            Data::Scalar(_) => "a text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }

    /// The value without its places.
    pub fn value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(items) => Value::Array(items.iter().map(Node::value).collect()),
            Data::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }
}

/// Parses one document; `None` if it is not YAML, which `problems` then says.
pub(super) fn parse(file: &str, text: &str, problems: &mut Problems) -> Option<Node> {
    let mut reader = Reader {
        file,
        parser: Parser::new_from_str(text),
        problems,
    };
    let mut root = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
            Event::StreamEnd => break,
            event if root.is_none() => root = Some(reader.node(event, span)?),
            _ => {
                let place = reader.place(span.start);
                reader.problems.add(place, "a spec is one document");
                return None;
            }
        }
    }
    let start = Place {
        file: file.to_owned(),
        line: 1,
        column: 1,
    };
    Some(root.unwrap_or(Node {
        place: start,
        data: Data::Map(Vec::new()),
    }))
}

struct Reader<'a> {
    file: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    problems: &'a mut Problems,
}

impl<'a> Reader<'a> {
    fn place(&self, marker: Marker) -> Place {
        Place {
            file: self.file.to_owned(),
            line: marker.line(),
            column: marker.col() + 1,
        }
    }

    fn next(&mut self) -> Option<Option<(Event<'a>, Span)>> {
        match self.parser.next_event() {
            None => Some(None),
            Some(Ok(next)) => Some(Some(next)),
            Some(Err(error)) => {
                let place = self.place(*error.marker());
                self.problems
                    .add(place, format!("not YAML: {}", error.info()));
                None
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Option<Node> {
        let place = self.place(span.start);
        let data = match event {
            Event::Scalar(text, style, _, _) => Data::Scalar(scalar(&text, style)),
            Event::SequenceStart(..) => Data::List(self.list()?),
            Event::MappingStart(..) => Data::Map(self.map()?),
            _ => {
                self.problems
                    .add(place, "anchors and aliases are not used in specs");
                return None;
            }
        };
        Some(Node { place, data })
    }

    fn list(&mut self) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, span)?);
        }
        Some(items)
    }

    fn map(&mut self) -> Option<Vec<(Key, Node)>> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let place = self.place(span.start);
            let Event::Scalar(text, ..) = event else {
                self.problems.add(place, "a key is a text");
                return None;
            };
            let key = Key {
                place,
                text: text.into_owned(),
            };
            let (event, span) = self.next()??;
            let node = self.node(event, span)?;
            if entries.iter().any(|(known, _)| known.text == key.text) {
                self.problems
                    .add(key.place, format!("`{}` is given twice", key.text));
            } else {
                entries.push((key, node));
            }
        }
        Some(entries)
    }
}

/// A plain scalar by YAML 1.2's core schema; a quoted one is always a text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                let number = text.parse::<f64>().ok().and_then(Number::from_f64);
                number.map_or_else(|| Value::from(text), Value::Number)
            }
            Err(_) => Value::from(text),
        },
    }
}
