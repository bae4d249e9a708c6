//! AWS's public parameters: the names of the latest machine images.

use sha2::{Digest as _, Sha256};

use super::parameter::{Parameter, Version};

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

/// The id of an image in a region: each region has its own, always the same.
pub fn image_id(region: &str, image: &str) -> String {
    let hash = hex::encode(Sha256::digest(format!("{region}/{image}")));
    format!("ami-0{}", &hash[..16])
}

/// The public parameter of this name.
pub fn find(region: &str, name: &str) -> Option<Parameter> {
    let image = name.strip_prefix(PREFIX)?;
    IMAGES.contains(&image).then(|| parameter(region, image))
}

/// All public parameters of a region.
pub fn all(region: &str) -> Vec<Parameter> {
    IMAGES
        .iter()
        .map(|image| parameter(region, image))
        .collect()
}

fn parameter(region: &str, image: &str) -> Parameter {
    let name = format!("{PREFIX}{image}");
    Parameter {
        arn: format!("arn:aws:ssm:{region}::parameter{name}"),
        name,
        tags: Default::default(),
        versions: vec![Version {
            number: 100,
            kind: "String".to_owned(),
            value: image_id(region, image),
            key_id: None,
            modified_at: PUBLISHED_AT,
            modified_by: "Amazon".to_owned(),
            description: None,
            allowed_pattern: None,
            tier: "Standard".to_owned(),
            data_type: "aws:ec2:image".to_owned(),
            labels: Vec::new(),
        }],
    }
}
