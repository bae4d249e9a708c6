//! What declarations must be beside what their schemas say: the types' own checks.

use crate::provider::{catalog, checks};
use crate::schema::Draft;
use crate::stack::{Diagnostics, Evaluation, Instance, NothingKnown, Severity, Stack};

/// Checks every declaration of a file as far as it is known without AWS. Gives the warnings.
///
/// # Errors
/// All that is wrong.
pub fn check_declarations(stack: &Stack) -> Result<Diagnostics, Diagnostics> {
    let mut found = Diagnostics::default();
    // Keys that are only known live are checked when they are.
    let instances = stack.instances(&NothingKnown).unwrap_or_default();
    let evaluation = Evaluation::new(stack, &NothingKnown);
    for instance in &instances {
        if let Ok(desired) = evaluation.desired(instance) {
            found.0.extend(check_one(instance, &desired).0);
        }
    }
    match found.has_errors() {
        true => Err(found),
        false => Ok(found),
    }
}

/// What is wrong, or odd, with one declaration.
pub(super) fn check_one(instance: &Instance<'_>, desired: &Draft) -> Diagnostics {
    let Some(ty) = catalog::find(instance.address.type_name()) else {
        return Diagnostics::default();
    };
    let findings = checks::check(ty, desired).into_iter();
    let diagnostics = findings.map(|finding| {
        let severity = match finding.warning {
            true => Severity::Warning,
            false => Severity::Error,
        };
        instance.diagnostic(severity, &finding.path, finding.message)
    });
    Diagnostics(diagnostics.collect())
}
