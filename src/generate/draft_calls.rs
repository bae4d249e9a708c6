//! The calls of a draft: what creates, reads, changes and deletes an object, and what their replies mean.

use super::draft::{Draft, QUESTION, sentences};
use super::draft_facts::members;
use super::draft_names;
use super::facts;

impl Draft<'_> {
    pub(super) fn create(&mut self) {
        let create = self.about.roles.create;
        let id = self.about.id.clone();
        let name = &create.name;
        if self.about.created.contains(&id.as_str()) {
            return self.line(&format!("create: {{ operation: {name} }}"));
        }
        let answered = self
            .about
            .object_in(create)
            .map(|(at, _)| match at.as_str() {
                "" => id,
                at => format!("{at}.{id}"),
            });
        match answered {
            Some(path) => self.line(&format!(
                "create: {{ operation: {name}, reply_id: {path} }}"
            )),
            None => self.asking(
                &format!("create: {{ operation: {name} }}"),
                "where does its reply have the id (`reply_id`)?",
            ),
        }
    }

    pub(super) fn reads(&mut self) {
        let read = self.about.roles.read;
        let given = self.about.on_object(read, false, &|_| None);
        let mut questions = given.questions(read);
        let found = self.about.object_in(read);
        let at = match found.as_ref().map(|(at, _)| at.as_str()) {
            Some("") => String::new(),
            Some(at) => format!(", at: \"{at}\""),
            None => {
                let id = &self.about.id;
                questions.push(format!(
                    "no part of its reply has `{id}`: where is the object (`at`)?"
                ));
                String::new()
            }
        };
        let mapped = self.about.own().into_iter().filter_map(|name| {
            let from = self.about.seen_at(name).filter(|from| from != name)?;
            Some(format!("{name}: {from}"))
        });
        let at = match mapped.collect::<Vec<_>>().join(", ").as_str() {
            "" => at,
            mapped => format!("{at}, map: {{ {mapped} }}"),
        };
        let absent = self.about.absent(read);
        if absent == "[]" {
            questions
                .push("which codes say that there is no such object? (`error_codes`)".to_owned());
        }
        self.line("read:");
        let text = format!(
            "  - {{ operation: {}, input: {}{at}, absent: {absent} }}",
            read.name,
            given.text()
        );
        self.asking_all(&text, &questions);
        self.tags_apart();
    }

    /// The read of tags that the object's own reply does not have.
    fn tags_apart(&mut self) {
        let read = self.about.object_in(self.about.roles.read);
        let has_tags = read.is_some_and(|(_, shape)| facts::member(shape, "tags").is_some());
        let (false, Some(tags)) = (has_tags, self.about.roles.list_tags) else {
            return;
        };
        let given = self.about.on_object(tags, false, &|_| None);
        let text = format!(
            "  - {{ operation: {}, input: {}, at: tags, into: tags, absent: {} }}",
            tags.name,
            given.text(),
            self.about.absent(tags)
        );
        self.asking_all(&text, &given.questions(tags));
    }

    pub(super) fn list(&mut self) {
        let found = self.about.roles.list.and_then(|list| {
            let (at, _) = self.about.object_in(list)?;
            Some((list, at.trim_end_matches("[0]").to_owned()))
        });
        let Some((list, at)) = found else {
            let id = &self.about.id;
            let question = format!(
                "no reply has a list of objects with `{id}`: what lists them all (`list: {{ operation: …, at: … }}`)?"
            );
            return self.missing(&question);
        };
        let complete = match self.about.listed_tags() {
            true => ", complete: true",
            false => "",
        };
        self.asking(
            &format!("list: {{ operation: {}, at: {at}{complete} }}", list.name),
            "does it have every attribute (`complete: true`)? Does it lag (`settles_after`)?",
        );
    }

    pub(super) fn updates(&mut self) {
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
            let given = self.about.on_object(update, true, &|name| {
                covered.contains(&name).then(|| format!("\"${{{name}}}\""))
            });
            let mut questions = given.questions(update);
            questions.push("all at once? Does it then work on it (`settles: true`)?".to_owned());
            lines.push(format!(
                "  - {{ covers: [{}], operation: {}, input: {} }} {QUESTION} {}",
                covered.join(", "),
                update.name,
                given.text(),
                sentences(&questions)
            ));
        }
        if !lines.is_empty() {
            self.line("updates:");
            lines.iter().for_each(|line| self.line(line));
        }
    }

    pub(super) fn delete(&mut self) {
        let delete = self.about.roles.delete;
        let given = self.about.on_object(delete, true, &|_| None);
        let absent = self.about.absent(delete);
        let mut questions = given.questions(delete);
        if absent == "[]" {
            questions.push("which codes say that it is gone already (`already`)?".to_owned());
        }
        questions.push(
            "what blocks it (`blocked`), and what must go before (`before`, `empty`)?".to_owned(),
        );
        let text = format!(
            "delete: {{ operation: {}, input: {}, already: {absent} }}",
            delete.name,
            given.text()
        );
        self.asking_all(&text, &questions);
    }

    /// The states, if the object has a member with some.
    pub(super) fn waiters(&mut self) {
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

    pub(super) fn errors(&mut self) {
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
