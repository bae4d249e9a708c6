//! What an expression is, as far as it can be told without its value.

use crate::schema::{Attribute, Kind};

/// The type of an expression.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// Cannot be told.
    Any,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    List(Box<Type>),
    /// A map from text.
    Map(Box<Type>),
    /// An attribute's value.
    Of(&'static Kind),
    /// A whole resource of the type named.
    Resource(&'static str),
}

impl Type {
    /// A list of these.
    pub(crate) fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A map of these.
    pub(crate) fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// What a person calls it.
    pub(crate) fn noun(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Of(kind) => kind.noun().to_owned(),
            Self::Resource(type_name) => format!("a whole {type_name}"),
        }
    }

    /// Whether it holds other values and so cannot be put into text.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self.shape(), Shape::List | Shape::Map | Shape::Resource)
    }

    /// Whether its value may be one of `kind`.
    pub(crate) fn fits(&self, kind: &Kind) -> bool {
        if let (Some(own), Kind::List { item, .. }) = (self.element(), kind)
            && self.shape() == Shape::List
        {
            return own.fits(item);
        }
        if let (Some(own), Kind::Map { value }) = (self.element(), kind)
            && self.shape() == Shape::Map
        {
            return own.fits(value);
        }
        match (self.shape(), kind) {
            (Shape::Any, _) => true,
            (Shape::Resource, _) => false,
            (_, Kind::Any) => true,
            (Shape::List, Kind::List { .. }) => true,
            (Shape::Map, Kind::Map { .. } | Kind::Object(_) | Kind::Policy) => true,
            (Shape::Text, Kind::Text(_) | Kind::Policy | Kind::Ports | Kind::Timestamp) => true,
            (Shape::Number, Kind::Text(_) | Kind::Ports | Kind::Timestamp) => true,
            (Shape::Number, Kind::Integer { .. } | Kind::Number) => true,
            (Shape::Boolean, Kind::Boolean | Kind::Text(_)) => true,
            _ => false,
        }
    }

    fn element(&self) -> Option<Type> {
        match self {
            Self::List(item) | Self::Map(item) => Some((**item).clone()),
            Self::Of(Kind::List { item, .. }) => Some(Self::Of(item)),
            Self::Of(Kind::Map { value }) => Some(Self::Of(value)),
            _ => None,
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Any | Self::Of(Kind::Any) => Shape::Any,
            Self::Text => Shape::Text,
            Self::Number => Shape::Number,
            Self::Boolean => Shape::Boolean,
            Self::List(_) => Shape::List,
            Self::Map(_) => Shape::Map,
            Self::Resource(_) => Shape::Resource,
            Self::Of(kind) => match kind {
                Kind::Text(_) | Kind::Ports => Shape::Text,
                Kind::Integer { .. } | Kind::Number | Kind::Timestamp => Shape::Number,
                Kind::Boolean => Shape::Boolean,
                Kind::List { .. } => Shape::List,
                Kind::Map { .. } | Kind::Object(_) | Kind::Policy => Shape::Map,
                Kind::Any => Shape::Any,
            },
        }
    }

    /// The members, if it is an object that AWS describes.
    pub(crate) fn members(&self) -> Option<&'static [Attribute]> {
        match self {
            Self::Of(Kind::Object(members)) => Some(members),
            _ => None,
        }
    }

    /// The type of one element of a list or one value of a map.
    pub(crate) fn inside(&self) -> Type {
        self.element().unwrap_or(Type::Any)
    }
}

/// A type without what is inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Cannot be told.
    Any,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    List,
    /// A map.
    Map,
    /// A whole resource.
    Resource,
}
