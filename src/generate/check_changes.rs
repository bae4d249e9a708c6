//! Checks how an object is changed, comes to rest and goes.

use super::check::Checker;
use super::facts::Type;
use super::fields::Name;
use super::kind::find;
use super::seen::seen;
use super::spec::{Action, Empty, When};

const WHENS: [&str; 7] = [
    "changes",
    "grows",
    "shrinks",
    "set",
    "removed",
    "added",
    "exchanged",
];

impl Checker<'_> {
    pub(super) fn updates(&mut self) {
        let spec = self.spec;
        let usual = self.with_body(&["id", "name", "live", "aws", "tags", "token"]);
        for update in &spec.updates {
            self.attribute(&update.also);
            update.renews.iter().for_each(|output| self.live(output));
            if let Some(room) = &update.room {
                self.emptying(&room.of);
            }
            if update.at_rest && spec.rest.is_none() {
                let place = update.covers.first().map(|cover| &cover.place);
                let place = place.unwrap_or(&spec.type_name.place).clone();
                self.problems
                    .add(place, "`at_rest` needs `rest`: how it is brought there");
            }
            self.codes(&update.moved);
            match &update.when {
                When::Word(Some(word)) if !WHENS.contains(&word.text.as_str()) => {
                    self.problems
                        .unknown(&word.place, "there is no `when`", &word.text, WHENS);
                }
                When::Wanted(condition) => self.attribute([&condition.path]),
                When::Word(_) => {}
            }
            match &update.action {
                Action::Call(call) => self.call(call, &usual),
                Action::Steps { call, .. } => {
                    self.call(call, &["id", "name", "live", "aws", "step"])
                }
                Action::Items(items) => {
                    for call in [Some(&items.add), items.change.as_ref(), Some(&items.remove)]
                        .into_iter()
                        .flatten()
                    {
                        self.call(call, &["id", "name", "live", "aws", "each", "items"]);
                    }
                    let covered = update
                        .covers
                        .first()
                        .and_then(|cover| find(self.attributes, &cover.text));
                    let members: Vec<&str> = covered
                        .and_then(|attribute| attribute.kind.members())
                        .map(|members| members.iter().map(|member| member.name.as_str()).collect())
                        .unwrap_or_default();
                    for name in items
                        .identity
                        .iter()
                        .filter(|name| !members.contains(&name.text.as_str()))
                    {
                        self.problems.unknown(
                            &name.place,
                            "its elements have no member",
                            &name.text,
                            members.iter().copied(),
                        );
                    }
                }
                Action::Impossible(_) | Action::Replace | Action::Keep(_) => {}
            }
        }
        self.forms_and_rest();
    }

    fn forms_and_rest(&mut self) {
        let spec = self.spec;
        spec.made.iter().for_each(|path| self.live(path));
        for (path, entry) in &spec.attributes {
            self.attribute(&entry.parameter);
            if entry.form.is_some() && path.text.contains('.') {
                let why = "only an attribute of the type itself has a `form`";
                self.problems.add(path.place.clone(), why);
            }
        }
        let Some(rest) = &spec.rest else { return };
        self.call(&rest.stop, &["id", "name", "live", "aws"]);
        self.call(&rest.start, &["id", "name", "live", "aws"]);
        self.attribute(rest.unless.iter().map(|unless| &unless.path));
        let ready = spec.waiters.iter().flat_map(|waiters| &waiters.ready);
        let ready: Vec<&str> = ready.map(|state| state.text.as_str()).collect();
        for state in rest
            .states
            .iter()
            .filter(|s| !ready.contains(&s.text.as_str()))
        {
            let what = "an object at rest is ready, in one of the waiters' states:";
            self.problems
                .unknown(&state.place, what, &state.text, ready.iter().copied());
        }
    }

    pub(super) fn deletion(&mut self) {
        let Some(delete) = &self.spec.delete else {
            return;
        };
        self.call(&delete.call, &["id", "name", "live", "aws"]);
        self.codes(&delete.blocked);
        if let Some(blockers) = &delete.blockers {
            self.call(&blockers.call, &["id", "name", "live", "aws"]);
            self.reply(&blockers.call, Some(&blockers.at));
            for member in [&blockers.id, &blockers.about] {
                let place = member.place.clone();
                let text = format!("{}.{}", blockers.at.text, member.text);
                self.reply(&blockers.call, Some(&Name { text, place }));
            }
        }
        delete.protected.iter().for_each(|path| self.live(path));
        for (each, call) in &delete.before {
            self.live(each);
            self.call(call, &["id", "name", "live", "aws", "each"]);
        }
        for empty in &delete.empty {
            self.emptying(empty);
        }
    }

    fn emptying(&mut self, empty: &Empty) {
        let roots = ["id", "name", "live", "aws", "each", "items"];
        self.call(&empty.list, &roots[..4]);
        self.call(&empty.remove, &roots);
        empty
            .at
            .iter()
            .for_each(|path| self.reply(&empty.list, Some(path)));
        self.reply(&empty.remove, empty.failures.as_ref());
    }

    /// The states of all classes are those of the state's enum, each once.
    pub(super) fn waiters(&mut self) {
        let Some(waiters) = &self.spec.waiters else {
            return;
        };
        self.live(&waiters.state);
        waiters.reason.iter().for_each(|path| self.live(path));
        let Some(Type::Of(state)) = seen(self.spec, self.model, &waiters.state.text) else {
            return;
        };
        let known = &self.model.shape(state).values;
        if known.is_empty() {
            return;
        }
        let classes = [
            &waiters.ready,
            &waiters.pending,
            &waiters.deleting,
            &waiters.gone,
            &waiters.failed,
        ];
        let said: Vec<&Name> = classes.into_iter().flatten().collect();
        for name in said.iter().filter(|name| !known.contains(&name.text)) {
            self.problems.unknown(
                &name.place,
                "there is no state",
                &name.text,
                known.iter().map(String::as_str),
            );
        }
        for value in known
            .iter()
            .filter(|value| said.iter().filter(|name| &name.text == *value).count() != 1)
        {
            self.problems.add(waiters.state.place.clone(), format!("the state {value} must be in exactly one of ready, pending, deleting, gone, failed"));
        }
    }
}
