//! AWS's facts as the generator walks them: by the Rust names of members.

use crate::aws_model::{Model, Operation, Reference, Shape, ShapeType};

/// What a path leads to.
#[derive(Debug, Clone)]
pub(super) enum Type<'m> {
    /// A shape of the model.
    Of(&'m Reference),
    /// What `a[*].b` gives.
    List(Box<Type<'m>>),
    /// What `a[k].b` gives.
    Map(Box<Type<'m>>),
}

/// A step of a path that leads nowhere.
#[derive(Debug)]
pub(super) struct Lost<'m> {
    /// The step.
    pub step: String,
    /// What there is instead.
    pub known: Vec<&'m str>,
}

/// The member with this Rust name.
pub(super) fn member<'m>(shape: &'m Shape, rust: &str) -> Option<&'m Reference> {
    shape
        .members
        .values()
        .find(|member| member.rust.as_deref() == Some(rust))
}

/// The Rust names of a structure's members.
pub(super) fn names(shape: &Shape) -> impl Iterator<Item = &str> {
    shape
        .members
        .values()
        .filter_map(|member| member.rust.as_deref())
}

/// Whether the member with this Rust name must be there.
pub(super) fn requires(shape: &Shape, rust: &str) -> bool {
    let named = |name: &String| shape.members[name].rust.as_deref() == Some(rust);
    shape.required.iter().any(named)
}

/// The codes of all errors that a service's model declares.
pub(super) fn codes(model: &Model) -> Vec<&str> {
    let errors = model.shapes.iter().filter(|(_, shape)| shape.exception);
    errors
        .map(|(name, shape)| {
            shape
                .error
                .as_ref()
                .and_then(|error| error.code.as_deref())
                .unwrap_or(name)
        })
        .collect()
}

/// Where a dotted path leads from an operation's input or output; lists are passed through.
pub(super) fn walk<'m>(
    model: &'m Model,
    start: Option<&'m Reference>,
    path: &str,
) -> Result<Type<'m>, Lost<'m>> {
    let lost = || Lost {
        step: path.to_owned(),
        known: Vec::new(),
    };
    follow(model, Type::Of(start.ok_or_else(lost)?), path)
}

/// Where a path leads from a type; empty and `.` lead nowhere further.
pub(super) fn follow<'m>(
    model: &'m Model,
    start: Type<'m>,
    path: &str,
) -> Result<Type<'m>, Lost<'m>> {
    if path.is_empty() || path == "." {
        return Ok(start);
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, index) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
        Some((name, index)) => (name, Some(index)),
        None => (step, None),
    };
    let found = step_into(model, start, name)?;
    match index {
        None => follow(model, found, rest),
        Some(index) => {
            let Some(element) = element(model, &found) else {
                return Err(Lost {
                    step: step.to_owned(),
                    known: Vec::new(),
                });
            };
            if index.chars().all(|c| c.is_ascii_digit()) {
                return follow(model, element, rest);
            }
            let inner = follow(model, element.clone(), rest)?;
            if index == "*" {
                return Ok(Type::List(Box::new(inner)));
            }
            step_into(model, element, index)?;
            Ok(Type::Map(Box::new(inner)))
        }
    }
}

fn step_into<'m>(model: &'m Model, start: Type<'m>, name: &str) -> Result<Type<'m>, Lost<'m>> {
    let reference = match start {
        Type::Of(reference) => reference,
        Type::List(inner) | Type::Map(inner) => return step_into(model, *inner, name),
    };
    let shape = model.shape(reference);
    match shape.kind {
        ShapeType::Structure => member(shape, name).map(Type::Of).ok_or_else(|| Lost {
            step: name.to_owned(),
            known: names(shape).collect(),
        }),
        ShapeType::List => match &shape.member {
            Some(element) => step_into(model, Type::Of(element), name),
            None => Err(Lost {
                step: name.to_owned(),
                known: Vec::new(),
            }),
        },
        _ => Err(Lost {
            step: name.to_owned(),
            known: Vec::new(),
        }),
    }
}

/// The element of a list.
pub(super) fn element<'m>(model: &'m Model, list: &Type<'m>) -> Option<Type<'m>> {
    match list {
        Type::List(inner) => Some((**inner).clone()),
        Type::Map(_) => None,
        Type::Of(reference) => model.shape(reference).member.as_ref().map(Type::Of),
    }
}

/// The member that is filled in as a client token.
pub(super) fn token<'m>(model: &'m Model, operation: &'m Operation) -> Option<&'m str> {
    let input = model.structure(operation.input.as_ref())?;
    input
        .members
        .values()
        .find(|member| member.idempotency_token)?
        .rust
        .as_deref()
}
