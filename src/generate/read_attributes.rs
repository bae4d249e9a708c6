//! What a spec says of attributes and outputs.

use super::fields::{Fields, Name, entries, text, texts};
use super::input::Template;
use super::problem::Problems;
use super::spec::{Entry, Form};
use super::tree::{Data, Node};

pub(super) fn attribute_entries(node: &Node, problems: &mut Problems) -> Vec<(Name, Entry)> {
    entries(node, problems)
        .into_iter()
        .map(|(name, node)| (name, entry(node, problems)))
        .collect()
}

pub(super) fn outputs(node: &Node, problems: &mut Problems) -> Vec<(Name, Entry)> {
    match node.data {
        Data::Map(_) => attribute_entries(node, problems),
        _ => texts(node, problems)
            .into_iter()
            .map(|name| (name, Entry::default()))
            .collect(),
    }
}

fn entry(node: &Node, problems: &mut Problems) -> Entry {
    let mut fields = Fields::of("an attribute's entry", node, problems);
    let entry = Entry {
        from: fields.text("from", problems),
        kind: fields.text("type", problems),
        members: fields
            .get("members")
            .map(|node| attribute_entries(node, problems))
            .unwrap_or_default(),
        values: fields.texts("values", problems),
        pattern: fields.text("pattern", problems),
        min: fields.integer("min", problems),
        max: fields.integer("max", problems),
        required: fields.flag("required", problems),
        default: fields.get_even_null("default").map(Node::value),
        on_change: fields.text("on_change", problems),
        write_only: fields.flag("write_only", problems),
        sensitive: fields.flag("sensitive", problems),
        exact: fields.flag("exact", problems),
        value: fields
            .get("value")
            .map(|node| Template::read(node, problems)),
        unit: fields.text("unit", problems),
        live: fields.text("live", problems),
        form: fields.get("form").and_then(|node| form(node, problems)),
        parameter: fields.text("parameter", problems),
        why: fields.text("why", problems),
    };
    fields.finish(problems);
    entry
}

/// `base64`, `arn_name`, `{ true_if: [words] }` or `{ left_alone: word }`.
fn form(node: &Node, problems: &mut Problems) -> Option<Form> {
    if let Data::Map(_) = node.data {
        let mut fields = Fields::of("a form", node, problems);
        let words = fields.texts("true_if", problems);
        let word = fields.text("left_alone", problems);
        fields.finish(problems);
        return match word {
            Some(word) => Some(Form::LeftAlone(word)),
            None => Some(Form::TrueIf(words)),
        };
    }
    let word = text(node, problems)?;
    match word.text.as_str() {
        "base64" => Some(Form::Base64),
        "arn_name" => Some(Form::ArnName),
        other => {
            let known = ["base64", "arn_name", "{ true_if: … }", "{ left_alone: … }"];
            problems.unknown(&word.place, "there is no form", other, known);
            None
        }
    }
}
