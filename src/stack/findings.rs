//! What the types' own checks find in the declarations of a file.

use std::collections::HashSet;

use crate::schema::{Catalog, Draft};

use super::diagnostic::Diagnostic;
use super::document::{NothingKnown, Stack};
use super::evaluate::{Evaluator, Frame};
use super::instance::Instance;
use super::source::Span;

/// The checks of a file's declarations, and what they have found.
pub(super) struct Findings<'s, 'c> {
    catalog: &'c dyn Catalog,
    lenient: Evaluator<'s>,
    told: HashSet<(Option<Span>, String)>,
    /// What was found.
    pub(super) found: Vec<Diagnostic>,
}

impl<'s, 'c> Findings<'s, 'c> {
    pub(super) fn new(stack: &'s Stack, catalog: &'c dyn Catalog) -> Self {
        Self {
            catalog,
            lenient: Evaluator::new(stack, &NothingKnown).lenient(),
            told: HashSet::new(),
            found: Vec::new(),
        }
    }

    /// Checks one declaration. Where it is wrong by itself and there is no value of it, what is
    /// wrong in it is taken as unknown, and the rest is checked all the same.
    pub(super) fn check(
        &mut self,
        instance: &Instance<'s>,
        frame: &Frame<'s>,
        desired: Option<Draft>,
    ) {
        let right = desired.or_else(|| self.lenient.block(instance.block, frame));
        let Some(desired) = right else { return };
        let findings = self.catalog.findings(instance.block.schema, &desired);
        let found = instance.diagnostics(findings).0.into_iter();
        // What one instance has been told of a place, the others need not repeat.
        let told = |one: &Diagnostic| (one.span, one.message.clone());
        let new: Vec<_> = found
            .filter(|one| !self.told.contains(&told(one)))
            .collect();
        self.told.extend(new.iter().map(told));
        self.found.extend(new);
    }
}
