//! GetParameter, GetParameters, GetParametersByPath, GetParameterHistory, DescribeParameters.

use serde_json::{Value, json};

use super::parameter::{KIND, Parameter, fail};
use super::{filter, find, public};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::{paging, record};

fn decrypts(call: &Call<'_>) -> bool {
    call.bool("WithDecryption") == Some(true)
}

/// GetParameter.
pub fn one(call: &mut Call<'_>) -> Reply {
    let name = call.str("Name").unwrap_or_default().to_owned();
    let (parameter, version, selector) = find::selected(call, &name)?;
    let view = parameter.view(&version, selector.as_deref(), decrypts(call));
    Ok(json!({ "Parameter": view }))
}

/// GetParameters: what cannot be found is listed, not an error.
pub fn many(call: &mut Call<'_>) -> Reply {
    let names = call.strings("Names");
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match find::selected(call, &name) {
            Ok((parameter, version, selector)) => {
                found.push(parameter.view(&version, selector.as_deref(), decrypts(call)));
            }
            Err(error) if error.status == 400 => invalid.push(name),
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| a["Name"].as_str().cmp(&b["Name"].as_str()));
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

/// GetParametersByPath: the level below Path, or with Recursive all levels.
pub fn by_path(call: &mut Call<'_>) -> Reply {
    let path = call.str("Path").unwrap_or_default().to_owned();
    if !path.starts_with('/') {
        return Err(fail(
            "ValidationException",
            "The parameter doesn't meet the parameter name requirements. The parameter name must \
             begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" \
             (case-insensitive). It must use only letters, numbers, or the following symbols: . \
             (period), - (hyphen), _ (underscore). Special characters are not allowed. All \
             sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
             /get/parameters2-/by1./path0_.",
        ));
    }
    let filters = filter::by_path(call)?;
    let recursive = call.bool("Recursive") == Some(true);
    let decrypt = decrypts(call);
    let mut all: Vec<Parameter> = record::list(call.txn, KIND, &format!("{}/", call.region))?;
    // A walk from the root does not lead into AWS's own names.
    if path.starts_with("/aws") {
        all.extend(public::all(call.txn, call.region)?);
    }
    let items = all
        .iter()
        .filter(|parameter| filter::is_below(&parameter.name, &path, recursive))
        .filter(|parameter| filters.iter().all(|filter| filter.takes(parameter)))
        .filter_map(|parameter| {
            let view = parameter.view(parameter.latest()?, None, decrypt);
            Some((parameter.name.clone(), view))
        })
        .collect();
    paged(call, items, 10, "Parameters")
}

/// GetParameterHistory, oldest first.
pub fn history(call: &mut Call<'_>) -> Reply {
    let parameter = find::own(call)?;
    let decrypt = decrypts(call);
    let items = parameter
        .versions
        .iter()
        .map(|version| {
            let mut view = parameter.metadata(version);
            view["Value"] = parameter.value(version, decrypt).into();
            view["Labels"] = version.labels.clone().into();
            (format!("{:012}", version.number), view)
        })
        .collect();
    paged(call, items, 50, "Parameters")
}

/// DescribeParameters: the account's own, without values.
pub fn describe(call: &mut Call<'_>) -> Reply {
    if call.bool("Shared") == Some(true) {
        return Err(ApiError::not_implemented(
            "parameters shared by other accounts",
        ));
    }
    let filters = filter::describe(call)?;
    let all: Vec<Parameter> = record::list(call.txn, KIND, &format!("{}/", call.region))?;
    let items = all
        .iter()
        .filter(|parameter| filters.iter().all(|filter| filter.takes(parameter)))
        .filter_map(|parameter| {
            let mut view = parameter.metadata(parameter.latest()?);
            view["ARN"] = parameter.arn.as_str().into();
            Some((parameter.name.clone(), view))
        })
        .collect();
    paged(call, items, 50, "Parameters")
}

fn paged(call: &Call<'_>, mut items: Vec<(String, Value)>, most: usize, member: &str) -> Reply {
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let limit = paging::limit(call.int("MaxResults"), most, most);
    let page = paging::page(items, call.str("NextToken"), limit)
        .map_err(|_| fail("InvalidNextToken", "The specified token isn't valid."))?;
    let next = page.next.clone();
    let mut reply = json!({ member: page.into_values() });
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}
