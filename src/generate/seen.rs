//! Whether attributes are found in replies, and as what.

use crate::aws_model::Model;

use super::facts::{Type, follow, walk};
use super::kind::{Attribute, Kind, find, inside, leaves};
use super::problem::Problems;
use super::spec::{Read, ReadWhen, Reshape, Spec};

/// Each attribute is found in a reply, as what it is.
pub(super) fn check_seen(
    spec: &Spec,
    model: &Model,
    attributes: &[Attribute],
    problems: &mut Problems,
) {
    let top = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    for (path, leaf) in leaves(attributes) {
        let above = find(attributes, &top(&path));
        let exempt = |attribute: &Attribute| attribute.write_only || attribute.live_hook;
        let in_id = spec.id_of.iter().any(|part| part.text == path);
        if path == "tags"
            || path == spec.id.text
            || in_id
            || exempt(leaf)
            || above.is_some_and(exempt)
        {
            continue;
        }
        match seen(spec, model, &path) {
            None => problems.add(
                leaf.place.clone(),
                format!(
                    "`{path}` is in no reply: map it, or say `write_only: true` or `live: hook`"
                ),
            ),
            Some(found) => {
                let (own, live) = (
                    leaf.kind.class(),
                    Kind::of_type(model, &found, &leaf.place).class(),
                );
                let reshaped = spec.hooks || has_form(spec, &path);
                if own.zip(live).is_some_and(|(own, live)| own != live) && !reshaped {
                    problems.add(
                        leaf.place.clone(),
                        format!(
                            "`{path}` is {} here and {} in the reply",
                            own.unwrap_or_default(),
                            live.unwrap_or_default()
                        ),
                    );
                }
            }
        }
    }
}

/// Whether the spec says that an attribute has another form here than in AWS.
fn has_form(spec: &Spec, path: &str) -> bool {
    let mut own = spec.attributes.iter().filter(|(name, _)| name.text == path);
    own.any(|(_, entry)| entry.form.is_some())
}

/// What the first reply that has an attribute has there.
pub(super) fn seen<'m>(spec: &Spec, model: &'m Model, path: &str) -> Option<Type<'m>> {
    let whole = spec
        .reads
        .iter()
        .filter(|read| !completed_by_each(spec, read) && !is_for_people(read));
    let reads = whole.map(|read| {
        (
            &read.call.operation,
            &read.shape,
            read.into.as_ref(),
            is_each(read),
        )
    });
    let list = spec
        .list
        .iter()
        .map(|list| (&list.call.operation, &list.shape, None, false));
    for (operation, shape, into, each) in reads.chain(list) {
        let Some(facts) = model.operations.get(&operation.text) else {
            continue;
        };
        let at = shape.at.as_ref().map_or("", |at| at.text.as_str());
        let Ok(mut start) = walk(model, facts.output.as_ref(), at) else {
            continue;
        };
        if each {
            start = Type::Map(Box::new(start));
        }
        let inner = match into {
            None => path,
            Some(into) if inside(path, &into.text) => {
                path[into.text.len()..].trim_start_matches('.')
            }
            Some(_) => continue,
        };
        if let Some(found) = in_shape(model, &start, shape, inner) {
            return Some(found);
        }
    }
    None
}

/// Whether a read gives only the keys of what a later one reads one by one.
fn completed_by_each(spec: &Spec, read: &Read) -> bool {
    let Some(into) = &read.into else { return false };
    let by = |other: &Read| matches!(&other.when, ReadWhen::Each(each) if each.text == into.text);
    !is_each(read) && spec.reads.iter().any(by)
}

/// Whether nothing is compared with what a read gives.
fn is_for_people(read: &Read) -> bool {
    matches!(read.when, ReadWhen::Differing(..))
}

fn is_each(read: &Read) -> bool {
    matches!(read.when, ReadWhen::Each(_))
}

fn in_shape<'m>(
    model: &'m Model,
    start: &Type<'m>,
    shape: &Reshape,
    path: &str,
) -> Option<Type<'m>> {
    for (attribute, from) in &shape.map {
        if inside(path, &attribute.text) {
            let mapped = follow(model, start.clone(), &from.text).ok()?;
            return follow(
                model,
                mapped,
                path[attribute.text.len()..].trim_start_matches('.'),
            )
            .ok();
        }
    }
    let bases = shape
        .bases
        .iter()
        .map(|base| base.text.as_str())
        .chain(["."]);
    let mut found =
        bases.filter_map(|base| follow(model, follow(model, start.clone(), base).ok()?, path).ok());
    found.next()
}
