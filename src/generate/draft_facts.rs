//! What a draft is made of: what the registry and the replies tell of a type's members.

use crate::aws_model::{Model, Operation, RegistryType, Shape, ShapeType};

use super::draft_names::{Roles, class, letters, singular, snake};
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

/// The input of a call as a draft has it, and how far it is known.
#[derive(Default)]
pub(super) struct Given<'m> {
    entries: Vec<String>,
    /// It says which object.
    names_it: bool,
    /// Members that the id was put in for want of something better.
    guessed: Vec<&'m str>,
}

impl Given<'_> {
    /// As it stands in a spec.
    pub fn text(&self) -> String {
        match self.entries.is_empty() {
            true => "{}".to_owned(),
            false => format!("{{ {} }}", self.entries.join(", ")),
        }
    }

    /// What to ask about it.
    pub fn questions(&self, operation: &Operation) -> Vec<String> {
        let mut questions = Vec::new();
        if !self.guessed.is_empty() {
            let (guessed, name) = (self.guessed.join(", "), &operation.name);
            questions.push(format!("is the id what {name} takes as {guessed}?"));
        } else if !self.names_it {
            questions.push(format!(
                "which member of {}'s input says which object?",
                operation.name
            ));
        }
        questions
    }
}

/// How the members end that identify an object, the best first.
const ID_ENDS: [&str; 4] = ["arn", "id", "name", "url"];

/// What operations on objects of any type call the one they are on.
const RESOURCE: [&str; 4] = ["resource", "resource_arn", "resource_id", "resource_name"];

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

    /// The member of the read's input that says which object: the one it needs, else what a list of
    /// it is of that creation answers; else what the registry calls it.
    fn identifier(&self) -> String {
        let read = self.roles.read;
        let shape = input(self.model, read);
        let needed = members(self.model, read)
            .filter(|name| shape.is_some_and(|shape| facts::requires(shape, name)));
        let needed: Vec<&str> = needed.collect();
        let rank = |name: &&&str| ID_ENDS.iter().position(|end| name.ends_with(end));
        let named = needed.iter().filter(|name| rank(name).is_some());
        if let Some(name) = named.min_by_key(rank) {
            return (*name).to_owned();
        }
        let registered = self.registry.primary_identifier.iter();
        let registered: Vec<&str> = registered
            .filter_map(|pointer| pointer.rsplit('/').next())
            .collect();
        let listed = members(self.model, read).filter_map(singular);
        let answered = listed.filter(|name| self.holder(self.roles.create, name).is_some());
        let known = |name: &String| registered.iter().any(|own| letters(own) == letters(name));
        let name = self
            .name()
            .filter(|name| members(self.model, read).any(|taken| taken == *name));
        let answered = answered.min_by_key(|name| !known(name));
        match (answered.or(name.map(str::to_owned)), registered.as_slice()) {
            (Some(name), _) => name,
            (None, [.., last]) => snake(last),
            (None, []) => "id".to_owned(),
        }
    }

    /// The member of the creation that is the object's name.
    pub fn name(&self) -> Option<&'m str> {
        let own = format!("{}name", letters(self.roles.noun));
        let mut created = self.created.iter().copied();
        created.find(|name| letters(name) == "name" || letters(name) == own)
    }

    /// The shape that a reply has an object in, and the path to it.
    pub fn object_in(&self, operation: &'m Operation) -> Option<(String, &'m Shape)> {
        self.holder(operation, &self.id)
    }

    /// The shape in a reply that has a member: the whole, one in it, or the element of a list in it.
    fn holder(&self, operation: &'m Operation, member: &str) -> Option<(String, &'m Shape)> {
        let whole = output(self.model, operation)?;
        let holds = |shape: &Shape| facts::member(shape, member).is_some();
        if holds(whole) {
            return Some((String::new(), whole));
        }
        for reference in whole.members.values() {
            let Some(name) = reference.rust.as_deref() else {
                continue;
            };
            let shape = self.model.shape(reference);
            if shape.kind == ShapeType::Structure && holds(shape) {
                return Some((name.to_owned(), shape));
            }
            let element = shape.member.as_ref();
            let element = element.map(|element| self.model.shape(element));
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

    /// The input of an operation on one object, of which `live` is known or not yet: what `others`
    /// says, its id, and for what else is needed its live member of that name.
    pub fn on_object(
        &self,
        operation: &'m Operation,
        live: bool,
        others: &dyn Fn(&str) -> Option<String>,
    ) -> Given<'m> {
        let mut given = Given::default();
        let shape = input(self.model, operation);
        for name in members(self.model, operation) {
            let needed = shape.is_some_and(|shape| facts::requires(shape, name));
            let one = singular(name);
            let is_id = |name: &str| name == self.id || RESOURCE.contains(&name);
            let value = if let Some(value) = others(name) {
                value
            } else if one.is_some_and(|one| is_id(&one)) {
                given.names_it = true;
                "[\"${id}\"]".to_owned()
            } else if name == self.id || needed && self.takes_id(name) {
                given.names_it = true;
                "\"${id}\"".to_owned()
            } else if !needed {
                continue;
            } else if let Some(member) = self.live_as(name).filter(|_| live) {
                given.names_it |= member != name || ID_ENDS.iter().any(|end| name.ends_with(end));
                format!("\"${{live.{member}}}\"")
            } else {
                given.guessed.push(name);
                "\"${id}\"".to_owned()
            };
            given.entries.push(format!("{name}: {value}"));
        }
        given
    }

    /// Whether a member that is not called as the id is one for it: what all types of a service are
    /// to one operation, unless that wants an ARN and the id is none.
    fn takes_id(&self, name: &str) -> bool {
        RESOURCE.contains(&name) && (!name.ends_with("arn") || self.id.ends_with("arn"))
    }

    /// The member of the live object for one of an input: of its name, or its ARN.
    fn live_as(&self, name: &str) -> Option<&'m str> {
        let (_, object) = self.object_in(self.roles.read)?;
        let arn = name.ends_with("arn").then_some("arn");
        let wanted = [Some(name), arn].into_iter().flatten();
        let mut found = wanted.filter_map(|name| facts::member(object, name)?.rust.as_deref());
        found.next()
    }

    /// The codes that say that there is no such object, of those an operation declares.
    pub fn absent(&self, operation: &Operation) -> String {
        let codes = operation.errors.iter().map(|error| error.shape_name());
        let absent: Vec<&str> = codes.filter(|code| class(code) == Some("absent")).collect();
        format!("[{}]", absent.join(", "))
    }
}
