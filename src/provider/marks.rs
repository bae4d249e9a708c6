//! Marks: tags of a parent that name what was made in it.
//!
//! What is in a parent cannot be listed for its owner's sake (a bucket's objects: a call for each),
//! so it is marked: before it is made its key becomes a tag of the parent, and the tag goes after it
//! is gone. Whoever is killed in between leaves a mark of nothing, which the next apply removes. A
//! parent's tags are one set that is read and written as a whole, so writers take turns.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex as Guard, PoisonError};

use futures_util::future::join_all;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::call::Api;
use super::contract::{Marks, ResourceType};
use super::errors::{ErrorKind, ProviderError};
use super::live::Live;
use super::observe::{Observed, Part, StaleMark, confirmed};
use super::ownership;
use super::read::{Key, Need};
use super::session::{Provider, Watch};
use super::sought::owned;
use super::update_calls::tag_calls;
use super::wanted::Wanted;
use super::{catalog, path};

/// What a mark's tag key begins with.
pub const PREFIX: &str = "pinfra:c:";
/// How many marks a parent can carry: AWS takes 50 tags, and a parent has others.
pub const LIMIT: usize = 35;

/// The tag of a parent that marks what has this key in it. The type is part of the hash: one parent
/// may have children of several types.
pub fn tag(ty: &ResourceType, key: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{key}", ty.schema.name));
    format!("{PREFIX}{}", hex::encode(&digest[..4]))
}

/// Whether a tag key is a mark's.
pub fn is_mark(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The keys of a type's objects that a parent's tags mark.
pub fn keys<'t>(
    ty: &'t ResourceType,
    tags: &'t BTreeMap<String, String>,
) -> impl Iterator<Item = (&'t str, &'t str)> {
    let marks = tags.iter().filter(|(tag, _)| is_mark(tag));
    let own = marks.filter(move |(tag, key)| self::tag(ty, key) == **tag);
    own.map(|(tag, key)| (tag.as_str(), key.as_str()))
}

/// The types whose objects are marked on this one.
pub fn children(ty: &ResourceType) -> impl Iterator<Item = (&'static ResourceType, Marks)> {
    let name = ty.schema.name;
    let all = catalog::TYPES.iter().copied();
    all.filter_map(move |child| Some((child, child.marks.filter(|marks| marks.parent == name)?)))
}

/// What this run did to the marks of one parent: what is read may not show it yet.
type Done = BTreeMap<String, Option<String>>;

/// The parents whose tags are written in this run, each by one writer at a time.
#[derive(Debug, Default)]
pub(super) struct Parents(Guard<HashMap<String, Arc<Mutex<Done>>>>);

impl Parents {
    fn of(&self, ty: &ResourceType, id: &str) -> Arc<Mutex<Done>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let parent = format!("{} {id}", ty.schema.name);
        Arc::clone(all.entry(parent).or_default())
    }
}

/// What becomes of a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Set,
    Removed,
}

impl Provider {
    /// Marks the parent of an object that is about to be made, or is there, or takes the mark off
    /// that of one that is gone. A parent that is not this stack's, or not there, is left alone.
    ///
    /// # Errors
    /// The parent cannot be read or written, or has as many marks as it can carry.
    pub(super) async fn mark_parent(
        &self,
        ty: &'static ResourceType,
        stack: &str,
        attributes: &Value,
        mark: Mark,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some((marks, parent)) = ty.marks.and_then(|m| Some((m, catalog::find(m.parent)?)))
        else {
            return Ok(());
        };
        let text = |attribute| path::text_at(attributes, attribute);
        let (Some(id), Some(key)) = (text(marks.attribute), text(marks.key)) else {
            return Ok(());
        };
        let turn = self.0.parents.of(parent, &id);
        let mut done = turn.lock().await;
        let Some(live) = self.marked(parent, &id, &done).await? else {
            return Ok(());
        };
        if !live.is_of(stack) {
            return Ok(());
        }
        let tag = tag(ty, &key);
        let mut wanted = live.tags.clone();
        match mark {
            Mark::Set => drop(wanted.insert(tag.clone(), key)),
            Mark::Removed => drop(wanted.remove(&tag)),
        }
        if wanted == live.tags {
            return Ok(());
        }
        let count = wanted.keys().filter(|tag| is_mark(tag)).count();
        if mark == Mark::Set && count > LIMIT {
            let service = Api::from(ty.service).name();
            let text =
                format!("{id} carries {LIMIT} marks of what is in it, and can carry no more",);
            return Err(ProviderError::new(ErrorKind::Impossible, service, text));
        }
        self.write_tags(parent, live, &wanted, &mut done, watch)
            .await
    }

    /// Brings an object's tags to what is wanted. A parent's marks stay as they are by then, but for
    /// those that were there when it was planned and are not wanted. Whether anything was called.
    ///
    /// # Errors
    /// A call failed.
    pub(super) async fn bring_tags(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        wanted: &BTreeMap<String, String>,
        watch: &dyn Watch,
    ) -> Result<bool, ProviderError> {
        if ty.tags.is_none() || *wanted == live.tags {
            return Ok(false);
        }
        if children(ty).next().is_none() {
            let mut nobody = Done::default();
            self.write_tags(ty, live.clone(), wanted, &mut nobody, watch)
                .await?;
            return Ok(true);
        }
        let turn = self.0.parents.of(ty, &live.id);
        let mut done = turn.lock().await;
        let Some(now) = self.marked(ty, &live.id, &done).await? else {
            return Ok(false);
        };
        let given_up = |tag: &String| live.tags.contains_key(tag) && !wanted.contains_key(tag);
        let marks = now.tags.iter();
        let marks = marks.filter(|(tag, _)| is_mark(tag) && !given_up(tag));
        let others = wanted.iter().filter(|(tag, _)| !is_mark(tag));
        let all = marks.chain(others);
        let wanted: BTreeMap<_, _> = all.map(|(k, v)| (k.clone(), v.clone())).collect();
        self.write_tags(ty, now, &wanted, &mut done, watch).await?;
        Ok(true)
    }

    /// A parent as it is, with what this run did to its marks.
    async fn marked(
        &self,
        ty: &'static ResourceType,
        id: &str,
        done: &Done,
    ) -> Result<Option<Live>, ProviderError> {
        let key = Key::Id(id.to_owned());
        let mut live = self.read(ty, &key, &Need::default()).await?;
        for (tag, value) in live.iter().flat_map(|_| done).collect::<Vec<_>>() {
            if let Some(live) = &mut live {
                match value {
                    Some(value) => drop(live.tags.insert(tag.clone(), value.clone())),
                    None => drop(live.tags.remove(tag)),
                }
            }
        }
        Ok(live)
    }

    async fn write_tags(
        &self,
        ty: &'static ResourceType,
        mut live: Live,
        wanted: &BTreeMap<String, String>,
        done: &mut Done,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some(tags) = &ty.tags else {
            return Ok(());
        };
        let before = live.tags.clone();
        let desired = live.attributes.clone();
        for call in tag_calls(tags, &live, wanted) {
            self.carry_out(ty, &call, &mut live, &desired, &Need::default(), watch)
                .await?;
        }
        let marks = before
            .keys()
            .chain(wanted.keys())
            .filter(|tag| is_mark(tag));
        for tag in marks.filter(|tag| before.get(*tag) != wanted.get(*tag)) {
            done.insert(tag.clone(), wanted.get(tag).cloned());
        }
        Ok(())
    }
}

/// A child that a mark names: its type, its id, and the mark.
struct Marked {
    ty: &'static ResourceType,
    id: String,
    stale: StaleMark,
}

impl Provider {
    /// What the marks of this stack's parents name beyond what is wanted by name, each confirmed by
    /// its service; and the marks of what is not there.
    pub(super) async fn observe_marked(
        &self,
        stack: &str,
        wanted: &[Wanted],
        observed: &Observed,
    ) -> Result<(Part, Vec<StaleMark>), Vec<ProviderError>> {
        let known: HashSet<(&str, String)> = wanted
            .iter()
            .filter_map(|w| Some((w.ty.schema.name, w.id()?)))
            .collect();
        let mut marked = Vec::new();
        for (ty, live) in parents(observed, stack) {
            for (child, _) in children(ty) {
                let new = keys(child, &live.tags).map(|(tag, key)| Marked {
                    ty: child,
                    id: format!("{}/{key}", live.id),
                    stale: StaleMark {
                        type_name: ty.schema.name,
                        id: live.id.clone(),
                        tag: tag.to_owned(),
                    },
                });
                let name = child.schema.name;
                marked.extend(new.filter(|mark| !known.contains(&(name, mark.id.clone()))));
            }
        }
        let reads = marked.into_iter().map(|mark| async move {
            let key = Key::Id(mark.id.clone());
            let live = self.read(mark.ty, &key, &Need::default()).await?;
            Ok((mark, live))
        });
        let (mut lives, mut stale, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for read in join_all(reads).await {
            match read {
                Ok((mark, Some(live))) if owned(&live, stack).is_some() => {
                    lives.push((mark.ty, live));
                }
                Ok((mark, _)) => stale.push(mark.stale),
                Err(error) => errors.push(error),
            }
        }
        match errors.is_empty() {
            true => Ok((confirmed(stack, wanted, lives), stale)),
            false => Err(errors),
        }
    }
}

/// The objects of this stack that can carry marks, each once.
pub fn parents<'o>(
    observed: &'o Observed,
    stack: &'o str,
) -> impl Iterator<Item = (&'static ResourceType, &'o Live)> {
    let found = observed.found.iter().filter_map(|(address, found)| {
        let ty = catalog::find(address.type_name())?;
        children(ty).next()?;
        Some(
            found
                .named
                .iter()
                .chain(&found.tagged)
                .map(move |live| (ty, live)),
        )
    });
    let strays = observed.strays.iter().map(|stray| (stray.ty, &stray.live));
    let mut seen = HashSet::new();
    found.flatten().chain(strays).filter(move |(ty, live)| {
        live.is_of(stack) && seen.insert((ty.schema.name, live.id.as_str()))
    })
}

/// Whether a live object's key fits into a mark, and why not.
///
/// # Errors
/// Why not, for people.
pub fn fits(parent: &ResourceType, key: &str) -> Result<(), String> {
    let length = key.chars().count();
    if length > ownership::VALUE_LIMIT {
        return Err(format!(
            "it is marked by a tag on its {}, which holds at most {} characters, and `{key}` has {length}",
            parent.schema.name,
            ownership::VALUE_LIMIT
        ));
    }
    let alphabet = parent.tags.map_or("", |tags| tags.alphabet);
    let foreign = key
        .chars()
        .find(|c| !c.is_alphanumeric() && !alphabet.contains(*c));
    match foreign {
        None => Ok(()),
        Some(character) => Err(format!(
            "it is marked by a tag on its {}, which takes letters, digits and {}, and `{key}` has a `{character}`",
            parent.schema.name,
            alphabet.trim()
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_mark_is_of_its_type_and_key() {
        let object = catalog::find("s3_object").unwrap();
        let bucket = catalog::find("s3_bucket").unwrap();
        let mark = tag(object, "a/b.txt");
        assert_eq!(mark.len(), PREFIX.len() + 8);
        assert_ne!(mark, tag(object, "a/b.tx"));
        assert_ne!(mark, tag(bucket, "a/b.txt"));
        let tags = BTreeMap::from([
            (mark.clone(), "a/b.txt".to_owned()),
            (format!("{PREFIX}00000000"), "x".to_owned()),
            ("team".to_owned(), "data".to_owned()),
        ]);
        let found: Vec<_> = keys(object, &tags).collect();
        assert_eq!(found, [(mark.as_str(), "a/b.txt")]);
    }

    #[test]
    fn a_key_must_fit_into_a_tag() {
        let bucket = catalog::find("s3_bucket").unwrap();
        assert_eq!(fits(bucket, "topics/0a.pin/partition=0/ä 1.json"), Ok(()));
        assert!(fits(bucket, &"k".repeat(257)).unwrap_err().contains("257"));
        assert!(fits(bucket, "a(1)").unwrap_err().contains("`(`"));
    }
}
