//! What is written for people: permissions, and the list of types.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::repository;

/// The actions of a row of a type's permissions.
fn permissions(folder: &Path, name: &str, row: &str) -> Vec<String> {
    let page = folder.join(format!("docs/resources/{name}.md"));
    let page = fs::read_to_string(page).unwrap();
    let table = page.split("## Permissions").nth(1).unwrap();
    let row = table
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| {row} | ")))
        .unwrap_or_else(|| panic!("{name} has no row {row}"));
    row.trim_end_matches(" |")
        .split(", ")
        .map(|action| action.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn permissions_are_those_of_the_calls() {
    let of = |name, row| permissions(repository(), name, row);
    // Making room for a version of a policy, and naming what still uses a group.
    let change = of("iam_policy", "change");
    for action in [
        "CreatePolicyVersion",
        "ListPolicyVersions",
        "DeletePolicyVersion",
    ] {
        assert!(change.contains(&format!("iam:{action}")), "{change:?}");
    }
    let destroy = of("security_group", "destroy");
    assert!(
        destroy.contains(&"ec2:DescribeNetworkInterfaces".to_owned()),
        "{destroy:?}"
    );
    // Where the name is unique is looked up.
    assert_eq!(
        of("security_group", "plan"),
        ["ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"]
    );
    // What is read for updates only is no part of a plan.
    let associations = "ec2:DescribeIamInstanceProfileAssociations".to_owned();
    assert!(!of("instance", "plan").contains(&associations));
    assert!(of("instance", "change").contains(&associations));
    // What creation does not take is brought right after it; there is nothing to remove yet.
    let create = of("cloudwatch_log_group", "create");
    assert!(
        create.contains(&"logs:PutRetentionPolicy".to_owned()),
        "{create:?}"
    );
    assert!(
        !create.contains(&"logs:DeleteRetentionPolicy".to_owned()),
        "{create:?}"
    );
    assert_eq!(
        of("iam_instance_profile", "create"),
        [
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:PassRole",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:TagInstanceProfile"
        ]
    );
    // An object is marked on its bucket, and a bucket that may not be listed hides what is missing.
    assert_eq!(
        of("s3_object", "destroy"),
        [
            "s3:DeleteObject",
            "s3:GetBucketTagging",
            "s3:PutBucketTagging"
        ]
    );
    assert!(of("s3_object", "plan").contains(&"s3:ListBucket".to_owned()));
}

#[test]
fn every_call_has_its_permission() {
    for service in fs::read_dir(repository().join("src/provider/aws")).unwrap() {
        let service = service.unwrap().path();
        // S3's actions have other names than its operations.
        if !service.is_dir() || service.ends_with("s3") {
            continue;
        }
        for ty in fs::read_dir(service).unwrap() {
            let Ok(generated) =
                fs::read_to_string(ty.as_ref().unwrap().path().join("generated.rs"))
            else {
                continue;
            };
            let name = ty.unwrap().file_name().into_string().unwrap();
            let page = repository().join(format!("docs/resources/{name}.md"));
            let page = fs::read_to_string(page).unwrap();
            let table = page.split("## Permissions").nth(1).unwrap();
            let operations: Vec<&str> = generated
                .split("operation: \"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert!(!operations.is_empty());
            for operation in operations {
                assert!(
                    table.contains(&format!(":{operation}`")),
                    "{operation} is not among the permissions of {name}"
                );
            }
        }
    }
}

#[test]
fn the_readme_names_every_type() {
    let read = |name| fs::read_to_string(repository().join(name)).unwrap();
    let (readme, page) = (read("README.md"), read("docs/resources/README.md"));
    let list = readme.split("Resource types today: ").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let (declared, looked_up) = list.split_once("; under `existing:`").unwrap();
    let quoted = |text: &str| -> BTreeSet<String> {
        let words = text.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    // Which types stand where, by the generated table.
    let rows = page.lines().filter(|line| line.starts_with("| [`"));
    let (declarable, others): (Vec<&str>, Vec<&str>) =
        rows.partition(|row| row.contains("`resources`"));
    let names = |rows: &[&str]| -> BTreeSet<String> {
        let names = rows.iter().map(|row| row.split('`').nth(1).unwrap());
        names.map(str::to_owned).collect()
    };
    assert!(!declarable.is_empty() && !others.is_empty());
    assert_eq!(quoted(declared), names(&declarable));
    assert_eq!(quoted(looked_up), names(&others));
}

/// An attribute's row in the page of a type.
fn row(name: &str, attribute: &str) -> String {
    let page = repository().join(format!("docs/resources/{name}.md"));
    let page = fs::read_to_string(page).unwrap();
    let begin = format!("| `{attribute}` |");
    let mut rows = page.lines().filter(|line| line.starts_with(&begin));
    rows.next().unwrap().to_owned()
}

#[test]
fn pages_say_what_becomes_of_a_name_that_is_made_of_contents() {
    let anew = "a new object: it is made first, and what refers to it is moved to it";
    let ends = [
        ("exact_name", format!("another name, so {anew} |")),
        (
            "server_properties",
            format!("{anew}; with `exact_name: true` in place |"),
        ),
    ];
    for (attribute, end) in ends {
        let row = row("msk_configuration", attribute);
        assert!(row.ends_with(&end), "{row}");
    }
}

#[test]
fn pages_say_that_one_attribute_gives_the_contents() {
    let left_out = [
        (
            "content",
            "`file`, `template` or `source_url` is required in its place",
        ),
        (
            "source_url",
            "`content`, `file` or `template` is required in its place",
        ),
        ("inputs", "no inputs; they stand beside `template` only"),
        ("sha256", "computed; beside `source_url` it is required"),
    ];
    for (attribute, expected) in left_out {
        let row = row("s3_object", attribute);
        assert!(row.contains(&format!("| {expected} |")), "{row}");
    }
}
