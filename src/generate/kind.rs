//! What values an attribute takes: from shapes, and from what a spec says by itself.

use crate::aws_model::{Model, Reference, Shape, ShapeType};
use serde_json::Value;

use super::facts::Type;
use super::input::Template;
use super::problem::Place;

/// One attribute, as the contract has it.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub name: String,
    pub kind: Kind,
    pub output: bool,
    pub required: bool,
    pub replace: bool,
    pub default: Option<Value>,
    pub write_only: bool,
    pub sensitive: bool,
    /// What an output is computed from, where no reply has it.
    pub value: Option<Template>,
    pub unit: String,
    /// A hook puts it into the live object.
    pub live_hook: bool,
    /// The spec says what changing it takes.
    pub on_change: bool,
    /// Where the spec speaks of it.
    pub place: Place,
}

/// What values it takes.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Text {
        pattern: Option<String>,
        min: Option<i64>,
        max: Option<i64>,
        values: Vec<String>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Number,
    Boolean,
    Timestamp,
    Ports,
    Policy,
    Any,
    List {
        item: Box<Kind>,
        order: Order,
        min: Option<i64>,
        max: Option<i64>,
    },
    Map(Box<Kind>),
    Object(Vec<Attribute>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    Ordered,
    Set,
    Keyed(String),
    Among(String),
}

pub(super) const ANY_TEXT: Kind = Kind::Text {
    pattern: None,
    min: None,
    max: None,
    values: Vec::new(),
};

impl Attribute {
    /// A declared attribute of which nothing is known but its kind.
    pub fn of(name: &str, kind: Kind, place: &Place) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            output: false,
            required: false,
            replace: false,
            default: None,
            write_only: false,
            sensitive: false,
            value: None,
            unit: String::new(),
            live_hook: false,
            on_change: false,
            place: place.clone(),
        }
    }
}

impl Kind {
    /// What a reply's value is.
    pub fn of_type(model: &Model, found: &Type<'_>, place: &Place) -> Self {
        match found {
            Type::Of(reference) => Self::of(model, reference, place),
            Type::List(inner) => Self::list(Self::of_type(model, inner, place)),
            Type::Map(inner) => Self::Map(Box::new(Self::of_type(model, inner, place))),
        }
    }

    /// What values a shape takes.
    pub fn of(model: &Model, reference: &Reference, place: &Place) -> Self {
        Self::within(model, reference, place, &mut Vec::new())
    }

    fn within<'m>(
        model: &'m Model,
        reference: &'m Reference,
        place: &Place,
        above: &mut Vec<&'m str>,
    ) -> Self {
        let shape = model.shape(reference);
        let inner = |reference: &'m Option<Reference>, above: &mut Vec<&'m str>| {
            reference.as_ref().map_or(Self::Any, |reference| {
                Self::within(model, reference, place, above)
            })
        };
        match shape.kind {
            ShapeType::Structure if above.contains(&reference.shape_name()) => Self::Any,
            ShapeType::Structure => {
                above.push(reference.shape_name());
                let members = members(model, shape, place, above);
                above.pop();
                Self::Object(members)
            }
            ShapeType::List => Self::List {
                item: Box::new(inner(&shape.member, above)),
                order: Order::Ordered,
                min: shape.min,
                max: shape.max,
            },
            ShapeType::Map => Self::Map(Box::new(inner(&shape.value, above))),
            ShapeType::String => Self::Text {
                pattern: shape
                    .pattern
                    .clone()
                    .filter(|pattern| regex::Regex::new(pattern).is_ok()),
                min: shape.min,
                max: shape.max,
                values: shape.values.clone(),
            },
            ShapeType::Integer | ShapeType::Long => Self::Integer {
                min: shape.min,
                max: shape.max,
            },
            ShapeType::Float | ShapeType::Double => Self::Number,
            ShapeType::Boolean => Self::Boolean,
            ShapeType::Timestamp => Self::Timestamp,
            ShapeType::Blob => ANY_TEXT,
        }
    }

    pub fn list(item: Kind) -> Self {
        Self::List {
            item: Box::new(item),
            order: Order::Ordered,
            min: None,
            max: None,
        }
    }

    /// The kind inside lists and maps.
    pub fn innermost(&mut self) -> &mut Kind {
        match self {
            Self::List { item, .. } => item.innermost(),
            Self::Map(value) => value.innermost(),
            other => other,
        }
    }

    /// The members of an object, through lists and maps.
    pub fn members(&self) -> Option<&[Attribute]> {
        match self {
            Self::Object(members) => Some(members),
            Self::List { item, .. } => item.members(),
            Self::Map(value) => value.members(),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn members_mut(&mut self) -> Option<&mut Vec<Attribute>> {
        match self.innermost() {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The word for what a value is in JSON; `None` for what hooks and the engine reshape.
    pub fn class(&self) -> Option<&'static str> {
        match self {
            Self::Text { .. } => Some("text"),
            Self::Integer { .. } | Self::Timestamp => Some("whole number"),
            Self::Number => Some("number"),
            Self::Boolean => Some("boolean"),
            Self::List { .. } => Some("list"),
            Self::Map(_) => Some("map"),
            Self::Object(_) => Some("object"),
            Self::Ports | Self::Policy | Self::Any => None,
        }
    }
}

fn members<'m>(
    model: &'m Model,
    shape: &'m Shape,
    place: &Place,
    above: &mut Vec<&'m str>,
) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    for (name, member) in &shape.members {
        let Some(rust) = &member.rust else { continue };
        let kind = Kind::within(model, member, place, above);
        attributes.push(Attribute {
            required: shape.requires(name),
            sensitive: model.shape(member).sensitive,
            ..Attribute::of(rust, kind, place)
        });
    }
    attributes
}

/// The attribute at a dotted path, through lists and maps of objects.
pub(super) fn find<'a>(attributes: &'a [Attribute], path: &str) -> Option<&'a Attribute> {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = attributes.iter().find(|attribute| attribute.name == head)?;
    match rest {
        "" => Some(found),
        rest => find(found.kind.members()?, rest),
    }
}

/// The same, to be changed.
pub(super) fn find_mut<'a>(
    attributes: &'a mut [Attribute],
    path: &str,
) -> Option<&'a mut Attribute> {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = attributes
        .iter_mut()
        .find(|attribute| attribute.name == head)?;
    match rest {
        "" => Some(found),
        rest => find_mut(found.kind.members_mut()?, rest),
    }
}

/// The names at the level where a path stops leading anywhere, and the step that does.
pub(super) fn lost<'a, 'p>(attributes: &'a [Attribute], path: &'p str) -> (&'p str, Vec<&'a str>) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    match attributes.iter().find(|attribute| attribute.name == head) {
        Some(found) if !rest.is_empty() => lost(found.kind.members().unwrap_or_default(), rest),
        _ => (
            head,
            attributes
                .iter()
                .map(|attribute| attribute.name.as_str())
                .collect(),
        ),
    }
}

/// The paths of all leaves: what is no object, or an object without members.
pub(super) fn leaves(attributes: &[Attribute]) -> Vec<(String, &Attribute)> {
    let mut all = Vec::new();
    for attribute in attributes {
        match attribute.kind.members() {
            Some(members) if !members.is_empty() => {
                let below = leaves(members).into_iter();
                all.extend(below.map(|(path, leaf)| (format!("{}.{path}", attribute.name), leaf)));
            }
            _ => all.push((attribute.name.clone(), attribute)),
        }
    }
    all
}

/// Whether `path` is `above` or inside it.
pub(super) fn inside(path: &str, above: &str) -> bool {
    path == above
        || path
            .strip_prefix(above)
            .is_some_and(|rest| rest.starts_with('.'))
}
