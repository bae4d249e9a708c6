//! What a resource type's attributes are: data that generated code holds as constants.

use serde_json::Value;

/// One attribute of a resource type, or one member of an object attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Its name in the stack file.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Who sets it.
    pub role: Role,
    /// Whether a declaration must have it.
    pub required: bool,
    /// What changing it takes.
    pub on_change: OnChange,
    /// What leaving it out of the file means.
    pub absent: Absent,
    /// AWS takes it and never gives it back: it cannot be compared.
    pub write_only: bool,
    /// Never shown.
    pub sensitive: bool,
    /// The unit a person reads it in (`GiB`, `hours`), or empty.
    pub unit: &'static str,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The stack file; what is live is compared with it.
    Declared,
    /// AWS; it can be referred to and never be declared.
    Output,
}

/// What changing an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// An update of the live object.
    InPlace,
    /// A new object in place of the live one.
    Replace,
}

/// What leaving an attribute out of the stack file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Whatever is live stays.
    LeftAlone,
    /// This value, as JSON text: the type's default, or `[]` and `{}` for exact collections.
    Default(&'static str),
}

impl Absent {
    /// The value that leaving it out means; `None` where that says nothing.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::LeftAlone => None,
            Self::Default(json) => Some(serde_json::from_str(json).unwrap_or(Value::Null)),
        }
    }
}

/// What values an attribute takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text(TextRule),
    /// A whole number within the bounds, both inclusive.
    Integer {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
    },
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A point in time: integer milliseconds since 1970, UTC.
    Timestamp,
    /// TCP or UDP ports: `22`, `8000-8100`, or `all`; canonical form is text (`"22"`).
    Ports,
    /// An IAM policy document, as a map or as JSON text; compared as canonical JSON.
    Policy,
    /// Any value.
    Any,
    /// A list.
    List {
        /// What each element is.
        item: &'static Kind,
        /// How two lists compare.
        order: Order,
        /// Least number of elements.
        min: Option<usize>,
        /// Greatest number of elements.
        max: Option<usize>,
    },
    /// A map from text to values of one kind.
    Map {
        /// What each value is.
        value: &'static Kind,
    },
    /// An object with the members given.
    Object(&'static [Attribute]),
}

/// What text an attribute takes; lengths count characters.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    /// A regular expression that the whole text must match.
    pub pattern: Option<&'static str>,
    /// Least length.
    pub min: Option<usize>,
    /// Greatest length.
    pub max: Option<usize>,
    /// The values allowed; empty for any.
    pub values: &'static [&'static str],
}

impl TextRule {
    /// Any text.
    pub const ANY: TextRule = TextRule {
        pattern: None,
        min: None,
        max: None,
        values: &[],
    };
}

/// How two lists compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Element by element.
    Ordered,
    /// As sets: neither order nor repetition matters.
    Set,
    /// As maps from the value of this member of each element.
    Keyed(&'static str),
    /// The same, of the declared elements only: others may be there too.
    Among(&'static str),
}

/// The attribute at a dotted path (`storage_info.ebs_storage_info.volume_size`), through objects
/// and lists of objects.
pub fn find(attributes: &'static [Attribute], path: &str) -> Option<&'static Attribute> {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let attribute = attributes.iter().find(|a| a.name == head)?;
    match rest {
        None => Some(attribute),
        Some(rest) => find(attribute.kind.members()?, rest),
    }
}

impl Kind {
    /// The members of an object, or of the objects in a list.
    pub fn members(&self) -> Option<&'static [Attribute]> {
        match self {
            Self::Object(members) => Some(members),
            Self::List { item, .. } => item.members(),
            Self::Map { value } => value.members(),
            _ => None,
        }
    }

    /// What a person calls a value of this kind.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer { .. } => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Timestamp => "a time",
            Self::Ports => "ports (22, 8000-8100 or all)",
            Self::Policy => "a policy document",
            Self::Any => "any value",
            Self::List { .. } => "a list",
            Self::Map { .. } | Self::Object(_) => "a map",
        }
    }
}
