//! The reads that an object is put together of: which are made, and what they give together.

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use serde_json::{Map, Value};

use super::contract::{ErrorClass, Read, ReadWhen, ResourceType};
use super::errors::ProviderError;
use super::finish::finish;
use super::input::{self, Scope};
use super::live::State;
use super::read::Extent;
use super::session::Provider;
use super::{path, reshape};

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

/// Whether an object of a complete list is read once more for what is needed of it.
pub(super) fn reads_more(ty: &ResourceType, raw: &Value, extent: Extent<'_>) -> bool {
    let mut reads = ty.reads.iter();
    reads.any(|read| is_chosen(read, raw, extent, false) || lacks(read, raw, extent))
}

/// Whether a read of the object itself is made; `strong`: nothing of it is known from a list.
fn is_chosen(read: &Read, raw: &Value, extent: Extent<'_>, strong: bool) -> bool {
    match read.when {
        ReadWhen::Each(_) | ReadWhen::Differing(..) => false,
        ReadWhen::Always => strong && !matches!(extent, Extent::First),
        ReadWhen::Changing(attributes) => {
            matches!(extent, Extent::Needed(need) if need.changes(attributes))
        }
        ReadWhen::Needed(attributes) => extent.needs(attributes),
        ReadWhen::NeededAbove(attributes, number, above) => {
            extent.needs(attributes) && is_above(raw, number, above)
        }
    }
}

/// Whether a read for each element is needed, and a list has not given what it reads.
fn lacks(read: &Read, raw: &Value, extent: Extent<'_>) -> bool {
    matches!(read.when, ReadWhen::Each(_))
        && extent.needs(&[read.into])
        && path::get(raw, read.into).is_none()
}

impl Provider {
    /// Reads the parts of an object onto `raw` until they do not contradict each other.
    pub(super) async fn parts(
        &self,
        ty: &'static ResourceType,
        scope: &Scope<'_>,
        raw: Value,
        extent: Extent<'_>,
        mut strong: bool,
    ) -> Result<Option<Value>, ProviderError> {
        let inputs = ty.reads.iter().map(|read| &read.call.input);
        let scope = Scope {
            aws: Some(self.facts(inputs).await?),
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
        let chosen = |(at, read): &(usize, &Read)| {
            (*at == 0 && strong) || is_chosen(read, &raw, extent, strong)
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
            let wanted = !strong && lacks(read, &raw, extent);
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
                return if error.is_one_of(read.none) {
                    Ok(Part::Nothing)
                } else if error.is_one_of(read.absent) || is_absent(ty, &error) {
                    Ok(Part::Absent(Some(error)))
                } else {
                    Err(error)
                };
            }
        };
        let found = reshape::take(reply, read.at).filter(|value| !value.is_null());
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
}

/// Whether a number is above another; one that is not read yet may be.
fn is_above(raw: &Value, number: &str, above: i64) -> bool {
    path::get(raw, number)
        .and_then(Value::as_i64)
        .is_none_or(|number| number > above)
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
