//! The parts of a spec that change and destroy objects.

use super::fields::{Fields, entries, items, text, texts};
use super::problem::Problems;
use super::read::condition;
use super::read_calls::{call, own_call, pages};
use super::spec::{
    Action, Blockers, Delete, Elements, Empty, Holders, Items, Rest, Room, Until, Update, When,
};
use super::tree::{Data, Node};

pub(super) fn updates(node: &Node, problems: &mut Problems) -> Vec<Update> {
    items(node, problems)
        .iter()
        .filter_map(|node| update(node, problems))
        .collect()
}

fn update(node: &Node, problems: &mut Problems) -> Option<Update> {
    let mut fields = Fields::of("an update", node, problems);
    let covers = fields
        .need("covers", problems)
        .map(|node| texts(node, problems));
    let when = match fields.get("when") {
        Some(node) if matches!(node.data, Data::Map(_)) => update_when(node, problems),
        Some(node) => When::Word(text(node, problems)),
        None => When::Word(None),
    };
    let also = fields.texts("also", problems);
    let moved = fields.texts("moved", problems);
    let settles = fields.flag("settles", problems).unwrap_or(false);
    let at_rest = fields.flag("at_rest", problems).unwrap_or(false);
    let renews = fields.texts("renews", problems);
    let room = fields.get("room").and_then(|node| {
        if !fields.has("operation") {
            let why = "only an update that is one call has `room`";
            problems.add(node.place.clone(), why);
        }
        room(node, problems)
    });
    let failures = fields.text("failures", problems).filter(|path| {
        if !fields.has("operation") {
            let why = "only an update that is one call has `failures`";
            problems.add(path.place.clone(), why);
        }
        fields.has("operation")
    });
    let action = action(&mut fields, problems);
    fields.finish(problems);
    Some(Update {
        covers: covers?,
        also,
        moved,
        when,
        action: action?,
        settles,
        at_rest,
        renews,
        room,
        failures,
    })
}

/// `{ attribute: [values] }` or `{ live: path }`.
fn update_when(node: &Node, problems: &mut Problems) -> When {
    match entries(node, problems).as_slice() {
        [(key, path)] if key.text == "live" => {
            text(path, problems).map_or(When::Word(None), When::Live)
        }
        _ => condition(node, problems).map_or(When::Word(None), When::Wanted),
    }
}

fn action(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Action> {
    let forms = [
        "operation",
        "steps",
        "items",
        "elements",
        "impossible",
        "replace",
        "keep",
    ];
    if forms.iter().filter(|form| fields.has(form)).count() != 1 {
        problems.add(
            fields.place().clone(),
            format!("an update has exactly one of {}", forms.join(", ")),
        );
    }
    if let Some(node) = fields.get("steps") {
        let at_most = fields.integer("at_most", problems).unwrap_or(i64::MAX);
        let why = fields
            .text("why", problems)
            .map(|why| why.text)
            .unwrap_or_default();
        return own_call(node, problems).map(|call| Action::Steps { call, at_most, why });
    }
    if let Some(node) = fields.get("items") {
        let mut fields = Fields::of("items", node, problems);
        let identity = fields.texts("identity", problems);
        let add = fields
            .need("add", problems)
            .and_then(|node| own_call(node, problems));
        let change = fields
            .get("change")
            .and_then(|node| own_call(node, problems));
        let remove = fields
            .need("remove", problems)
            .and_then(|node| own_call(node, problems));
        let batch = fields.flag("batch", problems).unwrap_or(false);
        fields.finish(problems);
        return Some(Action::Items(Box::new(Items {
            identity,
            add: add?,
            change,
            remove: remove?,
            batch,
        })));
    }
    if let Some(node) = fields.get("elements") {
        return elements(node, problems);
    }
    if let Some(why) = fields.text("impossible", problems) {
        return Some(Action::Impossible(why.text));
    }
    if fields.flag("replace", problems) == Some(true) {
        return Some(Action::Replace);
    }
    if let Some(why) = fields.text("keep", problems) {
        return Some(Action::Keep(why.text));
    }
    call(fields, problems).map(Action::Call)
}

fn elements(node: &Node, problems: &mut Problems) -> Option<Action> {
    let mut fields = Fields::of("elements", node, problems);
    let of = fields.need_text("of", problems);
    let change = fields
        .need("change", problems)
        .and_then(|node| own_call(node, problems));
    let until = fields.get("until").and_then(|node| until(node, problems));
    fields.finish(problems);
    Some(Action::Elements(Box::new(Elements {
        of: of?,
        change: change?,
        until,
    })))
}

fn until(node: &Node, problems: &mut Problems) -> Option<Until> {
    let mut fields = Fields::of("until", node, problems);
    let call = call(&mut fields, problems);
    let state = fields.need_text("state", problems);
    let [ready, pending, failed] =
        ["ready", "pending", "failed"].map(|key| fields.texts(key, problems));
    let reason = fields.text("reason", problems);
    fields.finish(problems);
    Some(Until {
        call: call?,
        state: state?,
        ready,
        pending,
        failed,
        reason,
    })
}

pub(super) fn rest(node: &Node, problems: &mut Problems) -> Option<Rest> {
    let mut fields = Fields::of("rest", node, problems);
    let states = fields.texts("states", problems);
    let mut own = |key| {
        let node = fields.need(key, problems)?;
        own_call(node, problems)
    };
    let (stop, start) = (own("stop"), own("start"));
    let unless = fields
        .get("unless")
        .and_then(|node| condition(node, problems));
    fields.finish(problems);
    Some(Rest {
        states,
        stop: stop?,
        start: start?,
        unless,
    })
}

pub(super) fn delete(node: &Node, problems: &mut Problems) -> Option<Delete> {
    let mut fields = Fields::of("delete", node, problems);
    let call = call(&mut fields, problems);
    let blocked = fields.texts("blocked", problems);
    let protected = fields.text("protected", problems);
    let blockers = fields.get("blockers").map(|node| {
        let nodes = items(node, problems).iter();
        nodes.filter_map(|node| blockers(node, problems)).collect()
    });
    let mut before = Vec::new();
    for node in fields
        .get("before")
        .map(|node| items(node, problems))
        .unwrap_or_default()
    {
        let mut fields = Fields::of("a call before deletion", node, problems);
        let each = fields.need_text("each", problems);
        let call = super::read_calls::call(&mut fields, problems);
        fields.finish(problems);
        before.extend(each.zip(call));
    }
    let empty = fields.get("empty").map(|node| {
        items(node, problems)
            .iter()
            .filter_map(|node| empty(node, problems))
            .collect()
    });
    fields.finish(problems);
    Some(Delete {
        before,
        empty: empty.unwrap_or_default(),
        call: call?,
        blocked,
        protected,
        blockers: blockers.unwrap_or_default(),
    })
}

fn blockers(node: &Node, problems: &mut Problems) -> Option<Blockers> {
    let mut fields = Fields::of("blockers", node, problems);
    let call = call(&mut fields, problems);
    let pages = pages(&mut fields, problems);
    let help = fields.text("help", problems);
    let holders = fields.need("holders", problems).map(|node| {
        let nodes = items(node, problems);
        let each = nodes.iter().filter_map(|node| holders(node, problems));
        each.collect()
    });
    fields.finish(problems);
    Some(Blockers {
        call: call?,
        pages,
        holders: holders?,
        help,
    })
}

fn holders(node: &Node, problems: &mut Problems) -> Option<Holders> {
    let mut fields = Fields::of("what uses an object", node, problems);
    let at = fields.need_text("at", problems);
    let noun = fields.text("noun", problems);
    let id = fields.need_text("id", problems);
    let about = fields.text("about", problems);
    let uses = fields.text("uses", problems);
    let lets_go = fields.text("lets_go", problems);
    fields.finish(problems);
    Some(Holders {
        at: at?,
        noun,
        id: id?,
        about,
        uses,
        lets_go,
    })
}

fn room(node: &Node, problems: &mut Problems) -> Option<Room> {
    let mut fields = Fields::of("room", node, problems);
    let most = fields.need_integer("most", problems);
    if most.is_some_and(|most| most < 0) {
        problems.add(fields.place().clone(), "`most` is not below 0");
    }
    let oldest = fields.need_text("oldest", problems);
    let of = emptying(&mut fields, problems);
    fields.finish(problems);
    Some(Room {
        most: most?,
        oldest: oldest?,
        of: of?,
    })
}

fn empty(node: &Node, problems: &mut Problems) -> Option<Empty> {
    let mut fields = Fields::of("an emptying", node, problems);
    let empty = emptying(&mut fields, problems);
    let batch = fields.flag("batch", problems).unwrap_or(false);
    let keep = fields.texts("keep", problems);
    let failures = fields.text("failures", problems);
    fields.finish(problems);
    Some(Empty {
        batch,
        keep,
        failures,
        ..empty?
    })
}

/// What is listed and removed, as far as it goes one by one.
fn emptying(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Empty> {
    let list = fields
        .need("list", problems)
        .and_then(|node| own_call(node, problems));
    let at = fields
        .need("at", problems)
        .map(|node| texts(node, problems));
    let remove = fields
        .need("remove", problems)
        .and_then(|node| own_call(node, problems));
    let except = fields.text("except", problems);
    Some(Empty {
        list: list?,
        at: at?,
        remove: remove?,
        batch: false,
        except,
        keep: Vec::new(),
        failures: None,
    })
}
