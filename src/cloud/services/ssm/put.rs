//! PutParameter.

use regex::Regex;
use serde_json::json;

use super::parameter::{self, MOST_VERSIONS, Parameter, Version, fail};
use super::{find, tag};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Characters of a standard and of an advanced parameter's value.
const STANDARD_CHARS: usize = 4096;
const ADVANCED_CHARS: usize = 8192;
/// Levels of a name's hierarchy.
const MOST_LEVELS: usize = 15;

/// PutParameter: a new parameter, or with Overwrite a new version of one.
pub fn put_parameter(call: &mut Call<'_>) -> Reply {
    let name = call.str("Name").unwrap_or_default().to_owned();
    check_name(&name)?;
    if call.has("Policies") && call.str("Policies") != Some("[]") {
        return Err(ApiError::not_implemented("the policies of parameters"));
    }
    let overwrite = call.bool("Overwrite") == Some(true);
    if overwrite && !call.list("Tags").is_empty() {
        return Err(fail(
            "ValidationException",
            "Invalid request: tags and overwrite can't be used together. To create a parameter \
             with tags, please remove overwrite flag. To update tags for an existing parameter, \
             please use AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    let held = find::named(call, &name)?;
    if held.is_some() && !overwrite {
        return Err(fail(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in \
             the request to true.",
        ));
    }
    let mut parameter = match held {
        Some(held) => held,
        None => Parameter {
            arn: parameter::arn(call, &name),
            tags: tag::given(call)?,
            versions: Vec::new(),
            name,
        },
    };
    let version = new_version(call, &parameter)?;
    let reply = json!({ "Version": version.number, "Tier": version.tier });
    add_version(&mut parameter, version)?;
    parameter.save(call)?;
    Ok(reply)
}

fn add_version(parameter: &mut Parameter, version: Version) -> Result<(), ApiError> {
    if parameter.versions.len() >= MOST_VERSIONS {
        if parameter
            .versions
            .first()
            .is_some_and(|oldest| !oldest.labels.is_empty())
        {
            return Err(fail(
                "ParameterMaxVersionLimitExceeded",
                format!(
                    "You attempted to create a new version of {} by calling the PutParameter API \
                     with the overwrite flag. Version {}, the oldest version, can't be deleted \
                     because it has a label associated with it. Move the label to another \
                     version of the parameter, and try again.",
                    parameter.name,
                    parameter.versions.first().map_or(0, |oldest| oldest.number)
                ),
            ));
        }
        parameter.versions.remove(0);
    }
    parameter.versions.push(version);
    Ok(())
}

/// The version the request describes; what it leaves out stays as in the latest one.
fn new_version(call: &Call<'_>, parameter: &Parameter) -> Result<Version, ApiError> {
    let latest = parameter.latest();
    let kind = match (call.str("Type"), latest) {
        (Some(kind), Some(latest)) if kind != latest.kind => {
            return Err(fail(
                "HierarchyTypeMismatchException",
                "Parameter Store doesn't support changing a parameter type in a hierarchy. For \
                 example, you can't change a parameter from a String type to a SecureString \
                 type. You must create a new, unique parameter.",
            ));
        }
        (Some(kind), _) => kind.to_owned(),
        (None, Some(latest)) => latest.kind.clone(),
        (None, None) => {
            return Err(fail(
                "ValidationException",
                "A parameter type is required when you create a parameter.",
            ));
        }
    };
    let inherited = |member: &str, held: Option<&Option<String>>| {
        call.str(member)
            .map(str::to_owned)
            .or_else(|| held.cloned().flatten())
    };
    let value = call.str("Value").unwrap_or_default().to_owned();
    let tier = tier(call, latest, &value)?;
    let allowed_pattern = inherited(
        "AllowedPattern",
        latest.map(|version| &version.allowed_pattern),
    );
    check_value(&value, allowed_pattern.as_deref())?;
    let data_type = match call.str("DataType") {
        Some(kind) => checked_data_type(kind)?,
        None => latest
            .map_or("text", |version| &version.data_type)
            .to_owned(),
    };
    let key_id = match kind.as_str() {
        "SecureString" => inherited("KeyId", latest.map(|version| &version.key_id))
            .or_else(|| Some("alias/aws/ssm".to_owned())),
        _ if call.has("KeyId") => {
            return Err(fail(
                "ValidationException",
                "KeyId is required for SecureString type parameter only.",
            ));
        }
        _ => None,
    };
    Ok(Version {
        number: latest.map_or(0, |version| version.number) + 1,
        kind,
        value,
        key_id,
        modified_at: call.now,
        modified_by: call.principal_arn.to_owned(),
        description: inherited("Description", latest.map(|version| &version.description)),
        allowed_pattern,
        tier,
        data_type,
        labels: Vec::new(),
    })
}

fn checked_data_type(kind: &str) -> Result<String, ApiError> {
    if ["text", "aws:ec2:image", "aws:ssm:integration"].contains(&kind) {
        return Ok(kind.to_owned());
    }
    Err(fail(
        "ValidationException",
        format!(
            "The following data type is not supported: {kind} (Data type names are all lowercase.)"
        ),
    ))
}

/// The tier the value needs or the request asks for; an advanced parameter stays one.
fn tier(call: &Call<'_>, latest: Option<&Version>, value: &str) -> Result<String, ApiError> {
    let length = value.chars().count();
    let asked = call.str("Tier");
    let was_advanced = latest.is_some_and(|version| version.tier == "Advanced");
    if was_advanced && asked == Some("Standard") {
        return Err(fail(
            "ValidationException",
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter \
             from the advanced-parameter tier to the standard-parameter tier.",
        ));
    }
    let fits = length <= STANDARD_CHARS;
    let advanced = was_advanced
        || asked == Some("Advanced")
        || (asked == Some("Intelligent-Tiering") && !fits);
    if !advanced && !fits {
        return Err(fail(
            "ValidationException",
            format!(
                "Standard tier parameters support a maximum parameter value of {STANDARD_CHARS} \
                 characters. To create a larger parameter value, upgrade the parameter to use \
                 the advanced-parameter tier. For more information, see \
                 https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
            ),
        ));
    }
    if length > ADVANCED_CHARS {
        return Err(fail(
            "ValidationException",
            format!(
                "Advanced tier parameters support a maximum parameter value of {ADVANCED_CHARS} \
                 characters."
            ),
        ));
    }
    Ok(if advanced { "Advanced" } else { "Standard" }.to_owned())
}

fn check_value(value: &str, pattern: Option<&str>) -> Result<(), ApiError> {
    if value.is_empty() {
        return Err(fail(
            "ValidationException",
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: \
             Member must have length greater than or equal to 1.",
        ));
    }
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else {
        return Ok(());
    };
    let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
        fail(
            "InvalidAllowedPatternException",
            format!("Invalid parameter allowedPattern: {pattern}"),
        )
    })?;
    if regex.is_match(value) {
        return Ok(());
    }
    Err(fail(
        "ParameterPatternMismatchException",
        format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
    ))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let lower = name.to_lowercase();
    let rest = lower.strip_prefix('/').unwrap_or(&lower);
    if lower.starts_with("/aws/") || lower.starts_with("/aws-") {
        return Err(fail(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {name}."),
        ));
    }
    if rest.starts_with("aws") || rest.starts_with("ssm") {
        return Err(fail(
            "ValidationException",
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(fail(
            "ValidationException",
            "Parameter name must be a fully qualified name.",
        ));
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let parts: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    if parts
        .iter()
        .any(|part| part.is_empty() || !part.chars().all(legal))
    {
        return Err(fail(
            "ValidationException",
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a \
             path, it can consist of sub-paths divided by slash symbol; each sub-path can be \
             formed as a mix of letters, numbers and the following 3 symbols .-_",
        ));
    }
    if parts.len() > MOST_LEVELS {
        return Err(fail(
            "HierarchyLevelLimitExceededException",
            format!("The hierarchy depth cannot exceed the limit of {MOST_LEVELS} levels: {name}."),
        ));
    }
    Ok(())
}
