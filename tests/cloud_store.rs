//! The embedded cloud's store: lists that lag, identifiers, time, damage, many at once.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/cloud.rs"]
mod support;

use std::time::{Duration, Instant};

use bytes::Bytes;
use pinfra::cloud::store::{Access, Lag, Place, Store, StoreError, Txn};
use pinfra::cloud::{Cloud, Invocation, Options};
use serde_json::{Value, json};
use support::*;
use tempfile::TempDir;

fn begin(store: &Store, access: Access, lag: Lag) -> Txn {
    let place = Place {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        now: 0,
    };
    store.begin(access, place, lag).unwrap()
}

#[test]
fn lists_trail_behind_writes_and_deletions() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let lag = Lag {
        lists: 2,
        ..Lag::default()
    };
    let write = |work: &dyn Fn(&mut Txn)| {
        let mut txn = begin(&store, Access::Write, lag.clone());
        work(&mut txn);
        txn.commit().unwrap();
    };
    let listed = || {
        let mut txn = begin(&store, Access::Write, lag.clone());
        let values: Vec<Value> = txn
            .list("x.y", "")
            .unwrap()
            .into_iter()
            .map(|(_, v)| v)
            .collect();
        // Paging through one list within one call is one reading.
        assert_eq!(txn.list("x.y", "").unwrap().len(), values.len());
        txn.commit().unwrap();
        values
    };
    let seen = |n: usize| (0..n).map(|_| listed()).collect::<Vec<_>>();
    write(&|txn| txn.put("x.y", "k", &json!(1)).unwrap());
    assert_eq!(seen(3), [vec![], vec![], vec![json!(1)]]);
    write(&|txn| txn.put("x.y", "k", &json!(2)).unwrap());
    assert_eq!(seen(3), [vec![json!(1)], vec![json!(1)], vec![json!(2)]]);
    write(&|txn| assert!(txn.delete("x.y", "k").unwrap()));
    write(&|txn| {
        assert_eq!(txn.get("x.y", "k").unwrap(), None);
        assert!(txn.scan("x.y", "").unwrap().is_empty());
    });
    assert_eq!(seen(3), [vec![json!(2)], vec![json!(2)], vec![]]);
}

#[test]
fn a_computed_view_trails_key_by_key() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let lag = Lag {
        tags: 2,
        ..Lag::default()
    };
    let shown = |current: &[(&str, i64)]| {
        let mut txn = begin(&store, Access::Write, lag.clone());
        let current = current
            .iter()
            .map(|(k, v)| ((*k).to_owned(), json!(v)))
            .collect();
        let shown = txn.trailing("tags", current).unwrap();
        txn.commit().unwrap();
        shown
            .iter()
            .map(|(k, v)| (k.clone(), v.as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&[("a", 1)]), []);
    assert_eq!(shown(&[("a", 1), ("b", 1)]), []);
    assert_eq!(shown(&[("a", 1), ("b", 1)]), [("a".to_owned(), 1)]);
    assert_eq!(shown(&[("b", 1)]).len(), 2, "a is gone, but still shown");
    assert_eq!(shown(&[("b", 1)]).len(), 2);
    assert_eq!(shown(&[("b", 1)]), [("b".to_owned(), 1)]);
}

#[test]
fn identifiers_are_unique_and_the_same_for_the_same_seed() {
    let ids = |seed: &str| {
        let dir = TempDir::new().unwrap();
        let cloud = Cloud::open(Options {
            seed: Some(seed.to_owned()),
            ..Options::at(dir.path())
        });
        drop(cloud.unwrap());
        let store = Store::open(dir.path()).unwrap();
        let mut txn = begin(&store, Access::Write, Lag::default());
        (0..500)
            .map(|_| txn.hex_id(17).unwrap())
            .collect::<Vec<_>>()
    };
    let first = ids("a");
    assert_eq!(first, ids("a"));
    assert_ne!(first, ids("b"));
    let distinct: std::collections::BTreeSet<_> = first.iter().map(|id| &id[9..]).collect();
    assert_eq!(distinct.len(), 500);
    assert!(first.iter().all(|id| id.len() == 17));
}

#[test]
fn a_new_folder_can_be_opened_by_many_at_once() {
    for _ in 0..15 {
        let dir = TempDir::new().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| Cloud::open(Options::at(dir.path())).map(drop).unwrap());
            }
        });
    }
}

#[test]
fn what_is_not_committed_is_not_there() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut txn = begin(&store, Access::Write, Lag::default());
    txn.put("x.y", "k", &json!(1)).unwrap();
    drop(txn);
    let mut txn = begin(&store, Access::Read, Lag::default());
    assert_eq!(txn.get("x.y", "k").unwrap(), None);
    assert!(matches!(
        txn.put("x.y", "k", &json!(1)),
        Err(StoreError::ReadOnly)
    ));
}

#[test]
fn reading_does_not_wait_for_a_writer() {
    let f = fixture("");
    create(&f.cloud, "one");
    let other = Store::open(f.dir.path()).unwrap();
    let writer = begin(&other, Access::Write, Lag::default());
    let started = Instant::now();
    assert_eq!(streams(&f.cloud), ["one"]);
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(writer);
}

#[test]
fn time_keeps_its_pace_and_can_be_moved() {
    let dir = TempDir::new().unwrap();
    let at = |scale: Option<f64>| {
        Cloud::open(Options {
            time_scale: scale,
            start: Some(1_767_323_045_000),
            ..Options::at(dir.path())
        })
        .unwrap()
    };
    let status = |cloud: &Cloud| {
        let input = json!({"StreamName": "s"});
        let (reply, _) = cloud
            .invoke(Invocation {
                service: "kinesis",
                operation: "DescribeStreamSummary",
                input,
                body: Bytes::new(),
                region: "us-east-1",
            })
            .unwrap();
        reply["StreamDescriptionSummary"]["StreamStatus"].clone()
    };
    let still = at(Some(0.0));
    create(&still, "s");
    std::thread::sleep(Duration::from_millis(30));
    assert_eq!(status(&still), "CREATING");
    still.advance(Duration::from_secs(3600)).unwrap();
    assert_eq!(status(&still), "ACTIVE");
    assert_eq!(at(None).time_scale(), 0.0);
    assert_eq!(at(Some(5.0)).time_scale(), 5.0);
}

#[test]
fn a_damaged_store_says_which_file_and_what_to_do() {
    let said = |damage: &dyn Fn(&std::path::Path)| {
        let dir = TempDir::new().unwrap();
        drop(Cloud::open(Options::at(dir.path())).unwrap());
        let file = dir.path().join("cloud.sqlite3");
        damage(&file);
        let error = Cloud::open(Options::at(dir.path()))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        error
    };
    let garbage = said(&|file| {
        std::fs::write(
            file,
            b"not a database at all, but long enough to be looked at".repeat(40),
        )
        .unwrap()
    });
    assert!(
        garbage.contains("is corrupt") && garbage.contains("move the folder"),
        "{garbage}"
    );
    let cut = said(&|file| {
        let whole = std::fs::read(file).unwrap();
        std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    });
    assert!(cut.contains("is corrupt"), "{cut}");
    let foreign = said(&|file| {
        std::fs::remove_file(file).unwrap();
        let db = rusqlite::Connection::open(file).unwrap();
        db.execute_batch("CREATE TABLE theirs (x)").unwrap();
    });
    assert!(foreign.contains("another program's database"), "{foreign}");
    let later = said(&|file| {
        let db = rusqlite::Connection::open(file).unwrap();
        db.execute_batch("PRAGMA user_version = 99").unwrap();
    });
    assert!(later.contains("format 99"), "{later}");
}
