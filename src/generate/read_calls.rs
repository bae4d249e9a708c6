//! The parts of a spec that are calls.

use super::fields::{Fields, Name, entries, text, texts};
use super::input::Template;
use super::problem::Problems;
use super::spec::{Call, Create, List, Pages, Read, ReadWhen, Reshape, TagChange, Tags, Trial};
use super::tree::{Data, Node};

/// The keys of a call among those of what it is part of.
pub(super) fn call(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Call> {
    let operation = fields.need_text("operation", problems);
    let input = fields
        .get("input")
        .map(|node| Template::read(node, problems));
    if let Some(template) = &input
        && !matches!(template, Template::Object(_))
    {
        problems.add(fields.place().clone(), "a call's `input` is a map");
    }
    let already = fields.texts("already", problems);
    Some(Call {
        operation: operation?,
        input: input.unwrap_or_else(Template::empty),
        already,
    })
}

pub(super) fn own_call(node: &Node, problems: &mut Problems) -> Option<Call> {
    let mut fields = Fields::of("a call", node, problems);
    let call = call(&mut fields, problems);
    fields.finish(problems);
    call
}

pub(super) fn create(node: &Node, problems: &mut Problems) -> Option<Create> {
    let mut fields = Fields::of("create", node, problems);
    let call = call(&mut fields, problems);
    let omit = fields.texts("omit", problems);
    let reply_id = fields.text("reply_id", problems);
    let repeatable = fields.flag("repeatable", problems);
    let read_before = fields.flag("read_before", problems).unwrap_or(false);
    let trial = fields.get("try").and_then(|node| trial(node, problems));
    fields.finish(problems);
    Some(Create {
        call: call?,
        omit,
        reply_id,
        repeatable,
        read_before,
        trial,
    })
}

fn trial(node: &Node, problems: &mut Problems) -> Option<Trial> {
    let mut fields = Fields::of("try", node, problems);
    let with = fields.need_text("with", problems);
    let ok = fields
        .need("ok", problems)
        .map(|node| texts(node, problems));
    fields.finish(problems);
    Some(Trial {
        with: with?,
        ok: ok?,
    })
}

pub(super) fn tags(node: &Node, problems: &mut Problems) -> Option<Tags> {
    let mut fields = Fields::of("tags", node, problems);
    let within = fields.need_text("in", problems);
    let shape = fields.need_text("shape", problems);
    let alphabet = fields.need_text("alphabet", problems);
    let limit = fields.integer("limit", problems).unwrap_or(50);
    let change = match fields.get("replace") {
        Some(node) => own_call(node, problems).map(TagChange::All),
        None => {
            let set = fields
                .need("set", problems)
                .and_then(|node| own_call(node, problems));
            let remove = fields
                .need("remove", problems)
                .and_then(|node| own_call(node, problems));
            set.zip(remove)
                .map(|(set, remove)| TagChange::Some { set, remove })
        }
    };
    fields.finish(problems);
    Some(Tags {
        within: within?,
        shape: shape?,
        alphabet: alphabet?.text,
        limit,
        change: change?,
    })
}

fn reshape(fields: &mut Fields<'_>, problems: &mut Problems) -> Reshape {
    let at = fields.text("at", problems);
    let bases = fields.texts("bases", problems);
    let map = fields.get("map").map(|node| {
        let rules = entries(node, problems);
        rules
            .into_iter()
            .filter_map(|(path, node)| Some((path, text(node, problems)?)))
            .collect()
    });
    Reshape {
        at,
        bases,
        map: map.unwrap_or_default(),
    }
}

pub(super) fn pages(fields: &mut Fields<'_>, problems: &mut Problems) -> Pages {
    let Some(node) = fields.get("pages") else {
        return Pages::Model;
    };
    if let Data::Scalar(serde_json::Value::Bool(false)) = node.data {
        return Pages::None;
    }
    let mut fields = Fields::of("pages", node, problems);
    let input = fields.need_text("input", problems);
    let output = fields.need_text("output", problems);
    fields.finish(problems);
    match (input, output) {
        (Some(input), Some(output)) => Pages::Own { input, output },
        _ => Pages::Model,
    }
}

pub(super) fn reads(node: &Node, problems: &mut Problems) -> Vec<Read> {
    match &node.data {
        Data::List(nodes) => nodes
            .iter()
            .filter_map(|node| read(node, problems))
            .collect(),
        _ => read(node, problems).into_iter().collect(),
    }
}

fn read(node: &Node, problems: &mut Problems) -> Option<Read> {
    let mut fields = Fields::of("a read", node, problems);
    let call = call(&mut fields, problems);
    let shape = reshape(&mut fields, problems);
    let pages = pages(&mut fields, problems);
    let into = fields.text("into", problems);
    let absent = fields.texts("absent", problems);
    let none = fields.texts("none", problems);
    let when = fields
        .get("when")
        .and_then(|node| read_when(node, problems));
    fields.finish(problems);
    Some(Read {
        call: call?,
        shape,
        into,
        absent,
        none,
        when: when.unwrap_or(ReadWhen::Always),
        pages,
    })
}

fn read_when(node: &Node, problems: &mut Problems) -> Option<ReadWhen> {
    let mut fields = Fields::of("a read's `when`", node, problems);
    let forms = ["needed", "each", "changing", "differing"];
    let one = forms.iter().filter(|form| fields.has(form)).count() == 1;
    let needed = fields.texts("needed", problems);
    let changing = fields.texts("changing", problems);
    let each = fields.text("each", problems);
    let differing = fields.texts("differing", problems);
    let above = fields
        .get("above")
        .and_then(|node| bound("above", node, problems));
    let up_to = fields
        .get("up_to")
        .and_then(|node| bound("up_to", node, problems));
    fields.finish(problems);
    let when = match (each, above, up_to) {
        (None, Some((number, above)), None) if !needed.is_empty() => {
            Some(ReadWhen::NeededAbove(needed, number, above))
        }
        (None, None, Some((number, most))) if !differing.is_empty() => {
            Some(ReadWhen::Differing(differing, number, most))
        }
        (Some(each), None, None) => Some(ReadWhen::Each(each)),
        (None, None, None) if !needed.is_empty() => Some(ReadWhen::Needed(needed)),
        (None, None, None) if !changing.is_empty() => Some(ReadWhen::Changing(changing)),
        _ => None,
    };
    if when.is_none() || !one {
        let why = "a read's `when` has exactly one of needed (perhaps with above), each, changing, differing (with up_to), which is not empty";
        problems.add(node.place.clone(), why);
    }
    when
}

/// `{ attribute: 3 }`.
fn bound(key: &str, node: &Node, problems: &mut Problems) -> Option<(Name, i64)> {
    let number = |node: &Node| match &node.data {
        Data::Scalar(value) => value.as_i64(),
        _ => None,
    };
    match entries(node, problems).as_slice() {
        [(name, node)] if let Some(bound) = number(node) => Some((name.clone(), bound)),
        _ => {
            let text = format!("`{key}` is one attribute with a whole number");
            problems.add(node.place.clone(), text);
            None
        }
    }
}

pub(super) fn list(node: &Node, problems: &mut Problems) -> Option<List> {
    let mut fields = Fields::of("list", node, problems);
    let call = call(&mut fields, problems);
    let shape = reshape(&mut fields, problems);
    let pages = pages(&mut fields, problems);
    let complete = fields.flag("complete", problems).unwrap_or(false);
    let settles_after = fields.integer("settles_after", problems).unwrap_or(1);
    fields.finish(problems);
    Some(List {
        call: call?,
        shape,
        pages,
        complete,
        settles_after,
    })
}
