//! What is to be done with one resource, given its declaration and what is live.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::provider::ownership::{RESTART, RETIRING};
use crate::provider::{Found, Live, Owner, ResourceType, State, resting};
use crate::schema::{Address, Change, Draft, declared, same_but_for_hash};
use crate::stack::{Instance, Replace};

use super::compare::compare;
use super::tags::wanted_tags;
use super::{Action, Lost, MarkWork, Reason, ResourceChange};

/// One resource to decide on.
pub(super) struct Case<'a> {
    pub stack: &'a str,
    pub instance: &'a Instance<'a>,
    pub ty: &'static ResourceType,
    pub desired: &'a Draft,
    pub found: &'a Found,
    pub may_adopt: bool,
    pub may_rename: bool,
}

/// Whose a live object is, seen from one address.
enum Claim {
    Ours,
    Moved(Address),
    Other(String),
}

impl Case<'_> {
    /// The change for this resource, and notes on what is left as it is.
    pub fn decide(&self, notes: &mut Vec<String>) -> ResourceChange {
        let named = self.found.named.as_ref();
        let unique = self.ty.schema.unique_name.is_some();
        let tagged = self.found.tagged.iter();
        let mut tagged = tagged.filter(|live| live.is_of(self.stack));
        let live = match (named, tagged.next()) {
            (Some(live), _) => live,
            (None, Some(tagged)) if unique => return self.renamed(tagged, notes),
            (None, Some(tagged)) => tagged,
            (None, None) => return self.missing(),
        };
        match self.claim(live) {
            Claim::Ours => self.existing(live, Reason::Differs, Action::Update, notes),
            Claim::Moved(from) => self.existing(live, Reason::Moved(from), Action::Update, notes),
            Claim::Other(owner) if self.may_adopt => {
                self.existing(live, Reason::Adopted(owner), Action::Adopt, notes)
            }
            Claim::Other(owner) => self.foreign(live, &owner),
        }
    }

    fn claim(&self, live: &Live) -> Claim {
        let own = &self.instance.address;
        match &live.owner {
            Owner::Nobody => Claim::Other("nobody: it has no ownership tags".to_owned()),
            Owner::Stack { stack, address } if stack == self.stack => match address {
                Some(address) if address == own => Claim::Ours,
                Some(address) if Some(address) == self.instance.moved_from().as_ref() => {
                    Claim::Moved(address.clone())
                }
                Some(address) => Claim::Other(format!("{address} of this stack")),
                None => Claim::Other("this stack, under no readable address".to_owned()),
            },
            Owner::Stack { stack, address } => Claim::Other(match address {
                Some(address) => format!("{address} of the stack `{stack}`"),
                None => format!("the stack `{stack}`"),
            }),
        }
    }

    fn missing(&self) -> ResourceChange {
        let reason = match self.leaving().map(|live| &live.state) {
            Some(State::Deleting(state)) => Reason::NameStillHeld(state.clone()),
            _ => Reason::Missing,
        };
        let attributes = declared(self.ty.schema.attributes, self.desired);
        let change = self.change(Action::Create, reason, attributes, None);
        match self.tags(None) {
            Ok(_) => change,
            Err(why) => change.refuse(why, self.less_to_say()),
        }
    }

    /// What to do where who owns it does not fit into what an object can carry.
    fn less_to_say(&self) -> String {
        match self.ty.owner {
            Some(owner) => format!("declare a shorter {}", owner.attribute),
            None => "change the declared tags".to_owned(),
        }
    }

    /// What is going and has the unique name that the file wants.
    fn leaving(&self) -> Option<&Live> {
        self.ty.schema.unique_name?;
        let leaving = self.found.leaving.as_ref();
        leaving.filter(|live| self.name_of(None) == self.name_of_live(live))
    }

    fn tags(&self, live: Option<&Live>) -> Result<BTreeMap<String, String>, String> {
        let address = &self.instance.address;
        let ignored = &self.instance.block.lifecycle.ignore_changes;
        wanted_tags(self.ty, self.stack, address, self.desired, live, ignored)
    }

    fn foreign(&self, live: &Live, owner: &str) -> ResourceChange {
        let address = &self.instance.address;
        let why = format!(
            "{} `{}` exists already and belongs to {owner}",
            self.ty.schema.name,
            self.name_of(Some(live))
        );
        if let Owner::Stack {
            stack,
            address: Some(from),
        } = &live.owner
            && stack == self.stack
        {
            let help = format!("if {address} is its new address, say `moved: {{ from: {from} }}`");
            return self
                .change(Action::Refuse, Reason::Same, Vec::new(), Some(live))
                .refuse(why, help);
        }
        let looked_up = match self.ty.schema.lookup {
            [] => "",
            _ => ", or read it under `existing:`",
        };
        let help = format!(
            "if it shall become this stack's, say `--adopt {address}` or `adopt: true`; if it is \
             somebody else's, declare another name{looked_up}"
        );
        self.change(Action::Refuse, Reason::Same, Vec::new(), Some(live))
            .refuse(why, help)
    }

    /// The object that carries this address has another unique name than the file's.
    fn renamed(&self, live: &Live, notes: &mut Vec<String>) -> ResourceChange {
        let old = self.name_of_live(live);
        let address = &self.instance.address;
        if !self.may_rename && !self.is_new_content(&old) {
            let why = format!(
                "{address} is `{old}` in AWS, and the file now names it `{}`: a new name is a new \
                 object",
                self.name_of(None)
            );
            let help = format!(
                "to destroy `{old}` and make the new one, say `--rename {address}`; to keep both, \
                 give the new one an address of its own"
            );
            return self
                .change(Action::Refuse, Reason::Same, Vec::new(), Some(live))
                .refuse(why, help);
        }
        let attributes = compare(self.ty, self.instance.block, self.desired, live).changes;
        let reason = match self.is_new_content(&old) && !self.is_named_exactly() {
            true => Reason::NamedByContent(old),
            false => Reason::Renamed(old),
        };
        let change = self.change(Action::Replace, reason, attributes, Some(live));
        self.guarded(change, notes)
    }

    /// Whether another name only says that the object has other contents: its type's names do.
    pub(super) fn is_new_content(&self, old: &str) -> bool {
        self.ty.schema.named_by.is_some() && same_but_for_hash(old, &self.name_of(None))
    }

    /// Whether the file says that the declared name is the one in AWS.
    fn is_named_exactly(&self) -> bool {
        let naming = self.ty.schema.named_by;
        let unless = naming.and_then(|naming| self.desired.get(naming.unless));
        unless.is_some_and(|unless| unless == Draft::Known(Value::Bool(true)))
    }

    /// An object that is this stack's, or becomes it: `reason` and `action` are for when it must be
    /// touched at all.
    fn existing(
        &self,
        live: &Live,
        reason: Reason,
        action: Action,
        notes: &mut Vec<String>,
    ) -> ResourceChange {
        let adopts = action == Action::Adopt;
        if adopts && matches!(live.state, State::Failed { .. }) {
            return self.adopting_destroys(live, "its creation failed");
        }
        if let State::Failed { reason, .. } = &live.state {
            let reason = Reason::CreationFailed(reason.clone());
            let attributes = declared(self.ty.schema.attributes, self.desired);
            let change = self.change(Action::Replace, reason, attributes, Some(live));
            return match self.instance.block.lifecycle.prevent_destroy {
                true => self.guarded(change, notes),
                false => change,
            };
        }
        let tags = match self.tags(Some(live)) {
            Ok(tags) => tags,
            Err(why) => {
                let change = self.change(Action::Refuse, Reason::Same, Vec::new(), Some(live));
                return change.refuse(why, self.less_to_say());
            }
        };
        let mut compared = compare(self.ty, self.instance.block, self.desired, live);
        if let Some((change, why)) = std::mem::take(&mut compared.impossible).into_iter().next() {
            let why = format!("{} cannot be changed: {why}", change.path);
            let help =
                "declare what is live, or list it under `lifecycle: { ignore_changes: [...] }`"
                    .to_owned();
            return self
                .change(Action::Refuse, Reason::Same, vec![change], Some(live))
                .refuse(why, help);
        }
        let kept = std::mem::take(&mut compared.kept).into_iter();
        notes.extend(kept.map(|note| format!("{}: {note}", self.instance.address)));
        let attributes = std::mem::take(&mut compared.changes);
        let replacing: Vec<String> = attributes
            .iter()
            .filter(|change| change.replaces)
            .map(|change| change.path.to_string())
            .collect();
        if !replacing.is_empty() && adopts {
            let why = format!("{} cannot change in place", replacing.join(", "));
            return self.adopting_destroys(live, &why);
        }
        if !replacing.is_empty() {
            let reason = Reason::CannotChangeInPlace(replacing);
            let change = self.change(Action::Replace, reason, attributes, Some(live));
            return self.guarded(change, notes);
        }
        notes.extend(self.rest_note(live, &compared.at_rest, &attributes));
        let touched = !attributes.is_empty()
            || (self.ty.says_owner() && tags != live.tags)
            || action == Action::Adopt;
        let unfinished = [RESTART, RETIRING]
            .iter()
            .any(|key| live.tags.contains_key(*key));
        let reason = match reason {
            Reason::Differs if unfinished && attributes.is_empty() => Reason::Unfinished,
            reason => reason,
        };
        match &live.state {
            _ if touched => ResourceChange {
                renews: match self.ty.owner {
                    Some(owner) if tags != live.tags => marking_renews(self.ty, owner.attribute),
                    _ => compared.renews,
                },
                ..self.change(action, reason, attributes, Some(live))
            },
            State::Pending(state) => {
                let reason = Reason::InFlight(state.clone());
                self.change(Action::Update, reason, Vec::new(), Some(live))
            }
            _ => self.change(Action::None, Reason::Same, Vec::new(), Some(live)),
        }
    }

    /// What a person should know of an object at rest, or of one that is brought there for an update.
    fn rest_note(&self, live: &Live, at_rest: &[String], changes: &[Change]) -> Option<String> {
        let address = &self.instance.address;
        if !at_rest.is_empty() {
            let paths = at_rest.join(", ");
            return Some(format!(
                "{address} is stopped and started again for {paths}"
            ));
        }
        let word = resting(self.ty, live).filter(|_| !live.tags.contains_key(RESTART))?;
        let (states, rest) = (self.ty.states?, self.ty.rest?);
        let attribute = states.path;
        let wanted = self
            .desired
            .get(attribute)
            .and_then(|value| value.resolve().ok());
        let is_wanted = wanted == Some(Value::from(word.as_str()));
        if is_wanted || changes.iter().any(|change| change.path.root() == attribute) {
            return None;
        }
        let mut ready = states.ready.iter();
        let runs = ready.find(|state| !rest.states.contains(state))?;
        Some(format!(
            "{address} is {word} (`{attribute}: {runs}` starts it)"
        ))
    }

    /// Somebody else's object may become this stack's, but is never destroyed for it.
    fn adopting_destroys(&self, live: &Live, why: &str) -> ResourceChange {
        let why = format!("it cannot be taken over as declared: {why}");
        let help = "declare what is live, or another name".to_owned();
        self.change(Action::Refuse, Reason::Same, Vec::new(), Some(live))
            .refuse(why, help)
    }

    /// A replacement, or its refusal where the file or the data in it forbid it.
    fn guarded(&self, change: ResourceChange, notes: &mut Vec<String>) -> ResourceChange {
        let lifecycle = &self.instance.block.lifecycle;
        let address = &self.instance.address;
        if let Err(why) = self.tags(None) {
            return change.refuse(why, self.less_to_say());
        }
        let why = change.reason.to_string();
        if lifecycle.prevent_destroy {
            let why =
                format!("it would be destroyed and made anew ({why}), which the file forbids");
            let help = "take back the change, or `lifecycle: { prevent_destroy: true }`".to_owned();
            return change.refuse(why, help);
        }
        // What data there is, is read once it is known that the object would go.
        let lost = change.live.as_ref().and_then(|live| lost(self.ty, live));
        let holds = lost.is_some();
        let allowed = match lifecycle.replace {
            Some(Replace::Allowed) => true,
            Some(Replace::Never) => false,
            None => !holds || matches!(change.reason, Reason::Renamed(_)),
        };
        if !allowed {
            let data = match holds {
                true => ", with the data in it",
                false => "",
            };
            let why = format!("it would be destroyed{data} and made anew: {why}");
            let help = format!(
                "take back the change; or, if the loss is meant, allow it with `lifecycle: \
                 {{ replace: allowed }}` on {address}"
            );
            return change.refuse(why, help);
        }
        if let Some(why) = change
            .live
            .as_ref()
            .and_then(|live| protection(self.ty, live))
        {
            let (why, help) = why;
            return change.refuse(why, help);
        }
        // Under another name the new one can be made while others still use the old one.
        let new_first = match &change.reason {
            Reason::Renamed(old) | Reason::NamedByContent(old) => {
                !old.eq_ignore_ascii_case(&change.name)
            }
            _ => lifecycle.create_before_destroy && self.ty.schema.unique_name.is_none(),
        };
        if lifecycle.create_before_destroy && !new_first {
            notes.push(format!(
                "{address}: it keeps its name, which is unique in AWS, so the old one goes before the \
                 new one is made"
            ));
        }
        ResourceChange {
            lost,
            new_first,
            ..change
        }
    }

    fn change(
        &self,
        action: Action,
        reason: Reason,
        attributes: Vec<Change>,
        live: Option<&Live>,
    ) -> ResourceChange {
        ResourceChange {
            address: self.instance.address.clone(),
            ty: self.ty,
            name: self.name_of(live),
            action,
            reason,
            attributes,
            contents: None,
            live: live.cloned(),
            leaving: match action {
                Action::Create | Action::Replace => self.leaving().cloned(),
                _ => None,
            },
            lost: None,
            new_first: false,
            renews: BTreeSet::new(),
            marks: MarkWork::default(),
            line: Some(self.instance.line()),
        }
    }

    fn name_of(&self, live: Option<&Live>) -> String {
        let text = |name: &str| {
            let value = self.desired.get(name)?.resolve().ok()?;
            value.as_str().map(str::to_owned)
        };
        let declared = match self.ty.id_of {
            [] => self.ty.schema.unique_name.and_then(text),
            parts => {
                let parts = parts.iter().map(|part| text(part));
                parts.collect::<Option<Vec<_>>>().map(|all| all.join("/"))
            }
        };
        declared
            .or_else(|| live.map(|live| self.name_of_live(live)))
            .unwrap_or_default()
    }

    fn name_of_live(&self, live: &Live) -> String {
        live_name(self.ty, live)
    }
}

/// The outputs that are others after the text that says who owns the object was changed.
fn marking_renews(ty: &ResourceType, attribute: &str) -> BTreeSet<&'static str> {
    let updates = ty.updates.iter();
    let brings = updates.filter(|update| update.covers.contains(&attribute));
    brings.flat_map(|update| update.renews).copied().collect()
}

/// A live object's unique name, or its id where it has none.
pub(super) fn live_name(ty: &ResourceType, live: &Live) -> String {
    let name = ty.schema.unique_name.filter(|_| ty.id_of.is_empty());
    let name = name.and_then(|name| live.attributes.get(name));
    match name.and_then(|name| name.as_str()) {
        Some(name) => name.to_owned(),
        None => live.id.clone(),
    }
}

/// Why AWS refuses to destroy a live object, and what to do about it.
pub(super) fn protection(ty: &ResourceType, live: &Live) -> Option<(String, String)> {
    let attribute = ty.delete.as_ref()?.protected;
    let protected = live.attributes.get(attribute) == Some(&Value::Bool(true));
    protected.then(|| {
        (
            format!("AWS refuses to destroy it: its {attribute} is true"),
            format!("declare `{attribute}: false`, apply that, and plan again"),
        )
    })
}

/// What destroying a live object loses. An object whose creation failed holds nothing, nor does one
/// whose data is asked for and is not there.
pub fn lost(ty: &ResourceType, live: &Live) -> Option<Lost> {
    let failed = matches!(live.state, State::Failed { .. } | State::Deleting(_));
    let held = |attribute: &&str| match live.attributes.get(*attribute) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let full = ty.data.is_empty() || ty.data.iter().any(held);
    (ty.schema.holds_data && !failed && full).then_some(Lost::Data)
}
