//! The calls of a plan are those that docs/calls.md says, for every type of a large stack.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/mix.rs"]
mod mix;

use std::collections::BTreeMap;
use std::sync::Arc;

use pinfra::apply::{Goal, survey};
use pinfra::cloud::{Cloud, Options};
use pinfra::plan::Waivers;
use pinfra::provider::{Provider, catalog};
use pinfra::stack::{Sources, load};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_changes_makes_the_documented_calls() {
    // More roles than a page has.
    const SIZE: usize = 1_200;
    let folder = TempDir::new().unwrap();
    mix::write(folder.path(), SIZE);
    let mut options = Options::at(folder.path().join("cloud"));
    options.time_scale = Some(3000.0);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    mix::seed(&cloud, folder.path(), SIZE);
    let file = folder.path().join("stack.yaml");
    let stack = load(&file, &Sources::default(), &catalog::Types);
    let stack = stack.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let provider = Provider::in_cloud(cloud, mix::REGION, catalog::TYPES.to_vec());
    let survey = survey(&stack, &provider, &Waivers::default(), Goal::Apply).await;
    let survey = survey.unwrap_or_else(|error| panic!("{error}"));
    assert!(survey.plan.is_empty(), "{:#?}", survey.plan.changes);
    assert_eq!(survey.plan.changes.len(), SIZE);
    let counted = survey.calls.by_operation.into_iter();
    let counted: BTreeMap<_, _> = counted.map(|(name, n)| (name, n as usize)).collect();
    assert_eq!(counted, mix::expected_calls(SIZE));
}
