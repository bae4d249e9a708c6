//! What a plan calls for the resources of a type, in words.

use super::fields::Name;
use super::input::Template;
use super::spec::{Discovery, Pages, Read, ReadWhen, Spec};

/// A line for each call and how often it is made.
pub(super) fn lines(spec: &Spec) -> Vec<String> {
    let mut lines = Vec::new();
    let complete = spec.list.as_ref().filter(|list| list.complete);
    match complete {
        Some(list) => {
            let also = match spec.discovery {
                Discovery::List => ", also where the file has none: it shows what left the file",
                Discovery::Never => ", for each lookup",
                Discovery::Marks | Discovery::TaggingApi(_) => "",
            };
            let mut line = format!(
                "`{}` once for each page of all there are{also}.",
                list.call.operation.text
            );
            if list.settles_after > 1 {
                line.push_str(&format!(
                    " It lags behind writes: up to {} times while one that is declared is not shown.",
                    list.settles_after
                ));
            }
            lines.push(line);
            lines.extend(spec.reads.iter().filter_map(|read| after_list(spec, read)));
            if reads_by_name(spec) {
                lines.push(format!(
                    "{} for each whose name the list does not show: that does not lag.",
                    operations(&strong(spec))
                ));
            }
        }
        None => {
            let always = strong(spec);
            if let Some(list) = &spec.list {
                let what = match reads_by_name(spec) {
                    true => "for each resource that is not there: another may have its name",
                    false => "for each resource: its id is found by its name",
                };
                let operation = &list.call.operation.text;
                lines.push(format!("`{operation}` once for each page, {what}."));
            }
            if !always.is_empty() {
                lines.push(format!("{} for each resource.", operations(&always)));
            }
            let others = spec.reads.iter();
            let others = others.filter(|read| !always.iter().any(|one| std::ptr::eq(*one, *read)));
            lines.extend(others.map(condition));
        }
    }
    if let Some(marks) = &spec.marks {
        lines.push(format!(
            "The same for each that a mark on a `{}` of this stack names and the file does not.",
            marks.parent.text
        ));
    }
    if let Discovery::TaggingApi(filter) = &spec.discovery {
        lines.push(format!(
            "`tag:GetResources` once for each page of 100, together with all types found so: `{}` that left the file are found by it, and each is read.",
            filter.text
        ));
    }
    let blockers = spec.delete.iter().flat_map(|delete| &delete.blockers);
    let lasting = blockers.filter(|blockers| blockers.help.is_some());
    lines.extend(lasting.map(|blockers| {
        let operation = &blockers.call.operation.text;
        format!("`{operation}` for each that would go: whether somebody else uses it.")
    }));
    let parameters = spec
        .attributes
        .iter()
        .filter(|(_, entry)| entry.parameter.is_some());
    lines.extend(parameters.map(|(path, _)| {
        let path = &path.text;
        format!("`ssm:GetParameter` once for each parameter that `{path}` names, however many resources name it.")
    }));
    if spec
        .name_within
        .as_ref()
        .is_some_and(|within| within.default.is_some())
    {
        lines.push("One lookup of where it is by default, for all that do not say.".to_owned());
    }
    if spec
        .reads
        .iter()
        .any(|read| matches!(read.pages, Pages::Own { .. }))
    {
        lines.push("What comes in pages counts once for each page.".to_owned());
    }
    lines
}

/// The reads of one object by itself: the first, and those without a condition.
pub(super) fn strong(spec: &Spec) -> Vec<&Read> {
    let reads = spec.reads.iter().enumerate();
    let strong = reads.filter(|(at, read)| match read.when {
        ReadWhen::Always => true,
        ReadWhen::Needed(_) | ReadWhen::NeededAbove(..) => *at == 0,
        ReadWhen::Changing(_) | ReadWhen::Differing(..) | ReadWhen::Each(_) => false,
    });
    strong.map(|(_, read)| read).collect()
}

fn reads_by_name(spec: &Spec) -> bool {
    let Some(name) = &spec.name else { return false };
    if spec.id_is.is_some() {
        return true;
    }
    let by_name = |read: &Read| name.text == spec.id.text || !uses_id(&read.call.input);
    !spec.reads.is_empty() && spec.reads.iter().all(by_name)
}

fn uses_id(input: &Template) -> bool {
    input.paths().iter().any(|(path, _)| *path == "id")
}

/// What is read beside a complete list.
fn after_list(spec: &Spec, read: &Read) -> Option<String> {
    match &read.when {
        ReadWhen::Always | ReadWhen::Changing(_) => None,
        ReadWhen::Needed(_) | ReadWhen::NeededAbove(..) | ReadWhen::Differing(..) => {
            Some(condition(read))
        }
        ReadWhen::Each(each) => {
            let beside = |other: &&Read| {
                matches!(other.when, ReadWhen::Needed(_))
                    && other
                        .into
                        .as_ref()
                        .is_some_and(|into| into.text == each.text)
            };
            if spec.reads.iter().any(|other| beside(&other)) {
                return Some(condition(read));
            }
            let (operation, into) = (&read.call.operation.text, read.into.as_ref()?);
            let mut mapped = spec.list.iter().flat_map(|list| &list.shape.map);
            if mapped.any(|(attribute, _)| attribute.text == into.text) {
                return None;
            }
            Some(format!(
                "`{operation}` for each that declares `{}`.",
                into.text
            ))
        }
    }
}

fn condition(read: &Read) -> String {
    let operation = &read.call.operation.text;
    match &read.when {
        ReadWhen::Always => format!("`{operation}` for each resource."),
        ReadWhen::Needed(attributes) => format!("`{operation}` for each {}.", needing(attributes)),
        ReadWhen::NeededAbove(attributes, number, above) => format!(
            "`{operation}` for each with a `{}` above {above} {}.",
            number.text,
            needing(attributes)
        ),
        ReadWhen::Changing(attributes) => {
            let attributes = any_of(attributes);
            format!("`{operation}` only when {attributes} is updated.")
        }
        ReadWhen::Differing(attributes, number, most) => format!(
            "`{operation}` for each whose {} would change, where its text may be shown and its live `{}` is at most \
             {most}: the plan shows the lines that go and come. What cannot be read, or is no text, is told by its {} \
             alone.",
            any_of(attributes),
            number.text,
            any_of(attributes)
        ),
        ReadWhen::Each(each) => {
            format!(
                "`{operation}` for each element of its live `{}`.",
                each.text
            )
        }
    }
}

fn needing(attributes: &[Name]) -> String {
    let which = if attributes.len() == 1 {
        "it"
    } else {
        "one of these"
    };
    format!(
        "that declares {} or of which others refer to {which}",
        any_of(attributes)
    )
}

fn any_of(names: &[Name]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.text))
        .collect();
    quoted.join(", ")
}

fn operations(reads: &[&Read]) -> String {
    let mut quoted: Vec<String> = Vec::new();
    for read in reads {
        let name = format!("`{}`", read.call.operation.text);
        if !quoted.contains(&name) {
            quoted.push(name);
        }
    }
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => quoted.join(""),
    }
}
