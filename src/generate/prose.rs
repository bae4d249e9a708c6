//! What a person reads of an attribute: in `docs/resources/` and, on hovering, in an editor.

use serde_json::Value;

use super::kind::{Attribute, Kind, Order, inside};
use super::spec::{Action, Body, Spec, Update, When};

/// More values than this are not listed one by one.
const MANY: usize = 50;

/// What values a kind takes: "text of 1 to 64 characters".
pub(super) fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Text { values, .. } if values.len() > MANY => {
            let some: Vec<String> = values.iter().take(3).map(|v| format!("`{v}`")).collect();
            let (count, some) = (values.len(), some.join(", "));
            format!("one of the {count} values that AWS's model has: {some}, …")
        }
        Kind::Text { values, .. } if !values.is_empty() => {
            let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            alternatives(&quoted)
        }
        Kind::Text {
            pattern, min, max, ..
        } => {
            let mut text = format!("text{}", length(*min, *max, "character"));
            if let Some(pattern) = pattern {
                text.push_str(&format!(", matching `{pattern}`"));
            }
            text
        }
        Kind::Integer { min, max } => format!("whole number{}", range(*min, *max)),
        Kind::Number => "number".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::Timestamp => "time (RFC 3339)".to_owned(),
        Kind::Ports => "ports: `22`, `8000-8100` or `all`".to_owned(),
        Kind::Policy => "policy document, as a map or as JSON".to_owned(),
        Kind::Any => "any value".to_owned(),
        Kind::List {
            item,
            order,
            min,
            max,
        } => {
            let sort = match order {
                Order::Ordered => "list",
                Order::Set | Order::Keyed(_) | Order::Among(_) => "set",
            };
            let mut text = format!("{sort} of {}", elements(item));
            match order {
                Order::Keyed(member) => text.push_str(&format!(", one for each `{member}`")),
                Order::Among(member) => {
                    text.push_str(&format!(", one for each `{member}`; others are left alone"))
                }
                Order::Ordered | Order::Set => {}
            }
            match (min, max) {
                (None | Some(0), None) => text,
                _ => text + &format!(",{}", length(*min, *max, "element").replace(" of ", " ")),
            }
        }
        Kind::Map(value) => format!("map of {}", elements(value)),
        Kind::Object(_) => "map".to_owned(),
    }
}

/// A kind as the elements of a collection.
fn elements(kind: &Kind) -> String {
    match kind {
        Kind::Object(_) => "maps".to_owned(),
        Kind::Integer { min, max } => format!("whole numbers{}", range(*min, *max)),
        Kind::Number => "numbers".to_owned(),
        Kind::Policy => "policy documents".to_owned(),
        Kind::Any => "any values".to_owned(),
        Kind::List { .. } => takes(kind).replacen("list", "lists", 1),
        Kind::Map(_) => takes(kind).replacen("map", "maps", 1),
        _ => takes(kind),
    }
}

/// "`a`, `b` or `c`".
fn quoted(values: &[Value]) -> String {
    let quoted = values.iter().map(|value| match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    });
    alternatives(&quoted.collect::<Vec<_>>())
}

fn alternatives(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn range(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(", at least {min}"),
        (None, Some(max)) => format!(", at most {max}"),
        (None, None) => String::new(),
    }
}

/// " of 1 to 64 characters"; nothing where there is no limit.
fn length(min: Option<i64>, max: Option<i64>, one: &str) -> String {
    let counted = |count: i64| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    match (min.filter(|min| *min > 0), max) {
        (Some(min), Some(max)) if min == max => format!(" of {}", counted(min)),
        (Some(min), Some(max)) => format!(" of {min} to {}", counted(max)),
        (Some(min), None) => format!(" of at least {}", counted(min)),
        (None, Some(max)) => format!(" of at most {}", counted(max)),
        (None, None) => String::new(),
    }
}

/// The unit it is read in, if it has one: " (GiB)".
pub(super) fn unit(attribute: &Attribute) -> String {
    match attribute.unit.as_str() {
        "" => String::new(),
        unit => format!(" ({unit})"),
    }
}

/// Whether it is the tags: only keys that pinfra set are removed.
fn is_tags(attribute: &Attribute) -> bool {
    attribute.name == "tags" && matches!(attribute.kind, Kind::Map(_))
}

/// AWS chooses, and what is live stays.
const LEFT_ALONE: &str = "left alone";

/// What leaving it out of the file means; "left alone": AWS chooses, and what is live stays.
fn left_out(attribute: &Attribute) -> String {
    match &attribute.default {
        _ if attribute.required => "required".to_owned(),
        None => LEFT_ALONE.to_owned(),
        _ if is_tags(attribute) => "none of its own; tags that others set stay".to_owned(),
        Some(Value::Null) => "it has none: removed".to_owned(),
        Some(Value::Array(items)) if items.is_empty() => "none: what is live is removed".to_owned(),
        Some(Value::Object(entries)) if entries.is_empty() => {
            "none: what is live is removed".to_owned()
        }
        Some(Value::String(text)) => format!("`{text}`"),
        Some(value) => format!("`{value}`"),
    }
}

/// What leaving it out means where the type says it beside the attribute's default: of what gives
/// contents.
fn contents_left_out(body: &Body, path: &str) -> Option<String> {
    let [text, file, template, inputs, url] = body.sources().map(|name| name.text.as_str());
    let digest = body.digest.text.as_str();
    Some(match path {
        path if path == inputs => format!("no inputs; they stand beside `{template}` only"),
        path if path == digest => format!("computed; beside `{url}` it is required"),
        path if [text, file, template, url].contains(&path) => {
            let others = [text, file, template, url].into_iter();
            let others: Vec<String> = others
                .filter(|other| *other != path)
                .map(|other| format!("`{other}`"))
                .collect();
            format!("{} is required in its place", alternatives(&others))
        }
        _ => return None,
    })
}

/// What leaving an attribute of a type out of the file means.
pub(super) fn left_out_of(spec: &Spec, path: &str, attribute: &Attribute) -> String {
    let body = spec.body.as_ref();
    body.and_then(|body| contents_left_out(body, path))
        .unwrap_or_else(|| left_out(attribute))
}

/// What changing it takes: "in place", "a new object", "refused: why".
pub(super) fn changed(spec: &Spec, path: &str, attribute: &Attribute) -> String {
    let covering = spec
        .updates
        .iter()
        .filter(|update| update.covers.iter().any(|cover| inside(path, &cover.text)));
    let mut clauses: Vec<String> = Vec::new();
    for clause in covering.map(|update| clause(update, path)) {
        if !clauses.contains(&clause) {
            clauses.push(clause);
        }
    }
    if clauses.iter().any(|clause| clause.starts_with("to ")) {
        // An update that is for any change is for what the others leave.
        let rest = clauses.iter_mut().filter(|clause| *clause == "in place");
        rest.for_each(|clause| *clause = "otherwise in place".to_owned());
    }
    if clauses.iter().all(|clause| clause.ends_with("in place")) {
        clauses = if attribute.replace {
            vec!["a new object".to_owned()]
        } else {
            vec!["in place".to_owned()]
        };
    }
    if let Some(about) = says_of(spec, path) {
        clauses = vec![format!(
            "nothing by itself: it says what a change of `{about}` takes"
        )];
    } else if let Some(body) = spec
        .body
        .as_ref()
        .filter(|body| body.sources().iter().any(|name| name.text == path))
    {
        clauses = vec![format!("in place: `{}` changes with it", body.digest.text)];
    } else if let Some(clause) = renames(spec, path, &clauses) {
        clauses = vec![clause];
    } else if attribute.write_only {
        clauses = vec!["AWS never shows it, so a change is not seen".to_owned()];
    }
    let entry = spec.attributes.iter().find(|(name, _)| name.text == path);
    let follow = entry.and_then(|(_, entry)| entry.parameter.as_ref());
    if let Some(follow) = follow {
        // What an object was made of is no longer told from what the file says now.
        clauses.push(format!(
            "where it names a parameter, what is live stays, with a note, whatever the parameter \
             holds now, and also if the file names another one (`{}: true` brings it)",
            follow.text
        ));
    }
    let mut text = clauses.join("; ");
    if let Some(why) = entry.and_then(|(_, entry)| entry.why.as_ref()) {
        text.push_str(&format!(" ({})", why.text));
    }
    text
}

/// What changes of what makes a name in AWS take: another name is another object.
fn renames(spec: &Spec, path: &str, in_itself: &[String]) -> Option<String> {
    let naming = spec.named_by.as_ref()?;
    let unless = &naming.unless.text;
    let anew = "a new object: it is made first, and what refers to it is moved to it";
    if unless == path {
        return Some(format!("another name, so {anew}"));
    }
    let named = naming.of.iter().any(|of| of.text == path);
    named.then(|| format!("{anew}; with `{unless}: true` {}", in_itself.join("; ")))
}

/// The attribute of whose changes another one, which AWS does not have, says what they take.
fn says_of<'s>(spec: &'s Spec, path: &str) -> Option<&'s str> {
    let followed = spec.attributes.iter().find(|(_, entry)| {
        let follow = entry.parameter.as_ref();
        follow.is_some_and(|follow| follow.text == path)
    });
    let conditions = spec.updates.iter().filter_map(|update| match &update.when {
        When::Wanted(wanted) if wanted.path.text == path => update.covers.first(),
        _ => None,
    });
    let mut covered = conditions.filter(|cover| cover.text != path);
    let found = followed.map(|(name, _)| name).or_else(|| covered.next())?;
    let own = spec.attributes.iter().find(|(name, _)| name.text == path)?;
    (own.1.write_only == Some(true)).then_some(&found.text)
}

fn clause(update: &Update, path: &str) -> String {
    let when = match &update.when {
        When::Word(None) => String::new(),
        When::Word(Some(word)) => match word.text.as_str() {
            "grows" => "to grow: ".to_owned(),
            "shrinks" => "to shrink: ".to_owned(),
            "set" => "to set: ".to_owned(),
            "removed" => "to remove: ".to_owned(),
            _ => String::new(),
        },
        When::Live(path) => format!("where it has a `{}`: ", path.text),
        When::Wanted(wanted) if wanted.path.text == path => {
            format!("to {}: ", quoted(&wanted.values))
        }
        When::Wanted(wanted) => {
            format!(
                "where `{}` is {}: ",
                wanted.path.text,
                quoted(&wanted.values)
            )
        }
    };
    let what = match &update.action {
        Action::Call(_) if update.at_rest => "in place, stopped and started again".to_owned(),
        Action::Call(_) | Action::Items(_) | Action::Elements(_) => "in place".to_owned(),
        Action::Steps { why, .. } => format!("in place, in steps ({why})"),
        Action::Impossible(why) => format!("refused ({why})"),
        Action::Replace => "a new object".to_owned(),
        Action::Keep(why) => format!("what is live stays, with a note ({why})"),
    };
    format!("{when}{what}")
}

/// All of it in a few sentences.
pub(super) fn description(spec: &Spec, path: &str, attribute: &Attribute) -> String {
    let mut text = capital(&takes(&attribute.kind));
    text.push_str(&unit(attribute));
    text.push_str(". ");
    text.push_str(&match (attribute.required, &attribute.default) {
        (true, _) => "Required".to_owned(),
        (false, default) => match left_out_of(spec, path, attribute) {
            left if default.is_none() && left == LEFT_ALONE => {
                "Left out: AWS chooses, and what is live stays".to_owned()
            }
            left => format!("Left out: {left}"),
        },
    });
    text.push('.');
    if attribute.kind.members().is_none() {
        text.push_str(&format!(" Changed: {}.", changed(spec, path, attribute)));
    }
    text
}

/// The text with a capital first: `set` to `Set`.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
