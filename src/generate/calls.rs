//! Every call of a spec, and what it is made for.

use super::fields::Name;
use super::spec::{Action, Call, ReadWhen, Spec, TagChange, Update, When};

/// What a call is made for: the rows of a type's permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Plan,
    Create,
    Change,
    Destroy,
}

/// Bringing what creation does not take, and changing it later.
const COMPLETING: [Purpose; 2] = [Purpose::Create, Purpose::Change];

impl Spec {
    /// Every call; one that serves several purposes is there for each.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls_for().into_iter().map(|(_, call)| call)
    }

    /// Every call with what it is made for, once the creation's input is complete.
    pub fn calls_for(&self) -> Vec<(Purpose, &Call)> {
        let mut all = Vec::new();
        all.extend(self.list.iter().map(|list| (Purpose::Plan, &list.call)));
        for read in &self.reads {
            let purposes = match &read.when {
                ReadWhen::Changing(attributes) => self.brings(attributes),
                _ => &[Purpose::Plan],
            };
            all.extend(purposes.iter().map(|purpose| (*purpose, &read.call)));
        }
        if let Some(create) = &self.create {
            all.push((Purpose::Create, &create.call));
            // Tags in the creating call take the permission to tag as well.
            if let Some(TagChange::Some { set, .. }) = self.tags.as_ref().map(|tags| &tags.change) {
                all.push((Purpose::Create, set));
            }
        }
        let tagging = self.tag_changes().into_iter();
        all.extend(tagging.map(|call| (Purpose::Change, call)));
        for update in &self.updates {
            let calls = self.update_calls(update);
            let purposes = self.update_purposes(update);
            all.extend(
                purposes
                    .iter()
                    .flat_map(|purpose| calls.iter().map(|call| (*purpose, *call))),
            );
        }
        let rest = self.rest.iter().flat_map(|rest| [&rest.stop, &rest.start]);
        all.extend(rest.map(|call| (Purpose::Change, call)));
        all.extend(
            self.deletion_calls()
                .into_iter()
                .map(|call| (Purpose::Destroy, call)),
        );
        all
    }

    /// The calls that change tags.
    pub fn tag_changes(&self) -> Vec<&Call> {
        match self.tags.as_ref().map(|tags| &tags.change) {
            Some(TagChange::Some { set, remove }) => vec![set, remove],
            Some(TagChange::All(call)) => vec![call],
            None => Vec::new(),
        }
    }

    /// An update's calls, with those that make room for it and, where it needs that, stop the object
    /// and start it again.
    fn update_calls<'s>(&'s self, update: &'s Update) -> Vec<&'s Call> {
        let room = update.room.iter();
        let mut calls: Vec<&Call> = room
            .flat_map(|room| [&room.of.list, &room.of.remove])
            .collect();
        match &update.action {
            Action::Call(call) | Action::Steps { call, .. } => calls.push(call),
            Action::Items(items) => {
                calls.extend([&items.add, &items.remove]);
                calls.extend(&items.change);
            }
            Action::Elements(elements) => {
                calls.push(&elements.change);
                calls.extend(elements.until.iter().map(|until| &until.call));
            }
            Action::Impossible(_) | Action::Replace | Action::Keep(_) => {}
        }
        let rest = self.rest.iter().filter(|_| update.at_rest);
        calls.extend(rest.flat_map(|rest| [&rest.stop, &rest.start]));
        calls
    }

    /// What has just been made holds nothing yet that could be removed.
    fn update_purposes(&self, update: &Update) -> &'static [Purpose] {
        match &update.when {
            When::Word(Some(word)) if word.text == "removed" => &[Purpose::Change],
            _ => self.brings(&update.covers),
        }
    }

    fn brings(&self, attributes: &[Name]) -> &'static [Purpose] {
        let mut names = attributes.iter().map(|path| first(&path.text));
        match names.any(|name| self.leaves_to_updates(name)) {
            true => &COMPLETING,
            false => &[Purpose::Change],
        }
    }

    /// Whether creation does not take an attribute of the type, so that only an update can bring it.
    pub fn leaves_to_updates(&self, name: &str) -> bool {
        let Some(create) = &self.create else {
            return false;
        };
        let taken = create.call.input.paths();
        let mut taken = taken.iter().map(|(path, _)| first(path));
        // The contents are sent as a whole: no call takes their digest by its name.
        let sent = self.body.as_ref().map(|body| body.digest.text.as_str());
        sent != Some(name) && !taken.any(|taken| taken == name)
    }

    fn deletion_calls(&self) -> Vec<&Call> {
        let Some(delete) = &self.delete else {
            return Vec::new();
        };
        let empty = delete.empty.iter();
        let mut calls: Vec<&Call> = empty
            .flat_map(|empty| [&empty.list, &empty.remove])
            .collect();
        calls.extend(delete.before.iter().map(|(_, call)| call));
        calls.push(&delete.call);
        calls.extend(delete.blockers.iter().map(|blockers| &blockers.call));
        calls
    }
}

/// The first step of a path.
fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}
