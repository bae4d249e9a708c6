//! A type's attributes as tables of constants.

use serde_json::{Value, json};

use crate::aws_model::Model;

use super::constants::{option, slice, text};
use super::kind::{Attribute, Kind, Order, find};
use super::seen::seen;
use super::spec::Spec;

pub(super) fn lookup_attributes(
    spec: &Spec,
    model: &Model,
    attributes: &[Attribute],
) -> Vec<Attribute> {
    let mut all = Vec::new();
    for (query, lookup) in &spec.lookup {
        let live = lookup.live.as_ref().unwrap_or(query);
        let kind = match find(attributes, &live.text) {
            Some(attribute) => attribute.kind.clone(),
            None => match seen(spec, model, &live.text) {
                Some(found) => Kind::of_type(model, &found, &live.place),
                None => continue,
            },
        };
        let kind = if live.text == query.text {
            kind
        } else {
            Kind::list(kind)
        };
        all.push(Attribute {
            required: lookup.required,
            ..Attribute::of(&query.text, kind, &query.place)
        });
    }
    all
}

/// Adds the table of these attributes, and those of the objects in them before it.
pub(super) fn table(name: &str, attributes: &[Attribute], tables: &mut Vec<Value>) {
    if attributes.is_empty() && name != "ATTRIBUTES" {
        return;
    }
    let mut rows = Vec::new();
    let mut inner: Vec<(String, &[Attribute])> = Vec::new();
    for attribute in attributes {
        let below = match name {
            "ATTRIBUTES" => attribute.name.to_uppercase(),
            above => format!("{above}_{}", attribute.name.to_uppercase()),
        };
        if let Some(members) = attribute
            .kind
            .members()
            .filter(|members| !members.is_empty())
        {
            inner.push((below.clone(), members));
        }
        rows.push(json!({
            "name": text(&attribute.name),
            "kind": kind(&attribute.kind, &below),
            "role": if attribute.output { "Output" } else { "Declared" },
            "required": attribute.required,
            "on_change": if attribute.replace { "Replace" } else { "InPlace" },
            "absent": match &attribute.default {
                Some(value) => format!("Absent::Default({})", text(&value.to_string())),
                None => "Absent::LeftAlone".to_owned(),
            },
            "write_only": attribute.write_only,
            "sensitive": attribute.sensitive,
            "unit": text(&attribute.unit),
        }));
    }
    tables.push(json!({ "name": name, "attributes": rows }));
    for (name, members) in inner {
        table(&name, members, tables);
    }
}

fn kind(of: &Kind, table: &str) -> String {
    match of {
        Kind::Text {
            pattern: None,
            min: None,
            max: None,
            values,
        } if values.is_empty() => "Kind::Text(TextRule::ANY)".to_owned(),
        Kind::Text {
            pattern,
            min,
            max,
            values,
        } => format!(
            "Kind::Text(TextRule {{ pattern: {}, min: {}, max: {}, values: {} }})",
            option(pattern.as_ref().map(|pattern| text(pattern))),
            option(*min),
            option(*max),
            slice(values.iter().map(|value| text(value))),
        ),
        Kind::Integer { min, max } => format!(
            "Kind::Integer {{ min: {}, max: {} }}",
            option(*min),
            option(*max)
        ),
        Kind::Number => "Kind::Number".to_owned(),
        Kind::Boolean => "Kind::Boolean".to_owned(),
        Kind::Timestamp => "Kind::Timestamp".to_owned(),
        Kind::Ports => "Kind::Ports".to_owned(),
        Kind::Policy => "Kind::Policy".to_owned(),
        Kind::Any => "Kind::Any".to_owned(),
        Kind::List {
            item,
            order,
            min,
            max,
        } => format!(
            "Kind::List {{ item: &{}, order: {}, min: {}, max: {} }}",
            kind(item, table),
            match order {
                Order::Ordered => "Order::Ordered".to_owned(),
                Order::Set => "Order::Set".to_owned(),
                Order::Keyed(member) => format!("Order::Keyed({})", text(member)),
                Order::Among(member) => format!("Order::Among({})", text(member)),
            },
            option(*min),
            option(*max),
        ),
        Kind::Map(value) => format!("Kind::Map {{ value: &{} }}", kind(value, table)),
        Kind::Object(members) if members.is_empty() => "Kind::Object(&[])".to_owned(),
        Kind::Object(_) => format!("Kind::Object({table})"),
    }
}
