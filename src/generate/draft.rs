//! The draft of a spec: what the registry and the API's model tell of a type, the rest as questions.
//!
//! A question is a comment that begins with `# ?` at the end of the line it asks about; a spec that
//! still has one is not generated from.

use crate::aws_model::{Model, Operation, RegistryType, Shape, ShapeType};

use super::draft_names::{Roles, kebab, letters, singular};
use super::facts;

/// What a comment that asks something begins with.
pub(super) const QUESTION: &str = "# ?";

/// A draft while it is written.
struct Draft<'m> {
    model: &'m Model,
    registry: &'m RegistryType,
    roles: Roles<'m>,
    /// The member that identifies an object to its operations.
    id: String,
    /// The members of the creation's input.
    created: Vec<&'m str>,
    text: String,
}

/// The text of a spec.
pub(super) fn draft(
    type_name: &str,
    service: &str,
    model: &Model,
    registry: &RegistryType,
) -> Result<String, String> {
    let roles = Roles::of(model, registry)?;
    let mut draft = Draft {
        model,
        registry,
        id: String::new(),
        created: members(model, roles.create).collect(),
        roles,
        text: String::new(),
    };
    draft.id = draft.identifier();
    draft.head(type_name, service);
    draft.attributes();
    draft.tags();
    draft.create();
    draft.reads();
    draft.list();
    draft.updates();
    draft.delete();
    draft.waiters();
    draft.errors();
    Ok(draft.text)
}

fn input<'m>(model: &'m Model, operation: &'m Operation) -> Option<&'m Shape> {
    model.structure(operation.input.as_ref())
}

fn output<'m>(model: &'m Model, operation: &'m Operation) -> Option<&'m Shape> {
    model.structure(operation.output.as_ref())
}

/// The members of an operation's input that are sent.
fn members<'m>(model: &'m Model, operation: &'m Operation) -> impl Iterator<Item = &'m str> {
    let shape = input(model, operation).into_iter();
    shape
        .flat_map(facts::names)
        .filter(|name| *name != "dry_run")
}

impl<'m> Draft<'m> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn asking(&mut self, text: &str, question: &str) {
        self.line(&format!("{text} {QUESTION} {question}"));
    }

    /// The member of the read's input that says which object: the one it needs, else the list of ids
    /// whose element creation answers.
    fn identifier(&self) -> String {
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

    fn head(&mut self, type_name: &str, service: &str) {
        self.line(&format!("type: {type_name}\nservice: {service}"));
        self.line(&format!("registry: {}", self.registry.type_name));
        self.registry_names();
        let id = self.id.clone();
        self.asking(&format!("id: {id}"), "is this what its operations take?");
        let noun = self.roles.noun;
        let name = self.created.iter().find(|name| {
            let plain = letters(name);
            plain == "name" || plain == format!("{}name", letters(noun))
        });
        if let Some(name) = name.copied() {
            self.asking(
                &format!("name: {name}"),
                "is it unique? Within what? Else leave it out",
            );
            self.line(&format!("lookup: {{ {name}: {{ required: true }} }}"));
        } else {
            self.asking(
                &format!("lookup: {{ {id}: {{}} }}"),
                "what is it looked for by?",
            );
        }
        self.asking("holds_data: false", "does destroying it lose data?");
        if self.listed_tags() {
            self.line("discovery: list");
        } else {
            let filter = format!("{}:{}", self.model.metadata.signing_name(), kebab(noun));
            self.asking(
                &format!("discovery: {{ tagging_api: \"{filter}\" }}"),
                "its name in the Tagging API: the service and the resource in its ARN",
            );
        }
    }

    /// Create-only and write-only properties that no member of the creation has the name of.
    fn registry_names(&mut self) {
        let pointers = self.registry.create_only_properties.iter();
        let pointers = pointers.chain(&self.registry.write_only_properties);
        let mut names: Vec<&str> = Vec::new();
        for pointer in pointers {
            let first = pointer
                .split('/')
                .find(|step| !["", "properties"].contains(step));
            let Some(first) = first else { continue };
            let known = self
                .created
                .iter()
                .any(|name| letters(name) == letters(first));
            if !known && !names.contains(&first) {
                names.push(first);
            }
        }
        if !names.is_empty() {
            self.line("registry_names:");
        }
        for name in names {
            self.asking(
                &format!("  {name}: ~"),
                "which attribute is it? None: leave ~",
            );
        }
    }

    /// The shape that a reply has an object in, and the path to it.
    fn object_in(&self, operation: &'m Operation) -> Option<(String, &'m Shape)> {
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
    fn seen_at(&self, name: &str) -> Option<String> {
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
    fn own(&self) -> Vec<&'m str> {
        let token = facts::token(self.model, self.roles.create);
        let tags = self.tag_member();
        let all = self.created.iter().copied();
        all.filter(|name| Some(*name) != tags && Some(*name) != token)
            .collect()
    }

    fn listed_tags(&self) -> bool {
        let listed = self.roles.list.and_then(|list| self.object_in(list));
        listed.is_some_and(|(_, shape)| facts::member(shape, "tags").is_some())
    }

    fn is_create_only(&self, name: &str) -> bool {
        let properties = self.registry.create_only_properties.iter();
        properties
            .filter_map(|pointer| pointer.strip_prefix("/properties/"))
            .any(|property| letters(property) == letters(name))
    }

    /// The member of the creation's input that takes tags.
    fn tag_member(&self) -> Option<&'m str> {
        let own = self.created.iter().copied();
        own.into_iter()
            .find(|name| ["tags", "tag_specifications"].contains(name))
    }

    /// What creation takes and no update brings, and what the replies have beside it.
    fn attributes(&mut self) {
        let updated: Vec<&str> = self
            .roles
            .updates
            .iter()
            .flat_map(|update| members(self.model, update))
            .collect();
        let seen = self.object_in(self.roles.read).map(|(_, shape)| shape);
        let mut lines = Vec::new();
        for name in self.own() {
            if self.seen_at(name).is_none() {
                lines.push(format!("  {name}: {{ write_only: true }} {QUESTION} no reply has it under this name: map it in `read`, or leave this"));
            } else if !self.is_create_only(name) && !updated.contains(&name) {
                lines.push(format!("  {name}: {{ on_change: replace, why: no operation changes it }} {QUESTION} is that so?"));
            }
        }
        if !lines.is_empty() {
            self.line("attributes:");
            lines.iter().for_each(|line| self.line(line));
        }
        let outputs: Vec<&str> = seen.into_iter().flat_map(facts::names).collect();
        let outputs: Vec<&str> = outputs
            .into_iter()
            .filter(|name| *name != "tags" && !self.created.contains(name))
            .collect();
        if !outputs.is_empty() {
            self.asking(
                &format!("outputs: [{}]", outputs.join(", ")),
                "which of them is anybody interested in?",
            );
        }
    }

    /// The input of an operation on one object: its id for what it needs, `${…}` for the others.
    fn on_object(
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

    fn tags(&mut self) {
        let (Some(within), Some(set), Some(unset)) =
            (self.tag_member(), self.roles.tag, self.roles.untag)
        else {
            return;
        };
        let shape = input(self.model, self.roles.create);
        let taken = shape.and_then(|shape| facts::member(shape, within));
        let is_map = taken.is_some_and(|member| self.model.shape(member).kind == ShapeType::Map);
        self.line(&format!("tags:\n  in: {within}"));
        if within == "tag_specifications" {
            let resource = kebab(self.roles.noun);
            self.asking(
                &format!("  shape: specifications({resource})"),
                "the resource_type of its tag specifications",
            );
        } else {
            self.line(&format!("  shape: {}", if is_map { "map" } else { "list" }));
        }
        self.asking(
            "  alphabet: \" _.:/=+-@\"",
            "what keys and values may have beside letters and digits",
        );
        let setting = self.on_object(set, &|name| {
            (name == "tags").then(|| "\"${tags}\"".to_owned())
        });
        let removing = self.on_object(unset, &|name| match name {
            "tag_keys" | "keys" => Some("\"${keys}\"".to_owned()),
            "tags" => Some("\"${key_objects}\"".to_owned()),
            _ => None,
        });
        self.line(&format!(
            "  set: {{ operation: {}, input: {setting} }}",
            set.name
        ));
        self.line(&format!(
            "  remove: {{ operation: {}, input: {removing} }}",
            unset.name
        ));
    }

    fn create(&mut self) {
        let name = &self.roles.create.name;
        let mut entries = vec![format!("operation: {name}")];
        if !self.created.contains(&self.id.as_str()) {
            let reply = self.object_in(self.roles.create);
            let at = reply.map(|(at, _)| at).filter(|at| !at.is_empty());
            let id = at.map_or(self.id.clone(), |at| format!("{at}.{}", self.id));
            entries.push(format!("reply_id: {id}"));
        }
        self.line(&format!("create: {{ {} }}", entries.join(", ")));
    }

    /// The codes that say that there is no such object, of those an operation declares.
    fn absent(&self, operation: &Operation) -> String {
        let codes = operation.errors.iter().map(|error| error.shape_name());
        let absent: Vec<&str> = codes
            .filter(|code| super::draft_names::class(code) == Some("absent"))
            .collect();
        format!("[{}]", absent.join(", "))
    }

    fn reads(&mut self) {
        let read = self.roles.read;
        let input = self.on_object(read, &|_| None);
        let found = self.object_in(read);
        let at = found
            .as_ref()
            .map(|(at, _)| at.as_str())
            .filter(|at| !at.is_empty());
        let at = at.map(|at| format!(", at: \"{at}\"")).unwrap_or_default();
        let absent = self.absent(read);
        let mapped = self.own().into_iter().filter_map(|name| {
            let from = self.seen_at(name).filter(|from| from != name)?;
            Some(format!("{name}: {from}"))
        });
        let mapped = mapped.collect::<Vec<_>>().join(", ");
        let at = match mapped.as_str() {
            "" => at,
            mapped => format!("{at}, map: {{ {mapped} }}"),
        };
        self.line("read:");
        let text = format!(
            "  - {{ operation: {}, input: {input}{at}, absent: {absent} }}",
            read.name
        );
        if absent == "[]" {
            self.asking(
                &text,
                "which codes say that there is no such object? (`error_codes`)",
            );
        } else {
            self.line(&text);
        }
        let has_tags = found.is_some_and(|(_, shape)| facts::member(shape, "tags").is_some());
        if let (false, Some(tags)) = (has_tags, self.roles.list_tags) {
            let input = self.on_object(tags, &|_| None);
            let absent = self.absent(tags);
            self.line(&format!(
                "  - {{ operation: {}, input: {input}, at: tags, into: tags, absent: {absent} }}",
                tags.name
            ));
        }
    }

    fn list(&mut self) {
        let Some(list) = self.roles.list else { return };
        let Some((at, _)) = self.object_in(list) else {
            return;
        };
        let at = at.trim_end_matches("[0]");
        let complete = if self.listed_tags() {
            ", complete: true"
        } else {
            ""
        };
        self.asking(
            &format!("list: {{ operation: {}, at: {at}{complete} }}", list.name),
            "does it have every attribute (`complete: true`)? Does it lag (`settles_after`)?",
        );
    }

    fn updates(&mut self) {
        let mut lines = Vec::new();
        for update in &self.roles.updates {
            let covered: Vec<&str> = members(self.model, update)
                .filter(|name| {
                    self.created.contains(name) && *name != self.id && !self.is_create_only(name)
                })
                .collect();
            if covered.is_empty() {
                continue;
            }
            let input = self.on_object(update, &|name| {
                covered.contains(&name).then(|| format!("\"${{{name}}}\""))
            });
            lines.push(format!(
                "  - {{ covers: [{}], operation: {}, input: {input} }} {QUESTION} all at once? Does it then work on it (`settles: true`)?",
                covered.join(", "),
                update.name
            ));
        }
        if !lines.is_empty() {
            self.line("updates:");
            lines.iter().for_each(|line| self.line(line));
        }
    }

    fn delete(&mut self) {
        let delete = self.roles.delete;
        let input = self.on_object(delete, &|_| None);
        let absent = self.absent(delete);
        self.asking(
            &format!(
                "delete: {{ operation: {}, input: {input}, already: {absent} }}",
                delete.name
            ),
            "what blocks it (`blocked`), and what must go before (`before`, `empty`)?",
        );
    }

    /// The states, if the object has a member with some.
    fn waiters(&mut self) {
        let Some((_, shape)) = self.object_in(self.roles.read) else {
            return;
        };
        let state = shape.members.values().find(|member| {
            let name = member.rust.as_deref().unwrap_or_default();
            let values = &self.model.shape(member).values;
            (name.ends_with("state") || name.ends_with("status")) && !values.is_empty()
        });
        let Some(state) = state else { return };
        let mut classes: [(&str, Vec<&str>); 5] =
            ["ready", "pending", "deleting", "gone", "failed"].map(|class| (class, Vec::new()));
        for value in &self.model.shape(state).values {
            let class = super::draft_names::state(value);
            classes
                .iter_mut()
                .filter(|(name, _)| *name == class)
                .for_each(|(_, of)| of.push(value));
        }
        let mut text = format!(
            "waiters: {{ state: {}",
            state.rust.as_deref().unwrap_or_default()
        );
        for (class, values) in classes
            .iter()
            .filter(|(class, values)| !values.is_empty() || *class == "ready")
        {
            text.push_str(&format!(", {class}: [{}]", values.join(", ")));
        }
        self.asking(
            &format!("{text}, every: 5s, timeout: 10m, usual: 30s }}"),
            "what do the states mean, and how long does it take?",
        );
    }

    fn errors(&mut self) {
        let all = [
            Some(self.roles.create),
            Some(self.roles.read),
            Some(self.roles.delete),
        ];
        let all = all
            .into_iter()
            .flatten()
            .chain(self.roles.updates.iter().copied());
        let mut lines = Vec::new();
        let codes: Vec<&str> = all
            .flat_map(|operation| &operation.errors)
            .map(|e| e.shape_name())
            .collect();
        for class in ["exists", "throttle", "transient", "denied"] {
            let mut own: Vec<&str> = Vec::new();
            for code in codes
                .iter()
                .filter(|code| super::draft_names::class(code) == Some(class))
            {
                if !own.contains(code) {
                    own.push(code);
                }
            }
            if !own.is_empty() {
                lines.push(format!("  {class}: [{}]", own.join(", ")));
            }
        }
        let question = "what do its codes mean? What must be tried again as conflict or eventual?";
        match lines.is_empty() {
            true => self.line(&format!("errors: {{}} {QUESTION} {question}")),
            false => {
                self.asking("errors:", question);
                lines.iter().for_each(|line| self.line(line));
            }
        }
    }
}
