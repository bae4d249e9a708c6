//! The draft of a spec: what the registry and the API's model tell of a type, the rest as questions.
//!
//! A question is a comment that begins with `# ?` at the end of the line it asks about; a spec that
//! still has one is not generated from.

use crate::aws_model::{Model, RegistryType, ShapeType};

use super::draft_facts::{About, input, members};
use super::draft_names::{self, kebab, letters};
use super::facts;

/// What a comment that asks something begins with.
pub(super) const QUESTION: &str = "# ?";

/// A draft while it is written.
struct Draft<'m> {
    about: About<'m>,
    text: String,
}

/// The text of a spec.
pub(super) fn draft(
    type_name: &str,
    service: &str,
    model: &Model,
    registry: &RegistryType,
) -> Result<String, String> {
    let mut draft = Draft {
        about: About::of(model, registry)?,
        text: String::new(),
    };
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

impl Draft<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn asking(&mut self, text: &str, question: &str) {
        self.line(&format!("{text} {QUESTION} {question}"));
    }

    fn head(&mut self, type_name: &str, service: &str) {
        self.line(&format!("type: {type_name}\nservice: {service}"));
        self.line(&format!("registry: {}", self.about.registry.type_name));
        self.registry_names();
        let id = self.about.id.clone();
        self.asking(&format!("id: {id}"), "is this what its operations take?");
        let noun = self.about.roles.noun;
        let name = self.about.created.iter().find(|name| {
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
        if self.about.listed_tags() {
            self.line("discovery: list");
        } else {
            let filter = format!(
                "{}:{}",
                self.about.model.metadata.signing_name(),
                kebab(noun)
            );
            self.asking(
                &format!("discovery: {{ tagging_api: \"{filter}\" }}"),
                "its name in the Tagging API: the service and the resource in its ARN",
            );
        }
    }

    /// Create-only and write-only properties that no member of the creation has the name of.
    fn registry_names(&mut self) {
        let pointers = self.about.registry.create_only_properties.iter();
        let pointers = pointers.chain(&self.about.registry.write_only_properties);
        let mut names: Vec<&str> = Vec::new();
        for pointer in pointers {
            let first = pointer
                .split('/')
                .find(|step| !["", "properties"].contains(step));
            let Some(first) = first else { continue };
            let known = self
                .about
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

    /// What creation takes and no update brings, and what the replies have beside it.
    fn attributes(&mut self) {
        let updated: Vec<&str> = self
            .about
            .roles
            .updates
            .iter()
            .flat_map(|update| members(self.about.model, update))
            .collect();
        let seen = self
            .about
            .object_in(self.about.roles.read)
            .map(|(_, shape)| shape);
        let mut lines = Vec::new();
        for name in self.about.own() {
            if self.about.seen_at(name).is_none() {
                lines.push(format!("  {name}: {{ write_only: true }} {QUESTION} no reply has it under this name: map it in `read`, or leave this"));
            } else if !self.about.is_create_only(name) && !updated.contains(&name) {
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
            .filter(|name| *name != "tags" && !self.about.created.contains(name))
            .collect();
        if !outputs.is_empty() {
            self.asking(
                &format!("outputs: [{}]", outputs.join(", ")),
                "which of them is anybody interested in?",
            );
        }
    }

    fn tags(&mut self) {
        let (Some(within), Some(set), Some(unset)) = (
            self.about.tag_member(),
            self.about.roles.tag,
            self.about.roles.untag,
        ) else {
            return;
        };
        let shape = input(self.about.model, self.about.roles.create);
        let taken = shape.and_then(|shape| facts::member(shape, within));
        let is_map =
            taken.is_some_and(|member| self.about.model.shape(member).kind == ShapeType::Map);
        self.line(&format!("tags:\n  in: {within}"));
        if within == "tag_specifications" {
            let resource = kebab(self.about.roles.noun);
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
        let setting = self.about.on_object(set, &|name| {
            (name == "tags").then(|| "\"${tags}\"".to_owned())
        });
        let removing = self.about.on_object(unset, &|name| match name {
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
        let name = &self.about.roles.create.name;
        let mut entries = vec![format!("operation: {name}")];
        if !self.about.created.contains(&self.about.id.as_str()) {
            let reply = self.about.object_in(self.about.roles.create);
            let at = reply.map(|(at, _)| at).filter(|at| !at.is_empty());
            let id = at.map_or(self.about.id.clone(), |at| {
                format!("{at}.{}", self.about.id)
            });
            entries.push(format!("reply_id: {id}"));
        }
        self.line(&format!("create: {{ {} }}", entries.join(", ")));
    }

    fn reads(&mut self) {
        let read = self.about.roles.read;
        let input = self.about.on_object(read, &|_| None);
        let found = self.about.object_in(read);
        let at = found
            .as_ref()
            .map(|(at, _)| at.as_str())
            .filter(|at| !at.is_empty());
        let at = at.map(|at| format!(", at: \"{at}\"")).unwrap_or_default();
        let absent = self.about.absent(read);
        let mapped = self.about.own().into_iter().filter_map(|name| {
            let from = self.about.seen_at(name).filter(|from| from != name)?;
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
        if let (false, Some(tags)) = (has_tags, self.about.roles.list_tags) {
            let input = self.about.on_object(tags, &|_| None);
            let absent = self.about.absent(tags);
            self.line(&format!(
                "  - {{ operation: {}, input: {input}, at: tags, into: tags, absent: {absent} }}",
                tags.name
            ));
        }
    }

    fn list(&mut self) {
        let Some(list) = self.about.roles.list else {
            return;
        };
        let Some((at, _)) = self.about.object_in(list) else {
            return;
        };
        let at = at.trim_end_matches("[0]");
        let complete = if self.about.listed_tags() {
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
        for update in &self.about.roles.updates {
            let covered: Vec<&str> = members(self.about.model, update)
                .filter(|name| {
                    self.about.created.contains(name)
                        && *name != self.about.id
                        && !self.about.is_create_only(name)
                })
                .collect();
            if covered.is_empty() {
                continue;
            }
            let input = self.about.on_object(update, &|name| {
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
        let delete = self.about.roles.delete;
        let input = self.about.on_object(delete, &|_| None);
        let absent = self.about.absent(delete);
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
        let Some((_, shape)) = self.about.object_in(self.about.roles.read) else {
            return;
        };
        let state = shape.members.values().find(|member| {
            let name = member.rust.as_deref().unwrap_or_default();
            let values = &self.about.model.shape(member).values;
            (name.ends_with("state") || name.ends_with("status")) && !values.is_empty()
        });
        let Some(state) = state else { return };
        let mut classes: [(&str, Vec<&str>); 5] =
            ["ready", "pending", "deleting", "gone", "failed"].map(|class| (class, Vec::new()));
        for value in &self.about.model.shape(state).values {
            let class = draft_names::state(value);
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
            Some(self.about.roles.create),
            Some(self.about.roles.read),
            Some(self.about.roles.delete),
        ];
        let all = all
            .into_iter()
            .flatten()
            .chain(self.about.roles.updates.iter().copied());
        let mut lines = Vec::new();
        let codes: Vec<&str> = all
            .flat_map(|operation| &operation.errors)
            .map(|e| e.shape_name())
            .collect();
        for class in ["exists", "throttle", "transient", "denied"] {
            let mut own: Vec<&str> = Vec::new();
            for code in codes
                .iter()
                .filter(|code| draft_names::class(code) == Some(class))
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
