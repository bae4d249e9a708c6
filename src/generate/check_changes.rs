//! Checks how an object is changed, comes to rest and goes.

use super::check::Checker;
use super::facts::{Type, element, follow, walk};
use super::fields::Name;
use super::kind::{Kind, find};
use super::seen::seen;
use super::spec::{Action, Blockers, Create, Empty, Holders, When};

const WHENS: [&str; 5] = ["changes", "grows", "shrinks", "set", "removed"];

impl<'a> Checker<'a> {
    pub(super) fn updates(&mut self) {
        let spec = self.spec;
        let usual = self.with_body(&["id", "name", "live", "aws", "tags", "token"]);
        for update in &spec.updates {
            self.attribute(&update.also);
            update.renews.iter().for_each(|output| self.live(output));
            if let Some(room) = &update.room {
                self.emptying(&room.of);
                let listed = self.listed(&room.of);
                self.of_listed(&listed, &room.oldest, &["whole number"]);
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
                When::Wanted(condition) => self.condition(condition),
                When::Live(path) => self.live(path),
                When::Word(_) => {}
            }
            match &update.action {
                Action::Call(call) => {
                    self.call(call, &usual);
                    self.reply(call, update.failures.as_ref());
                }
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
                Action::Elements(elements) => self.elements(&update.covers, elements),
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
        rest.unless.iter().for_each(|unless| self.condition(unless));
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

    /// What makes a creation a trial is a flag among what it takes.
    pub(super) fn trial(&mut self, create: &Create) {
        let operation = self.model.operations.get(&create.call.operation.text);
        let (Some(trial), Some(operation)) = (&create.trial, operation) else {
            return;
        };
        self.codes(&trial.ok);
        let (text, place) = (&trial.with.text, trial.with.place.clone());
        match walk(self.model, operation.input.as_ref(), text) {
            Err(lost) => {
                let what = "creation takes no";
                self.problems.unknown(&place, what, &lost.step, lost.known);
            }
            Ok(found) => {
                let class = Kind::of_type(self.model, &found, &place).class();
                if class != Some("boolean") {
                    let is = class.unwrap_or("of another kind");
                    let why = format!("`{text}` is {is}, and must be boolean");
                    self.problems.add(place, why);
                }
            }
        }
        if trial.ok.is_empty() {
            let why = "`ok` has no code that says that it would have worked";
            self.problems.add(trial.with.place.clone(), why);
        }
    }

    pub(super) fn deletion(&mut self) {
        let Some(delete) = &self.spec.delete else {
            return;
        };
        self.call(&delete.call, &["id", "name", "live", "aws"]);
        self.codes(&delete.blocked);
        for blockers in &delete.blockers {
            self.call(&blockers.call, &["id", "name", "live", "aws"]);
            for holders in &blockers.holders {
                self.holders(blockers, holders);
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

    /// What uses an object: where it is listed, and whether a person is told what to do about it.
    fn holders(&mut self, blockers: &Blockers, holders: &Holders) {
        self.reply(&blockers.call, Some(&holders.at));
        let members = [
            Some(&holders.id),
            holders.about.as_ref(),
            holders.uses.as_ref(),
        ];
        for member in members.into_iter().flatten() {
            let place = member.place.clone();
            let text = format!("{}.{}", holders.at.text, member.text);
            self.reply(&blockers.call, Some(&Name { text, place }));
        }
        let Some(word) = holders
            .lets_go
            .as_ref()
            .filter(|word| word.text != "always")
        else {
            return;
        };
        if word.text != "never" {
            self.known_types(std::slice::from_ref(word));
        }
        if blockers.help.is_none() {
            let text = "what does not let go by itself needs `help`, what a person can do about it";
            self.problems.add(word.place.clone(), text);
        }
    }

    fn emptying(&mut self, empty: &Empty) {
        let roots = ["id", "name", "live", "aws", "each", "items"];
        self.call(&empty.list, &roots[..4]);
        self.call(&empty.remove, &roots);
        if empty.at.is_empty() {
            let place = empty.list.operation.place.clone();
            self.problems.add(place, "`at` says nowhere what is listed");
        }
        let listed = self.listed(empty);
        for (path, place) in empty.remove.input.paths() {
            if let Some(member) = path.strip_prefix("each.value.") {
                let (text, place) = (member.to_owned(), place.clone());
                self.of_listed(&listed, &Name { text, place }, &[]);
            }
        }
        if let Some(member) = &empty.except {
            self.of_listed(&listed, member, &["boolean"]);
        }
        for member in &empty.keep {
            self.of_listed(&listed, member, &[]);
        }
        self.reply(&empty.remove, empty.failures.as_ref());
    }

    /// What the elements are that are listed, wherever that is.
    fn listed(&mut self, empty: &Empty) -> Vec<Type<'a>> {
        let mut elements = Vec::new();
        for at in &empty.at {
            let Some(list) = self.answer(&empty.list, at) else {
                continue;
            };
            match element(self.model, &list) {
                Some(element) => elements.push(element),
                None => self
                    .problems
                    .add(at.place.clone(), format!("`{}` is no list", at.text)),
            }
        }
        elements
    }

    /// A member that all that is listed has, and which of these it is; of no words, anything.
    fn of_listed(&mut self, listed: &[Type<'a>], member: &Name, classes: &[&str]) {
        for element in listed {
            let found = match follow(self.model, element.clone(), &member.text) {
                Ok(found) => found,
                Err(lost) => {
                    let what = "what is listed has no member";
                    self.problems
                        .unknown(&member.place, what, &lost.step, lost.known);
                    continue;
                }
            };
            let class = Kind::of_type(self.model, &found, &member.place).class();
            if !classes.is_empty() && !class.is_some_and(|class| classes.contains(&class)) {
                let (is, wanted) = (class.unwrap_or("of another kind"), classes.join(" or "));
                let why = format!("`{}` is {is}, and must be {wanted}", member.text);
                self.problems.add(member.place.clone(), why);
            }
        }
    }

    /// The states of all classes are those of the state's enum, each once.
    pub(super) fn waiters(&mut self) {
        let Some(waiters) = &self.spec.waiters else {
            return;
        };
        self.live(&waiters.state);
        waiters.reason.iter().for_each(|path| self.live(path));
        let Some(state) = seen(self.spec, self.model, &waiters.state.text) else {
            return;
        };
        let classes = [
            ("ready", &waiters.ready),
            ("pending", &waiters.pending),
            ("deleting", &waiters.deleting),
            ("gone", &waiters.gone),
            ("failed", &waiters.failed),
        ];
        self.states(&state, &waiters.state, &classes);
    }

    /// The states of all classes are those of an enum, each once.
    pub(super) fn states(&mut self, state: &Type<'a>, at: &Name, classes: &[(&str, &Vec<Name>)]) {
        let Type::Of(state) = state else { return };
        let known = &self.model.shape(state).values;
        if known.is_empty() {
            return;
        }
        let said: Vec<&Name> = classes.iter().flat_map(|(_, states)| *states).collect();
        for name in said.iter().filter(|name| !known.contains(&name.text)) {
            self.problems.unknown(
                &name.place,
                "there is no state",
                &name.text,
                known.iter().map(String::as_str),
            );
        }
        let words: Vec<&str> = classes.iter().map(|(word, _)| *word).collect();
        for value in known
            .iter()
            .filter(|value| said.iter().filter(|name| &name.text == *value).count() != 1)
        {
            let words = words.join(", ");
            let why = format!("the state {value} must be in exactly one of {words}");
            self.problems.add(at.place.clone(), why);
        }
    }
}
