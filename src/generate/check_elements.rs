//! Checks how single elements of a list are changed.

use super::check::Checker;
use super::fields::Name;
use super::kind::{Kind, Order, find, inside};
use super::spec::{Call, Elements};

const ROOTS: [&str; 6] = ["id", "name", "live", "aws", "each", "each.live"];

impl Checker<'_> {
    /// The list has a key that stays, and the calls' paths lead into its elements.
    pub(super) fn elements(&mut self, covers: &[Name], elements: &Elements) {
        let of = &elements.of;
        self.attribute([of]);
        let Some(list) = find(self.attributes, &of.text) else {
            return;
        };
        let key = match &list.kind {
            Kind::List {
                order: Order::Keyed(key) | Order::Among(key),
                ..
            } => Some(format!("{}.{key}", of.text)),
            _ => None,
        };
        if key.is_none() {
            let why = format!(
                "the elements of `{}` have no key: it must compare as `keyed(member)` or `among(member)`",
                of.text
            );
            self.problems.add(of.place.clone(), why);
        }
        for cover in covers {
            if cover.text == of.text || !inside(&cover.text, &of.text) {
                let why = format!(
                    "`{}` is no member of the elements of `{}`",
                    cover.text, of.text
                );
                self.problems.add(cover.place.clone(), why);
            } else if Some(&cover.text) == key.as_ref() {
                let why = format!(
                    "`{}` says which element it is: no call changes it",
                    cover.text
                );
                self.problems.add(cover.place.clone(), why);
            }
        }
        self.element_call(of, &elements.change);
        if let Some(until) = &elements.until {
            self.element_call(of, &until.call);
            self.reply(&until.call, until.reason.as_ref());
            if let Some(state) = self.answer(&until.call, &until.state) {
                let classes = [
                    ("ready", &until.ready),
                    ("pending", &until.pending),
                    ("failed", &until.failed),
                ];
                self.states(&state, &until.state, &classes);
            }
        }
    }

    fn element_call(&mut self, of: &Name, call: &Call) {
        self.call(call, &ROOTS);
        for (path, place) in call.input.paths() {
            let at = |member: &str| Name {
                text: format!("{}.{member}", of.text),
                place: place.clone(),
            };
            if let Some(member) = path.strip_prefix("each.value.") {
                self.attribute([&at(member)]);
            } else if let Some(member) = path.strip_prefix("each.live.") {
                self.live(&at(member));
            }
        }
    }
}
