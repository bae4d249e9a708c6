//! Finding what a caller names: a name or an ARN, with a version or a label behind a colon.

use super::parameter::{KIND, Parameter, Version, fail};
use super::public;
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::Call;
use crate::cloud::services::record;

/// The names a text may stand for, and the version or label after its colon.
///
/// The ARN of `/a` and that of `a` are the same text, so an ARN may stand for two names.
fn split(text: &str) -> (Vec<String>, Option<String>) {
    let arn = Arn::parse(text).filter(|arn| arn.service == "ssm");
    let path = match arn {
        Some(arn) => arn
            .resource
            .strip_prefix("parameter")
            .unwrap_or(arn.resource),
        None => text,
    };
    let (name, selector) = match path.split_once(':') {
        Some((name, selector)) => (name, Some(selector.to_owned())),
        None => (path, None),
    };
    let bare = name
        .strip_prefix('/')
        .filter(|bare| arn.is_some() && !bare.contains('/'));
    (
        std::iter::once(name)
            .chain(bare)
            .map(str::to_owned)
            .collect(),
        selector,
    )
}

/// The parameter of exactly this name: the account's own, or a public one.
pub fn named(call: &mut Call<'_>, name: &str) -> Result<Option<Parameter>, ApiError> {
    match public::find(call.txn, call.region, name)? {
        Some(found) => Ok(Some(found)),
        None => record::load(call.txn, KIND, &format!("{}/{name}", call.region)),
    }
}

/// The parameter a text stands for, and the selector in the text.
fn meant(call: &mut Call<'_>, text: &str) -> Result<(Option<Parameter>, Option<String>), ApiError> {
    let (names, selector) = split(text);
    for name in names {
        if let Some(found) = named(call, &name)? {
            return Ok((Some(found), selector));
        }
    }
    Ok((None, selector))
}

/// ParameterNotFound.
pub fn not_found(name: &str) -> ApiError {
    fail("ParameterNotFound", format!("Parameter {name} not found."))
}

/// The account's parameter of the request's member `Name`, which may not be a public one.
pub fn own(call: &mut Call<'_>) -> Result<Parameter, ApiError> {
    let name = call.str("Name").unwrap_or_default().to_owned();
    own_named(call, &name)?.ok_or_else(|| not_found(&name))
}

/// The account's parameter that a text stands for; public ones are not the account's.
pub fn own_named(call: &mut Call<'_>, text: &str) -> Result<Option<Parameter>, ApiError> {
    let found = meant(call, text)?.0;
    Ok(found.filter(|found| !public::is_public(&found.name)))
}

/// The parameter and the version that a text names.
pub fn selected(
    call: &mut Call<'_>,
    text: &str,
) -> Result<(Parameter, Version, Option<String>), ApiError> {
    let (parameter, selector) = meant(call, text)?;
    let parameter = parameter.ok_or_else(|| not_found(text))?;
    let version = match &selector {
        None => parameter.latest(),
        Some(selector) => match selector.parse::<i64>() {
            Ok(number) => parameter
                .versions
                .iter()
                .find(|version| version.number == number),
            Err(_) => parameter
                .versions
                .iter()
                .find(|version| version.labels.contains(selector)),
        },
    };
    let Some(version) = version.cloned() else {
        let what = selector.unwrap_or_default();
        return Err(fail(
            "ParameterVersionNotFound",
            format!(
                "Systems Manager could not find version {what} of {}. Verify the version and \
                 try again.",
                parameter.name
            ),
        ));
    };
    Ok((parameter, version, selector))
}
