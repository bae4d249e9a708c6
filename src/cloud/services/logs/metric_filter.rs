//! Metric filters: kept and described. The metrics themselves belong to CloudWatch.

use serde_json::{Value, json};

use super::group::{self, Group};
use super::{absent, fail, invalid, page};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::Txn;

/// Where they live, under `<group's uid>/<name>`, as the API shows them.
pub const KIND: &str = "logs.metric_filter";
/// How many a group has at most.
const MOST: usize = 100;

/// How many a group has.
pub fn count(txn: &mut Txn, group: &Group) -> Result<usize, ApiError> {
    Ok(txn.count(KIND, &format!("{}/", group.uid))?)
}

/// PutMetricFilter: makes one or replaces it.
pub fn put(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    group.must_be_standard("PutMetricFilter")?;
    for transformation in call.list("metricTransformations") {
        let has = |member: &str| !transformation[member].is_null();
        if has("defaultValue") && has("dimensions") {
            return Err(invalid(
                "Invalid metric transformation: dimensions and default value are mutually \
                 exclusive properties.",
            ));
        }
    }
    let name = call.str("filterName").unwrap_or_default().to_owned();
    let key = format!("{}/{name}", group.uid);
    let held = call.txn.get(KIND, &key)?;
    if held.is_none() && count(call.txn, &group)? >= MOST {
        return Err(fail("LimitExceededException", "Resource limit exceeded."));
    }
    let created = held.map_or(json!(call.now), |held| held["creationTime"].clone());
    let mut filter = call.input.clone();
    filter["creationTime"] = created;
    if filter["applyOnTransformedLogs"].is_null() {
        filter["applyOnTransformedLogs"] = false.into();
    }
    call.txn.put(KIND, &key, &filter)?;
    Ok(json!({}))
}

/// DescribeMetricFilters: of one group, or of all.
pub fn describe(call: &mut Call<'_>) -> Reply {
    if call.has("metricName") != call.has("metricNamespace") {
        return Err(invalid(
            "metricName and metricNamespace must be specified together.",
        ));
    }
    let groups = match call.has("logGroupName") {
        true => vec![group::wanted(call)?],
        false => group::all(call.txn, call.region)?,
    };
    let prefix = call.str("filterNamePrefix").unwrap_or_default().to_owned();
    let metric = (call.str("metricName"), call.str("metricNamespace"));
    let metric = (metric.0.map(str::to_owned), metric.1.map(str::to_owned));
    let mut items = Vec::new();
    for group in groups {
        for (_, filter) in call.txn.list(KIND, &format!("{}/", group.uid))? {
            let name = filter["filterName"].as_str().unwrap_or_default().to_owned();
            if name.starts_with(&prefix) && measures(&filter, &metric) {
                items.push((format!("{name}/{}", group.name), filter));
            }
        }
    }
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let (filters, next) = page(call, items, 50)?;
    Ok(json!({ "metricFilters": filters, "nextToken": next }))
}

fn measures(filter: &Value, (name, namespace): &(Option<String>, Option<String>)) -> bool {
    let metric = &filter["metricTransformations"][0];
    let is = |wanted: &Option<String>, member: &str| {
        wanted
            .as_ref()
            .is_none_or(|wanted| metric[member] == wanted.as_str())
    };
    is(name, "metricName") && is(namespace, "metricNamespace")
}

/// DeleteMetricFilter.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let name = call.str("filterName").unwrap_or_default();
    let key = format!("{}/{name}", group.uid);
    if !call.txn.delete(KIND, &key)? {
        return Err(absent("metric filter"));
    }
    Ok(json!({}))
}
