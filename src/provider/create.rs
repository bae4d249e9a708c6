//! Making an object.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::body::Sent;
use super::call::{Api, Request};
use super::contract::{Create, ErrorClass, ResourceType, Trial};
use super::errors::{ErrorKind, ProviderError};
use super::input::{self, Scope};
use super::live::{Live, Owner};
use super::marks::Mark;
use super::read::{Key, Need};
use super::retry::{Patience, rest, stopped};
use super::session::{Provider, Watch};
use super::{identity, ownership, path};
use crate::schema::Address;

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// What identifies it to its operations.
    pub id: String,
}

/// AWS remembers a client token for a day; so many objects of a day may be behind one.
const TOKENS: u32 = 50;
/// How long an object that was just made may not be shown before it counts as one that is gone.
const UNSEEN: Duration = Duration::from_secs(60);
/// How long on a cloud whose time runs fast, and the pause between two looks.
const LEAST_UNSEEN: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// What EC2 says of a token that was used with other parameters.
const TOKEN_MISMATCH: &str = "IdempotentParameterMismatch";

impl Provider {
    /// Makes an object, owned by `stack` and `address` from its first moment.
    ///
    /// An answer that got lost is no second object: what exists afterwards with these very tags is
    /// what was made.
    ///
    /// # Errors
    /// The call failed; of class [`ErrorClass::Exists`] if the unique name is taken by something that
    /// is not this stack's at this address.
    pub async fn create(
        &self,
        ty: &'static ResourceType,
        stack: &str,
        address: &Address,
        desired: &Value,
        watch: &dyn Watch,
    ) -> Result<Created, ProviderError> {
        let service = Api::from(ty.service).name();
        let Some(create) = &ty.create else {
            let text = format!("{} can only be looked up", ty.schema.name);
            return Err(ProviderError::new(ErrorKind::Impossible, service, text));
        };
        let making = Making {
            provider: self,
            ty,
            create,
            stack,
            address,
            desired,
            watch,
        };
        self.mark_parent(ty, stack, desired, Mark::Set, watch)
            .await?;
        let id = making.run().await?;
        self.0.young.add(&id);
        if let Some(name) = making.name().filter(|_| ty.id_of.is_empty()) {
            self.0.young.add(&name);
        }
        Ok(Created { id })
    }

    /// Tries the creation of an object without effect, where the type has a way to, while the object
    /// that it is to take the place of is there. What that one still holds does not count.
    ///
    /// # Errors
    /// Why the object could not be made.
    pub async fn try_to_create(
        &self,
        ty: &'static ResourceType,
        stack: &str,
        address: &Address,
        desired: &Value,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some((create, trial)) = ty.create.as_ref().zip(ty.trial()) else {
            return Ok(());
        };
        let making = Making {
            provider: self,
            ty,
            create,
            stack,
            address,
            desired,
            watch,
        };
        making.trial(trial).await
    }
}

struct Making<'a> {
    provider: &'a Provider,
    ty: &'static ResourceType,
    create: &'static Create,
    stack: &'a str,
    address: &'a Address,
    desired: &'a Value,
    watch: &'a dyn Watch,
}

impl Making<'_> {
    fn name(&self) -> Option<String> {
        path::text_at(self.desired, self.ty.schema.unique_name?)
    }

    async fn run(&self) -> Result<String, ProviderError> {
        if self.create.read_before && self.named().await?.is_some() {
            return Err(self.taken());
        }
        let mut patience = Patience::new(self.provider, self.ty, self.watch);
        let mut token = 0;
        let sent = match input::uses(&self.create.call.input, "body") {
            true => {
                let sent = self.provider.contents(self.ty, self.desired, self.watch);
                sent.await?
            }
            false => Sent::default(),
        };
        loop {
            let input = self.input(Some(token), &sent).await?;
            let error = match self.call(&input).await {
                Ok(reply) => {
                    let id = self.id(&reply)?;
                    if !self.has_token() || self.is_the_new_one(&id).await? {
                        return Ok(id);
                    }
                    token += 1;
                    match token > TOKENS {
                        true => return Err(self.no_token(&id)),
                        false => continue,
                    }
                }
                Err(error) => error,
            };
            match error.class {
                _ if error.code.as_deref() == Some(TOKEN_MISMATCH) && token < TOKENS => {
                    token += 1;
                    continue;
                }
                // Ours, if an earlier answer got lost.
                ErrorClass::Exists => {
                    return match self.named().await?.filter(|live| self.is_own(live)) {
                        Some(live) => Ok(live.id),
                        None => Err(error),
                    };
                }
                // It may have taken effect: only a list that has settled tells.
                ErrorClass::Transient if !self.create.repeatable => {
                    if let Some(id) = self.listed().await? {
                        return Ok(id);
                    }
                }
                _ => {}
            }
            patience.again(error, &input).await?;
        }
    }

    /// One call that has no effect, again for as long as its errors are worth it.
    async fn trial(&self, trial: &Trial) -> Result<(), ProviderError> {
        let mut patience = Patience::new(self.provider, self.ty, self.watch);
        // A token is of one object, which a trial does not make.
        let mut input = self.input(None, &Sent::default()).await?;
        path::set(&mut input, trial.with, Value::Bool(true));
        loop {
            match self.call(&input).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_one_of(trial.ok) => return Ok(()),
                Err(error) => match error.class {
                    ErrorClass::Exists | ErrorClass::Conflict => return Ok(()),
                    _ => patience.again(error, &input).await?,
                },
            }
        }
    }

    fn has_token(&self) -> bool {
        input::uses(&self.create.call.input, "token")
    }

    /// Whether the object that a token led to is the one that is wanted, and not one of this address
    /// that is gone, goes, or stands under another address now.
    async fn is_the_new_one(&self, id: &str) -> Result<bool, ProviderError> {
        let since = Instant::now();
        let unseen = self.provider.scaled(UNSEEN).max(LEAST_UNSEEN);
        loop {
            match self.provider.glance(self.ty, id).await? {
                Some(None) => return Ok(false),
                Some(Some(live)) if live.owner != Owner::Nobody => {
                    return Ok(self.is_own(&live) && !live.tags.contains_key(ownership::RETIRING));
                }
                // Not shown yet, or not with its tags; or gone for so long that it is not shown.
                Some(Some(_)) | None if since.elapsed() >= unseen => return Ok(false),
                Some(Some(_)) | None => {}
            }
            rest(self.watch, self.provider.scaled(BETWEEN_LOOKS)).await;
            if self.watch.stopping() {
                return Err(stopped(self.ty, &format!("stopped before {id} was shown")));
            }
        }
    }

    fn no_token(&self, id: &str) -> ProviderError {
        let service = Api::from(self.ty.service).name();
        let text = format!(
            "{} answered with {id} again, which is not the one wanted: {TOKENS} objects were made \
             under this address today, and it remembers each for a day",
            self.create.call.operation
        );
        ProviderError::new(ErrorKind::Impossible, service, text)
    }

    async fn input(&self, token: Option<u32>, sent: &Sent) -> Result<Value, ProviderError> {
        let call = &self.create.call;
        let aws = self.provider.facts([&call.input]).await?;
        let desired = sent.desired.as_ref().unwrap_or(self.desired);
        let own = ownership::tags(self.stack, self.address, &BTreeMap::new());
        let marked = input::with_mark(self.ty, desired, None, &own);
        let wanted = input::wanted(self.ty, marked.as_ref().unwrap_or(desired), None);
        let token = token.map(|count| client_token(self.stack, self.address, count));
        let name = self.name();
        let scope = Scope {
            name: name.as_deref(),
            wanted: Some(&wanted),
            aws: Some(aws),
            token: token.as_deref(),
            body: sent.body.as_ref(),
            ..Scope::default()
        };
        let mut input = input::evaluate(&call.input, &scope);
        if let Some(tags) = &self.ty.tags {
            let declared = path::get(self.desired, "tags").map(super::reshape::tags);
            let all = ownership::tags(self.stack, self.address, &declared.unwrap_or_default());
            let shaped = input::tags_for_create(tags.shape, &all);
            path::set(&mut input, tags.create_member, shaped);
        }
        Ok(input)
    }

    async fn call(&self, input: &Value) -> Result<Value, ProviderError> {
        let call = &self.create.call;
        let request = Request {
            api: self.ty.service.into(),
            operation: call.operation,
            input,
            repeatable: self.create.repeatable,
        };
        match self.provider.send(request, self.ty.errors).await {
            Err(error) if error.is_one_of(call.already) => Ok(json!({})),
            other => other,
        }
    }

    fn id(&self, reply: &Value) -> Result<String, ProviderError> {
        let found = match self.create.reply_id {
            "" => identity::made_of(self.ty, self.desired).or_else(|| self.name()),
            place => super::reshape::find(reply, place)
                .as_ref()
                .and_then(path::text),
        };
        found.ok_or_else(|| {
            let service = Api::from(self.ty.service).name();
            let text = format!(
                "{} answered without the id of what it made ({})",
                self.create.call.operation, self.create.reply_id
            );
            ProviderError::new(ErrorKind::Internal, service, text)
        })
    }

    /// The live object with the wanted unique name.
    async fn named(&self) -> Result<Option<Live>, ProviderError> {
        let Some(name) = self.name() else {
            return Ok(None);
        };
        let place = self.ty.within.map(|within| within.attribute);
        let within = place.and_then(|place| path::text_at(self.desired, place));
        let key = Key::Name { name, within };
        self.provider.read(self.ty, &key, &Need::default()).await
    }

    /// The id of a live object with this very stack and address in its tags.
    async fn listed(&self) -> Result<Option<String>, ProviderError> {
        let Some(list) = self.ty.list.as_ref() else {
            return Ok(None);
        };
        let own = |listed: &super::bulk::Listed| self.is_own(&listed.live);
        self.provider.settled_id(self.ty, list, own).await
    }

    fn is_own(&self, live: &Live) -> bool {
        let deleting = matches!(live.state, super::State::Deleting(_));
        let owner = Owner::Stack {
            stack: self.stack.to_owned(),
            address: Some(self.address.clone()),
        };
        !deleting && live.owner == owner
    }

    fn taken(&self) -> ProviderError {
        let service = Api::from(self.ty.service).name();
        let name = self.name().unwrap_or_default();
        let text = format!("there is already a {} named {name}", self.ty.schema.name);
        let mut error = ProviderError::new(ErrorKind::Refused, service, text);
        error.class = ErrorClass::Exists;
        error
    }
}

/// A client token: the same for the same stack, address and count, and for nothing else.
fn client_token(stack: &str, address: &Address, count: u32) -> String {
    let parts = BTreeMap::from([("stack", stack.to_owned()), ("address", address.tag())]);
    let digest = Sha256::digest(format!("{parts:?}{count}"));
    hex::encode(&digest[..16])
}
