//! AWS's public parameters: the names of the latest machine images.
//!
//! Each region has ids of its own. An image's first release was always there; [`publish`] adds
//! newer ones, which a parameter then names while the older images stay what they were.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::parameter::{Parameter, Version};
use crate::cloud::store::{StoreError, Txn};

const PREFIX: &str = "/aws/service/ami-amazon-linux-latest/";
/// The images that can be named after [`PREFIX`].
const IMAGES: [&str; 8] = [
    "al2023-ami-kernel-default-arm64",
    "al2023-ami-kernel-default-x86_64",
    "al2023-ami-kernel-6.1-arm64",
    "al2023-ami-kernel-6.1-x86_64",
    "al2023-ami-minimal-kernel-default-arm64",
    "al2023-ami-minimal-kernel-default-x86_64",
    "amzn2-ami-hvm-arm64-gp2",
    "amzn2-ami-hvm-x86_64-gp2",
];
/// 2025-01-01T00:00:00Z.
const PUBLISHED_AT: i64 = 1_735_689_600_000;
/// The parameter's version that names the first release.
const FIRST_VERSION: i64 = 100;
/// Where later releases are kept: by image, the instants they were published at.
const KIND: &str = "ssm.public_image";

/// One release of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicImage {
    /// The end of its parameter's name, with the kernel that `default` stands for.
    pub parameter: String,
    /// `ami-…`.
    pub id: String,
    /// 0 for the first.
    pub release: usize,
    /// Simulated ms since the epoch.
    pub published_at: i64,
}

/// All releases of all images of a region, each once.
pub fn images(txn: &mut Txn, region: &str) -> Result<Vec<PublicImage>, StoreError> {
    let mut names: Vec<String> = IMAGES.iter().map(|image| plain(image)).collect();
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        found.extend(releases(txn, region, &name)?);
    }
    Ok(found)
}

/// AWS publishes a newer release of an image in all regions: the parameter names it from now on.
/// False where there is no such image.
pub fn publish(txn: &mut Txn, image: &str) -> Result<bool, StoreError> {
    if !IMAGES.contains(&image) {
        return Ok(false);
    }
    let name = plain(image);
    let mut later = published(txn, &name)?;
    later.push(txn.now());
    txn.put(KIND, &name, &json!(later))?;
    Ok(true)
}

/// The images that can be published.
pub fn names() -> &'static [&'static str] {
    &IMAGES
}

/// The image whose latest release has this name: `default` is a kernel like others.
fn plain(image: &str) -> String {
    image.replace("kernel-default", "kernel-6.1")
}

/// When an image's later releases came.
fn published(txn: &mut Txn, name: &str) -> Result<Vec<i64>, StoreError> {
    let record = txn.get(KIND, name)?.unwrap_or_default();
    let instants = record.as_array().into_iter().flatten();
    Ok(instants.filter_map(serde_json::Value::as_i64).collect())
}

/// An image's releases from the oldest on.
fn releases(txn: &mut Txn, region: &str, name: &str) -> Result<Vec<PublicImage>, StoreError> {
    let instants = std::iter::once(PUBLISHED_AT).chain(published(txn, name)?);
    let release = |(release, published_at)| PublicImage {
        parameter: name.to_owned(),
        id: image_id(region, name, release),
        release,
        published_at,
    };
    Ok(instants.enumerate().map(release).collect())
}

fn image_id(region: &str, name: &str, release: usize) -> String {
    let hash = hex::encode(Sha256::digest(format!("{region}/{name}/{release}")));
    format!("ami-0{}", &hash[..16])
}

/// The public parameter of this name.
pub fn find(txn: &mut Txn, region: &str, name: &str) -> Result<Option<Parameter>, StoreError> {
    match name.strip_prefix(PREFIX) {
        Some(image) if IMAGES.contains(&image) => parameter(txn, region, image).map(Some),
        _ => Ok(None),
    }
}

/// Whether a name is that of a public parameter.
pub fn is_public(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|image| IMAGES.contains(&image))
}

/// All public parameters of a region.
pub fn all(txn: &mut Txn, region: &str) -> Result<Vec<Parameter>, StoreError> {
    IMAGES
        .iter()
        .map(|image| parameter(txn, region, image))
        .collect()
}

fn parameter(txn: &mut Txn, region: &str, image: &str) -> Result<Parameter, StoreError> {
    let name = format!("{PREFIX}{image}");
    let version = |release: PublicImage| Version {
        number: FIRST_VERSION + release.release as i64,
        kind: "String".to_owned(),
        value: release.id,
        key_id: None,
        modified_at: release.published_at,
        modified_by: "Amazon".to_owned(),
        description: None,
        allowed_pattern: None,
        tier: "Standard".to_owned(),
        data_type: "aws:ec2:image".to_owned(),
        labels: Vec::new(),
    };
    let releases = releases(txn, region, &plain(image))?;
    Ok(Parameter {
        arn: format!("arn:aws:ssm:{region}::parameter{name}"),
        name,
        tags: Default::default(),
        versions: releases.into_iter().map(version).collect(),
    })
}
