//! LabelParameterVersion and UnlabelParameterVersion.

use serde_json::json;

use super::find;
use super::parameter::{Parameter, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

const MOST_LABELS: usize = 10;

fn is_legal(label: &str) -> bool {
    let lower = label.to_lowercase();
    !lower.starts_with("aws")
        && !lower.starts_with("ssm")
        && !label.starts_with(|c: char| c.is_ascii_digit())
        && label
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}

fn position(parameter: &Parameter, number: i64) -> Result<usize, ApiError> {
    parameter
        .versions
        .iter()
        .position(|version| version.number == number)
        .ok_or_else(|| {
            fail(
                "ParameterVersionNotFound",
                format!(
                    "Systems Manager could not find version {number} of {}. Verify the version and \
                 try again.",
                    parameter.name
                ),
            )
        })
}

/// LabelParameterVersion: a label another version has moves.
pub fn label(call: &mut Call<'_>) -> Reply {
    let mut parameter = find::own(call)?;
    let latest = parameter.latest().map_or(1, |version| version.number);
    let number = call.int("ParameterVersion").unwrap_or(latest);
    let at = position(&parameter, number)?;
    let (labels, invalid): (Vec<String>, Vec<String>) = call
        .strings("Labels")
        .into_iter()
        .partition(|label| is_legal(label));
    let held = &parameter.versions[at].labels;
    let new = labels.iter().filter(|label| !held.contains(label)).count();
    if held.len() + new > MOST_LABELS {
        return Err(fail(
            "ParameterVersionLabelLimitExceeded",
            format!(
                "A parameter version can have maximum {MOST_LABELS} labels.Move one or more \
                 labels to another version and try again."
            ),
        ));
    }
    for version in &mut parameter.versions {
        version.labels.retain(|label| !labels.contains(label));
    }
    parameter.versions[at].labels.extend(labels);
    parameter.save(call)?;
    Ok(json!({ "InvalidLabels": invalid, "ParameterVersion": number }))
}

/// UnlabelParameterVersion.
pub fn unlabel(call: &mut Call<'_>) -> Reply {
    let mut parameter = find::own(call)?;
    let at = position(&parameter, call.int("ParameterVersion").unwrap_or_default())?;
    let held = &mut parameter.versions[at].labels;
    let (removed, invalid): (Vec<String>, Vec<String>) = call
        .strings("Labels")
        .into_iter()
        .partition(|label| held.contains(label));
    held.retain(|label| !removed.contains(label));
    parameter.save(call)?;
    Ok(json!({ "RemovedLabels": removed, "InvalidLabels": invalid }))
}
