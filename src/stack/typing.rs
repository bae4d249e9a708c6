//! The type of an expression, as far as it can be told without its value.

use crate::schema::{ResourceName, TypeSchema};

use super::document::Block;
use super::evaluate::{Evaluator, Frame};
use super::expression::{Expr, Form, Path, PathStep};
use super::nearest::suggest;
use super::resolve::Target;
use super::source::Span;
use super::types::{Shape, Type};

impl<'s> Evaluator<'s> {
    /// The type of what a path leads to; `None` where it leads nowhere, which is reported.
    pub(crate) fn check_path(
        &self,
        path: &Path,
        target: &Target<'s>,
        frame: &Frame<'s>,
    ) -> Option<Type> {
        let rest = path.steps.get(1..).unwrap_or_default();
        match target {
            Target::Own(block) => self.attribute_type(block.schema, &path.steps, frame),
            Target::Resource(block) => self.resource_type(block, rest, path, frame),
            Target::Lookup(lookup) if lookup.schema.plural => {
                let at = path.steps.first().map_or(path.root_span, PathStep::span);
                self.list_type(lookup.schema, &lookup.name, rest, at, frame)
            }
            Target::Lookup(lookup) => self.attribute_type(lookup.schema, rest, frame),
            Target::Broken => None,
            Target::Variable(name) => {
                let own = self.stack.variables.get(*name)?.kind.as_type();
                self.steps_type(own, rest, frame)
            }
            Target::Env(_) | Target::Aws(_) | Target::EachKey => {
                self.steps_type(Type::Text, rest, frame)
            }
            Target::Local(_) | Target::EachValue => self.steps_type(Type::Any, rest, frame),
        }
    }

    fn resource_type(
        &self,
        block: &Block,
        rest: &[PathStep],
        path: &Path,
        frame: &Frame<'s>,
    ) -> Option<Type> {
        let at = path.steps.first().map_or(path.root_span, PathStep::span);
        match (rest.first(), block.for_each.is_some()) {
            (Some(PathStep::Splat(span) | PathStep::Index(_, span)), false) => self.fail(
                *span,
                format!("`{}` has no `for_each`, so it has no instances", block.name),
                "expected nothing here",
            ),
            (Some(PathStep::Name(_, _)) | None, true) => {
                let name = &block.name;
                self.report(
                    self.error(at, format!("`{name}` has `for_each`, so there are several"))
                        .label(format!("expected {name}[\"KEY\"] or {name}[*]")),
                );
                None
            }
            (Some(PathStep::Splat(_)), true) => {
                let own = self.attribute_type(block.schema, &rest[1..], frame)?;
                Some(own.list())
            }
            (Some(PathStep::Index(index, _)), true) => {
                self.type_of(index, frame)?;
                self.attribute_type(block.schema, &rest[1..], frame)
            }
            _ => self.attribute_type(block.schema, rest, frame),
        }
    }

    fn list_type(
        &self,
        schema: &'static TypeSchema,
        name: &ResourceName,
        rest: &[PathStep],
        at: Span,
        frame: &Frame<'s>,
    ) -> Option<Type> {
        match rest.first() {
            Some(PathStep::Splat(_)) => {
                Some(self.attribute_type(schema, &rest[1..], frame)?.list())
            }
            Some(PathStep::Index(..)) => self.attribute_type(schema, &rest[1..], frame),
            _ => self.fail(
                at,
                format!("`{name}` is a list"),
                format!("expected {name}[0] or {name}[*]"),
            ),
        }
    }

    fn attribute_type(
        &self,
        schema: &'static TypeSchema,
        steps: &[PathStep],
        frame: &Frame<'s>,
    ) -> Option<Type> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(Type::Resource(schema.name));
        };
        let PathStep::Name(name, span) = step else {
            return self.fail(
                step.span(),
                format!("a {} is no list", schema.name),
                "expected an attribute's name",
            );
        };
        let found = schema.attributes.iter().find(|a| a.name == name);
        let Some(attribute) = found else {
            let names: Vec<&str> = schema.attributes.iter().map(|a| a.name).collect();
            return self.fail(
                *span,
                format!("{} has no attribute `{name}`", schema.name),
                suggest(name, names, "attribute"),
            );
        };
        self.steps_type(Type::Of(&attribute.kind), rest, frame)
    }

    fn steps_type(&self, own: Type, steps: &[PathStep], frame: &Frame<'s>) -> Option<Type> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(own);
        };
        let next = match (step, own.shape()) {
            (_, Shape::Any) => Type::Any,
            (PathStep::Name(name, span), Shape::Map) => match own.members() {
                None => own.inside(),
                Some(members) => match members.iter().find(|m| m.name == name) {
                    Some(member) => Type::Of(&member.kind),
                    None => {
                        let names: Vec<&str> = members.iter().map(|m| m.name).collect();
                        let label = suggest(name, names, "member");
                        return self.fail(*span, format!("there is no `{name}` here"), label);
                    }
                },
            },
            (PathStep::Index(index, _), Shape::Map | Shape::List) => {
                self.type_of(index, frame)?;
                own.inside()
            }
            (PathStep::Splat(_), Shape::List) => {
                return Some(self.steps_type(own.inside(), rest, frame)?.list());
            }
            (PathStep::Name(name, span), Shape::List) => {
                return self.fail(
                    *span,
                    format!("`{name}` is looked for in a list"),
                    "expected [0] or [*] before it",
                );
            }
            (step, _) => {
                return self.fail(
                    step.span(),
                    format!("{} has nothing inside", own.noun()),
                    "expected the end of the reference",
                );
            }
        };
        self.steps_type(next, rest, frame)
    }

    /// The type of an expression; `None` where it is wrong, which is reported.
    pub(crate) fn type_of(&self, expr: &Expr, frame: &Frame<'s>) -> Option<Type> {
        match &expr.form {
            Form::Text(_) => Some(Type::Text),
            Form::Number(_) => Some(Type::Number),
            Form::Boolean(_) => Some(Type::Boolean),
            Form::Null | Form::Parameter(_) | Form::Secret { .. } => Some(Type::Any),
            Form::Path(path) => match self.target(path, frame) {
                Ok(target) => self.check_path(path, &target, frame),
                Err(diagnostic) => {
                    self.report(*diagnostic);
                    None
                }
            },
            Form::Call {
                name,
                name_span,
                arguments,
            } => self.call_type(expr, name, *name_span, arguments, frame),
        }
    }
}
