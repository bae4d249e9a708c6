//! A type's constants: from spec and attributes to what `templates/provider/type.rs.hbs` needs.

use serde_json::{Value, json};

use crate::aws_model::Model;

use super::constants::{
    blockers, body, call, check, empty, form, name, names, option, pages, read, reshape, rest,
    slice, tags, text, update, within,
};
use super::facts::{codes, token};
use super::fields::Name;
use super::input::Template;
use super::kind::{Attribute, Kind};
use super::prose::capital;
use super::spec::{Discovery, Entry, Form, Spec};
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

/// Whether a spec says that AWS has an attribute in base64.
fn in_base64(attributes: &[(Name, Entry)], path: &str) -> bool {
    let mut own = attributes.iter().filter(|(name, _)| name.text == path);
    own.any(|(_, entry)| matches!(entry.form, Some(Form::Base64)))
}

/// The values of the template.
pub(super) fn context(spec: &Spec, model: &Model, attributes: &[Attribute], file: &str) -> Value {
    let mut tables = Vec::new();
    let lookup = lookup_attributes(spec, model, attributes);
    table("ATTRIBUTES", attributes, &mut tables);
    table("LOOKUP", &lookup, &mut tables);
    tables.reverse();
    let data = [
        ("service", format!("Service::{}", capital(&spec.service.text))),
        ("id", text(&spec.id.text)),
        ("id_of", names(&spec.id_of)),
        ("id_is", option(spec.id_is.as_ref().map(|(id, _)| id.rust()))),
        ("within", option(spec.name_within.as_ref().map(within))),
        ("any_case", spec.any_case.to_string()),
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
                "Create {{ call: {}, reply_id: {}, repeatable: {}, read_before: {}, trial: {} }}",
                call(&create.call),
                name(create.reply_id.as_ref()),
                create.repeatable.unwrap_or(repeats),
                create.read_before,
                option(create.trial.as_ref().map(|trial| {
                    format!("Trial {{ with: {}, ok: {} }}", text(&trial.with.text), names(&trial.ok))
                })),
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
                slice(delete.blockers.iter().map(|of| blockers(of, model))),
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
                "ErrorRule {{ code: {}, message: {}, class: ErrorClass::{}, advice: {} }}",
                text(&rule.code.text),
                text(&rule.message),
                capital(&rule.class.text),
                text(&rule.advice)
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
                    .filter(|within| !within.id_only)
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
    json!({
        "spec": file,
        "type": spec.type_name.text,
        "service": spec.service.text,
        "tables": tables,
        "schema": fields(schema),
        "data": fields(data),
        "declares_errors": !codes(model).is_empty(),
    })
}

fn fields<'f>(all: impl IntoIterator<Item = (&'f str, String)>) -> Vec<Value> {
    let one = |(field, value)| json!({ "field": field, "value": value });
    all.into_iter().map(one).collect()
}

/// Attributes that an update brings and the creation does not take.
fn completing<'a>(spec: &Spec, attributes: &'a [Attribute]) -> Vec<&'a str> {
    let brought = |name: &str| {
        spec.updates
            .iter()
            .flat_map(|update| &update.covers)
            .any(|cover| cover.text.split('.').next() == Some(name))
    };
    let declared = attributes.iter().filter(|attribute| !attribute.output);
    let names = declared.map(|attribute| attribute.name.as_str());
    names
        .filter(|name| spec.leaves_to_updates(name) && brought(name))
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
    let each = spec.lookup.iter().filter(|(_, lookup)| lookup.each);
    Some(format!(
        "Lookup {{ matches: {}, each: {}, order: {} }}",
        slice(matches),
        slice(each.map(|(query, _)| text(&query.text))),
        names(&spec.lookup_order)
    ))
}
