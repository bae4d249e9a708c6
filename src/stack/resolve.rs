//! What a reference names, and its value.

use serde_json::Value;

use crate::schema::{Attribute, Draft, ResourceName, Role};

use super::diagnostic::Diagnostic;
use super::document::{AwsFact, Block, Lookup};
use super::evaluate::{Evaluator, Frame};
use super::expression::{Path, PathStep};
use super::keys::Keys;
use super::nearest::suggest;
use super::source::Span;
use super::types::Type;

/// What the first names of a path stand for; the number is how many steps they take.
pub(crate) enum Target<'s> {
    /// `var.x`
    Variable(&'s str),
    /// `local.x`
    Local(&'s str),
    /// `each.key`
    EachKey,
    /// `each.value`
    EachValue,
    /// `self`
    Own(&'s Block),
    /// `env.X`
    Env(&'s str),
    /// `aws.region`
    Aws(AwsFact),
    /// A block under `resources:`.
    Resource(&'s Block),
    /// A block under `existing:`.
    Lookup(&'s Lookup),
    /// Something that has been reported.
    Broken,
}

const ROOTS: [&str; 6] = ["var", "local", "each", "self", "env", "aws"];

impl<'s> Evaluator<'s> {
    /// What a path names. An `Err` is to be reported by whoever asked.
    pub(crate) fn target(
        &self,
        path: &Path,
        frame: &Frame<'s>,
    ) -> Result<Target<'s>, Box<Diagnostic>> {
        let (name, span) = match path.steps.first() {
            Some(PathStep::Name(name, span)) => (name.as_str(), *span),
            Some(other) => {
                return Err(Box::new(
                    self.error(
                        other.span(),
                        format!("`{}` is no list and no map", path.root),
                    )
                    .label(format!("expected {}.NAME", path.root)),
                ));
            }
            None => return Ok(Target::Broken),
        };
        let unknown = |what: &str, names: Vec<&str>| {
            let names = names.into_iter();
            self.error(span, format!("there is no {what} `{name}`"))
                .label(suggest(
                    name,
                    names.collect::<Vec<_>>().iter().copied(),
                    what,
                ))
        };
        match path.root.as_str() {
            "var" => match self.stack.variables.get_key_value(name) {
                Some((name, _)) => Ok(Target::Variable(name)),
                None => {
                    let names = self.stack.variables.keys().map(String::as_str);
                    Err(unknown("variable", names.collect()).into())
                }
            },
            "local" => match self.stack.locals.get_key_value(name) {
                Some((name, _)) => Ok(Target::Local(name)),
                None => {
                    let names = self.stack.locals.keys().map(String::as_str);
                    Err(unknown("local", names.collect()).into())
                }
            },
            "env" => match self.stack.env.get_key_value(name) {
                Some((name, _)) => Ok(Target::Env(name)),
                None => Err(Box::new(
                    self.error(span, format!("the environment has no variable `{name}`"))
                        .label("expected a variable that is set"),
                )),
            },
            "aws" => match name {
                "region" => Ok(Target::Aws(AwsFact::Region)),
                "account_id" => Ok(Target::Aws(AwsFact::AccountId)),
                "partition" => Ok(Target::Aws(AwsFact::Partition)),
                _ => Err(unknown("fact", vec!["region", "account_id", "partition"]).into()),
            },
            "each" => self.each_target(path, name, span, frame),
            "self" => match frame.block {
                Some(block) => Ok(Target::Own(block)),
                None => Err(Box::new(
                    self.error(path.root_span, "`self` means nothing here")
                        .label("expected a reference; `self` is the resource it stands in"),
                )),
            },
            _ => self.resource_target(path, name, span),
        }
    }

    fn each_target(
        &self,
        path: &Path,
        name: &str,
        span: Span,
        frame: &Frame<'s>,
    ) -> Result<Target<'s>, Box<Diagnostic>> {
        if frame.each.is_none() {
            return Err(Box::new(
                self.error(path.root_span, "`each` means nothing here")
                    .label("only a resource with `for_each:` has it"),
            ));
        }
        match name {
            "key" => Ok(Target::EachKey),
            "value" => Ok(Target::EachValue),
            _ => Err(Box::new(
                self.error(span, format!("`each` has no `{name}`"))
                    .label("expected `key` or `value`"),
            )),
        }
    }

    fn resource_target(
        &self,
        path: &Path,
        name: &str,
        span: Span,
    ) -> Result<Target<'s>, Box<Diagnostic>> {
        let whole = ResourceName {
            type_name: path.root.as_str().into(),
            name: name.into(),
        };
        if let Some(block) = self.stack.block(&whole) {
            return Ok(Target::Resource(block));
        }
        if let Some(lookup) = self.stack.existing(&whole) {
            return Ok(Target::Lookup(lookup));
        }
        let text = whole.to_string();
        if self.stack.broken.contains(&text) {
            return Ok(Target::Broken);
        }
        let own = self.stack.resources.iter().map(|block| &block.name);
        let found = self.stack.existing.iter().map(|lookup| &lookup.name);
        let names: Vec<String> = own.chain(found).map(ToString::to_string).collect();
        let of_type = |name: &&String| name.split('.').next() == Some(&path.root);
        let same: Vec<&str> = names.iter().filter(of_type).map(String::as_str).collect();
        let at = Span::new(path.root_span.start, span.end);
        let error = self.error(at, format!("there is no `{text}` in this file"));
        if same.is_empty() {
            let all = names.iter().map(String::as_str).chain(ROOTS);
            let near = super::nearest::nearest(&text, all.clone())
                .or_else(|| super::nearest::nearest(&path.root, all));
            let label = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "expected a resource of this file, or var., local., env., aws.".to_owned(),
            };
            return Err(error.label(label).into());
        }
        Err(error
            .label(suggest(&text, same.iter().copied(), "resource"))
            .into())
    }

    /// The value of a path.
    pub(crate) fn path(&self, path: &Path, span: Span, frame: &Frame<'s>) -> Option<Draft> {
        let target = match self.target(path, frame) {
            Ok(target) => target,
            Err(diagnostic) => {
                self.report(*diagnostic);
                return None;
            }
        };
        let rest = path.steps.get(1..).unwrap_or_default();
        let base = match target {
            Target::Broken => return None,
            Target::Variable(name) => self.variable(name, span)?,
            Target::Local(name) => self.local(name, span)?,
            Target::Env(name) => Draft::Known(self.stack.env.get(name)?.as_str().into()),
            Target::Aws(fact) => self.fact(fact),
            Target::EachKey => frame.each.as_ref()?.0.clone(),
            Target::EachValue => frame.each.as_ref()?.1.clone(),
            Target::Own(block) => {
                self.inside(path, span, &Target::Own(block), frame)?;
                return self.attribute(block, frame, &path.steps, path);
            }
            Target::Resource(block) => {
                self.inside(path, span, &Target::Resource(block), frame)?;
                return self.resource(block, rest, path, frame);
            }
            Target::Lookup(lookup) => {
                self.inside(path, span, &Target::Lookup(lookup), frame)?;
                return self.found(lookup, rest, path, frame);
            }
        };
        self.walk(base, rest, frame, false)
    }

    /// Reports a path that leads nowhere, or to a whole resource and not into it.
    fn inside(
        &self,
        path: &Path,
        span: Span,
        target: &Target<'s>,
        frame: &Frame<'s>,
    ) -> Option<()> {
        let found = self.check_path(path, target, frame)?;
        let whole = match &found {
            Type::List(item) => matches!(**item, Type::Resource(_)),
            other => matches!(other, Type::Resource(_)),
        };
        if !whole {
            return Some(());
        }
        self.report(
            self.error(span, format!("`{path}` is a whole resource"))
                .label(format!("expected {path}.ATTRIBUTE"))
                .help("a whole resource stands only as `cluster:` under `configs:` and in `depends_on:`"),
        );
        None
    }

    fn fact(&self, fact: AwsFact) -> Draft {
        let declared = match fact {
            AwsFact::Region => self.stack.region.as_deref(),
            AwsFact::AccountId => self.stack.account.as_deref(),
            AwsFact::Partition => None,
        };
        let declared = declared.map(|text| Draft::Known(text.into()));
        let name = match fact {
            AwsFact::Region => "aws.region",
            AwsFact::AccountId => "aws.account_id",
            AwsFact::Partition => "aws.partition",
        };
        let read = self.scope.aws(fact).or(declared);
        read.unwrap_or_else(|| self.unknown(name))
    }

    /// The value of a reference to a block under `resources:`; `rest` follows its name.
    fn resource(
        &self,
        block: &'s Block,
        rest: &[PathStep],
        path: &Path,
        frame: &Frame<'s>,
    ) -> Option<Draft> {
        if block.for_each.is_none() {
            return self.attribute(block, &Frame::instance(block, None), rest, path);
        }
        let (selector, rest) = rest.split_first()?;
        let keys = match self.keys_of(block) {
            Keys::Broken => return None,
            Keys::Unknown(unknown) => return Some(Draft::Unknown(unknown)),
            Keys::Known(keys) => keys,
        };
        match selector {
            PathStep::Splat(_) => {
                let mut items = Vec::new();
                for (key, value) in keys.iter() {
                    let own = Frame::instance(block, Some((key, value)));
                    if !self.is_off(block, &own) {
                        items.push(self.attribute(block, &own, rest, path)?);
                    }
                }
                Some(Draft::list(items))
            }
            PathStep::Index(index, span) => {
                let wanted = self.expr(index, frame)?;
                let wanted = match wanted.resolve() {
                    Ok(value) => super::evaluate::plain_text(&value),
                    Err(unknown) => return Some(Draft::Unknown(unknown)),
                };
                let names = || keys.keys().map(AsRef::as_ref);
                let Some((key, value)) = keys.get_key_value(wanted.as_str()) else {
                    return self.fail(
                        *span,
                        format!("`{}` has no instance [\"{wanted}\"]", block.name),
                        suggest(&wanted, names().collect::<Vec<_>>(), "instance"),
                    );
                };
                self.attribute(
                    block,
                    &Frame::instance(block, Some((key, value))),
                    rest,
                    path,
                )
            }
            PathStep::Name(..) => None,
        }
    }

    /// The value of an attribute of one instance: as declared, else as it is live.
    fn attribute(
        &self,
        block: &'s Block,
        own: &Frame<'s>,
        steps: &[PathStep],
        path: &Path,
    ) -> Option<Draft> {
        if self.is_off(block, own) {
            return Some(Draft::NULL);
        }
        let reference = path.to_string();
        let Some((PathStep::Name(name, span), rest)) = steps.split_first() else {
            // A whole resource, where that is allowed.
            let live = own.address();
            let live = live.and_then(|address| self.scope.resource(&address, None));
            return Some(live.unwrap_or_else(|| self.unknown(&reference)));
        };
        let attribute = block.schema.attributes.iter().find(|a| a.name == name)?;
        if let Some(entry) = block.body.iter().find(|entry| &entry.key == name)
            && attribute.role == Role::Declared
        {
            let title = format!("{}.{name}", block.name);
            let named = block.schema.named_by.is_some();
            let value = self.guarded(&title, *span, || {
                match named && block.schema.unique_name == Some(attribute.name) {
                    true => self.name_in_aws(block, own),
                    false => self.declaration(attribute, entry, own),
                }
            })?;
            let value = self.walk(value, rest, own, true)?;
            if !value.is_null() {
                return Some(secret(attribute, value));
            }
        }
        if block.schema.body.is_some_and(|body| body.digest == name) {
            let title = format!("{}.{name}", block.name);
            return self.guarded(&title, *span, || {
                let desired = self.with_contents(block, self.block(block, own)?)?;
                desired.get(name)
            });
        }
        let live = own.address();
        let live = live.and_then(|address| self.scope.resource(&address, Some(name)));
        let Some(value) = live else {
            return Some(secret(attribute, self.unknown(&reference)));
        };
        let value = self.walk(value, rest, own, true)?;
        if value.is_null() && attribute.role == Role::Output {
            return Some(Draft::unavailable(&reference));
        }
        Some(secret(attribute, value))
    }

    /// The value of a reference to a lookup; `rest` follows its name.
    fn found(
        &self,
        lookup: &'s Lookup,
        rest: &[PathStep],
        path: &Path,
        frame: &Frame<'s>,
    ) -> Option<Draft> {
        let reference = path.to_string();
        if self.is_lookup_off(lookup) {
            return Some(Draft::NULL);
        }
        let Some(live) = self.scope.lookup(&lookup.name) else {
            return Some(self.unknown(&reference));
        };
        let value = self.walk(live, rest, frame, true)?;
        Some(value)
    }

    /// The value that `steps` lead to. Where `typed`, the path is known to be right and what is
    /// not there is null; else it is a mistake.
    pub(crate) fn walk(
        &self,
        value: Draft,
        steps: &[PathStep],
        frame: &Frame<'s>,
        typed: bool,
    ) -> Option<Draft> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(value);
        };
        if value.first_unknown().is_some() && value.items().is_none() && value.entries().is_none() {
            return Some(value);
        }
        if typed && value.is_null() {
            return Some(value);
        }
        match step {
            PathStep::Splat(span) => {
                let Some(items) = value.items() else {
                    return self.fail(*span, "`[*]` takes a list", "this is no list");
                };
                let items: Vec<_> = items
                    .into_iter()
                    .map(|item| self.walk(item, rest, frame, typed))
                    .collect();
                Some(Draft::list(items.into_iter().collect::<Option<_>>()?))
            }
            PathStep::Name(name, span) => {
                let next = self.member(&value, name, *span, typed)?;
                self.walk(next, rest, frame, typed)
            }
            PathStep::Index(index, span) => {
                let index = self.expr(index, frame)?;
                let next = match index.resolve() {
                    Err(unknown) => return Some(Draft::Unknown(unknown)),
                    Ok(Value::Number(number)) => self.element(&value, &number, *span)?,
                    Ok(Value::String(key)) => self.member(&value, &key, *span, typed)?,
                    Ok(_) => {
                        return self.fail(*span, "this is no index", "expected [0] or [\"key\"]");
                    }
                };
                self.walk(next, rest, frame, typed)
            }
        }
    }

    fn member(&self, value: &Draft, name: &str, span: Span, typed: bool) -> Option<Draft> {
        let Some(entries) = value.entries() else {
            let noun = if value.items().is_some() {
                "a list"
            } else {
                "no map"
            };
            return self.fail(
                span,
                format!("`{name}` is looked for in what is {noun}"),
                if value.items().is_some() {
                    "expected [0] or [*]"
                } else {
                    "there is nothing inside"
                },
            );
        };
        match value.get(name) {
            Some(member) => Some(member),
            None if typed => Some(Draft::NULL),
            None => {
                let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
                let label = suggest(name, keys, "key");
                self.fail(span, format!("there is no key `{name}` in this map"), label)
            }
        }
    }

    fn element(&self, value: &Draft, number: &serde_json::Number, span: Span) -> Option<Draft> {
        let Some(items) = value.items() else {
            return self.fail(span, "an index takes a list", "this is no list");
        };
        let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| items.get(at).cloned()) {
            Some(item) => Some(item),
            None => self.fail(
                span,
                format!("the list has no element [{number}]"),
                match items.len() {
                    0 => "it is empty".to_owned(),
                    length => format!("expected [0] to [{}]", length - 1),
                },
            ),
        }
    }
}

fn secret(attribute: &Attribute, value: Draft) -> Draft {
    if attribute.sensitive {
        value.sensitive()
    } else {
        value
    }
}
