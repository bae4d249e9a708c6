//! The filters of DescribeParameters and GetParametersByPath.

use serde_json::Value;

use super::parameter::{Parameter, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;

/// One filter: a parameter passes when the key's text is like one of the values.
pub struct Filter {
    key: String,
    option: String,
    values: Vec<String>,
}

/// Whether `name` is directly below `path`, or with `recursive` anywhere below it.
pub fn is_below(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.trim_end_matches('/');
    name.strip_prefix(path)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| recursive || !rest.contains('/'))
}

impl Filter {
    /// Whether the parameter passes.
    pub fn takes(&self, parameter: &Parameter) -> bool {
        if self.key == "Path" {
            let recursive = self.option == "Recursive";
            return self
                .values
                .iter()
                .any(|path| is_below(&parameter.name, path, recursive));
        }
        if let Some(key) = self.key.strip_prefix("tag:") {
            let value = parameter.tags.get(key);
            return value.is_some_and(|text| self.values.is_empty() || self.likes(text));
        }
        let Some(latest) = parameter.latest() else {
            return false;
        };
        match self.key.as_str() {
            "Name" => self.likes(&parameter.name) || self.likes_bare(&parameter.name),
            "Type" => self.likes(&latest.kind),
            "KeyId" => latest.key_id.as_ref().is_some_and(|key| self.likes(key)),
            "Tier" => self.likes(&latest.tier),
            "DataType" => self.likes(&latest.data_type),
            "Label" => parameter
                .versions
                .iter()
                .flat_map(|v| &v.labels)
                .any(|label| self.likes(label)),
            _ => false,
        }
    }

    fn likes(&self, text: &str) -> bool {
        self.values.iter().any(|value| match self.option.as_str() {
            "BeginsWith" => text.starts_with(value.as_str()),
            "Contains" => text.contains(value.as_str()),
            _ => text == value,
        })
    }

    /// A name matches with and without its leading slash.
    fn likes_bare(&self, name: &str) -> bool {
        name.strip_prefix('/').is_some_and(|bare| self.likes(bare))
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

fn read(call: &Call<'_>, keys: &[&str]) -> Result<Vec<Filter>, ApiError> {
    let mut filters = Vec::new();
    for given in call.list("ParameterFilters") {
        let key = given["Key"].as_str().unwrap_or_default();
        let by_tag = key.starts_with("tag:") && keys.contains(&"tag:");
        if !keys.contains(&key) && !by_tag {
            return Err(fail(
                "InvalidFilterKey",
                format!(
                    "The following filter key is not valid: {key}. Valid filter keys include: \
                     [{}].",
                    keys.join(", ")
                ),
            ));
        }
        let default = if key == "Path" { "OneLevel" } else { "Equals" };
        let option = given["Option"].as_str().unwrap_or(default);
        let options: &[&str] = match key {
            "Path" => &["Recursive", "OneLevel"],
            "Name" => &["BeginsWith", "Equals", "Contains"],
            _ => &["BeginsWith", "Equals"],
        };
        if !options.contains(&option) {
            return Err(fail(
                "InvalidFilterOption",
                format!(
                    "The following filter option is not valid: {option}. Valid options include: \
                     [{}].",
                    options.join(", ")
                ),
            ));
        }
        let values = texts(&given["Values"]);
        if values.is_empty() && !key.starts_with("tag:") {
            return Err(fail(
                "InvalidFilterValue",
                format!("The following filter values are missing : null for filter key {key}."),
            ));
        }
        if key == "Type"
            && let Some(wrong) = values
                .iter()
                .find(|kind| !["String", "StringList", "SecureString"].contains(&kind.as_str()))
        {
            return Err(fail(
                "InvalidFilterValue",
                format!(
                    "The following filter value is not valid: {wrong}. Valid values include: \
                     [String, StringList, SecureString]."
                ),
            ));
        }
        filters.push(Filter {
            key: key.to_owned(),
            option: option.to_owned(),
            values,
        });
    }
    Ok(filters)
}

/// The filters of GetParametersByPath.
pub fn by_path(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    read(call, &["Type", "KeyId", "Label"])
}

/// The filters of DescribeParameters, of the older form (names begin with) or the newer.
pub fn describe(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    if call.list("Filters").is_empty() {
        return read(
            call,
            &[
                "Path", "Name", "Tier", "Type", "KeyId", "DataType", "Label", "tag:",
            ],
        );
    }
    if !call.list("ParameterFilters").is_empty() {
        return Err(fail(
            "ValidationException",
            "You can use either Filters or ParameterFilters in a single request.",
        ));
    }
    let older = |given: &Value| Filter {
        key: given["Key"].as_str().unwrap_or_default().to_owned(),
        option: if given["Key"] == "Name" {
            "BeginsWith"
        } else {
            "Equals"
        }
        .to_owned(),
        values: texts(&given["Values"]),
    };
    Ok(call.list("Filters").iter().map(older).collect())
}
