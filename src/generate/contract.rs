//! A type's constants: from spec and attributes to what `templates/provider/type.rs.hbs` needs.

use serde_json::{Value, json};

use crate::aws_model::{Model, Paginator};

use super::facts::{codes, token};
use super::fields::Name;
use super::input::Template;
use super::kind::{Attribute, Kind};
use super::spec::{
    Action, Blockers, Body, Call, Check, Condition, Discovery, Empty, Entry, Form, Items, Pages,
    Read, ReadWhen, Reshape, Rest, Rule, Spec, TagChange, Update, When, Within,
};
use super::tables::{lookup_attributes, table};

/// Completes the creation's input: every attribute it takes, the tags and the token.
pub(super) fn complete_creation(spec: &mut Spec, model: &Model, attributes: &[Attribute]) {
    let Some(create) = &mut spec.create else {
        return;
    };
    let Some(operation) = model.operations.get(&create.call.operation.text) else {
        return;
    };
    let place = create.call.operation.place.clone();
    let input = &mut create.call.input;
    for member in model
        .structure(operation.input.as_ref())
        .iter()
        .flat_map(|shape| super::facts::names(shape))
    {
        let Some(attribute) = attributes
            .iter()
            .find(|attribute| attribute.name == member && !attribute.output)
        else {
            continue;
        };
        let path = Template::Path(member.to_owned(), place.clone());
        let value = match attribute.kind {
            Kind::Policy => Template::JsonText(Box::new(path)),
            _ if in_base64(&spec.attributes, member) => Template::Base64(Box::new(path)),
            _ => path,
        };
        if member != "tags" || spec.tags.is_none() {
            input.insert(member, value, &place);
        }
    }
    if let Some(tags) = &spec.tags {
        input.insert(
            &tags.within.text,
            Template::Path("tags".to_owned(), place.clone()),
            &place,
        );
    }
    if let Some(token) = token(model, operation) {
        input.insert(
            token,
            Template::Path("token".to_owned(), place.clone()),
            &place,
        );
    }
}

/// The values of the template.
pub(super) fn context(spec: &Spec, model: &Model, attributes: &[Attribute], file: &str) -> Value {
    let mut tables = Vec::new();
    let lookup = lookup_attributes(spec, model, attributes);
    table("ATTRIBUTES", attributes, &mut tables);
    table("LOOKUP", &lookup, &mut tables);
    tables.reverse();
    let mut data = vec![
        ("service", format!("Service::{}", pascal(&spec.service.text))),
        ("id", text(&spec.id.text)),
        ("id_of", names(&spec.id_of)),
        ("id_is", option(spec.id_is.as_ref().map(super::input::Template::rust))),
        ("within", option(spec.name_within.as_ref().map(within))),
        ("tags", option(spec.tags.as_ref().map(tags))),
        ("owner", option(spec.owner.as_ref().map(|owner| {
            let (attribute, otherwise) = (text(&owner.attribute.text), name(owner.otherwise.as_ref()));
            format!("OwnerText {{ attribute: {attribute}, otherwise: {otherwise}, limit: {} }}", owner.limit)
        }))),
        ("marks", option(spec.marks.as_ref().map(|marks| {
            let [parent, attribute, key] = [&marks.parent, &marks.attribute, &marks.key].map(|name| text(&name.text));
            format!("Marks {{ parent: {parent}, attribute: {attribute}, key: {key} }}")
        }))),
        ("version", name(spec.version.as_ref())),
        ("create", option(spec.create.as_ref().map(|create| {
            let repeats = spec.name.is_some()
                || model.operations.get(&create.call.operation.text).is_some_and(|operation| token(model, operation).is_some());
            format!(
                "Create {{ call: {}, reply_id: {}, repeatable: {}, read_before: {} }}",
                call(&create.call),
                name(create.reply_id.as_ref()),
                create.repeatable.unwrap_or(repeats),
                create.read_before,
            )
        }))),
        ("reads", slice(spec.reads.iter().map(|each| read(each, model)))),
        ("list", option(spec.list.as_ref().map(|list| {
            format!(
                "List {{ call: {}, at: {}, shape: {}, pages: {}, complete: {}, settles_after: {} }}",
                call(&list.call),
                name(list.shape.at.as_ref()),
                reshape(&list.shape),
                pages(&list.pages, &list.call, model),
                list.complete,
                list.settles_after,
            )
        }))),
        ("updates", slice(spec.updates.iter().map(update))),
        ("rest", option(spec.rest.as_ref().map(rest))),
        ("delete", option(spec.delete.as_ref().map(|delete| {
            let before = delete.before.iter().map(|(each, before)| format!("({}, {})", text(&each.text), call(before)));
            format!(
                "Delete {{ before: {}, empty: {}, call: {}, blocked: {}, protected: {}, blockers: {} }}",
                slice(before),
                slice(delete.empty.iter().map(empty)),
                call(&delete.call),
                names(&delete.blocked),
                name(delete.protected.as_ref()),
                option(delete.blockers.as_ref().map(blockers)),
            )
        }))),
        ("states", option(spec.waiters.as_ref().map(|waiters| {
            format!(
                "States {{ path: {}, ready: {}, pending: {}, deleting: {}, gone: {}, failed: {}, reason: {}, every: {}, timeout: {}, usual: {} }}",
                text(&waiters.state.text),
                names(&waiters.ready),
                names(&waiters.pending),
                names(&waiters.deleting),
                names(&waiters.gone),
                names(&waiters.failed),
                name(waiters.reason.as_ref()),
                waiters.every,
                waiters.timeout,
                waiters.usual,
            )
        }))),
        ("errors", slice(spec.errors.iter().map(|rule| {
            format!(
                "ErrorRule {{ code: {}, message: {}, class: ErrorClass::{} }}",
                text(&rule.code.text),
                text(&rule.message),
                pascal(&rule.class.text)
            )
        }))),
        ("discovery", match &spec.discovery {
            Discovery::List => "Discovery::List".to_owned(),
            Discovery::Never => "Discovery::Never".to_owned(),
            Discovery::Marks => "Discovery::Marks".to_owned(),
            Discovery::TaggingApi(kind) => format!("Discovery::TaggingApi({})", text(&kind.text)),
        }),
        ("after_complete", names(&spec.after_complete)),
        ("forms", slice(spec.attributes.iter().filter_map(|(path, entry)| {
            Some(format!("({}, {})", text(&path.text), form(entry.form.as_ref()?)))
        }))),
        ("parameters", slice(spec.attributes.iter().filter_map(|(path, entry)| {
            let follow = entry.parameter.as_ref()?;
            Some(format!("Parameter {{ attribute: {}, follow: {} }}", text(&path.text), text(&follow.text)))
        }))),
        ("made", name(spec.made.as_ref())),
        ("checks", slice(spec.checks.iter().map(check))),
        ("lookup", option(lookup_rule(spec))),
        ("data", names(&spec.data)),
        ("computed", slice(spec.outputs.iter().filter_map(|(output, entry)| {
            Some(format!("({}, {})", text(&output.text), entry.value.as_ref()?.rust()))
        }))),
        ("hooks", if spec.hooks { "&super::hooks::HOOKS".to_owned() } else { "&NoHooks".to_owned() }),
    ];
    let completing = completing(spec, attributes);
    let schema = [
        ("name", text(&spec.type_name.text)),
        ("attributes", "ATTRIBUTES".to_owned()),
        (
            "completing",
            slice(completing.iter().map(|path| text(path))),
        ),
        ("deferrable", names(&spec.deferrable)),
        (
            "unique_name",
            option(spec.name.as_ref().map(|name| text(&name.text))),
        ),
        (
            "unique_within",
            option(
                spec.name_within
                    .as_ref()
                    .map(|within| text(&within.attribute.text)),
            ),
        ),
        (
            "named_by",
            option(spec.named_by.as_ref().map(|naming| {
                let (unless, of) = (text(&naming.unless.text), names(&naming.of));
                format!("Naming {{ unless: {unless}, of: {of} }}")
            })),
        ),
        (
            "lookup",
            if lookup.is_empty() {
                "&[]".to_owned()
            } else {
                "LOOKUP".to_owned()
            },
        ),
        ("plural", spec.plural.to_string()),
        ("declarable", spec.create.is_some().to_string()),
        ("holds_data", spec.holds_data.to_string()),
        ("body", option(spec.body.as_ref().map(body))),
    ];
    let fields = |fields: Vec<(&str, String)>| -> Vec<Value> {
        fields
            .into_iter()
            .map(|(field, value)| json!({ "field": field, "value": value }))
            .collect()
    };
    json!({
        "spec": file,
        "type": spec.type_name.text,
        "service": spec.service.text,
        "tables": tables,
        "schema": fields(schema.to_vec()),
        "data": fields(std::mem::take(&mut data)),
        "declares_errors": !codes(model).is_empty(),
    })
}

/// Attributes that an update brings and the creation does not take.
fn completing<'a>(spec: &Spec, attributes: &'a [Attribute]) -> Vec<&'a str> {
    let Some(create) = &spec.create else {
        return Vec::new();
    };
    let taken: Vec<&str> = create
        .call
        .input
        .paths()
        .iter()
        .map(|(path, _)| path.split('.').next().unwrap_or(path))
        .collect();
    let brought = |name: &str| {
        spec.updates
            .iter()
            .flat_map(|update| &update.covers)
            .any(|cover| cover.text.split('.').next() == Some(name))
    };
    let sent = spec.body.as_ref().map(|body| body.digest.text.as_str());
    let names = attributes
        .iter()
        .filter(|attribute| !attribute.output && Some(attribute.name.as_str()) != sent)
        .map(|attribute| attribute.name.as_str());
    names
        .filter(|name| !taken.contains(name) && brought(name))
        .collect()
}

/// `None` for a lookup by the unique name alone, which is a read.
fn lookup_rule(spec: &Spec) -> Option<String> {
    let by_name = spec
        .lookup
        .iter()
        .all(|(query, _)| Some(&query.text) == spec.name.as_ref().map(|name| &name.text));
    if by_name {
        return None;
    }
    let matches = spec.lookup.iter().map(|(query, lookup)| {
        format!(
            "({}, {})",
            text(&query.text),
            text(&lookup.live.as_ref().unwrap_or(query).text)
        )
    });
    Some(format!(
        "Lookup {{ matches: {}, order: {} }}",
        slice(matches),
        names(&spec.lookup_order)
    ))
}

fn call(of: &Call) -> String {
    format!(
        "Call {{ operation: {}, input: {}, already: {} }}",
        text(&of.operation.text),
        of.input.rust(),
        names(&of.already)
    )
}

fn within(of: &Within) -> String {
    let default = of.default.as_ref().map(|default| {
        format!(
            "DefaultWithin {{ type_name: {}, query: {}, output: {} }}",
            text(&default.type_name.text),
            text(&default.query.to_string()),
            text(&default.output.text)
        )
    });
    format!(
        "Within {{ attribute: {}, default: {} }}",
        text(&of.attribute.text),
        option(default)
    )
}

fn tags(of: &super::spec::Tags) -> String {
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

fn body(of: &Body) -> String {
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

fn reshape(of: &Reshape) -> String {
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

fn read(of: &Read, model: &Model) -> String {
    let when = match &of.when {
        ReadWhen::Always => "ReadWhen::Always".to_owned(),
        ReadWhen::Needed(attributes) => format!("ReadWhen::Needed({})", names(attributes)),
        ReadWhen::NeededAbove(attributes, number, above) => format!(
            "ReadWhen::NeededAbove({}, {}, {above})",
            names(attributes),
            text(&number.text)
        ),
        ReadWhen::Changing(attributes) => format!("ReadWhen::Changing({})", names(attributes)),
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
fn pages(of: &Pages, call: &Call, model: &Model) -> String {
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

fn update(of: &Update) -> String {
    let when = match &of.when {
        When::Word(None) => "When::Changes".to_owned(),
        When::Word(Some(word)) => format!("When::{}", pascal(&word.text)),
        When::Wanted(condition) => format!("When::Wanted{}", condition_values(condition)),
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
        Action::Replace => "UpdateAction::Replace".to_owned(),
        Action::Impossible(why) => format!("UpdateAction::Impossible({})", text(why)),
        Action::Keep(why) => format!("UpdateAction::Keep({})", text(why)),
    };
    format!(
        "Update {{ covers: {}, also: {}, moved: {}, when: {when}, action: {action}, settles: {}, at_rest: {}, renews: {}, room: {} }}",
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
        )))
    )
}

fn rest(of: &Rest) -> String {
    format!(
        "Rest {{ states: {}, stop: {}, start: {}, unless: {} }}",
        names(&of.states),
        call(&of.stop),
        call(&of.start),
        option(of.unless.as_ref().map(condition_values))
    )
}

/// Whether a spec says that AWS has an attribute in base64.
fn in_base64(attributes: &[(Name, Entry)], path: &str) -> bool {
    let mut own = attributes.iter().filter(|(name, _)| name.text == path);
    own.any(|(_, entry)| matches!(entry.form, Some(Form::Base64)))
}

fn form(of: &Form) -> String {
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

fn blockers(blockers: &Blockers) -> String {
    format!(
        "Blockers {{ call: {}, at: {}, id: {}, about: {} }}",
        call(&blockers.call),
        text(&blockers.at.text),
        text(&blockers.id.text),
        text(&blockers.about.text),
    )
}

fn empty(of: &Empty) -> String {
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

fn check(of: &Check) -> String {
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
    };
    format!(
        "Check {{ when: {}, rule: {rule}, why: {} }}",
        option(of.when.as_ref().map(condition_values)),
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

fn name(of: Option<&Name>) -> String {
    text(of.map_or("", |name| name.text.as_str()))
}

fn names(of: &[Name]) -> String {
    slice(of.iter().map(|name| text(&name.text)))
}

pub(super) fn slice(items: impl Iterator<Item = String>) -> String {
    format!("&[{}]", items.collect::<Vec<_>>().join(", "))
}

pub(super) fn option(of: Option<impl std::fmt::Display>) -> String {
    of.map_or("None".to_owned(), |value| format!("Some({value})"))
}

/// `set` to `Set`.
pub(super) fn pascal(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
