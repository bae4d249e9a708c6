//! The name in AWS of what is named by its contents.

use indexmap::IndexMap;

use crate::schema::{Draft, Naming, Value, canonical};

use super::document::Block;
use super::evaluate::{Evaluator, Frame, known, plain_text};

impl<'s> Evaluator<'s> {
    /// The declaration with the name that its object has in AWS, where the type makes one of the
    /// contents; `None` where that cannot be, which is reported. What it is made of must be known
    /// when a plan is made (`planning`).
    pub(crate) fn with_name(&self, block: &Block, desired: Draft, planning: bool) -> Option<Draft> {
        let (Some(naming), Some(name)) = (block.schema.named_by, block.schema.unique_name) else {
            return Some(desired);
        };
        let unless = desired.get(naming.unless).unwrap_or(Draft::NULL);
        if unless == Draft::Known(Value::Bool(true)) {
            return Some(desired);
        }
        let mut parts = vec![desired.get(name).unwrap_or(Draft::NULL), unless];
        for attribute in naming.of {
            let part = desired.get(attribute).unwrap_or(Draft::NULL);
            if part.is_sensitive() {
                return self.no_part(block, naming, attribute, "is sensitive");
            }
            if planning && let Some(unknown) = part.first_unknown() {
                let why = format!("needs `{}`, which is not known yet", unknown.reference);
                return self.no_part(block, naming, attribute, &why);
            }
            parts.push(part);
        }
        let named = match known(&parts) {
            Ok((values, _)) => {
                let parts = naming
                    .of
                    .iter()
                    .zip(&values[2..])
                    .map(|(attribute, value)| {
                        let kind = block.schema.attribute(attribute).map(|found| found.kind);
                        kind.map_or_else(|| value.clone(), |kind| canonical(&kind, value))
                    });
                let parts: Vec<Value> = parts.collect();
                Draft::Known(Naming::name(&plain_text(&values[0]), &parts).into())
            }
            Err(unknown) => unknown,
        };
        let entries = desired.entries().unwrap_or_default();
        let mut whole: IndexMap<String, Draft> = entries.into_iter().collect();
        whole.insert(name.to_owned(), named);
        Some(Draft::map(whole))
    }

    /// The name in AWS of an instance, for those that refer to it.
    pub(crate) fn name_in_aws(&self, block: &Block, own: &Frame<'s>) -> Option<Draft> {
        let desired = self.block(block, own)?;
        let desired = self.with_name(block, desired, false)?;
        desired.get(block.schema.unique_name?)
    }

    fn no_part(&self, block: &Block, naming: Naming, attribute: &str, why: &str) -> Option<Draft> {
        let entry = block.body.iter().find(|entry| entry.key == attribute);
        let at = entry.map_or(block.span, |entry| entry.key_span);
        let message = format!("`{attribute}` cannot be part of the name in AWS: it {why}");
        let label = format!("a hash of it is; `{}: true` leaves it out", naming.unless);
        self.fail(at, message, label)
    }
}
