//! Checks every name of a spec against the models: operations, members, paths, codes, states.

use serde_json::Value;

use crate::aws_model::Model;

use super::facts::{codes, walk};
use super::fields::Name;
use super::kind::{Attribute, Kind, find, lost};
use super::problem::Problems;
use super::prose;
use super::seen::seen;
use super::spec::{Body, Condition, Discovery, Read, ReadWhen, Rule, Spec, TagChange, Within};

const CLASSES: [&str; 8] = [
    "throttle",
    "transient",
    "conflict",
    "absent",
    "exists",
    "eventual",
    "denied",
    "fatal",
];

/// What a spec is checked against.
pub(super) struct Checker<'a> {
    pub spec: &'a Spec,
    pub model: &'a Model,
    pub attributes: &'a [Attribute],
    /// The names of all types there are specs of.
    pub types: &'a [String],
    pub problems: &'a mut Problems,
}

impl Checker<'_> {
    /// Reports every name that leads nowhere.
    pub fn run(&mut self) {
        let spec = self.spec;
        self.identity();
        self.id_of_name();
        if let Some(create) = &spec.create {
            let roots = self.with_body(&["aws", "tags", "token"]);
            self.call(&create.call, &roots);
            self.reply(&create.call, create.reply_id.as_ref());
            self.trial(create);
        }
        self.tags();
        self.reads();
        self.updates();
        self.deletion();
        self.on_one_object();
        self.waiters();
        self.body_and_marks();
        self.checks_and_lookups();
        for value in spec
            .outputs
            .iter()
            .filter_map(|(_, entry)| entry.value.as_ref())
        {
            self.paths(value, &["id", "live", "aws"]);
        }
        for rule in &spec.errors {
            if !CLASSES.contains(&rule.class.text.as_str()) {
                self.problems.unknown(
                    &rule.class.place,
                    "there is no class",
                    &rule.class.text,
                    CLASSES,
                );
            }
            self.codes([&rule.code]);
        }
    }

    fn identity(&mut self) {
        let spec = self.spec;
        self.attribute(spec.name.iter());
        self.attribute(&spec.deferrable);
        self.attribute(&spec.id_of);
        self.live(&spec.id);
        spec.version.iter().for_each(|path| self.live(path));
        spec.data.iter().for_each(|path| self.live(path));
        self.known_types(&spec.after_complete);
        if let Some(Within {
            attribute, default, ..
        }) = &spec.name_within
        {
            self.attribute([attribute]);
            self.known_types(default.iter().map(|default| &default.type_name));
        }
        if let Some(naming) = &spec.named_by {
            self.attribute([&naming.unless]);
            self.attribute(&naming.of);
            if spec.name.is_none() {
                let place = naming.unless.place.clone();
                self.problems.add(place, "`named_by` needs `name`");
            }
        }
        if let Some(owner) = &spec.owner {
            self.attribute([&owner.attribute]);
            owner.otherwise.iter().for_each(|path| self.live(path));
            if spec.tags.is_some() {
                let why = "what has `tags` says there who owns it";
                self.problems.add(owner.attribute.place.clone(), why);
            }
        }
        if spec.reads.is_empty() && spec.list.is_none() {
            self.problems.add(
                spec.type_name.place.clone(),
                "a type needs `read` or `list`",
            );
        }
        if matches!(spec.discovery, Discovery::List) && spec.list.is_none() {
            self.problems.add(
                spec.type_name.place.clone(),
                "`discovery: list` needs `list`",
            );
        }
        if spec.create.is_some() != spec.delete.is_some() {
            self.problems.add(
                spec.type_name.place.clone(),
                "what is created is deleted too: `create` and `delete` go together",
            );
        }
    }

    /// An id that follows from the name is made of it, and of what the name is unique within: when it
    /// is needed, no more is known.
    fn id_of_name(&mut self) {
        let spec = self.spec;
        let Some((template, place)) = &spec.id_is else {
            return;
        };
        self.paths(template, &["aws"]);
        let Some(name) = &spec.name else {
            return self.problems.add(place.clone(), "`id_is` needs `name`");
        };
        let within = spec.name_within.iter().map(|within| &within.attribute);
        let known: Vec<&str> = within
            .chain([name])
            .map(|name| name.text.as_str())
            .collect();
        let paths = template.paths();
        if !paths.iter().any(|(path, _)| *path == name.text) {
            let why = format!(
                "`id_is` must have `${{{}}}` in it: others have the same otherwise",
                name.text
            );
            self.problems.add(place.clone(), why);
        }
        for (path, place) in paths {
            if find(self.attributes, path).is_some() && !known.contains(&path) {
                let what = "`id_is` is made of the name and what that is unique within, not of";
                self.problems
                    .unknown(place, what, path, known.iter().copied());
            }
        }
    }

    pub(super) fn known_types<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
        for name in names {
            if !self.types.contains(&name.text) {
                self.problems.unknown(
                    &name.place,
                    "there is no type",
                    &name.text,
                    self.types.iter().map(String::as_str),
                );
            }
        }
    }

    fn tags(&mut self) {
        let Some(tags) = &self.spec.tags else { return };
        if let Some(create) = &self.spec.create
            && let Some(operation) = self.model.operations.get(&create.call.operation.text)
            && let Err(lost) = walk(self.model, operation.input.as_ref(), &tags.within.text)
        {
            self.problems.unknown(
                &tags.within.place,
                "creation takes no",
                &lost.step,
                lost.known,
            );
        }
        let specifications =
            tags.shape.text.starts_with("specifications(") && tags.shape.text.ends_with(')');
        if !["map", "list", "query"].contains(&tags.shape.text.as_str()) && !specifications {
            let known = ["map", "list", "query", "specifications(resource-type)"];
            self.problems.unknown(
                &tags.shape.place,
                "there is no shape of tags",
                &tags.shape.text,
                known,
            );
        }
        match &tags.change {
            TagChange::Some { set, remove } => {
                self.call(set, &["id", "name", "live", "aws", "tags"]);
                self.call(
                    remove,
                    &["id", "name", "live", "aws", "keys", "key_objects"],
                );
            }
            TagChange::All(call) => self.call(call, &["id", "name", "live", "aws", "tags"]),
        }
    }

    fn reads(&mut self) {
        let spec = self.spec;
        for read in &spec.reads {
            let roots = match &read.when {
                ReadWhen::Differing(..) => ["id", "name", "aws", "live"],
                _ => ["id", "name", "aws", "each"],
            };
            self.call(&read.call, &roots);
            self.reshape(&read.call, &read.shape);
            self.codes(&read.absent);
            self.codes(&read.none);
            match &read.when {
                ReadWhen::Needed(attributes) | ReadWhen::Changing(attributes) => {
                    self.attribute(attributes);
                }
                ReadWhen::NeededAbove(attributes, number, _) => {
                    self.attribute(attributes);
                    self.attribute([number]);
                }
                ReadWhen::Differing(attributes, number, _) => {
                    self.live(number);
                    self.differing(read, attributes);
                }
                ReadWhen::Each(path) => self.live(path),
                ReadWhen::Always => {}
            }
        }
        if let Some(list) = &spec.list {
            self.call(&list.call, &["aws"]);
            self.reshape(&list.call, &list.shape);
        }
    }

    /// What people compare are contents, as text.
    fn differing(&mut self, read: &Read, attributes: &[Name]) {
        let body = self.spec.body.as_ref();
        let is = |name: &Name, other: fn(&Body) -> &Name| {
            body.is_some_and(|body| other(body).text == name.text)
        };
        let into = read.into.iter().any(|into| is(into, |body| &body.text));
        if !into || !attributes.iter().all(|name| is(name, |body| &body.digest)) {
            let why = "what is read when it is `differing` are contents: `differing` is the \
                       `digest` of the type's `body`, and `into` its `text`";
            let place = read.call.operation.place.clone();
            self.problems.add(place, why);
        }
    }

    /// What the paths of a call that sends contents can begin with.
    pub(super) fn with_body<'r>(&self, roots: &[&'r str]) -> Vec<&'r str> {
        let body = self.spec.body.iter().map(|_| "body");
        roots.iter().copied().chain(body).collect()
    }

    fn body_and_marks(&mut self) {
        let spec = self.spec;
        if let Some(body) = &spec.body {
            self.attribute(body.sources());
            self.attribute([&body.digest, &body.stand_in]);
        }
        if spec.marks.is_some() != matches!(spec.discovery, Discovery::Marks) {
            self.problems.add(
                spec.type_name.place.clone(),
                "`discovery: marks` and `marks` go together",
            );
        }
        if let Some(marks) = &spec.marks {
            self.known_types([&marks.parent]);
            self.attribute([&marks.attribute, &marks.key]);
            let parts = [&marks.attribute.text, &marks.key.text];
            if !spec.id_of.iter().map(|part| &part.text).eq(parts) {
                let why = "what is marked is identified by its parent and the mark: its `id` is \
                           the list of `attribute` and `key`";
                self.problems.add(marks.parent.place.clone(), why);
            }
        }
    }

    fn checks_and_lookups(&mut self) {
        let spec = self.spec;
        for check in &spec.checks {
            let conditions = check.when.iter().chain(&check.unless);
            conditions.for_each(|condition| self.condition(condition));
            match &check.rule {
                Rule::Requires(path) | Rule::Forbids(path) | Rule::Warns(path) => {
                    self.attribute([path]);
                }
                Rule::Matches(path, pattern) | Rule::Excludes(path, pattern) => {
                    self.attribute([path]);
                    if let Err(error) = regex::Regex::new(&pattern.text) {
                        let why = format!("no regular expression: {error}");
                        self.problems.add(pattern.place.clone(), why);
                    }
                }
                Rule::SomeOf(paths) => self.attribute(paths),
                Rule::OneCase(path) => self.attribute([path]),
                Rule::OneOf(path, values) => self.values(path, values),
                Rule::Multiple(number, of) => self.attribute([number, of]),
            }
        }
        for (name, lookup) in &spec.lookup {
            self.live(lookup.live.as_ref().unwrap_or(name));
            if lookup.each && (lookup.live.is_none() || !spec.plural) {
                let why = "`each` is for a list of what several objects have: with `live`, of what is `plural`";
                self.problems.add(name.place.clone(), why);
            }
        }
        spec.lookup_order.iter().for_each(|path| self.live(path));
    }

    /// An attribute and the values it is asked for.
    pub(super) fn condition(&mut self, condition: &Condition) {
        self.values(&condition.path, &condition.values);
    }

    /// An attribute and values of it: one that it never has would never count.
    fn values(&mut self, path: &Name, values: &[Value]) {
        self.attribute([path]);
        let Some(attribute) = find(self.attributes, &path.text) else {
            return;
        };
        if values.is_empty() {
            let why = format!("no value of `{}` is named", path.text);
            self.problems.add(path.place.clone(), why);
        }
        for value in values.iter().filter(|value| !takes(&attribute.kind, value)) {
            let known = prose::takes(&attribute.kind);
            let why = format!("`{}` is never {value}: it is {known}", path.text);
            self.problems.add(path.place.clone(), why);
        }
    }

    /// Paths of attributes.
    pub(super) fn attribute<'n>(&mut self, paths: impl IntoIterator<Item = &'n Name>) {
        for path in paths {
            if find(self.attributes, &path.text).is_none() {
                let (step, known) = lost(self.attributes, &path.text);
                self.problems
                    .unknown(&path.place, "there is no attribute", step, known);
            }
        }
    }

    /// A path of an attribute or of a reply.
    pub(super) fn live(&mut self, path: &Name) {
        if find(self.attributes, &path.text).is_none()
            && seen(self.spec, self.model, &path.text).is_none()
        {
            let (step, known) = lost(self.attributes, &path.text);
            self.problems.unknown(
                &path.place,
                "neither an attribute nor a member of a reply:",
                step,
                known,
            );
        }
    }

    pub(super) fn codes<'n>(&mut self, wanted: impl IntoIterator<Item = &'n Name>) {
        let declared = codes(self.model);
        if declared.is_empty() {
            return;
        }
        let own = self.spec.error_codes.iter().map(|code| code.text.as_str());
        let known: Vec<&str> = declared.into_iter().chain(own).collect();
        for code in wanted
            .into_iter()
            .filter(|code| !known.contains(&code.text.as_str()))
        {
            let what =
                "the service declares no error (say so in `error_codes` if it answers with it):";
            self.problems
                .unknown(&code.place, what, &code.text, known.iter().copied());
        }
    }
}

/// Whether an attribute can have a value, as far as its kind says; that it is not there goes for all.
fn takes(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null) => true,
        (Kind::Text { values, .. }, Value::String(text)) => {
            values.is_empty() || values.contains(text)
        }
        (Kind::Integer { min, max }, value) => value.as_i64().is_some_and(|number| {
            min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max)
        }),
        (Kind::Text { .. }, _) => false,
        (Kind::Boolean, value) => value.is_boolean(),
        (Kind::Number, value) => value.is_number(),
        _ => true,
    }
}
