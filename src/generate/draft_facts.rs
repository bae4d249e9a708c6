//! What a draft is made of: what the registry and the replies tell of a type's members.

use crate::aws_model::{Model, Operation, RegistryType, Shape, ShapeType};

use super::draft_names::{Roles, class, letters, singular};
use super::facts;

/// What is known of a type before anybody wrote of it.
pub(super) struct About<'m> {
    pub model: &'m Model,
    pub registry: &'m RegistryType,
    pub roles: Roles<'m>,
    /// The member that identifies an object to its operations.
    pub id: String,
    /// The members of the creation's input.
    pub created: Vec<&'m str>,
}

pub(super) fn input<'m>(model: &'m Model, operation: &'m Operation) -> Option<&'m Shape> {
    model.structure(operation.input.as_ref())
}

fn output<'m>(model: &'m Model, operation: &'m Operation) -> Option<&'m Shape> {
    model.structure(operation.output.as_ref())
}

/// The members of an operation's input that are sent.
pub(super) fn members<'m>(
    model: &'m Model,
    operation: &'m Operation,
) -> impl Iterator<Item = &'m str> {
    let shape = input(model, operation).into_iter();
    shape
        .flat_map(facts::names)
        .filter(|name| *name != "dry_run")
}

impl<'m> About<'m> {
    /// What the models tell; why there can be no such type.
    pub fn of(model: &'m Model, registry: &'m RegistryType) -> Result<Self, String> {
        let roles = Roles::of(model, registry)?;
        let created = members(model, roles.create).collect();
        let mut about = Self {
            model,
            registry,
            roles,
            id: String::new(),
            created,
        };
        about.id = about.identifier();
        Ok(about)
    }

    /// The member of the read's input that says which object: the one it needs, else the list of ids
    /// whose element creation answers.
    pub fn identifier(&self) -> String {
        let read = self.roles.read;
        let needed = members(self.model, read).filter(|name| {
            input(self.model, read).is_some_and(|shape| facts::requires(shape, name))
        });
        let needed: Vec<&str> = needed.collect();
        let rank = |name: &&&str| {
            ["arn", "id", "name"]
                .iter()
                .position(|end| name.ends_with(end))
        };
        if let Some(name) = needed
            .iter()
            .filter(|name| rank(name).is_some())
            .min_by_key(rank)
        {
            return (*name).to_owned();
        }
        let answered = output(self.model, self.roles.create);
        let lists = members(self.model, read).filter_map(singular);
        let mut known =
            lists.filter(|name| answered.is_some_and(|shape| facts::member(shape, name).is_some()));
        known.next().unwrap_or_else(|| "id".to_owned())
    }

    /// The shape that a reply has an object in, and the path to it.
    pub fn object_in(&self, operation: &'m Operation) -> Option<(String, &'m Shape)> {
        let whole = output(self.model, operation)?;
        let holds = |shape: &Shape| facts::member(shape, &self.id).is_some();
        if holds(whole) {
            return Some((String::new(), whole));
        }
        for member in whole.members.values() {
            let Some(name) = member.rust.as_deref() else {
                continue;
            };
            let shape = self.model.shape(member);
            if shape.kind == ShapeType::Structure && holds(shape) {
                return Some((name.to_owned(), shape));
            }
            let element = shape
                .member
                .as_ref()
                .map(|element| self.model.shape(element));
            if let Some(element) = element.filter(|element| holds(element)) {
                return Some((format!("{name}[0]"), element));
            }
        }
        None
    }

    /// Where the object has a member of the creation: as it is, or in a structure of it.
    pub fn seen_at(&self, name: &str) -> Option<String> {
        let (_, shape) = self.object_in(self.roles.read)?;
        if facts::member(shape, name).is_some() {
            return Some(name.to_owned());
        }
        let inside = shape.members.values().find(|member| {
            let inner = self.model.shape(member);
            inner.kind == ShapeType::Structure && facts::member(inner, name).is_some()
        });
        Some(format!("{}.{name}", inside?.rust.as_deref()?))
    }

    /// The members of the creation that are attributes.
    pub fn own(&self) -> Vec<&'m str> {
        let token = facts::token(self.model, self.roles.create);
        let tags = self.tag_member();
        let all = self.created.iter().copied();
        all.filter(|name| Some(*name) != tags && Some(*name) != token)
            .collect()
    }

    pub fn listed_tags(&self) -> bool {
        let listed = self.roles.list.and_then(|list| self.object_in(list));
        listed.is_some_and(|(_, shape)| facts::member(shape, "tags").is_some())
    }

    pub fn is_create_only(&self, name: &str) -> bool {
        let properties = self.registry.create_only_properties.iter();
        properties
            .filter_map(|pointer| pointer.strip_prefix("/properties/"))
            .any(|property| letters(property) == letters(name))
    }

    /// The member of the creation's input that takes tags.
    pub fn tag_member(&self) -> Option<&'m str> {
        let own = self.created.iter().copied();
        own.into_iter()
            .find(|name| ["tags", "tag_specifications"].contains(name))
    }

    /// The input of an operation on one object: its id for what it needs, `${…}` for the others.
    pub fn on_object(
        &self,
        operation: &'m Operation,
        others: &dyn Fn(&str) -> Option<String>,
    ) -> String {
        let Some(shape) = input(self.model, operation) else {
            return "{}".to_owned();
        };
        let mut entries = Vec::new();
        for name in members(self.model, operation) {
            if let Some(value) = others(name) {
                entries.push(format!("{name}: {value}"));
            } else if singular(name).is_some_and(|one| one == self.id || one == "resource") {
                entries.push(format!("{name}: [\"${{id}}\"]"));
            } else if facts::requires(shape, name) || name == self.id {
                entries.push(format!("{name}: \"${{id}}\""));
            }
        }
        format!("{{ {} }}", entries.join(", "))
    }

    /// The codes that say that there is no such object, of those an operation declares.
    pub fn absent(&self, operation: &Operation) -> String {
        let codes = operation.errors.iter().map(|error| error.shape_name());
        let absent: Vec<&str> = codes.filter(|code| class(code) == Some("absent")).collect();
        format!("[{}]", absent.join(", "))
    }
}
