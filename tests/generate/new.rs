//! Drafts of specs.

use std::fs;

use pinfra::generate::{Drafted, GenerateError, Mode, NewType, generate, new_type};
use tempfile::TempDir;

use super::{copy, repository};

/// A repository that has the facts of a type and no spec of it.
fn facts_without_spec() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = repository().join("tests/fixtures/added_type");
    copy(&fixture.join("models"), &folder.path().join("models"));
    copy(
        &repository().join("templates"),
        &folder.path().join("templates"),
    );
    fs::create_dir_all(folder.path().join("src/provider/aws")).unwrap();
    folder
}

fn new(folder: &TempDir, registry: &str, name: Option<&str>) -> Result<Drafted, GenerateError> {
    let wanted = NewType {
        registry: registry.to_owned(),
        name: name.map(str::to_owned),
        service: None,
        wheels: None,
    };
    new_type(folder.path(), &wanted)
}

const CONFIGURATION: &str = "AWS::KafkaConnect::WorkerConfiguration";

#[test]
fn a_draft_whose_questions_are_answered_generates() {
    let folder = facts_without_spec();
    let drafted = new(&folder, CONFIGURATION, None).unwrap();
    let file = "src/provider/aws/kafkaconnect/worker_configuration/spec.yaml";
    assert_eq!(
        (drafted.file.as_str(), drafted.extracted.as_str()),
        (file, "")
    );
    let draft = fs::read_to_string(folder.path().join(file)).unwrap();
    insta::assert_snapshot!("draft", draft);

    // While anything is asked, nothing is generated.
    let GenerateError::Problems(problems) = generate(folder.path(), Mode::Write).unwrap_err()
    else {
        panic!("expected problems");
    };
    assert_eq!(problems.len(), drafted.questions);
    assert!(
        problems[0]
            .to_string()
            .starts_with(&format!("{file}:4:30: an open question: ")),
        "{}",
        problems[0]
    );

    let answered: Vec<&str> = draft
        .lines()
        .map(|line| line.split(" # ?").next().unwrap())
        .collect();
    fs::write(folder.path().join(file), answered.join("\n")).unwrap();
    generate(folder.path(), Mode::Write).unwrap();
    let generated = folder.path().join(file).with_file_name("generated.rs");
    assert!(
        fs::read_to_string(generated)
            .unwrap()
            .contains("operation: \"CreateWorkerConfiguration\"")
    );

    // What is there is not drafted over.
    let error = new(&folder, CONFIGURATION, None).unwrap_err().to_string();
    assert!(
        error.contains("worker_configuration/spec.yaml already"),
        "{error}"
    );
    // Neither is one of the same name of another service, and nothing is extracted for it.
    let error = new(&folder, "AWS::Other::WorkerConfiguration", None);
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "AWS::Other::WorkerConfiguration: there is {file} already: say `--type` if this is another type"
        )
    );
    // Under another name it is another type.
    assert!(
        new(&folder, CONFIGURATION, Some("other"))
            .unwrap()
            .file
            .contains("/other/spec.yaml")
    );
}

#[test]
fn what_cannot_be_drafted_says_why() {
    let folder = facts_without_spec();
    let error = |registry: &str| new(&folder, registry, None).unwrap_err().to_string();
    assert_eq!(
        error("KafkaConnect::Connector"),
        "KafkaConnect::Connector: a type's name is AWS::Service::Type"
    );
    // Its facts are not there, and here there is no script that extracts them.
    let missing = error("AWS::KafkaConnect::Connector");
    assert!(
        missing.contains("python3 models/extract.py --add AWS::KafkaConnect::Connector"),
        "{missing}"
    );

    let path = folder
        .path()
        .join("models/registry/AWS-KafkaConnect-WorkerConfiguration.json");
    let registry = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        registry.replace(
            "kafkaconnect:DeleteWorkerConfiguration",
            "kafkaconnect:TagResource",
        ),
    )
    .unwrap();
    let undeletable = error(CONFIGURATION);
    assert!(
        undeletable.contains("name no operation that deletes it (Delete…, Release…"),
        "{undeletable}"
    );
}
