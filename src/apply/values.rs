//! Reading what outputs and configuration files are made of.

use crate::plan::{LiveScope, order_twins};
use crate::provider::{Found, Live, Provider, catalog};
use crate::stack::{Diagnostics, Scope, Stack};

use super::needs::{asked_for, wanted};
use super::survey::{SurveyError, facts};

/// Reads what some values are made of, and nothing else: `evaluate` makes them of a scope, and the
/// resources it asks that scope for are read. A value is taken from nobody else's object.
///
/// # Errors
/// Everything that went wrong while reading; what the file says where it turns out wrong. What is
/// wrong with the values themselves is said when they are evaluated with the scope returned.
pub async fn values(
    stack: &Stack,
    provider: &Provider,
    evaluate: impl Fn(&dyn Scope),
) -> Result<LiveScope, SurveyError> {
    let scope = LiveScope::new(facts(stack, provider).await?);
    let name = stack.ownership_name(&scope)?;
    let instances = stack.instances(&scope)?;
    let needs = asked_for(&scope, evaluate);
    let mut all = Vec::new();
    let mut problems = Diagnostics::default();
    for instance in &instances {
        let ty = catalog::find(instance.address.type_name());
        let (Some(ty), Some(others)) = (ty, needs.get(&instance.address)) else {
            continue;
        };
        match instance.desired(&scope) {
            Ok(desired) => all.push(wanted(instance, ty, &desired, Some(others))),
            Err(more) => problems.0.extend(more.0),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let observed = provider.observe_wanted(&name, &all).await;
    let mut observed = observed.map_err(SurveyError::Provider)?;
    order_twins(&mut observed, &catalog::find);
    let live = observed.found.iter();
    let live = live.filter_map(|(address, found)| Some((address, own(found, &name)?)));
    Ok(scope.with_live(live))
}

/// The live object of this stack that stands for an address.
fn own<'f>(found: &'f Found, stack: &str) -> Option<&'f Live> {
    let mut all = found.named.iter().chain(&found.tagged);
    all.find(|live| live.is_of(stack))
}
