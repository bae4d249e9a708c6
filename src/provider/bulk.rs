//! Reading all objects of a type at once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Api, global_region};
use super::contract::{DefaultWithin, Discovery, List, ResourceType};
use super::errors::ProviderError;
use super::finish::finish;
use super::input::{self, Scope};
use super::live::Live;
use super::session::Provider;
use super::{ownership, path, reshape};

/// The pause between two looks at a list that lags behind writes.
const BETWEEN_LISTS: Duration = Duration::from_millis(300);

/// An object of a list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// As AWS answers, with pages, bases and maps applied.
    pub raw: Value,
    /// As far as the list tells.
    pub live: Live,
}

impl Listed {
    /// Its unique name is this one, and in this place, if a place counts.
    pub fn is_named(&self, ty: &ResourceType, name: &str, within: Option<&str>) -> bool {
        let attribute = |path| path::text_at(&self.live.attributes, path);
        let own = ty.schema.unique_name.and_then(attribute);
        let is_same = own.is_some_and(|own| match ty.any_case {
            true => own.eq_ignore_ascii_case(name),
            false => own == name,
        });
        let counts = ty.within.filter(|within| !within.id_only);
        let place = counts.map(|within| attribute(within.attribute));
        let is_elsewhere =
            place.is_some_and(|place| within.is_some() && place.as_deref() != within);
        is_same && !is_elsewhere
    }
}

impl Provider {
    /// All objects of a type but those that are gone.
    pub(super) async fn list(
        &self,
        ty: &'static ResourceType,
        list: &'static List,
    ) -> Result<Vec<Listed>, ProviderError> {
        let aws = self.facts([&list.call.input]).await?;
        let scope = Scope {
            aws: Some(aws),
            ..Scope::default()
        };
        let input = input::evaluate(&list.call.input, &scope);
        let reply = self.pages(ty, &list.call, list.pages, input).await?;
        let mut items = Vec::new();
        flatten(
            reshape::take(reply, list.at).unwrap_or_default(),
            &mut items,
        );
        let mut listed = Vec::new();
        for item in items {
            let raw = match item {
                Value::String(name) => json!({ ty.id: name }),
                other => reshape::reshape(&list.shape, other),
            };
            let live = finish(ty, raw.clone(), None);
            if let Some(live) = self.with_computed(ty, live).await? {
                listed.push(Listed { raw, live });
            }
        }
        let lives = listed.iter().map(|listed| &listed.live);
        lives.for_each(|live| self.0.young.notice(ty, live));
        Ok(listed)
    }

    /// Lists a type until everything that is looked for is shown, or as often as it takes to believe
    /// that it is not there. `look` says what a list shows, and whether that is everything.
    pub(super) async fn settled_list<F>(
        &self,
        ty: &'static ResourceType,
        list: &'static List,
        look: impl Fn(&[Listed]) -> (F, bool),
    ) -> Result<(Vec<Listed>, F), ProviderError> {
        let mut times = 1;
        loop {
            let listed = self.list(ty, list).await?;
            let (found, complete) = look(&listed);
            if complete || times >= list.settles_after {
                return Ok((listed, found));
            }
            tokio::time::sleep(self.scaled(BETWEEN_LISTS)).await;
            times += 1;
        }
    }

    /// The same for one object: its id.
    pub(super) async fn settled_id(
        &self,
        ty: &'static ResourceType,
        list: &'static List,
        is: impl Fn(&Listed) -> bool,
    ) -> Result<Option<String>, ProviderError> {
        let look = |listed: &[Listed]| {
            let found = listed.iter().find(|listed| is(listed));
            let id = found.map(|found| found.live.id.clone());
            (id, found.is_some())
        };
        Ok(self.settled_list(ty, list, look).await?.1)
    }

    /// The id of the object with a unique name, from the type's list.
    pub(super) async fn listed_by_name(
        &self,
        ty: &'static ResourceType,
        name: &str,
        within: Option<&str>,
    ) -> Result<Option<String>, ProviderError> {
        let Some(list) = &ty.list else {
            return Ok(None);
        };
        let place = self.place_of(ty, &within.map(str::to_owned).into()).await?;
        let is = |listed: &Listed| listed.is_named(ty, name, place.known());
        self.settled_id(ty, list, is).await
    }

    /// Where a unique name is unique by default.
    pub(super) async fn default_place(
        &self,
        default: DefaultWithin,
    ) -> Result<Option<String>, ProviderError> {
        let cell = {
            let mut places = self.0.places.lock().unwrap_or_else(|bad| bad.into_inner());
            places.entry(default).or_default().clone()
        };
        let ask = || async {
            let looked_up = self.catalog().iter().copied();
            let Some(ty) = looked_up
                .into_iter()
                .find(|ty| ty.schema.name == default.type_name)
            else {
                return Ok(None);
            };
            let query = serde_json::from_str(default.query).unwrap_or_default();
            let found = Box::pin(self.lookup_with(ty, &query, &super::Need::default())).await?;
            let first = found.first();
            Ok(first.and_then(|found| path::text_at(found, default.output)))
        };
        cell.get_or_try_init(ask).await.cloned()
    }

    /// The ARNs of this stack's objects that the Resource Groups Tagging API knows, by type. It lags,
    /// and also knows what is gone.
    pub(super) async fn tagged_arns(
        &self,
        stack: &str,
    ) -> Result<Vec<(&'static ResourceType, String)>, ProviderError> {
        let types = self.catalog().iter().copied().filter_map(tagging_filter);
        let elsewhere = global_region(self.region()) != self.region();
        let (global, regional): (Vec<_>, Vec<_>) =
            types.partition(|(ty, _)| elsewhere && ty.service.is_global());
        let (regional, global) = futures_util::try_join!(
            self.tagged_in(Api::Tagging, stack, regional),
            self.tagged_in(Api::GlobalTagging, stack, global),
        )?;
        Ok(regional.into_iter().chain(global).collect())
    }

    /// What the Tagging API of one region knows of these types.
    async fn tagged_in(
        &self,
        api: Api,
        stack: &str,
        types: Vec<(&'static ResourceType, &'static str)>,
    ) -> Result<Vec<(&'static ResourceType, String)>, ProviderError> {
        if types.is_empty() {
            return Ok(Vec::new());
        }
        let mut filters: Vec<_> = types.iter().map(|(_, filter)| *filter).collect();
        filters.dedup();
        let mut input = json!({
            "resource_type_filters": filters,
            "tag_filters": [{ "key": ownership::STACK, "values": [stack] }],
        });
        let mut found = BTreeMap::new();
        loop {
            let reply = self.ask(api, "GetResources", &input).await?;
            let mappings = path::get(&reply, "resource_tag_mapping_list");
            for mapping in mappings.and_then(Value::as_array).into_iter().flatten() {
                let arn = path::text_at(mapping, "resource_arn").unwrap_or_default();
                if let Some((ty, _)) = types.iter().find(|(_, filter)| is_of(&arn, filter)) {
                    found.insert(arn, *ty);
                }
            }
            match path::text_at(&reply, "pagination_token").filter(|token| !token.is_empty()) {
                Some(token) => path::set(&mut input, "pagination_token", token.into()),
                None => break,
            }
        }
        Ok(found.into_iter().map(|(arn, ty)| (ty, arn)).collect())
    }
}

fn tagging_filter(ty: &'static ResourceType) -> Option<(&'static ResourceType, &'static str)> {
    match ty.discovery {
        Discovery::TaggingApi(filter) => Some((ty, filter)),
        Discovery::List | Discovery::Marks | Discovery::Never => None,
    }
}

/// Whether an ARN is of a resource type of the Tagging API: `s3:bucket`'s ARNs hold a bare name, those
/// of `kinesis:stream` begin with `stream/`.
fn is_of(arn: &str, filter: &str) -> bool {
    let (service, kind) = filter.split_once(':').unwrap_or((filter, ""));
    let mut parts = arn.splitn(6, ':').skip(2);
    let own_service = parts.next() == Some(service);
    let resource = parts.nth(2).unwrap_or_default();
    let own_kind = match resource.split_once(['/', ':']) {
        Some((own, _)) => kind.is_empty() || own == kind,
        None => true,
    };
    own_service && own_kind
}

/// The name in an ARN: what follows the kind and a colon (`log-group:/a/b`), or the last slash after
/// it (`instance-profile/path/name`); where there is no kind, all of it (a bucket).
pub(super) fn name_in(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    match resource.find([':', '/']) {
        Some(at) if resource[at..].starts_with(':') => resource[at + 1..].trim_end_matches(":*"),
        Some(_) => resource.rsplit('/').next().unwrap_or(resource),
        None => resource,
    }
}

fn flatten(value: Value, items: &mut Vec<Value>) {
    match value {
        Value::Array(inner) => inner.into_iter().for_each(|item| flatten(item, items)),
        Value::Null => {}
        item => items.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_apart_by_service_and_kind() {
        let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/events";
        let bucket = "arn:aws:s3:::user-bucket";
        assert!(is_of(stream, "kinesis:stream") && !is_of(stream, "kinesis:consumer"));
        assert!(
            is_of(bucket, "s3:bucket") && is_of(bucket, "s3") && !is_of(bucket, "kinesis:stream")
        );
        assert_eq!(
            (name_in(stream), name_in(bucket)),
            ("events", "user-bucket")
        );
        let profile = "arn:aws:iam::123456789012:instance-profile/a/b/client";
        let group = "arn:aws:logs:us-east-1:123456789012:log-group:/pipeline/client";
        assert!(is_of(profile, "iam:instance-profile") && is_of(group, "logs:log-group"));
        assert_eq!(
            (name_in(profile), name_in(group)),
            ("client", "/pipeline/client")
        );
    }
}
