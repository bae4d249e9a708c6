//! Drafts of specs.

use std::fs;

use pinfra::generate::{Drafted, GenerateError, Mode, NewType, generate, new_type};
use tempfile::TempDir;

use super::{copy, repository};

/// A repository that has a fixture's facts of types and no spec of them.
fn facts_without_spec(fixture: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = repository().join("tests/fixtures").join(fixture);
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

/// Takes away what a draft asks: its guesses stand.
fn answer(folder: &TempDir, file: &str) {
    let path = folder.path().join(file);
    let draft = fs::read_to_string(&path).unwrap();
    let answered: Vec<&str> = draft
        .lines()
        .map(|line| line.split("# ?").next().unwrap().trim_end())
        .collect();
    fs::write(path, answered.join("\n")).unwrap();
}

const CONFIGURATION: &str = "AWS::KafkaConnect::WorkerConfiguration";

#[test]
fn a_draft_whose_questions_are_answered_generates() {
    let folder = facts_without_spec("added_type");
    let drafted = new(&folder, CONFIGURATION, None).unwrap();
    let file = "src/provider/aws/kafkaconnect/mskconnect_worker_configuration/spec.yaml";
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
            .starts_with(&format!("{file}:1:39: an open question: ")),
        "{}",
        problems[0]
    );

    answer(&folder, file);
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
        error.contains("mskconnect_worker_configuration/spec.yaml already"),
        "{error}"
    );
    // Neither is one of the same name of another service, and nothing is extracted for it.
    let name = Some("mskconnect_worker_configuration");
    let error = new(&folder, "AWS::Other::WorkerConfiguration", name);
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
    let folder = facts_without_spec("added_type");
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

#[test]
fn what_is_found_by_lists_of_ids_is_drafted_so() {
    let folder = facts_without_spec("draft_ec2");
    for (registry, name) in [
        ("AWS::EC2::InternetGateway", "internet_gateway"),
        ("AWS::EC2::NatGateway", "nat_gateway"),
    ] {
        let drafted = new(&folder, registry, None).unwrap();
        assert_eq!(
            drafted.file,
            format!("src/provider/aws/ec2/{name}/spec.yaml")
        );
        let draft = fs::read_to_string(folder.path().join(&drafted.file)).unwrap();
        insta::assert_snapshot!(format!("draft_{name}"), draft);
    }
    // What is guessed of the simpler one is a whole spec.
    fs::remove_dir_all(folder.path().join("src/provider/aws/ec2/nat_gateway")).unwrap();
    answer(&folder, "src/provider/aws/ec2/internet_gateway/spec.yaml");
    generate(folder.path(), Mode::Write).unwrap();
}

#[test]
fn what_cannot_be_guessed_is_asked() {
    let folder = facts_without_spec("draft_ec2");
    let path = folder.path().join("models/api/ec2.json");
    let facts = fs::read_to_string(&path).unwrap();
    // Neither its reads nor its replies have anything that is called as its identifier.
    let facts = facts
        .replace("\"internet_gateway_ids\"", "\"gateways\"")
        .replace("\"internet_gateway_id\"", "\"gateway\"");
    fs::write(&path, facts).unwrap();
    let drafted = new(&folder, "AWS::EC2::InternetGateway", None).unwrap();
    let draft = fs::read_to_string(folder.path().join(drafted.file)).unwrap();
    for question in [
        "type: internet_gateway # ? is this its name in Terraform",
        "id: internet_gateway_id # ? nothing that reads it answers this: what do its operations take?",
        "create: { operation: CreateInternetGateway } # ? where does its reply have the id (`reply_id`)?",
        "input: {}, absent: [] } # ? which member of DescribeInternetGateways's input says which object? No part of its reply has `internet_gateway_id`: where is the object (`at`)? Which codes say",
        "\n# ? no reply has a list of objects with `internet_gateway_id`: what lists them all",
        "input: { gateway: \"${id}\" }, already: [] } # ? is the id what DeleteInternetGateway takes as gateway?",
    ] {
        assert!(draft.contains(question), "{question}: {draft}");
    }

    // Nor is there anything that changes its tags.
    let path = folder
        .path()
        .join("models/registry/AWS-EC2-InternetGateway.json");
    let registry = fs::read_to_string(&path).unwrap();
    fs::write(&path, registry.replace("ec2:DeleteTags", "ec2:Describe")).unwrap();
    let drafted = new(&folder, "AWS::EC2::InternetGateway", Some("other")).unwrap();
    let draft = fs::read_to_string(folder.path().join(drafted.file)).unwrap();
    assert!(
        draft.contains("\n# ? no operation was found for `remove` of tags: which one?"),
        "{draft}"
    );
}
