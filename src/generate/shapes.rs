//! What a service's `shapes.rs` needs: its operations in use and the conversions they take.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws_model::{Model, Reference, Shape, ShapeType};

use super::spec::Spec;

/// The values of `templates/provider/shapes.rs.hbs` for the operations that these specs use.
pub(super) fn context(service: &str, model: &Model, specs: &[&Spec]) -> Value {
    let names: BTreeSet<&str> = specs
        .iter()
        .flat_map(|spec| spec.calls())
        .map(|call| call.operation.text.as_str())
        .collect();
    let mut needed = Needed {
        model,
        into: BTreeMap::new(),
        out_of: BTreeMap::new(),
    };
    let mut operations = Vec::new();
    for name in names {
        let Some(operation) = model.operations.get(name) else {
            continue;
        };
        let input = model.structure(operation.input.as_ref());
        let output = model.structure(operation.output.as_ref());
        for member in input.iter().flat_map(|shape| shape.members.values()) {
            needed.need_into(member);
        }
        for member in output.iter().flat_map(|shape| shape.members.values()) {
            needed.need_out_of(member);
        }
        operations.push(json!({
            "name": name,
            "function": operation.rust.module,
            "type": operation.rust.type_name,
            "members": input.map(|shape| members(model, shape)).unwrap_or_default(),
            "stream": input.and_then(stream),
            "reply": output.map(|shape| members(model, shape)).unwrap_or_default(),
            "reply_stream": output.and_then(stream),
        }));
    }
    let structures: BTreeSet<&str> = needed
        .into
        .keys()
        .chain(needed.out_of.keys())
        .copied()
        .collect();
    let (enums, structures): (Vec<&str>, Vec<&str>) = structures
        .into_iter()
        .partition(|name| model.shapes[*name].kind == ShapeType::String);
    let structures: Vec<Value> = structures
        .into_iter()
        .map(|name| {
            let shape = &model.shapes[name];
            json!({
                "type": shape.rust,
                "members": members(model, shape),
                "into": needed.into.contains_key(name),
                "out_of": needed.out_of.contains_key(name),
            })
        })
        .collect();
    json!({
        "service": service,
        "full_name": model.metadata.service_full_name,
        "crate": model.source.rust_crate.as_deref().unwrap_or_default().replace('-', "_"),
        "streams": operations.iter().any(|operation| !operation["stream"].is_null()),
        "reply_streams": operations.iter().any(|operation| !operation["reply_stream"].is_null()),
        "operations": operations,
        "enums": enums.iter().map(|name| &model.shapes[*name].rust).collect::<Vec<_>>(),
        "structures": structures,
    })
}

/// The member of an operation's answer that is a stream of events: no call of such an operation is
/// generated.
pub(super) fn unsupported<'m>(model: &'m Model, operation: &str) -> Option<&'m str> {
    let operation = model.operations.get(operation)?;
    let output = operation.output.iter();
    let members = output.flat_map(|reference| model.shape(reference).members.values());
    members
        .filter(|member| model.shape(member).eventstream)
        .find_map(|member| member.rust.as_deref())
}

/// Reserved words that a field of this name is written `r#` with.
const RESERVED: [&str; 39] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "override", "priv", "pub", "ref", "return", "static",
    "struct", "try", "type", "use", "while",
];

/// The member that is sent, or answered, as a stream.
fn stream(shape: &Shape) -> Option<&str> {
    let mut members = shape.members.values().filter(|member| member.streaming);
    members.next()?.rust.as_deref()
}

fn members(model: &Model, shape: &Shape) -> Vec<Value> {
    let mut all = Vec::new();
    for (name, member) in &shape.members {
        let Some(rust) = member.rust.as_deref().filter(|_| !member.streaming) else {
            continue;
        };
        let field = if RESERVED.contains(&rust) {
            format!("r#{rust}")
        } else {
            rust.to_owned()
        };
        let put = if member.plain && !shape.requires(name) {
            "put_nonzero"
        } else {
            "put"
        };
        all.push(json!({
            "name": rust,
            "field": field,
            "put": put,
            "sensitive": model.shape(member).sensitive,
        }));
    }
    all
}

/// The structures and enums that values are converted into and out of.
struct Needed<'m> {
    model: &'m Model,
    into: BTreeMap<&'m str, ()>,
    out_of: BTreeMap<&'m str, ()>,
}

impl<'m> Needed<'m> {
    fn need_into(&mut self, reference: &'m Reference) {
        let shape = self.model.shape(reference);
        if shape.rust.is_some() && self.into.insert(reference.shape_name(), ()).is_some() {
            return;
        }
        below(shape).for_each(|reference| self.need_into(reference));
    }

    fn need_out_of(&mut self, reference: &'m Reference) {
        let shape = self.model.shape(reference);
        if shape.rust.is_some() && self.out_of.insert(reference.shape_name(), ()).is_some() {
            return;
        }
        below(shape).for_each(|reference| self.need_out_of(reference));
    }
}

fn below(shape: &Shape) -> impl Iterator<Item = &Reference> {
    let ends = shape.member.iter().chain(&shape.key).chain(&shape.value);
    ends.chain(shape.members.values().filter(|member| !member.streaming))
}
