//! The shipped stack, applied to an embedded cloud: what a plan without changes is measured on.
#![allow(dead_code, missing_docs)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pinfra::apply::{Goal, Survey, survey};
use pinfra::cloud::faults::Faults;
use pinfra::cloud::{Cloud, Options};
use pinfra::plan::Waivers;
use pinfra::provider::{Provider, catalog};
use pinfra::stack::{Sources, Stack};
use tempfile::TempDir;

/// The region of the shipped stack.
pub const REGION: &str = "us-east-1";

pub struct Applied {
    folder: TempDir,
}

impl Applied {
    /// Applies it, by the binary itself.
    pub fn new() -> Applied {
        let applied = Applied {
            folder: TempDir::new().unwrap(),
        };
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/stacks/pinterest.yaml");
        std::fs::copy(shipped, applied.file()).unwrap();
        // Opened once beforehand, so that its time runs fast.
        let mut options = Options::at(applied.store());
        options.time_scale = Some(3000.0);
        drop(Cloud::open(options).unwrap());
        let output = Command::new(env!("CARGO_BIN_EXE_pinfra"))
            .args(["apply", "pinterest.yaml", "--local=cloud", "--auto-approve"])
            .env_clear()
            .env("HOME", applied.folder.path())
            .current_dir(applied.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        applied
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("pinterest.yaml")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("cloud")
    }

    /// The stack file, read and checked.
    pub fn stack(&self) -> Stack {
        let loaded = pinfra::stack::load(&self.file(), &Sources::default(), &catalog::Types);
        loaded.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// The cloud, where this goes wrong (docs/cloud-faults.md).
    pub fn cloud(&self, faults: &str) -> Arc<Cloud> {
        let options = Options {
            faults: Faults::parse(faults).unwrap(),
            ..Options::at(self.store())
        };
        Arc::new(Cloud::open(options).unwrap())
    }
}

/// Plans, as `pinfra plan` does, and sees that there is nothing to do.
pub async fn plan<'s>(stack: &'s Stack, provider: &Provider) -> Survey<'s> {
    let survey = survey(stack, provider, &Waivers::default(), Goal::Apply).await;
    let survey = survey.unwrap_or_else(|error| panic!("{error}"));
    assert!(survey.plan.is_empty(), "{:#?}", survey.plan);
    survey
}
