//! Checks the calls of a spec: members and literals of their inputs, and the paths in them.

use serde_json::Value;

use crate::aws_model::{Reference, ShapeType};

use super::check::Checker;
use super::facts::{Lost, Type, follow, member, names, requires, walk};
use super::fields::Name;
use super::input::Template;
use super::kind::{find, lost};
use super::problem::Place;
use super::spec::{Action, Call, Reshape, Spec, TagChange};

const AWS: [&str; 4] = ["account_id", "region", "partition", "location_constraint"];

/// What `each` has: `each.live` only where there is a live element beside the item.
fn each(roots: &[&str]) -> &'static [&'static str] {
    match roots.contains(&"each.live") {
        true => &["key", "value", "live"],
        false => &["key", "value"],
    }
}

/// How the live members end that say which object.
const IDENTIFIES: [&str; 4] = ["id", "arn", "name", "url"];

impl<'a> Checker<'a> {
    /// Every call on one object says which: without that, AWS answers for another, or for all.
    pub(super) fn on_one_object(&mut self) {
        let spec = self.spec;
        let parts = spec.id_of.iter().chain(&spec.name);
        let parts: Vec<String> = parts.map(|part| format!("`${{{}}}`", part.text)).collect();
        let known = match parts.as_slice() {
            [] => "`${id}`".to_owned(),
            parts => format!("`${{id}}`, or {}", parts.join(" and ")),
        };
        for call in calls_on_one(spec) {
            if !self.says_which(&call.input) {
                let operation = &call.operation;
                let why = format!(
                    "nothing in the input of {} says which object: it needs {known}",
                    operation.text
                );
                self.problems.add(operation.place.clone(), why);
            }
        }
    }

    /// Whether an input has what identifies one object.
    fn says_which(&self, input: &Template) -> bool {
        let paths: Vec<&str> = input.paths().into_iter().map(|(path, _)| path).collect();
        let has = |name: &Name| paths.contains(&name.text.as_str());
        let parts = &self.spec.id_of;
        let by_live = |path: &&str| {
            let own = path.strip_prefix("live.");
            let member = own.or(path.strip_prefix("each.live."));
            member.is_some_and(|member| IDENTIFIES.iter().any(|end| member.ends_with(end)))
        };
        paths.iter().any(|path| ["id", "name"].contains(path))
            || paths.iter().any(by_live)
            || self.spec.name.as_ref().is_some_and(has)
            || !parts.is_empty() && parts.iter().all(has)
    }

    /// A call: its operation, its members, its paths and codes.
    pub(super) fn call(&mut self, call: &Call, roots: &[&str]) {
        let Some(operation) = self.model.operations.get(&call.operation.text) else {
            return;
        };
        self.codes(&call.already);
        self.paths(&call.input, roots);
        let Some(input) = &operation.input else {
            if !matches!(&call.input, Template::Object(members) if members.is_empty()) {
                self.problems.add(
                    call.operation.place.clone(),
                    format!("{} takes no input", call.operation.text),
                );
            }
            return;
        };
        self.template(
            &call.input,
            input,
            &call.operation.text,
            &call.operation.place,
        );
    }

    /// Where a reply has what is read.
    pub(super) fn reshape(&mut self, call: &Call, shape: &Reshape) {
        let start = match &shape.at {
            Some(at) => self.answer(call, at),
            None => self.whole_answer(call),
        };
        let Some(start) = start else { return };
        let map = shape.map.iter().map(|(_, from)| from);
        for path in shape.bases.iter().chain(map) {
            let found = follow(self.model, start.clone(), &path.text);
            self.found(call, path, found);
        }
    }

    /// What a call answers at a path, where there is one.
    pub(super) fn reply(&mut self, call: &Call, path: Option<&Name>) {
        path.and_then(|path| self.answer(call, path));
    }

    /// What a call answers at a path.
    pub(super) fn answer(&mut self, call: &Call, path: &Name) -> Option<Type<'a>> {
        let operation = self.model.operations.get(&call.operation.text)?;
        let found = walk(self.model, operation.output.as_ref(), &path.text);
        self.found(call, path, found)
    }

    fn whole_answer(&mut self, call: &Call) -> Option<Type<'a>> {
        let operation = self.model.operations.get(&call.operation.text)?;
        let found = walk(self.model, operation.output.as_ref(), "");
        self.found(call, &call.operation, found)
    }

    /// What was found, or a problem.
    fn found(
        &mut self,
        call: &Call,
        path: &Name,
        found: Result<Type<'a>, Lost<'a>>,
    ) -> Option<Type<'a>> {
        let lost = match found {
            Ok(found) => return Some(found),
            Err(lost) => lost,
        };
        let what = format!("{} answers no", call.operation.text);
        self.problems
            .unknown(&path.place, &what, &lost.step, lost.known);
        None
    }

    /// A value for a shape: members it has, those it must have, literals it takes.
    fn template(&mut self, template: &Template, reference: &Reference, owner: &str, place: &Place) {
        let shape = self.model.shape(reference);
        match (template, shape.kind) {
            (Template::Object(members), ShapeType::Structure) => {
                for (name, place, inner) in members {
                    match member(shape, name) {
                        Some(reference) => {
                            self.template(inner, reference, &format!("{owner}.{name}"), place)
                        }
                        None => self.problems.unknown(
                            place,
                            &format!("{owner} has no member"),
                            name,
                            names(shape),
                        ),
                    }
                }
                let given = |name: &str| members.iter().any(|(member, ..)| member == name);
                for name in names(shape).filter(|name| requires(shape, name) && !given(name)) {
                    self.problems
                        .add(place.clone(), format!("{owner} needs `{name}`"));
                }
            }
            (Template::List(items), ShapeType::List) => {
                if let Some(element) = &shape.member {
                    items
                        .iter()
                        .for_each(|item| self.template(item, element, owner, place));
                }
            }
            (Template::Literal(value), _) => self.literal(value, reference, owner, place),
            (Template::Object(_), ShapeType::Map) | (Template::Path(..), _) => {}
            (
                Template::Text(..) | Template::JsonText(_) | Template::Base64(_),
                ShapeType::String | ShapeType::Blob,
            ) => {}
            _ => self
                .problems
                .add(place.clone(), format!("{owner} is of another kind")),
        }
    }

    fn literal(&mut self, value: &Value, reference: &Reference, owner: &str, place: &Place) {
        let shape = self.model.shape(reference);
        let fits = match (value, shape.kind) {
            (Value::Null, _) => true,
            (Value::String(_), kind) => matches!(kind, ShapeType::String | ShapeType::Blob),
            (Value::Bool(_), kind) => kind == ShapeType::Boolean,
            (Value::Number(_), kind) => !matches!(
                kind,
                ShapeType::String | ShapeType::Boolean | ShapeType::Structure | ShapeType::List
            ),
            (Value::Array(items), ShapeType::List) => {
                if let Some(element) = &shape.member {
                    items
                        .iter()
                        .for_each(|item| self.literal(item, element, owner, place));
                }
                true
            }
            _ => false,
        };
        if !fits {
            self.problems
                .add(place.clone(), format!("{owner} does not take {value}"));
        }
        if let Value::String(text) = value
            && !shape.values.is_empty()
            && !shape.values.contains(text)
        {
            self.problems.unknown(
                place,
                &format!("{owner} does not take"),
                text,
                shape.values.iter().map(String::as_str),
            );
        }
    }

    pub(super) fn paths(&mut self, template: &Template, roots: &[&str]) {
        for (path, place) in template.paths() {
            let (root, rest) = path.split_once('.').unwrap_or((path, ""));
            let name = |text: &str| Name {
                text: text.to_owned(),
                place: place.clone(),
            };
            match root {
                "aws" if !AWS.contains(&rest) => {
                    self.problems.unknown(place, "aws has no", rest, AWS)
                }
                "live" if roots.contains(&"live") => self.live(&name(rest)),
                "each" if !self::each(roots).iter().any(|part| rest.starts_with(part)) => {
                    self.problems.unknown(
                        place,
                        "each has no",
                        rest,
                        self::each(roots).iter().copied(),
                    );
                }
                root if roots.contains(&root) => {}
                _ if find(self.attributes, path).is_some() || self.given_by_hook(path) => {}
                _ => {
                    let (step, known) = lost(self.attributes, path);
                    let known: Vec<&str> = known.into_iter().chain(roots.iter().copied()).collect();
                    self.problems.unknown(
                        place,
                        "a path cannot begin with or lead to",
                        step,
                        known,
                    );
                }
            }
        }
    }

    /// Members of the creation that are no attributes: a hook may give them.
    fn given_by_hook(&self, path: &str) -> bool {
        let omitted = self
            .spec
            .create
            .as_ref()
            .map_or(&[][..], |create| &create.omit);
        self.spec.hooks && omitted.iter().any(|omitted| omitted.text == path)
    }
}

/// The calls on one object: what reads it first, changes it, its tags, brings it to rest, and deletes it.
fn calls_on_one(spec: &Spec) -> Vec<&Call> {
    let mut calls: Vec<&Call> = spec.reads.iter().take(1).map(|read| &read.call).collect();
    match spec.tags.as_ref().map(|tags| &tags.change) {
        Some(TagChange::Some { set, remove }) => calls.extend([set, remove]),
        Some(TagChange::All(call)) => calls.push(call),
        None => {}
    }
    for update in &spec.updates {
        match &update.action {
            Action::Call(call) | Action::Steps { call, .. } => calls.push(call),
            Action::Items(items) => {
                calls.extend([&items.add, &items.remove]);
                calls.extend(&items.change);
            }
            Action::Elements(elements) => calls.push(&elements.change),
            Action::Impossible(_) | Action::Replace | Action::Keep(_) => {}
        }
    }
    calls.extend(spec.rest.iter().flat_map(|rest| [&rest.stop, &rest.start]));
    calls.extend(spec.delete.iter().map(|delete| &delete.call));
    calls
}
