//! Which files are generated, from which templates and values.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::aws_model::Model;

use super::permissions::Types;
use super::prose::capital;
use super::spec::Spec;
use super::{Checked, GenerateError, contract, docs, json_schema, shapes, tables};

/// What the builder of a service's client takes beside what all take.
const SETTINGS: [(&str, &str); 1] = [("s3", ".force_path_style(path_style)")];

/// The services that belong to no region: one endpoint a partition (AWS's guide to fault isolation
/// boundaries; the models name a global endpoint for S3 too, whose buckets are of regions).
const GLOBAL: [&str; 1] = ["iam"];

/// One file that is generated.
pub(super) struct Wanted {
    pub template: &'static str,
    /// Its name below the repository.
    pub output: String,
    pub values: Value,
}

/// Every file.
pub(super) fn plan(
    root: &Path,
    checked: &[Checked],
    models: &BTreeMap<String, Model>,
) -> Result<Vec<Wanted>, GenerateError> {
    let mut files = Vec::new();
    let mut services = Vec::new();
    let mut types: Vec<Value> = Vec::new();
    for (service, model) in models {
        let specs = checked.iter().map(|checked| &checked.spec);
        let own: Vec<&Spec> = specs.filter(|spec| &spec.service.text == service).collect();
        let folder = format!("src/provider/aws/{service}");
        let shapes = shapes::context(service, model, &own);
        let listed: Vec<Value> = own
            .iter()
            .map(|spec| json!({ "name": spec.type_name.text, "service": service, "hooks": spec.hooks }))
            .collect();
        services.push(json!({
            "name": service,
            "variant": capital(service),
            "full_name": shapes["full_name"],
            "crate": shapes["crate"],
            "global": GLOBAL.contains(&service.as_str()),
            "settings": SETTINGS.iter().find(|(of, _)| of == service).map_or("", |(_, code)| code),
        }));
        files.push(Wanted {
            template: "service.rs",
            output: format!("{folder}/mod.rs"),
            values: json!({ "service": service, "full_name": shapes["full_name"], "types": listed }),
        });
        files.push(Wanted {
            template: "shapes.rs",
            output: format!("{folder}/shapes.rs"),
            values: shapes,
        });
        types.extend(listed);
    }
    types.sort_by_key(|listed| listed["name"].as_str().map(str::to_owned));
    let modelled = model_names(root)?;
    let tables = [
        (
            "aws.rs",
            "src/provider/aws/mod.rs",
            json!({ "services": services }),
        ),
        (
            "service_enum.rs",
            "src/provider/aws/service.rs",
            json!({ "services": services }),
        ),
        (
            "clients.rs",
            "src/provider/aws/clients.rs",
            json!({ "services": services }),
        ),
        (
            "types.rs",
            "src/provider/aws/types.rs",
            json!({ "types": types }),
        ),
        (
            "embedded.rs",
            "src/aws_model/embedded.rs",
            json!({ "models": modelled, "count": modelled.len() }),
        ),
    ];
    files.extend(tables.map(|(template, output, values)| Wanted {
        template,
        output: output.to_owned(),
        values,
    }));
    let mut lines = Vec::new();
    for one in checked {
        let Checked {
            file,
            spec,
            attributes,
            ..
        } = one;
        let model = &models[&spec.service.text];
        let folder = file.trim_end_matches("/spec.yaml");
        files.push(Wanted {
            template: "type.rs",
            output: format!("{folder}/generated.rs"),
            values: contract::context(spec, model, attributes, file),
        });
        files.push(Wanted {
            template: "resource.md",
            output: format!("docs/resources/{}.md", spec.type_name.text),
            values: docs::context(
                one,
                &Types {
                    all: checked,
                    models,
                },
            ),
        });
        lines.push(docs::line(spec, model));
    }
    lines.sort_by_key(|line| line["name"].as_str().map(str::to_owned));
    files.push(Wanted {
        template: "resources.md",
        output: "docs/resources/README.md".to_owned(),
        values: json!({ "types": lines }),
    });
    Ok(files)
}

/// The file that editors take the language from, and its text.
pub(super) fn json_schema(
    root: &Path,
    checked: &[Checked],
    models: &BTreeMap<String, Model>,
) -> Result<(String, String), GenerateError> {
    let path = root.join("templates/schema/stack.json");
    let text = std::fs::read_to_string(&path).map_err(|source| GenerateError::File {
        path: path.clone(),
        source,
    })?;
    let base = serde_json::from_str(&text)
        .map_err(|error| GenerateError::Template(format!("{}: {error}", path.display())))?;
    let mut types: Vec<_> = checked
        .iter()
        .map(|one| {
            let model = &models[&one.spec.service.text];
            json_schema::Described {
                spec: &one.spec,
                attributes: &one.attributes,
                lookup: tables::lookup_attributes(&one.spec, model, &one.attributes),
                service: &model.metadata.service_full_name,
            }
        })
        .collect();
    types.sort_by_key(|described| &described.spec.type_name.text);
    let schema = json_schema::schema(base, &types);
    Ok((
        "stack.schema.json".to_owned(),
        json_schema::layout(&schema, 0) + "\n",
    ))
}

/// The names of all services that there is a model of.
fn model_names(root: &Path) -> Result<Vec<String>, GenerateError> {
    let path = root.join("models/api");
    let failed = |source| GenerateError::File {
        path: path.clone(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(failed)? {
        let name = entry
            .map_err(failed)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        names.extend(name.strip_suffix(".json").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
