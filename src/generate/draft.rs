//! The draft of a spec: what the registry and the API's model tell of a type, the rest as questions.
//!
//! A question is a comment that begins with `# ?` at the end of the line it asks about; a spec that
//! still has one is not generated from.

use crate::aws_model::{Model, Operation, RegistryType, ShapeType};

use super::draft_facts::{About, input, members};
use super::draft_names::{kebab, letters};
use super::facts;
use super::prose::capital;

/// What a comment that asks something begins with.
pub(super) const QUESTION: &str = "# ?";

/// A draft while it is written.
pub(super) struct Draft<'m> {
    pub about: About<'m>,
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

/// Questions one after the other: all but the first begin as sentences do.
pub(super) fn sentences(questions: &[String]) -> String {
    let mut text = String::new();
    for question in questions {
        match text.is_empty() {
            true => text.push_str(question),
            false => text.push_str(&format!(" {}", capital(question))),
        }
    }
    text
}

impl Draft<'_> {
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn asking(&mut self, text: &str, question: &str) {
        self.line(&format!("{text} {QUESTION} {question}"));
    }

    /// A line, with all that is to be asked about it.
    pub fn asking_all(&mut self, text: &str, questions: &[String]) {
        match questions {
            [] => self.line(text),
            questions => self.asking(text, &sentences(questions)),
        }
    }

    /// What a spec lacks, where nothing could be guessed.
    pub fn missing(&mut self, question: &str) {
        self.line(&format!("{QUESTION} {question}"));
    }

    fn head(&mut self, type_name: &str, service: &str) {
        self.asking(
            &format!("type: {type_name}"),
            "is this its name in Terraform, without `aws_`? (the folder has it too)",
        );
        self.line(&format!("service: {service}"));
        self.line(&format!("registry: {}", self.about.registry.type_name));
        self.registry_names();
        let id = self.about.id.clone();
        let question = match self.about.object_in(self.about.roles.read) {
            Some(_) => "is this what its operations take?",
            None => "nothing that reads it answers this: what do its operations take?",
        };
        self.asking(&format!("id: {id}"), question);
        let noun = self.about.roles.noun;
        if let Some(name) = self.about.name() {
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
            let own = self.about.name().filter(|_| letters(name) == "name");
            self.asking(
                &format!("  {name}: {}", own.unwrap_or("~")),
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
        let Some(within) = self.about.tag_member() else {
            let question = "creation takes no tags: what says who owns it (`owner`, `marks`)?";
            return self.missing(question);
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
        let (tag, untag) = (self.about.roles.tag, self.about.roles.untag);
        self.tagging("set", tag, &|name| {
            ["tags", "tag"]
                .contains(&name)
                .then(|| "\"${tags}\"".to_owned())
        });
        self.tagging("remove", untag, &|name| match name {
            "tag_keys" | "keys" => Some("\"${keys}\"".to_owned()),
            "tags" => Some("\"${key_objects}\"".to_owned()),
            _ => None,
        });
    }

    /// A call that changes tags.
    fn tagging(
        &mut self,
        key: &str,
        operation: Option<&Operation>,
        tags: &dyn Fn(&str) -> Option<String>,
    ) {
        let Some(operation) = operation else {
            return self.missing(&format!(
                "no operation was found for `{key}` of tags: which one?"
            ));
        };
        let given = self.about.on_object(operation, true, tags);
        let text = format!(
            "  {key}: {{ operation: {}, input: {} }}",
            operation.name,
            given.text()
        );
        self.asking_all(&text, &given.questions(operation));
    }
}
