//! `docs/resources/`: what a user of a type wants to know of it.

use serde_json::{Value, json};

use crate::aws_model::Model;

use super::kind::{Attribute, Kind};
use super::spec::{Body, Discovery, Rule, Spec, Waiters, Within};
use super::{Checked, permissions, plan_calls, prose, tables};

/// The values of `templates/docs/resource.md.hbs`.
pub(super) fn context(checked: &Checked, types: &permissions::Types<'_>) -> Value {
    let Checked {
        file,
        spec,
        attributes,
        registry,
    } = checked;
    let model = &types.models[&spec.service.text];
    let declared: Vec<&Attribute> = attributes.iter().filter(|a| !a.output).collect();
    let mut rows = Vec::new();
    if spec.create.is_some() {
        attribute_rows(spec, "", "", &declared, &mut rows);
    }
    let outputs = attributes
        .iter()
        .filter(|a| a.output || spec.create.is_none());
    let outputs = outputs
        .map(|output| json!({ "name": output.name, "is": cell(&prose::takes(&output.kind)) }));
    let lookup = tables::lookup_attributes(spec, model, attributes);
    let lookup = lookup.iter().map(|query| {
        let required = if query.required { "required" } else { "any" };
        let mut lookups = spec.lookup.iter();
        let each = lookups.any(|(name, lookup)| lookup.each && name.text == query.name);
        let each = if each { ", each of which is found" } else { "" };
        let takes = prose::takes(&query.kind) + each;
        json!({ "name": query.name, "takes": cell(&takes), "left_out": required })
    });
    let mut facts = vec![];
    facts.extend(spec.create.is_some().then(|| holds(spec)));
    facts.extend(identity(spec));
    facts.push(removal(spec));
    facts.extend(spec.body.as_ref().map(contents));
    facts.extend(
        spec.waiters
            .as_ref()
            .filter(|_| spec.create.is_some())
            .map(waits),
    );
    facts.extend(after(spec));
    facts.extend(spec.notes.iter().map(|note| note.text.clone()));
    json!({
        "spec": file,
        "type": spec.type_name.text,
        "service": model.metadata.service_full_name,
        "registry": registry.as_ref().map_or("", |_| spec.registry.as_ref().map_or("", |name| &name.text)),
        "example": example(spec, &declared),
        "attributes": rows,
        "outputs": outputs.collect::<Vec<_>>(),
        "lookup": lookup.collect::<Vec<_>>(),
        "plural": spec.plural,
        "reference": format!("${{{}.NAME{}.…}}", spec.type_name.text, if spec.plural { "[*]" } else { "" }),
        "rules": rules(spec),
        "facts": facts,
        "calls": plan_calls::lines(spec),
        "permissions": permissions::rows(spec, types),
        "of_others": if spec.create.is_some() { permissions::of_others(model, registry.as_ref()) } else { String::new() },
    })
}

/// The values of one line of `templates/docs/resources.md.hbs`.
pub(super) fn line(spec: &Spec, model: &Model) -> Value {
    json!({
        "name": spec.type_name.text,
        "service": model.metadata.service_full_name,
        "where": match (spec.create.is_some(), spec.lookup.is_empty()) {
            (true, false) => "`resources`, `existing`",
            (true, true) => "`resources`",
            (false, _) => "`existing`",
        },
        "data": if spec.holds_data { "yes" } else { "" },
    })
}

/// A row for each attribute, those inside it after it: `ingress[].protocol`.
fn attribute_rows(
    spec: &Spec,
    shown: &str,
    path: &str,
    members: &[&Attribute],
    rows: &mut Vec<Value>,
) {
    for member in members {
        let below = |above: &str| match above {
            "" => member.name.clone(),
            above => format!("{above}.{}", member.name),
        };
        let (shown, path) = (below(shown), below(path));
        rows.push(json!({
            "name": shown,
            "takes": cell(&format!("{}{}", prose::takes(&member.kind), prose::unit(member))),
            "left_out": cell(&prose::left_out_of(spec, &path, member)),
            "changed": match member.kind.members() {
                Some(members) if !members.is_empty() => String::new(),
                _ => cell(&prose::changed(spec, &path, member)),
            },
        }));
        let inner: Vec<&Attribute> = member.kind.members().into_iter().flatten().collect();
        let shown = format!("{shown}{}", step(&member.kind));
        attribute_rows(spec, &shown, &path, &inner, rows);
    }
}

/// How a path leads on from a value to what is inside it.
fn step(kind: &Kind) -> String {
    match kind {
        Kind::List { item, .. } => format!("[]{}", step(item)),
        Kind::Map(value) => format!(".KEY{}", step(value)),
        _ => String::new(),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn holds(spec: &Spec) -> String {
    match (spec.holds_data, spec.data.as_slice()) {
        (false, _) => "Holds no data: it is destroyed and replaced without being asked twice.".to_owned(),
        (true, []) => "Holds data: destroying or replacing it needs `--allow-data-loss`, or the stack's name typed.".to_owned(),
        (true, data) => {
            let data: Vec<String> = data.iter().map(|path| format!("`{}`", path.text)).collect();
            format!("Holds data unless its live {} are empty: destroying or replacing it then needs `--allow-data-loss`, or the stack's name typed.", data.join(" and "))
        }
    }
}

fn identity(spec: &Spec) -> Option<String> {
    spec.create.as_ref()?;
    let by = match (&spec.name, &spec.name_within) {
        (None, _) => {
            "Found again by its tags `pinfra:stack` and `pinfra:resource`: it has no unique name."
                .to_owned()
        }
        (Some(name), None | Some(Within { id_only: true, .. })) => format!(
            "Found again by `{}`, which is unique{}.",
            name.text,
            if spec.any_case {
                ", whatever its letter case"
            } else {
                ""
            }
        ),
        (Some(name), Some(Within { attribute, .. })) => {
            format!(
                "Found again by `{}`, which is unique within its `{}`.",
                name.text, attribute.text
            )
        }
    };
    let owned = match (&spec.name, &spec.tags, &spec.owner) {
        (_, _, Some(owner)) => format!(
            " It carries no tags: its owner stands at the end of its `{}`, as `[pinfra stack=NAME; \
             resource=ADDRESS]`, there from its creation on and never shown.",
            owner.attribute.text
        ),
        (Some(_), Some(_), _) => {
            " Its owner stands in the tags `pinfra:stack` and `pinfra:resource`, there from its creation on."
                .to_owned()
        }
        _ => String::new(),
    };
    let named = spec.named_by.as_ref().zip(spec.name.as_ref());
    let named = named.map_or(String::new(), |(naming, name)| {
        let of: Vec<String> = naming.of.iter().map(|of| format!("`{}`", of.text)).collect();
        format!(
            " In AWS it is called `{}`, `-` and eight digits of a hash of {}, which must be known when a plan is made: \
             where these change, a new object is made, what refers to it is moved to it, and then the old one \
             goes. With `{}: true` the name is as declared.",
            name.text,
            of.join(" and "),
            naming.unless.text
        )
    });
    Some(by + &owned + &named)
}

fn removal(spec: &Spec) -> String {
    match &spec.discovery {
        Discovery::Never => "Never owned: it is only looked up.".to_owned(),
        Discovery::List if spec.owner.is_some() => {
            "What was removed from the file is found by its list, which shows whose each is.".to_owned()
        }
        Discovery::List => "What was removed from the file is found by the tags in its list.".to_owned(),
        Discovery::Marks => match &spec.marks {
            Some(marks) => format!(
                "Marked on its `{}` by a tag `pinfra:c:…` with its `{}`, there before it is made and gone \
                 after it is, at most 35 on one: so it is found when it was removed from the file. In one \
                 that is not this stack's there is no mark, and removal from the file is not detected.",
                marks.parent.text, marks.key.text
            ),
            None => String::new(),
        },
        Discovery::TaggingApi(_) => "What was removed from the file is found through the Resource Groups Tagging API, which lags some seconds behind, and confirmed at its service.".to_owned(),
    }
}

fn contents(body: &Body) -> String {
    let [text, file, template, inputs, url] = body.sources().map(|name| name.text.as_str());
    let digest = &body.digest.text;
    format!(
        "Exactly one of `{text}`, `{file}` (a path relative to the stack file; any bytes), `{template}` (by the \
         rules of `configs:`, with `{inputs}`) and `{url}` (with its `{digest}`) gives its contents, at most {} \
         bytes. They are compared by `{digest}`. `{url}` is downloaded when they must be written, and proved \
         first; with `--local` nothing is downloaded, and a short text stands in.",
        body.limit
    )
}

fn waits(waiters: &Waiters) -> String {
    let names = |names: &[super::fields::Name]| {
        let quoted: Vec<String> = names
            .iter()
            .map(|name| format!("`{}`", name.text))
            .collect();
        quoted.join(", ")
    };
    let mut text = format!(
        "Waited for until its `{}` is {}: usually {}, given up after {}; looked at every {}.",
        waiters.state.text,
        names(&waiters.ready),
        time(waiters.usual),
        time(waiters.timeout),
        time(waiters.every),
    );
    if !waiters.failed.is_empty() {
        text.push_str(&format!(
            " {} means that it failed: it is made anew.",
            names(&waiters.failed)
        ));
    }
    text
}

fn time(seconds: u64) -> String {
    match seconds {
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

fn after(spec: &Spec) -> Option<String> {
    let types: Vec<String> = spec
        .after_complete
        .iter()
        .map(|name| format!("`{}`", name.text))
        .collect();
    (!types.is_empty()).then(|| {
        format!(
            "Made only when every {} it refers to is complete.",
            types.join(" and ")
        )
    })
}

fn rules(spec: &Spec) -> Vec<String> {
    let one = |check: &super::spec::Check| {
        let (word, condition) = match &check.unless {
            Some(unless) => ("unless", Some(unless)),
            None => ("where", check.when.as_ref()),
        };
        let when = condition.map(|when| {
            let values: Vec<String> = when
                .values
                .iter()
                .map(|value| {
                    format!(
                        "`{}`",
                        value
                            .as_str()
                            .map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            format!("{word} `{}` is {}, ", when.path.text, values.join(" or "))
        });
        let what = match &check.rule {
            Rule::Requires(path) => format!("`{}` must be there", path.text),
            Rule::Forbids(path) => format!("`{}` must not be there", path.text),
            Rule::Warns(path) => format!("`{}` gets a warning", path.text),
            Rule::Multiple(number, of) => format!(
                "`{}` is a multiple of the number of `{}`",
                number.text, of.text
            ),
            Rule::OneOf(path, values) => {
                let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("`{}` is one of {}", path.text, values.join(", "))
            }
            Rule::Matches(path, pattern) => format!("`{}` matches `{}`", path.text, pattern.text),
            Rule::Excludes(path, pattern) => {
                format!("`{}` does not match `{}`", path.text, pattern.text)
            }
            Rule::SomeOf(paths) => {
                let paths: Vec<_> = paths
                    .iter()
                    .map(|path| format!("`{}`", path.text))
                    .collect();
                format!("one of {} at least is there", paths.join(", "))
            }
            Rule::OneCase(path) => {
                format!("no two keys of `{}` differ in letter case only", path.text)
            }
        };
        let lesser = if check.warning {
            ", or there is a warning"
        } else {
            ""
        };
        let what = format!("{}{what}{lesser}", when.unwrap_or_default());
        format!("{}: {}.", prose::capital(&what), check.why)
    };
    spec.checks.iter().map(one).collect()
}

/// The spec's example, else what must be there with a value of each kind.
fn example(spec: &Spec, declared: &[&Attribute]) -> String {
    if let Some(example) = &spec.example {
        return example.text.trim_end().to_owned();
    }
    let name = &spec.type_name.text;
    if spec.create.is_none() {
        let asked = spec.lookup.iter().find(|(_, lookup)| lookup.required);
        let asked = asked
            .or(spec.lookup.first())
            .map(|(query, _)| query.text.as_str());
        return format!(
            "existing:\n  {name}.main: {{ {}: … }}",
            asked.unwrap_or_default()
        );
    }
    let required: Vec<&&Attribute> = declared.iter().filter(|a| a.required).collect();
    if required.is_empty() {
        return format!("resources:\n  {name}.main: {{}}");
    }
    let lines = required
        .iter()
        .map(|attribute| format!("    {}: {}", attribute.name, some(attribute)));
    format!(
        "resources:\n  {name}.main:\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}

/// A value that an attribute takes, as far as that can be told.
fn some(attribute: &Attribute) -> String {
    fn of(kind: &Kind, name: &str) -> String {
        match kind {
            Kind::Text { values, .. } if !values.is_empty() => values[0].clone(),
            Kind::Text { .. } => format!("my-{}", name.replace('_', "-")),
            Kind::Integer { min, .. } => min.unwrap_or(1).max(1).to_string(),
            Kind::Number => "1.0".to_owned(),
            Kind::Boolean => "true".to_owned(),
            Kind::Timestamp => "2030-01-01T00:00:00Z".to_owned(),
            Kind::Ports => "443".to_owned(),
            Kind::Policy => "{ Version: 2012-10-17, Statement: [] }".to_owned(),
            Kind::Any => "…".to_owned(),
            Kind::List { item, .. } => format!("[{}]", of(item, name)),
            Kind::Map(value) => format!("{{ key: {} }}", of(value, name)),
            Kind::Object(members) => {
                let required = members.iter().filter(|member| member.required);
                let members: Vec<String> = required
                    .map(|member| format!("{}: {}", member.name, of(&member.kind, &member.name)))
                    .collect();
                match members.is_empty() {
                    true => "{}".to_owned(),
                    false => format!("{{ {} }}", members.join(", ")),
                }
            }
        }
    }
    of(&attribute.kind, &attribute.name)
}
