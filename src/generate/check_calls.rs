//! Checks the calls of a spec: members and literals of their inputs, and the paths in them.

use serde_json::Value;

use crate::aws_model::{Reference, ShapeType};

use super::check::Checker;
use super::facts::{Lost, Type, follow, member, names, requires, walk};
use super::fields::Name;
use super::input::Template;
use super::kind::{find, lost};
use super::problem::Place;
use super::spec::{Call, Reshape};

const AWS: [&str; 4] = ["account_id", "region", "partition", "location_constraint"];

/// What `each` has: `each.live` only where there is a live element beside the item.
fn each(roots: &[&str]) -> &'static [&'static str] {
    match roots.contains(&"each.live") {
        true => &["key", "value", "live"],
        false => &["key", "value"],
    }
}

impl<'a> Checker<'a> {
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
