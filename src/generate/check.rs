//! Checks every name of a spec against the models: operations, members, paths, codes, states.

use crate::aws_model::Model;

use super::facts::{self, Type, codes, walk};
use super::fields::Name;
use super::kind::{Attribute, find, lost};
use super::problem::Problems;
use super::seen::seen;
use super::spec::{
    Action, Call, Discovery, Empty, ReadWhen, Reshape, Rule, Spec, TagChange, When, Within,
};

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
const WHENS: [&str; 7] = [
    "changes",
    "grows",
    "shrinks",
    "set",
    "removed",
    "added",
    "exchanged",
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
        if let Some(create) = &spec.create {
            let roots = self.with_body(&["aws", "tags", "token"]);
            self.call(&create.call, &roots);
            self.reply(&create.call, create.reply_id.as_ref());
        }
        self.tags();
        self.reads();
        self.updates();
        self.deletion();
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
        if let Some(template) = &spec.id_is {
            self.paths(template, &["aws"]);
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
        if let Some(Within { attribute, default }) = &spec.name_within {
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

    fn known_types<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
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
            self.call(&read.call, &["id", "name", "aws", "each"]);
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
                ReadWhen::Each(path) => self.live(path),
                ReadWhen::Always => {}
            }
        }
        if let Some(list) = &spec.list {
            self.call(&list.call, &["aws"]);
            self.reshape(&list.call, &list.shape);
        }
    }

    fn reshape(&mut self, call: &Call, shape: &Reshape) {
        let Some(operation) = self.model.operations.get(&call.operation.text) else {
            return;
        };
        let at = shape.at.as_ref().map_or("", |at| at.text.as_str());
        let start = match walk(self.model, operation.output.as_ref(), at) {
            Ok(start) => start,
            Err(lost) => {
                let place = shape
                    .at
                    .as_ref()
                    .map_or(&call.operation.place, |at| &at.place);
                return self.problems.unknown(
                    place,
                    &format!("{} answers no", call.operation.text),
                    &lost.step,
                    lost.known,
                );
            }
        };
        for path in shape
            .bases
            .iter()
            .chain(shape.map.iter().map(|(_, from)| from))
        {
            if let Err(lost) = facts::follow(self.model, start.clone(), &path.text) {
                self.problems.unknown(
                    &path.place,
                    &format!("{} answers no", call.operation.text),
                    &lost.step,
                    lost.known,
                );
            }
        }
    }

    fn updates(&mut self) {
        let spec = self.spec;
        let usual = self.with_body(&["id", "name", "live", "aws", "tags", "token"]);
        for update in &spec.updates {
            self.attribute(&update.also);
            update.renews.iter().for_each(|output| self.live(output));
            if let Some(room) = &update.room {
                self.emptying(&room.of);
            }
            if update.at_rest && spec.rest.is_none() {
                let place = update.covers.first().map(|cover| &cover.place);
                let place = place.unwrap_or(&spec.type_name.place).clone();
                self.problems
                    .add(place, "`at_rest` needs `rest`: how it is brought there");
            }
            self.codes(&update.moved);
            match &update.when {
                When::Word(Some(word)) if !WHENS.contains(&word.text.as_str()) => {
                    self.problems
                        .unknown(&word.place, "there is no `when`", &word.text, WHENS);
                }
                When::Wanted(condition) => self.attribute([&condition.path]),
                When::Word(_) => {}
            }
            match &update.action {
                Action::Call(call) => self.call(call, &usual),
                Action::Steps { call, .. } => {
                    self.call(call, &["id", "name", "live", "aws", "step"])
                }
                Action::Items(items) => {
                    for call in [Some(&items.add), items.change.as_ref(), Some(&items.remove)]
                        .into_iter()
                        .flatten()
                    {
                        self.call(call, &["id", "name", "live", "aws", "each", "items"]);
                    }
                    let covered = update
                        .covers
                        .first()
                        .and_then(|cover| find(self.attributes, &cover.text));
                    let members: Vec<&str> = covered
                        .and_then(|attribute| attribute.kind.members())
                        .map(|members| members.iter().map(|member| member.name.as_str()).collect())
                        .unwrap_or_default();
                    for name in items
                        .identity
                        .iter()
                        .filter(|name| !members.contains(&name.text.as_str()))
                    {
                        self.problems.unknown(
                            &name.place,
                            "its elements have no member",
                            &name.text,
                            members.iter().copied(),
                        );
                    }
                }
                Action::Impossible(_) | Action::Replace | Action::Keep(_) => {}
            }
        }
        self.forms_and_rest();
    }

    fn forms_and_rest(&mut self) {
        let spec = self.spec;
        spec.made.iter().for_each(|path| self.live(path));
        for (path, entry) in &spec.attributes {
            self.attribute(&entry.parameter);
            if entry.form.is_some() && path.text.contains('.') {
                let why = "only an attribute of the type itself has a `form`";
                self.problems.add(path.place.clone(), why);
            }
        }
        let Some(rest) = &spec.rest else { return };
        self.call(&rest.stop, &["id", "name", "live", "aws"]);
        self.call(&rest.start, &["id", "name", "live", "aws"]);
        self.attribute(rest.unless.iter().map(|unless| &unless.path));
        let ready = spec.waiters.iter().flat_map(|waiters| &waiters.ready);
        let ready: Vec<&str> = ready.map(|state| state.text.as_str()).collect();
        for state in rest
            .states
            .iter()
            .filter(|s| !ready.contains(&s.text.as_str()))
        {
            let what = "an object at rest is ready, in one of the waiters' states:";
            self.problems
                .unknown(&state.place, what, &state.text, ready.iter().copied());
        }
    }

    fn deletion(&mut self) {
        let Some(delete) = &self.spec.delete else {
            return;
        };
        self.call(&delete.call, &["id", "name", "live", "aws"]);
        self.codes(&delete.blocked);
        if let Some(blockers) = &delete.blockers {
            self.call(&blockers.call, &["id", "name", "live", "aws"]);
            self.reply(&blockers.call, Some(&blockers.at));
            for member in [&blockers.id, &blockers.about] {
                let place = member.place.clone();
                let text = format!("{}.{}", blockers.at.text, member.text);
                self.reply(&blockers.call, Some(&Name { text, place }));
            }
        }
        delete.protected.iter().for_each(|path| self.live(path));
        for (each, call) in &delete.before {
            self.live(each);
            self.call(call, &["id", "name", "live", "aws", "each"]);
        }
        for empty in &delete.empty {
            self.emptying(empty);
        }
    }

    fn emptying(&mut self, empty: &Empty) {
        let roots = ["id", "name", "live", "aws", "each", "items"];
        self.call(&empty.list, &roots[..4]);
        self.call(&empty.remove, &roots);
        empty
            .at
            .iter()
            .for_each(|path| self.reply(&empty.list, Some(path)));
        self.reply(&empty.remove, empty.failures.as_ref());
    }

    fn reply(&mut self, call: &Call, path: Option<&Name>) {
        let Some((path, operation)) = path.zip(self.model.operations.get(&call.operation.text))
        else {
            return;
        };
        if let Err(lost) = walk(self.model, operation.output.as_ref(), &path.text) {
            self.problems.unknown(
                &path.place,
                &format!("{} answers no", call.operation.text),
                &lost.step,
                lost.known,
            );
        }
    }

    /// The states of all classes are those of the state's enum, each once.
    fn waiters(&mut self) {
        let Some(waiters) = &self.spec.waiters else {
            return;
        };
        self.live(&waiters.state);
        waiters.reason.iter().for_each(|path| self.live(path));
        let Some(Type::Of(state)) = seen(self.spec, self.model, &waiters.state.text) else {
            return;
        };
        let known = &self.model.shape(state).values;
        if known.is_empty() {
            return;
        }
        let classes = [
            &waiters.ready,
            &waiters.pending,
            &waiters.deleting,
            &waiters.gone,
            &waiters.failed,
        ];
        let said: Vec<&Name> = classes.into_iter().flatten().collect();
        for name in said.iter().filter(|name| !known.contains(&name.text)) {
            self.problems.unknown(
                &name.place,
                "there is no state",
                &name.text,
                known.iter().map(String::as_str),
            );
        }
        for value in known
            .iter()
            .filter(|value| said.iter().filter(|name| &name.text == *value).count() != 1)
        {
            self.problems.add(waiters.state.place.clone(), format!("the state {value} must be in exactly one of ready, pending, deleting, gone, failed"));
        }
    }

    /// What the paths of a call that sends contents can begin with.
    fn with_body<'r>(&self, roots: &[&'r str]) -> Vec<&'r str> {
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
            self.attribute(check.when.iter().map(|when| &when.path));
            match &check.rule {
                Rule::Requires(path)
                | Rule::Forbids(path)
                | Rule::Warns(path)
                | Rule::OneOf(path, _) => self.attribute([path]),
                Rule::Multiple(number, of) => self.attribute([number, of]),
            }
        }
        for (name, lookup) in &spec.lookup {
            self.live(lookup.live.as_ref().unwrap_or(name));
        }
        spec.lookup_order.iter().for_each(|path| self.live(path));
    }

    /// Paths of attributes.
    fn attribute<'n>(&mut self, paths: impl IntoIterator<Item = &'n Name>) {
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
