//! Letting go of an object that is made anew.
//!
//! A security group that another group's rules name cannot be deleted, and the rules cannot name the
//! new group before the old one is gone: its name is unique. So what completes the others is first
//! brought to the part of its declaration that is known without the object, and to the rest when the
//! new one is made. Others that go too only lose what names it.

use crate::plan::{Phase, Plan, ResourceChange, compare, goes, settle};
use crate::provider::{Key, Live, ResourceType, before_deletion, holds};
use crate::schema::{Draft, has_text};

use super::Failure;
use super::steps::Context;

impl Context<'_> {
    /// Takes the references to a live object that goes out of the resources that stay.
    pub(super) async fn let_go(&self, plan: &Plan, going: &ResourceChange) -> Result<(), Failure> {
        let Some(live) = &going.live else {
            return Ok(());
        };
        for change in &plan.changes {
            let stays = crate::plan::phases(change) == [Phase::Complete];
            let names_it = change.live.as_ref().is_some_and(|other| {
                let completing = change.ty.schema.completing.iter();
                completing
                    .filter_map(|attribute| other.attributes.get(*attribute))
                    .any(|value| has_text(value, &live.id))
            });
            if stays && names_it {
                self.without(change, going).await?;
            }
        }
        Ok(())
    }

    /// Takes the references to a live object that goes out of the others that go too: two that name each
    /// other could otherwise wait for each other. What has gone already is left alone.
    pub(super) async fn let_go_of_each_other(
        &self,
        plan: &Plan,
        going: &ResourceChange,
    ) -> Result<(), Failure> {
        let Some(live) = &going.live else {
            return Ok(());
        };
        let ty = going.ty;
        // Ids of other types may be the same texts: only those of one type name each other.
        let same =
            |change: &&ResourceChange| goes(change) && change.ty.schema.name == ty.schema.name;
        for change in plan.changes.iter().filter(same) {
            let Some(other) = change.live.as_ref().filter(|other| other.id != live.id) else {
                continue;
            };
            if !holds(ty, other, &live.id) || self.is_gone(ty, &other.id) {
                continue;
            }
            let key = Key::Id(other.id.clone());
            let other = self.provider.read(ty, &key, &before_deletion(ty)).await?;
            // Whose it is now is told where it is destroyed itself.
            if let Some(other) = other.filter(|other| other.is_of(self.stack)) {
                let watch = self.watch(&going.address);
                self.provider.let_go(ty, &other, &live.id, &watch).await?;
            }
        }
        Ok(())
    }

    /// Brings what completes a resource to the part that is known without the object that goes.
    async fn without(
        &self,
        change: &ResourceChange,
        going: &ResourceChange,
    ) -> Result<(), Failure> {
        let (ty, Some(planned)) = (change.ty, &change.live) else {
            return Ok(());
        };
        let key = Key::Id(planned.id.clone());
        let need = self.need(&change.address);
        let Some(live) = self.provider.read(ty, &key, need).await? else {
            return Ok(());
        };
        self.check_owner(change, &live)?;
        let instance = self.instance(&change.address)?;
        let mut scope = self.known();
        scope.remove(&going.address);
        let desired = settle(ty, &instance.desired(&scope)?, Some(&live), &scope).desired;
        let desired = known_part(ty, &desired, &live);
        let mut changes = compare(ty, instance.block, &desired, &live).changes;
        changes.retain(|one| ty.schema.completing.contains(&one.path.root()));
        if changes.is_empty() {
            return Ok(());
        }
        let value = desired.resolve().map_err(super::steps::unknown)?;
        let watch = self.watch(&change.address);
        let update = self
            .provider
            .update(ty, &live, &value, &changes, &live.tags, &watch);
        Ok(update.await?)
    }
}

/// The declaration with what completes the resource reduced to its known elements, and all else that
/// is not known left as it is live.
fn known_part(ty: &ResourceType, desired: &Draft, live: &Live) -> Draft {
    let entries = desired.entries().unwrap_or_default().into_iter();
    let known = entries.filter_map(|(attribute, value)| {
        if value.first_unknown().is_none() {
            return Some((attribute, value));
        }
        let items = value.items();
        match items.filter(|_| ty.schema.completing.contains(&attribute.as_str())) {
            Some(mut items) => {
                items.retain(|item| item.first_unknown().is_none());
                Some((attribute, Draft::list(items)))
            }
            None => {
                let value = live.attributes.get(&attribute).cloned()?;
                Some((attribute, Draft::Known(value)))
            }
        }
    });
    Draft::map(known.collect())
}
