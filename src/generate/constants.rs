//! Parts of a spec as Rust constants.

use crate::aws_model::{Model, Paginator};

use super::fields::Name;
use super::prose::capital;
use super::spec::{
    Action, Blockers, Body, Call, Check, Condition, Elements, Empty, Form, Holders, Items, Pages,
    Read, ReadWhen, Reshape, Rest, Rule, TagChange, Update, When, Within,
};

pub(super) fn call(of: &Call) -> String {
    format!(
        "Call {{ operation: {}, input: {}, already: {} }}",
        text(&of.operation.text),
        of.input.rust(),
        names(&of.already)
    )
}

pub(super) fn within(of: &Within) -> String {
    let default = of.default.as_ref().map(|default| {
        format!(
            "DefaultWithin {{ type_name: {}, query: {}, output: {} }}",
            text(&default.type_name.text),
            text(&default.query.to_string()),
            text(&default.output.text)
        )
    });
    format!(
        "Within {{ attribute: {}, default: {}, id_only: {} }}",
        text(&of.attribute.text),
        option(default),
        of.id_only
    )
}

pub(super) fn tags(of: &super::spec::Tags) -> String {
    let shape = match of.shape.text.as_str() {
        "map" => "TagShape::Map".to_owned(),
        "list" => "TagShape::List".to_owned(),
        "query" => "TagShape::Query".to_owned(),
        other => {
            let kind = other
                .trim_start_matches("specifications(")
                .trim_end_matches(')');
            format!("TagShape::Specifications({})", text(kind))
        }
    };
    let change = match &of.change {
        TagChange::Some { set, remove } => format!(
            "TagChange::Some {{ set: {}, remove: {} }}",
            call(set),
            call(remove)
        ),
        TagChange::All(all) => format!("TagChange::All({})", call(all)),
    };
    format!(
        "Tags {{ create_member: {}, shape: {shape}, alphabet: {}, limit: {}, change: {change} }}",
        text(&of.within.text),
        text(&of.alphabet),
        of.limit
    )
}

pub(super) fn body(of: &Body) -> String {
    let fields = [
        ("text", &of.text),
        ("file", &of.file),
        ("template", &of.template),
        ("inputs", &of.inputs),
        ("url", &of.url),
        ("digest", &of.digest),
        ("stand_in", &of.stand_in),
    ];
    let fields = fields.map(|(field, name)| format!("{field}: {}", text(&name.text)));
    format!("Body {{ {}, limit: {} }}", fields.join(", "), of.limit)
}

pub(super) fn reshape(of: &Reshape) -> String {
    let map = of
        .map
        .iter()
        .map(|(attribute, from)| format!("({}, {})", text(&attribute.text), text(&from.text)));
    format!(
        "Reshape {{ bases: {}, map: {} }}",
        names(&of.bases),
        slice(map)
    )
}

pub(super) fn read(of: &Read, model: &Model) -> String {
    let when = match &of.when {
        ReadWhen::Always => "ReadWhen::Always".to_owned(),
        ReadWhen::Needed(attributes) => format!("ReadWhen::Needed({})", names(attributes)),
        ReadWhen::NeededAbove(attributes, number, above) => format!(
            "ReadWhen::NeededAbove({}, {}, {above})",
            names(attributes),
            text(&number.text)
        ),
        ReadWhen::Changing(attributes) => format!("ReadWhen::Changing({})", names(attributes)),
        ReadWhen::Differing(attributes, number, most) => format!(
            "ReadWhen::Differing({}, {}, {most})",
            names(attributes),
            text(&number.text)
        ),
        ReadWhen::Each(attribute) => format!("ReadWhen::Each({})", text(&attribute.text)),
    };
    format!(
        "Read {{ call: {}, at: {}, into: {}, shape: {}, absent: {}, none: {}, when: {when}, pages: {} }}",
        call(&of.call),
        name(of.shape.at.as_ref()),
        name(of.into.as_ref()),
        reshape(&of.shape),
        names(&of.absent),
        names(&of.none),
        pages(&of.pages, &of.call, model),
    )
}

/// How an operation pages: as the spec says, else as the model says, as far as that is two members.
pub(super) fn pages(of: &Pages, call: &Call, model: &Model) -> String {
    let operation = &call.operation.text;
    let tokens = match of {
        Pages::None => None,
        Pages::Own { input, output } => Some((input.text.clone(), output.text.clone())),
        Pages::Model => model
            .paginators
            .get(operation)
            .and_then(|paginator| tokens(paginator, operation, model)),
    };
    let pages = tokens.map(|(input, output)| {
        format!(
            "Pages {{ input: {}, output: {} }}",
            text(&input),
            text(&output)
        )
    });
    option(pages)
}

fn tokens(paginator: &Paginator, operation: &str, model: &Model) -> Option<(String, String)> {
    let operation = model.operations.get(operation)?;
    let ([input], [output]) = (paginator.input_token.all(), paginator.output_token.all()) else {
        return None;
    };
    let input = model
        .structure(operation.input.as_ref())?
        .members
        .get(input)?;
    let output = model
        .structure(operation.output.as_ref())?
        .members
        .get(output)?;
    Some((input.rust.clone()?, output.rust.clone()?))
}

pub(super) fn update(of: &Update) -> String {
    let when = match &of.when {
        When::Word(None) => "When::Changes".to_owned(),
        When::Word(Some(word)) => format!("When::{}", capital(&word.text)),
        When::Wanted(condition) => format!("When::Wanted{}", condition_values(condition)),
        When::Live(path) => format!("When::Live({})", text(&path.text)),
    };
    let action = match &of.action {
        Action::Call(of) => format!("UpdateAction::Call({})", call(of)),
        Action::Steps {
            call: of,
            at_most,
            why,
        } => format!(
            "UpdateAction::Steps {{ call: {}, at_most: {}, why: {} }}",
            call(of),
            if *at_most == i64::MAX {
                "usize::MAX".to_owned()
            } else {
                at_most.to_string()
            },
            text(why)
        ),
        Action::Items(of) => format!("UpdateAction::Items({})", items(of)),
        Action::Elements(of) => format!("UpdateAction::Elements({})", elements(of)),
        Action::Replace => "UpdateAction::Replace".to_owned(),
        Action::Impossible(why) => format!("UpdateAction::Impossible({})", text(why)),
        Action::Keep(why) => format!("UpdateAction::Keep({})", text(why)),
    };
    format!(
        "Update {{ covers: {}, also: {}, moved: {}, when: {when}, action: {action}, settles: {}, at_rest: {}, renews: {}, room: {}, failures: {} }}",
        names(&of.covers),
        names(&of.also),
        names(&of.moved),
        of.settles,
        of.at_rest,
        names(&of.renews),
        option(of.room.as_ref().map(|room| format!(
            "Room {{ most: {}, oldest: {}, of: {} }}",
            room.most,
            text(&room.oldest.text),
            empty(&room.of)
        ))),
        text(of.failures.as_ref().map_or("", |path| &path.text)),
    )
}

pub(super) fn rest(of: &Rest) -> String {
    format!(
        "Rest {{ states: {}, stop: {}, start: {}, unless: {} }}",
        names(&of.states),
        call(&of.stop),
        call(&of.start),
        option(of.unless.as_ref().map(condition_values))
    )
}

pub(super) fn form(of: &Form) -> String {
    match of {
        Form::Base64 => "Form::Base64".to_owned(),
        Form::ArnName => "Form::ArnName".to_owned(),
        Form::TrueIf(words) => format!("Form::TrueIf({})", names(words)),
        Form::LeftAlone(word) => format!("Form::LeftAlone({})", text(&word.text)),
    }
}

fn items(of: &Items) -> String {
    format!(
        "Items {{ identity: {}, add: {}, change: {}, remove: {}, batch: {} }}",
        names(&of.identity),
        call(&of.add),
        option(of.change.as_ref().map(call)),
        call(&of.remove),
        of.batch
    )
}

fn elements(of: &Elements) -> String {
    let until = of.until.as_ref().map(|until| {
        format!(
            "Until {{ call: {}, state: {}, ready: {}, failed: {}, reason: {} }}",
            call(&until.call),
            text(&until.state.text),
            names(&until.ready),
            names(&until.failed),
            name(until.reason.as_ref())
        )
    });
    format!(
        "Elements {{ of: {}, change: {}, until: {} }}",
        text(&of.of.text),
        call(&of.change),
        option(until)
    )
}

pub(super) fn blockers(of: &Blockers, model: &Model) -> String {
    format!(
        "Blockers {{ call: {}, pages: {}, holders: {}, help: {} }}",
        call(&of.call),
        pages(&of.pages, &of.call, model),
        slice(of.holders.iter().map(holders)),
        name(of.help.as_ref()),
    )
}

fn holders(of: &Holders) -> String {
    let lets_go = match of.lets_go.as_ref().map(|word| word.text.as_str()) {
        None | Some("always") => "LetsGo::Always".to_owned(),
        Some("never") => "LetsGo::Never".to_owned(),
        Some(own) => format!("LetsGo::Own({})", text(own)),
    };
    format!(
        "Holders {{ at: {}, noun: {}, id: {}, about: {}, uses: {}, lets_go: {lets_go} }}",
        text(&of.at.text),
        name(of.noun.as_ref()),
        text(&of.id.text),
        name(of.about.as_ref()),
        name(of.uses.as_ref()),
    )
}

pub(super) fn empty(of: &Empty) -> String {
    format!(
        "Empty {{ list: {}, at: {}, remove: {}, batch: {}, except: {}, keep: {}, failures: {} }}",
        call(&of.list),
        names(&of.at),
        call(&of.remove),
        of.batch,
        name(of.except.as_ref()),
        names(&of.keep),
        name(of.failures.as_ref())
    )
}

pub(super) fn check(of: &Check) -> String {
    let rule = match &of.rule {
        Rule::Requires(path) => format!("Rule::Requires({})", text(&path.text)),
        Rule::Forbids(path) => format!("Rule::Forbids({})", text(&path.text)),
        Rule::Warns(path) => format!("Rule::Warns({})", text(&path.text)),
        Rule::Multiple(number, of) => {
            format!("Rule::Multiple({}, {})", text(&number.text), text(&of.text))
        }
        Rule::OneOf(path, values) => format!(
            "Rule::OneOf({}, {})",
            text(&path.text),
            slice(values.iter().map(|value| text(&value.to_string())))
        ),
        Rule::Matches(path, pattern) => {
            format!(
                "Rule::Matches({}, {})",
                text(&path.text),
                text(&pattern.text)
            )
        }
        Rule::Excludes(path, pattern) => {
            format!(
                "Rule::Excludes({}, {})",
                text(&path.text),
                text(&pattern.text)
            )
        }
        Rule::SomeOf(paths) => format!("Rule::SomeOf({})", names(paths)),
        Rule::OneCase(path) => format!("Rule::OneCase({})", text(&path.text)),
    };
    format!(
        "Check {{ when: {}, unless: {}, rule: {rule}, warning: {}, why: {} }}",
        option(of.when.as_ref().map(condition_values)),
        option(of.unless.as_ref().map(condition_values)),
        of.warning,
        text(&of.why)
    )
}

/// `("attribute", &["value as JSON", …])`.
fn condition_values(of: &Condition) -> String {
    format!(
        "({}, {})",
        text(&of.path.text),
        slice(of.values.iter().map(|value| text(&value.to_string())))
    )
}

pub(super) fn text(of: &str) -> String {
    format!("{of:?}")
}

pub(super) fn name(of: Option<&Name>) -> String {
    text(of.map_or("", |name| name.text.as_str()))
}

pub(super) fn names(of: &[Name]) -> String {
    slice(of.iter().map(|name| text(&name.text)))
}

pub(super) fn slice(items: impl Iterator<Item = String>) -> String {
    format!("&[{}]", items.collect::<Vec<_>>().join(", "))
}

pub(super) fn option(of: Option<impl std::fmt::Display>) -> String {
    of.map_or("None".to_owned(), |value| format!("Some({value})"))
}
