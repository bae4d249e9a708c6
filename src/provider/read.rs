//! Reading one object, strongly consistent: several calls at once, put together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use serde_json::{Map, Value};

use super::call::Request;
use super::contract::{Call, ErrorClass, OwnerText, Pages, Read, ReadWhen, ResourceType};
use super::errors::ProviderError;
use super::input::{self, Scope};
use super::live::{Live, State};
use super::session::Provider;
use super::{identity, ownership, path, reshape};
use crate::schema::Role;

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

/// How often an object is read again whose parts contradict each other.
const CONTRADICTIONS: usize = 5;
/// The pause before that.
const AFTER_CONTRADICTION: Duration = Duration::from_millis(300);

/// What one of an object's reads gives.
enum Part {
    /// This.
    Found(Value),
    /// The object has no such part.
    Nothing,
    /// There is no such object; the error says so, if it was one.
    Absent(Option<ProviderError>),
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
                match self.id_of(ty, name, within.as_deref()).await? {
                    Some(id) => self.read_named(ty, Some(&id), None, extent).await,
                    None => Ok(None),
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
                let listed = self.listed_by_name(ty, name, within.as_deref()).await?;
                match listed {
                    Some(id) => self.read_named(ty, Some(&id), None, extent).await,
                    None => Ok(None),
                }
            }
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
        let aws = self.facts(&[template]).await?;
        let scope = Scope {
            wanted: Some(&wanted),
            aws: Some(&aws),
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
        live.iter().for_each(|live| self.0.young.notice(live));
        Ok(live)
    }

    /// Whether a service shows an object at all, be it gone already: the outer `None` is none.
    pub(super) async fn glance(
        &self,
        ty: &'static ResourceType,
        id: &str,
    ) -> Result<Option<Option<Live>>, ProviderError> {
        let scope = Scope {
            id: Some(id),
            ..Scope::default()
        };
        let raw = self.parts(ty, &scope, Value::Null, Extent::First, true);
        Ok(raw.await?.map(|raw| finish(ty, raw, Some(id))))
    }

    /// Adds to an object of a complete list what only its own reads give.
    pub(super) async fn add_needed(
        &self,
        ty: &'static ResourceType,
        raw: Value,
        live: &Live,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        let name = ty.schema.unique_name;
        let name = name.and_then(|name| path::text_at(&live.attributes, name));
        let scope = Scope {
            id: Some(&live.id),
            name: name.as_deref(),
            live: Some(&live.attributes),
            wanted: Some(&live.attributes),
            ..Scope::default()
        };
        let raw = self.parts(ty, &scope, raw, extent, false).await?;
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
        self.see_stand_in(ty, &mut live.attributes);
        let inputs: Vec<_> = ty.computed.iter().map(|(_, input)| input).collect();
        let aws = self.facts(&inputs).await?;
        for (output, input) in ty.computed {
            let scope = Scope {
                id: Some(&live.id),
                live: Some(&live.attributes),
                wanted: Some(&live.attributes),
                aws: Some(&aws),
                ..Scope::default()
            };
            let value = input::evaluate(input, &scope);
            path::set(&mut live.attributes, output, value);
        }
        Ok(Some(live))
    }

    /// Reads the parts of an object onto `raw` until they do not contradict each other.
    async fn parts(
        &self,
        ty: &'static ResourceType,
        scope: &Scope<'_>,
        raw: Value,
        extent: Extent<'_>,
        mut strong: bool,
    ) -> Result<Option<Value>, ProviderError> {
        let inputs: Vec<_> = ty.reads.iter().map(|read| &read.call.input).collect();
        let aws = self.facts(&inputs).await?;
        let scope = Scope {
            aws: Some(&aws),
            ..*scope
        };
        let mut left = CONTRADICTIONS;
        loop {
            match self
                .parts_once(ty, &scope, raw.clone(), extent, strong)
                .await?
            {
                Ok(found) => return Ok(found),
                Err(contradiction) if left == 0 => return Err(contradiction),
                Err(_) => left -= 1,
            }
            // Its list may lag: from now on the object's own reads tell whether it is there.
            strong = true;
            tokio::time::sleep(self.scaled(AFTER_CONTRADICTION)).await;
        }
    }

    /// The inner error is a part's that says that there is no such object, though it is there, and
    /// nobody is deleting it.
    async fn parts_once(
        &self,
        ty: &'static ResourceType,
        scope: &Scope<'_>,
        mut raw: Value,
        extent: Extent<'_>,
        strong: bool,
    ) -> Result<Result<Option<Value>, ProviderError>, ProviderError> {
        let chosen = |(at, read): &(usize, &Read)| match read.when {
            ReadWhen::Each(_) => false,
            _ if *at == 0 && strong => true,
            ReadWhen::Always => strong && !matches!(extent, Extent::First),
            ReadWhen::Changing(attributes) => {
                matches!(extent, Extent::Needed(need) if need.changes(attributes))
            }
            ReadWhen::Needed(attributes) => match extent {
                Extent::First => false,
                Extent::Needed(need) => need.has(attributes),
                Extent::All => true,
            },
            ReadWhen::NeededAbove(attributes, number, above) => match extent {
                Extent::First => false,
                Extent::Needed(need) => need.has(attributes) && is_above(&raw, number, above),
                Extent::All => is_above(&raw, number, above),
            },
        };
        let chosen: Vec<_> = ty.reads.iter().enumerate().filter(chosen).collect();
        let parts = chosen.iter().map(|(_, read)| self.part(ty, read, scope));
        let parts = join_all(parts).await;
        let (mut put, mut contradiction) = (Vec::new(), None);
        for ((at, read), part) in chosen.iter().zip(parts) {
            match part? {
                Part::Found(value) => {
                    place(&mut raw, read.into, value);
                    put.push(read.into);
                }
                Part::Absent(_) if *at == 0 && strong => return Ok(Ok(None)),
                Part::Absent(Some(error)) => contradiction = Some(error),
                Part::Nothing | Part::Absent(None) => {}
            }
        }
        if let Some(error) = contradiction {
            let leaves = strong && is_leaving(ty, &raw, scope.id);
            return Ok(if leaves { Ok(Some(raw)) } else { Err(error) });
        }
        for read in ty.reads {
            let ReadWhen::Each(attribute) = read.when else {
                continue;
            };
            // What the list has given already is not read again for a part read beside it.
            let whole = strong && !matches!(extent, Extent::First);
            let fresh = |put: &&str| match put.is_empty() {
                true => whole,
                false => path::within(attribute, put),
            };
            let lacking = !strong && path::get(&raw, read.into).is_none();
            let wanted = lacking
                && match extent {
                    Extent::First => false,
                    Extent::Needed(need) => need.has(&[read.into]),
                    Extent::All => true,
                };
            if wanted || put.iter().any(fresh) {
                match self.each(ty, read, scope, &raw, attribute).await? {
                    Ok(Some(map)) => place(&mut raw, read.into, map),
                    Ok(None) => {}
                    Err(contradiction) => return Ok(Err(contradiction)),
                }
            }
        }
        Ok(Ok(Some(raw)))
    }

    /// One read for every element at an attribute: a map by element.
    async fn each(
        &self,
        ty: &'static ResourceType,
        read: &Read,
        scope: &Scope<'_>,
        raw: &Value,
        attribute: &str,
    ) -> Result<Result<Option<Value>, ProviderError>, ProviderError> {
        let single = matches!(
            path::get(raw, attribute),
            Some(Value::String(_) | Value::Number(_))
        );
        let elements: Vec<Value> = match path::get(raw, attribute) {
            Some(Value::Array(items)) => items.clone(),
            Some(Value::Object(members)) => members.keys().cloned().map(Value::from).collect(),
            Some(one @ (Value::String(_) | Value::Number(_))) => vec![one.clone()],
            _ => return Ok(Ok(None)),
        };
        let calls = elements.iter().map(|element| async move {
            let scope = Scope {
                each: Some((element, element)),
                ..*scope
            };
            self.part(ty, read, &scope).await
        });
        let mut map = Map::new();
        for (element, part) in elements.iter().zip(try_join_all(calls).await?) {
            let key = path::text(element).unwrap_or_else(|| element.to_string());
            match part {
                Part::Found(value) if single => return Ok(Ok(Some(value))),
                Part::Found(value) => {
                    map.insert(key, value);
                }
                Part::Absent(Some(error)) => return Ok(Err(error)),
                Part::Nothing | Part::Absent(None) => {}
            }
        }
        Ok(Ok(Some(Value::Object(map))))
    }

    async fn part(
        &self,
        ty: &'static ResourceType,
        read: &Read,
        scope: &Scope<'_>,
    ) -> Result<Part, ProviderError> {
        let input = input::evaluate(&read.call.input, scope);
        let reply = match self.pages(ty, &read.call, read.pages, input).await {
            Ok(reply) => reply,
            Err(error) => {
                let code = error.code.as_deref().unwrap_or_default();
                return if read.none.contains(&code) {
                    Ok(Part::Nothing)
                } else if read.absent.contains(&code) || is_absent(ty, &error) {
                    Ok(Part::Absent(Some(error)))
                } else {
                    Err(error)
                };
            }
        };
        let found = reshape::find(&reply, read.at).filter(|value| !value.is_null());
        let found = match found {
            Some(Value::Array(items)) if read.into.is_empty() => items.into_iter().next(),
            other => other,
        };
        Ok(match found {
            Some(Value::Array(items)) => {
                let shaped = items.into_iter().map(|i| reshape::reshape(&read.shape, i));
                Part::Found(shaped.collect())
            }
            Some(value) => Part::Found(reshape::reshape(&read.shape, value)),
            None if read.into.is_empty() => Part::Absent(None),
            None => Part::Nothing,
        })
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

/// Whether a number is above another; one that is not read yet may be.
fn is_above(raw: &Value, number: &str, above: i64) -> bool {
    path::get(raw, number)
        .and_then(Value::as_i64)
        .is_none_or(|number| number > above)
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

/// Whether an object is gone or being deleted: then its parts may be gone before it.
fn is_leaving(ty: &ResourceType, raw: &Value, id: Option<&str>) -> bool {
    let live = finish(ty, raw.clone(), id);
    live.is_none_or(|live| matches!(live.state, State::Deleting(_)))
}

/// The type's own rules say that this code means that there is no such object.
fn is_absent(ty: &ResourceType, error: &ProviderError) -> bool {
    let code = error.code.as_deref();
    error.class == ErrorClass::Absent && ty.errors.iter().any(|rule| Some(rule.code) == code)
}

fn place(raw: &mut Value, into: &str, value: Value) {
    match (into, &mut *raw, value) {
        ("", Value::Object(members), Value::Object(more)) => {
            members.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        (_, _, value) => path::set(raw, into, value),
    }
}

/// A live object from what AWS answers; `None` if it is gone but still shown.
pub(super) fn finish(ty: &ResourceType, raw: Value, id: Option<&str>) -> Option<Live> {
    let mut attributes = ty.hooks.live(raw);
    super::forms::live(ty, &mut attributes);
    let tags = match ty.owner {
        Some(owner) => take_mark(owner, &mut attributes),
        None => attributes
            .get("tags")
            .map(reshape::tags)
            .unwrap_or_default(),
    };
    if attributes.is_object() {
        path::set(&mut attributes, "tags", reshape::visible(&tags));
    }
    let mut attributes = reshape::with_documents(ty.schema.attributes, attributes);
    if let Some(id) = id {
        identity::take_apart(ty, id, &mut attributes);
    }
    if let (None, Some(id)) = (path::get(&attributes, ty.id), id) {
        path::set(&mut attributes, ty.id, id.into());
    }
    without_empty_outputs(ty, &mut attributes);
    let own = path::text_at(&attributes, ty.id);
    Some(Live {
        id: own.or(id.map(str::to_owned))?,
        state: state(ty, &attributes)?,
        owner: ownership::owner(&tags),
        attributes,
        tags,
    })
}

/// Takes the mark of the owner out of the text that has it: the tags that stand for it. A text of
/// nothing else is none.
fn take_mark(owner: OwnerText, attributes: &mut Value) -> BTreeMap<String, String> {
    let marked = path::text_at(attributes, owner.attribute).unwrap_or_default();
    let (text, tags) = ownership::without_mark(&marked);
    let text = (!text.is_empty()).then(|| text.to_owned());
    path::set(attributes, owner.attribute, text.into());
    if !tags.is_empty() || owner.otherwise.is_empty() {
        return tags;
    }
    let other = path::text_at(attributes, owner.otherwise).unwrap_or_default();
    ownership::without_mark(&other).1
}

/// An output that is an empty text is none: EC2 gives a stopped instance such names.
fn without_empty_outputs(ty: &ResourceType, attributes: &mut Value) {
    let Value::Object(members) = attributes else {
        return;
    };
    let outputs = ty.schema.attributes.iter();
    for output in outputs.filter(|attribute| attribute.role == Role::Output) {
        if members.get(output.name).and_then(Value::as_str) == Some("") {
            members.remove(output.name);
        }
    }
}

/// What an object is doing; `None` if it is gone. A state that the type does not know is one to wait
/// out: AWS adds such for work it does by itself.
fn state(ty: &ResourceType, attributes: &Value) -> Option<State> {
    let Some(states) = &ty.states else {
        return Some(State::Ready);
    };
    let Some(word) = path::text_at(attributes, states.path) else {
        return Some(State::Ready);
    };
    let is = |words: &[&str]| words.contains(&word.as_str());
    if is(states.gone) {
        return None;
    }
    Some(if is(states.ready) {
        State::Ready
    } else if is(states.deleting) {
        State::Deleting(word)
    } else if is(states.failed) {
        let reason = (!states.reason.is_empty()).then_some(states.reason);
        State::Failed {
            reason: reason.and_then(|reason| path::text_at(attributes, reason)),
            state: word,
        }
    } else {
        State::Pending(word)
    })
}
