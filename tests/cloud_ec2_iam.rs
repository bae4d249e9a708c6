//! What EC2 and IAM offer to the embedded cloud's other services, which no client sees directly.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used, missing_docs)]

use pinfra::cloud::services::{ec2, iam};
use pinfra::cloud::store::{Access, Lag, Place, Store, Txn};
use serde_json::{Value, json};

const REGION: &str = "us-east-1";
const OWNER: &str = "arn:aws:kafka:us-east-1:123456789012:cluster/c/1";

fn begin(store: &Store, now: i64, lag: Lag) -> Txn {
    let place = Place {
        account: "123456789012".to_owned(),
        region: REGION.to_owned(),
        now,
    };
    store.begin(Access::Write, place, lag).unwrap()
}

fn seeded(store: &Store) -> Txn {
    let mut txn = begin(store, 1_000, Lag::default());
    (ec2::SERVICE.seed)(&mut txn).unwrap();
    txn
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}

#[test]
fn interfaces_take_the_first_free_addresses_and_linger_until_their_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut txn = seeded(&store);
    let subnets = ec2::subnets(&mut txn, REGION).unwrap();
    let first = subnets
        .iter()
        .find(|subnet| subnet["AvailabilityZone"] == "us-east-1a")
        .unwrap();
    let (subnet, vpc) = (text(first, "SubnetId"), text(first, "VpcId"));
    let group = ec2::default_security_group(&mut txn, REGION, &vpc).unwrap();
    let groups = [text(&group.unwrap(), "GroupId")];
    let twice = [subnet.clone(), subnet];

    let made =
        ec2::attach_interfaces(&mut txn, REGION, OWNER, "a broker", &twice, &groups).unwrap();
    assert_eq!(made.len(), 2);
    let mut addresses: Vec<String> = ec2::interfaces_of(&mut txn, REGION, OWNER)
        .unwrap()
        .iter()
        .map(|interface| text(interface, "PrivateIpAddress"))
        .collect();
    addresses.sort();
    assert_eq!(addresses, ["172.31.0.4", "172.31.0.5"]);

    let released = ec2::release_interfaces(&mut txn, REGION, OWNER, 5_000).unwrap();
    assert_eq!(released, 2);
    assert_eq!(
        ec2::interfaces_of(&mut txn, REGION, OWNER).unwrap().len(),
        2
    );
    txn.commit().unwrap();
    let mut later = begin(&store, 5_000, Lag::default());
    assert!(
        ec2::interfaces_of(&mut later, REGION, OWNER)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn interfaces_need_groups_and_subnets_that_exist() {
    let dir = tempfile::tempdir().unwrap();
    let mut txn = seeded(&Store::open(dir.path()).unwrap());
    let unknown = ["subnet-0123456789abcdef0".to_owned()];
    let error = ec2::attach_interfaces(&mut txn, REGION, OWNER, "", &unknown, &[]).unwrap_err();
    assert_eq!(error.code, "InvalidSubnetID.NotFound");
    let unknown = ["sg-0123456789abcdef0".to_owned()];
    let error = ec2::attach_interfaces(&mut txn, REGION, OWNER, "", &[], &unknown).unwrap_err();
    assert_eq!(error.code, "InvalidGroup.NotFound");
}

#[test]
fn a_region_that_does_not_exist_is_not_seeded() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let place = Place {
        account: "123456789012".to_owned(),
        region: "moon-1".to_owned(),
        now: 0,
    };
    let mut txn = store.begin(Access::Write, place, Lag::default()).unwrap();
    (ec2::SERVICE.seed)(&mut txn).unwrap();
    assert!(ec2::subnets(&mut txn, "moon-1").unwrap().is_empty());
    assert!(!ec2::regions::is_known("moon-1"));
}

#[test]
fn other_services_see_a_new_role_only_when_lists_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let arn = "arn:aws:iam::123456789012:role/r";
    let role = json!({
        "name": "r", "id": "AROAAAAAAAAAAAAAAAAAA", "arn": arn, "path": "/", "created": 0,
        "trust": "{}", "description": null, "max_session": 3600, "tags": {}, "boundary": null,
        "inline": {}, "attached": {}, "service_linked": false,
    });
    let mut txn = begin(&store, 0, Lag::default());
    assert!(!iam::role_visible(&mut txn, arn).unwrap());
    txn.put("iam.role", "r", &role).unwrap();
    assert!(
        iam::role_visible(&mut txn, arn).unwrap(),
        "without lag at once"
    );
    txn.delete("iam.role", "r").unwrap();
    txn.commit().unwrap();

    let lag = Lag {
        lists: 2,
        ..Lag::default()
    };
    let mut txn = begin(&store, 0, lag.clone());
    txn.put("iam.role", "r", &role).unwrap();
    txn.commit().unwrap();
    let seen: Vec<bool> = (0..3)
        .map(|_| {
            let mut txn = begin(&store, 0, lag.clone());
            let seen = iam::role_visible(&mut txn, arn).unwrap();
            txn.commit().unwrap();
            seen
        })
        .collect();
    assert_eq!(seen, [false, false, true]);
}

#[test]
fn everything_tagged_is_listed_with_its_arn() {
    let dir = tempfile::tempdir().unwrap();
    let mut txn = seeded(&Store::open(dir.path()).unwrap());
    let tagged = ec2::tagged(&mut txn, REGION).unwrap();
    let of = |kind: &str| {
        let start = format!("arn:aws:ec2:us-east-1:123456789012:{kind}/");
        tagged
            .iter()
            .filter(|(arn, _)| arn.starts_with(&start))
            .count()
    };
    assert_eq!((of("vpc"), of("subnet"), of("security-group")), (1, 6, 1));
    assert!(iam::tagged(&mut txn, "eu-west-1").unwrap().is_empty());
}
