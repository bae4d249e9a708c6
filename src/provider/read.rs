//! Reading one object, strongly consistent: several calls at once, put together.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::bulk::Listed;
use super::call::Request;
use super::contract::{Call, Pages, Read, ResourceType};
use super::errors::ProviderError;
use super::finish::finish;
use super::input::{self, Scope};
use super::live::Live;
use super::parts::reads_more;
use super::session::Provider;
use super::{identity, path, reshape};

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The one with this id.
    Id(String),
    /// The one with this unique name.
    Name {
        /// The name.
        name: String,
        /// Where the name is unique, if not in the account and region: a VPC.
        within: Option<String>,
    },
}

/// What of an object is needed beyond what is always read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Dotted paths of the attributes that the declaration has.
    pub declared: BTreeSet<String>,
    /// Outputs that others refer to.
    pub referenced: BTreeSet<String>,
    /// Attributes that are about to be updated.
    pub changing: BTreeSet<String>,
}

impl Need {
    fn has(&self, attributes: &[&str]) -> bool {
        let mut needed = self.declared.iter().chain(&self.referenced);
        needed.any(|need| attributes.iter().any(|a| path::overlap(need, a)))
    }

    pub(super) fn changes(&self, attributes: &[&str]) -> bool {
        let mut changing = self.changing.iter();
        changing.any(|need| attributes.iter().any(|a| path::overlap(need, a)))
    }
}

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent<'a> {
    /// Whether it is there, and its state.
    First,
    /// What is always read, and what is needed.
    Needed(&'a Need),
    /// Everything.
    All,
}

impl Extent<'_> {
    /// Whether any of these attributes is needed.
    pub(super) fn needs(self, attributes: &[&str]) -> bool {
        match self {
            Self::First => false,
            Self::Needed(need) => need.has(attributes),
            Self::All => true,
        }
    }
}

impl Provider {
    /// Reads one object from the service that holds it, not from a list that may lag.
    ///
    /// `None` means that the service itself says that there is none; a failed or denied read is an
    /// error. What is gone but still shown is none; what is being deleted is there.
    ///
    /// # Errors
    /// A call failed.
    pub async fn read(
        &self,
        ty: &'static ResourceType,
        key: &Key,
        need: &Need,
    ) -> Result<Option<Live>, ProviderError> {
        self.read_extent(ty, key, Extent::Needed(need)).await
    }

    pub(super) async fn read_extent(
        &self,
        ty: &'static ResourceType,
        key: &Key,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        match key {
            Key::Id(id) => self.read_named(ty, Some(id), None, extent).await,
            Key::Name { name, within } if ty.id_is.is_some() => {
                let found = match self.id_of(ty, name, within.as_deref()).await? {
                    Some(id) => self.read_named(ty, Some(&id), None, extent).await?,
                    None => None,
                };
                // What has the name and another id is in the list.
                match found {
                    None => self.read_by_list(ty, name, within.as_deref(), extent).await,
                    found => Ok(found),
                }
            }
            // A name in no place yet names nothing.
            Key::Name { within: None, .. } if needs_place(ty) => Ok(None),
            Key::Name { name, within } if reads_by_name(ty) => {
                let mut wanted = Map::new();
                if let (Some(place), Some(within)) = (ty.within, within) {
                    wanted.insert(place.attribute.to_owned(), within.as_str().into());
                }
                let found = (name.as_str(), Value::Object(wanted));
                self.read_named(ty, None, Some(found), extent).await
            }
            Key::Name { name, within } => {
                self.read_by_list(ty, name, within.as_deref(), extent).await
            }
        }
    }

    /// The object of a name, whose id the type's list tells.
    async fn read_by_list(
        &self,
        ty: &'static ResourceType,
        name: &str,
        within: Option<&str>,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        match self.listed_by_name(ty, name, within).await? {
            Some(id) => self.read_named(ty, Some(&id), None, extent).await,
            None => Ok(None),
        }
    }

    /// The id that follows from a unique name and its place, both as declared.
    pub(super) async fn id_of(
        &self,
        ty: &'static ResourceType,
        name: &str,
        within: Option<&str>,
    ) -> Result<Option<String>, ProviderError> {
        let (Some(template), Some(attribute)) = (&ty.id_is, ty.schema.unique_name) else {
            return Ok(None);
        };
        let mut declared = Value::Object(Map::new());
        path::set(&mut declared, attribute, name.into());
        if let (Some(place), Some(within)) = (ty.within, within) {
            path::set(&mut declared, place.attribute, within.into());
        }
        let wanted = input::wanted(ty, &declared, None);
        let aws = self.facts([template]).await?;
        let scope = Scope {
            wanted: Some(&wanted),
            aws: Some(aws),
            ..Scope::default()
        };
        Ok(path::text(&input::evaluate(template, &scope)))
    }

    async fn read_named(
        &self,
        ty: &'static ResourceType,
        id: Option<&str>,
        named: Option<(&str, Value)>,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        let same = ty.schema.unique_name == Some(ty.id);
        let (name, mut wanted) = named.unzip();
        let name = name.or(id.filter(|_| same));
        let id = id.or(name.filter(|_| same));
        if let (Some(attribute), Some(name)) = (ty.schema.unique_name, name) {
            let wanted = wanted.get_or_insert_default();
            path::set(wanted, attribute, name.into());
        }
        let mut wanted = wanted.unwrap_or_default();
        if let Some(id) = id {
            identity::take_apart(ty, id, &mut wanted);
        }
        let made_of = identity::made_of(ty, &wanted);
        let id = made_of.as_deref().or(id);
        let scope = Scope {
            id,
            name,
            wanted: Some(&wanted),
            ..Scope::default()
        };
        let raw = self.parts(ty, &scope, Value::Null, extent, true).await?;
        let live = raw.and_then(|raw| finish(ty, raw, id));
        let live = self.with_computed(ty, live).await?;
        live.iter().for_each(|live| self.0.young.notice(ty, live));
        Ok(live)
    }

    /// Whether a service shows an object at all, be it gone already: the outer `None` is none.
    pub(super) async fn glance(
        &self,
        ty: &'static ResourceType,
        id: &str,
    ) -> Result<Option<Option<Live>>, ProviderError> {
        let raw = self.remains(ty, id).await?;
        Ok(raw.map(|raw| finish(ty, raw, Some(id))))
    }

    /// What a service shows of an object, be it gone already.
    pub(super) async fn remains(
        &self,
        ty: &'static ResourceType,
        id: &str,
    ) -> Result<Option<Value>, ProviderError> {
        let scope = Scope {
            id: Some(id),
            ..Scope::default()
        };
        let raw = self.parts(ty, &scope, Value::Null, Extent::First, true);
        raw.await
    }

    /// Adds to an object of a complete list what only its own reads give.
    pub(super) async fn add_needed(
        &self,
        ty: &'static ResourceType,
        Listed { raw, live }: &Listed,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        if !reads_more(ty, raw, extent) {
            return Ok(Some(live.clone()));
        }
        let name = ty.schema.unique_name;
        let name = name.and_then(|name| path::text_at(&live.attributes, name));
        let scope = Scope {
            id: Some(&live.id),
            name: name.as_deref(),
            live: Some(&live.attributes),
            wanted: Some(&live.attributes),
            ..Scope::default()
        };
        let raw = self.parts(ty, &scope, raw.clone(), extent, false).await?;
        let live = raw.and_then(|raw| finish(ty, raw, Some(&live.id)));
        self.with_computed(ty, live).await
    }

    /// The object with the outputs that no reply has.
    pub(super) async fn with_computed(
        &self,
        ty: &'static ResourceType,
        live: Option<Live>,
    ) -> Result<Option<Live>, ProviderError> {
        let Some(mut live) = live else {
            return Ok(None);
        };
        self.see_stand_in(ty, Arc::make_mut(&mut live.attributes));
        let inputs = ty.computed.iter().map(|(_, input)| input);
        let aws = self.facts(inputs).await?;
        for (output, input) in ty.computed {
            let scope = Scope {
                id: Some(&live.id),
                live: Some(&live.attributes),
                wanted: Some(&live.attributes),
                aws: Some(aws),
                ..Scope::default()
            };
            let value = input::evaluate(input, &scope);
            path::set(Arc::make_mut(&mut live.attributes), output, value);
        }
        Ok(Some(live))
    }

    /// The reply, all its pages, to a call about a live object.
    pub(super) async fn ask_of(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        call: &Call,
        pages: Option<Pages>,
    ) -> Result<Value, ProviderError> {
        let aws = self.facts([&call.input]).await?;
        let scope = Scope {
            id: Some(&live.id),
            live: Some(&live.attributes),
            wanted: Some(&live.attributes),
            aws: Some(aws),
            ..Scope::default()
        };
        let input = input::evaluate(&call.input, &scope);
        self.pages(ty, call, pages, input).await
    }

    /// All pages of a repeatable call, as one reply.
    pub(super) async fn pages(
        &self,
        ty: &'static ResourceType,
        call: &Call,
        pages: Option<Pages>,
        mut input: Value,
    ) -> Result<Value, ProviderError> {
        let mut whole = Value::Null;
        loop {
            let request = Request {
                api: ty.service.into(),
                operation: call.operation,
                input: &input,
                repeatable: true,
            };
            let mut reply = self.send(request, ty.errors).await?;
            let next = pages.and_then(|pages| {
                let token = path::get(&reply, pages.output)?.clone();
                let more = token.as_str().is_none_or(|token| !token.is_empty());
                path::set(&mut reply, pages.output, Value::Null);
                more.then_some((pages.input, token))
            });
            match whole {
                Value::Null => whole = reply,
                _ => reshape::append(&mut whole, reply),
            }
            match next {
                Some((member, token)) => path::set(&mut input, member, token),
                None => return Ok(whole),
            }
        }
    }
}

/// Whether a type's unique name is one only together with where it is.
fn needs_place(ty: &ResourceType) -> bool {
    !ty.id_of.is_empty() && ty.within.is_some_and(|within| within.default.is_none())
}

/// Whether a type can be read by its unique name alone.
pub(super) fn reads_by_name(ty: &ResourceType) -> bool {
    if ty.id_is.is_some() {
        return true;
    }
    let by_name =
        |read: &Read| ty.schema.unique_name == Some(ty.id) || !input::uses(&read.call.input, "id");
    ty.schema.unique_name.is_some() && !ty.reads.is_empty() && ty.reads.iter().all(by_name)
}
