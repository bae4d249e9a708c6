//! Instances over simulated time, which stands still but for what a test moves it.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use pinfra::cloud::error::ApiError;
use pinfra::cloud::faults::Faults;
use pinfra::cloud::{Cloud, Invocation, Options};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);
const IMAGE: &str = "al2023-ami-kernel-default-x86_64";

struct World {
    cloud: Cloud,
    _dir: tempfile::TempDir,
}

fn world(faults: &str) -> World {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(Options {
        time_scale: Some(0.0),
        faults: Faults::parse(faults).unwrap(),
        ..Options::at(dir.path())
    });
    World {
        cloud: cloud.unwrap(),
        _dir: dir,
    }
}

impl World {
    fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
        let invocation = Invocation {
            service,
            operation,
            input,
            body: Default::default(),
            region: "us-east-1",
        };
        self.cloud.invoke(invocation).map(|(value, _)| value)
    }

    fn ec2(&self, operation: &str, input: Value) -> Value {
        self.call("ec2", operation, input).unwrap()
    }

    fn latest(&self) -> String {
        let name = format!("/aws/service/ami-amazon-linux-latest/{IMAGE}");
        let found = self.call("ssm", "GetParameter", json!({ "Name": name }));
        text(&found.unwrap()["Parameter"]["Value"])
    }

    fn launch(&self, token: &str) -> Value {
        let input = json!({
            "ImageId": format!("resolve:ssm:/aws/service/ami-amazon-linux-latest/{IMAGE}"),
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "ClientToken": token,
        });
        self.ec2("RunInstances", input)["Instances"][0].clone()
    }

    fn state(&self, id: &str) -> Result<String, String> {
        let input = json!({ "InstanceIds": [id] });
        let found = self.call("ec2", "DescribeInstances", input);
        found
            .map(|found| text(&found["Reservations"][0]["Instances"][0]["State"]["Name"]))
            .map_err(|error| error.code)
    }

    fn advance(&self, by: Duration) {
        self.cloud.advance(by).unwrap();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_dead_instance_is_shown_for_an_hour_and_its_token_kept_for_a_day() {
    let world = world("");
    let id = text(&world.launch("mine")["InstanceId"]);
    assert_eq!(world.state(&id).unwrap(), "pending");
    world.advance(MINUTE);
    assert_eq!(world.state(&id).unwrap(), "running");
    world.ec2("TerminateInstances", json!({ "InstanceIds": [id] }));
    assert_eq!(world.state(&id).unwrap(), "shutting-down");
    world.advance(MINUTE);
    assert_eq!(world.state(&id).unwrap(), "terminated");
    world.advance(58 * MINUTE);
    assert_eq!(world.state(&id).unwrap(), "terminated");
    world.advance(2 * MINUTE);
    assert_eq!(world.state(&id).unwrap_err(), "InvalidInstanceID.NotFound");

    let again = world.launch("mine");
    assert_eq!(text(&again["InstanceId"]), id);
    assert_eq!(again["State"]["Name"], "terminated");
    world.advance(24 * 60 * MINUTE);
    assert_ne!(text(&world.launch("mine")["InstanceId"]), id);
}

#[test]
fn what_an_instance_uses_is_free_once_it_is_terminated() {
    let world = world("");
    let group = json!({ "GroupName": "mine", "Description": "d" });
    let group = world.ec2("CreateSecurityGroup", group)["GroupId"].clone();
    let input = json!({
        "ImageId": world.latest(),
        "InstanceType": "t3.micro",
        "MinCount": 1,
        "MaxCount": 1,
        "SecurityGroupIds": [group],
    });
    let made = world.ec2("RunInstances", input)["Instances"][0].clone();
    let delete = || world.call("ec2", "DeleteSecurityGroup", json!({ "GroupId": group }));
    world.advance(MINUTE);
    assert_eq!(delete().unwrap_err().code, "DependencyViolation");
    let ids = json!({ "InstanceIds": [made["InstanceId"]] });
    world.ec2("TerminateInstances", ids);
    assert_eq!(delete().unwrap_err().code, "DependencyViolation");
    world.advance(MINUTE);
    delete().unwrap();
}

#[test]
fn a_newer_image_moves_the_parameter_and_leaves_the_older_one() {
    let world = world("");
    let old = world.latest();
    let instance = world.launch("mine");
    assert_eq!(instance["ImageId"], old.as_str());
    world.advance(MINUTE);
    assert!(world.cloud.publish_image(IMAGE).unwrap());
    assert!(!world.cloud.publish_image("plan9").unwrap());
    let new = world.latest();
    assert_ne!(old, new);
    let both = json!({ "ImageIds": [old, new] });
    let found = world.ec2("DescribeImages", both);
    assert_eq!(found["Images"].as_array().unwrap().len(), 2);
    assert_eq!(world.launch("another")["ImageId"], new.as_str());
    // The same request with the same token, although its parameter now leads elsewhere.
    assert_eq!(world.launch("mine")["ImageId"], old.as_str());
}

#[test]
fn an_instance_profile_that_iam_shows_late_is_refused_and_then_taken() {
    let world = world("- {service: iam, action: {lag: {reads: 2}}}");
    let iam = |operation, input| world.call("iam", operation, input).unwrap();
    let name = json!({ "InstanceProfileName": "late" });
    iam("CreateInstanceProfile", name);
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "ec2.amazonaws.com" },
    }]});
    let role = json!({ "RoleName": "late", "AssumeRolePolicyDocument": trust.to_string() });
    iam("CreateRole", role);
    let both = json!({ "InstanceProfileName": "late", "RoleName": "late" });
    iam("AddRoleToInstanceProfile", both);
    let attempts = (0..6).map(|_| {
        let input = json!({
            "ImageId": world.latest(),
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "IamInstanceProfile": { "Name": "late" },
        });
        world.call("ec2", "RunInstances", input).map(drop)
    });
    let codes: Vec<Option<String>> = attempts.map(|a| a.err().map(|e| e.code)).collect();
    let refused = codes.iter().flatten().count();
    assert!((1..6).contains(&refused), "{codes:?}");
    assert!(codes[refused..].iter().all(Option::is_none), "{codes:?}");
    assert!(
        codes
            .iter()
            .flatten()
            .all(|code| code == "InvalidParameterValue")
    );
}
