//! DescribeSecret, GetSecretValue and BatchGetSecretValue.

use serde_json::{Value, json};

use super::list;
use super::secret::{self, CURRENT, Secret, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags;

const DAY_MS: i64 = 86_400_000;

/// DescribeSecret: all but the value, also of a secret marked for deletion.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let secret = secret::wanted_any(call)?;
    let mut view = secret.view();
    if !secret.tags.is_empty() {
        view["Tags"] = tags::to_list(&secret.tags);
    }
    let stages = secret.version_stages();
    if stages.as_object().is_some_and(|stages| !stages.is_empty()) {
        view["VersionIdsToStages"] = stages;
    }
    Ok(view)
}

/// GetSecretValue: by VersionId, by VersionStage, or the current version.
pub fn get_value(call: &mut Call<'_>) -> Reply {
    let id = call.str("VersionId").map(str::to_owned);
    let stage = call.str("VersionStage").map(str::to_owned);
    let secret = secret::wanted(call)?;
    value(call, secret, id.as_deref(), stage.as_deref())
}

fn value(call: &mut Call<'_>, mut secret: Secret, id: Option<&str>, stage: Option<&str>) -> Reply {
    let found = match (id, stage) {
        (Some(id), stage) => secret.versions.iter_mut().find(|version| {
            version.id == id && stage.is_none_or(|stage| version.stages.iter().any(|s| s == stage))
        }),
        (None, stage) => {
            let stage = stage.unwrap_or(CURRENT);
            secret
                .versions
                .iter_mut()
                .find(|version| version.stages.iter().any(|s| s == stage))
        }
    };
    let Some(version) = found else {
        let what = match id {
            Some(id) => format!("VersionId: {id}"),
            None => format!("staging label: {}", stage.unwrap_or(CURRENT)),
        };
        return Err(fail(
            "ResourceNotFoundException",
            format!("Secrets Manager can't find the specified secret value for {what}"),
        ));
    };
    // AWS notes only the day of an access.
    let today = call.now - call.now.rem_euclid(DAY_MS);
    let noted = version.accessed_at == Some(today);
    version.accessed_at = Some(today);
    let mut reply = json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": version.stages,
        "CreatedDate": version.created_at,
    });
    if let Some(text) = &version.string {
        reply["SecretString"] = text.as_str().into();
    }
    if let Some(bytes) = &version.binary {
        reply["SecretBinary"] = bytes.as_str().into();
    }
    if !noted || secret.accessed_at != Some(today) {
        secret.accessed_at = Some(today);
        secret.save(call)?;
    }
    Ok(reply)
}

/// BatchGetSecretValue: by ids or by filters; what cannot be read is listed as an error.
pub fn batch_get(call: &mut Call<'_>) -> Reply {
    let ids = call.strings("SecretIdList");
    let by_filter = !call.list("Filters").is_empty();
    if ids.is_empty() != by_filter {
        return Err(fail(
            "InvalidParameterException",
            "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        ));
    }
    if !by_filter && (call.has("MaxResults") || call.has("NextToken")) {
        return Err(fail(
            "InvalidParameterException",
            "'Filters' must be provided when 'MaxResults' or 'NextToken' is provided.",
        ));
    }
    if !by_filter {
        return read_all(call, ids);
    }
    let page = list::page(call, 20)?;
    let next = page.next.clone();
    let ids = page
        .items
        .into_iter()
        .map(|(_, secret)| secret.arn)
        .collect();
    let mut reply = read_all(call, ids)?;
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}

fn read_all(call: &mut Call<'_>, ids: Vec<String>) -> Reply {
    let (mut values, mut errors): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for id in ids {
        match read_one(call, &id) {
            Ok(value) => values.push(value),
            Err(error) if error.status == 400 => errors.push(json!({
                "SecretId": id,
                "ErrorCode": error.code,
                "Message": error.message,
            })),
            Err(error) => return Err(error),
        }
    }
    Ok(json!({ "SecretValues": values, "Errors": errors }))
}

fn read_one(call: &mut Call<'_>, id: &str) -> Result<Value, ApiError> {
    let secret = secret::find(call, id)?.ok_or_else(secret::not_found)?;
    secret::must_live(&secret)?;
    value(call, secret, None, None)
}
