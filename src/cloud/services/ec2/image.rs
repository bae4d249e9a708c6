//! Machine images: exactly those that AWS's public parameters name. The account has none of its own.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::describe::page;
use super::errors::{combination, error, invalid_value};
use super::filters;
use super::things::{Thing, text};
use crate::cloud::error::ApiError;
use crate::cloud::protocol::scalar::{self, TimeFormat};
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::ssm::public::{self, PublicImage};
use crate::cloud::store::{StoreError, Txn};

/// Amazon's account that owns Amazon Linux.
const OWNER: &str = "137112412989";

/// How an image is named. Images are no records.
static IMAGE: Thing = Thing {
    kind: "ec2.image",
    id: "ImageId",
    prefix: "ami",
    resource_type: "image",
    noun: "image id",
    not_found: "InvalidAMIID.NotFound",
    malformed: "InvalidAMIID.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &[],
    found_by: &[],
};

/// The image of this id.
///
/// # Errors
/// `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`.
pub fn load(txn: &mut Txn, region: &str, id: &str) -> Result<Value, ApiError> {
    IMAGE.check_id(id)?;
    let found = all(txn, region)?
        .into_iter()
        .find(|image| text(image, "ImageId") == id);
    found.ok_or_else(|| absent(&[id.to_owned()]))
}

fn absent(ids: &[String]) -> ApiError {
    let message = match ids {
        [one] => format!("The image id '[{one}]' does not exist"),
        many => format!("The image ids '[{}]' do not exist", many.join(", ")),
    };
    error(IMAGE.not_found, message)
}

/// Every image ever published in a region, in the `Image` shape.
fn all(txn: &mut Txn, region: &str) -> Result<Vec<Value>, StoreError> {
    let images = public::images(txn, region)?;
    Ok(images.iter().map(view).collect())
}

/// An image in the `Image` shape, after the parameter that names it.
fn view(image: &PublicImage) -> Value {
    let architecture = match image.parameter.contains("arm64") {
        true => "arm64",
        false => "x86_64",
    };
    let (name, description) = names(image, architecture);
    let mut view = json!({
        "ImageId": image.id,
        "ImageLocation": format!("amazon/{name}"),
        "State": "available",
        "OwnerId": OWNER,
        "CreationDate": scalar::write_time(image.published_at, TimeFormat::Iso8601Millis),
        "Public": true,
        "Architecture": architecture,
        "ImageType": "machine",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": root(image) }],
        "Description": description,
        "EnaSupport": true,
        "Hypervisor": "xen",
        "ImageOwnerAlias": "amazon",
        "Name": name,
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "SriovNetSupport": "simple",
        "VirtualizationType": "hvm",
    });
    match (is_al2023(image), architecture) {
        (_, "arm64") => view["BootMode"] = "uefi".into(),
        (true, _) => view["BootMode"] = "uefi-preferred".into(),
        (false, _) => {}
    }
    if is_al2023(image) {
        view["ImdsSupport"] = "v2.0".into();
    }
    view
}

fn is_al2023(image: &PublicImage) -> bool {
    image.parameter.starts_with("al2023")
}

fn is_minimal(image: &PublicImage) -> bool {
    image.parameter.contains("minimal")
}

/// An image's name and description: both tell the day it was published on.
fn names(image: &PublicImage, architecture: &str) -> (String, String) {
    let day = scalar::write_time(image.published_at, TimeFormat::Iso8601);
    let day = day.get(..10).unwrap_or_default().replace('-', "");
    let (release, kernel) = (image.release, "kernel-6.1");
    if !is_al2023(image) {
        let version = format!("2.0.{day}.{release}");
        return (
            format!("amzn2-ami-hvm-{version}-{architecture}-gp2"),
            format!("Amazon Linux 2 AMI {version} {architecture} HVM gp2"),
        );
    }
    let version = format!("2023.6.{day}.{release}");
    let minimal = if is_minimal(image) { "-minimal" } else { "" };
    (
        format!("al2023-ami{minimal}-{version}-{kernel}-{architecture}"),
        format!("Amazon Linux 2023 AMI {version} {architecture} HVM {kernel}"),
    )
}

/// The root device of an image.
fn root(image: &PublicImage) -> Value {
    let mut ebs = json!({
        "DeleteOnTermination": true,
        "SnapshotId": snapshot(&image.id),
        "VolumeSize": if is_minimal(image) { 2 } else { 8 },
        "VolumeType": "gp2",
        "Encrypted": false,
    });
    if is_al2023(image) {
        ebs["VolumeType"] = "gp3".into();
        ebs["Iops"] = 3000.into();
        ebs["Throughput"] = 125.into();
    }
    ebs
}

/// The snapshot of an image's root device.
fn snapshot(image: &str) -> String {
    let hash = hex::encode(Sha256::digest(format!("snapshot of {image}")));
    format!("snap-0{}", &hash[..16])
}

const FILTERS: filters::Table = &[
    ("architecture", "Architecture"),
    (
        "block-device-mapping.delete-on-termination",
        "BlockDeviceMappings.Ebs.DeleteOnTermination",
    ),
    (
        "block-device-mapping.device-name",
        "BlockDeviceMappings.DeviceName",
    ),
    (
        "block-device-mapping.encrypted",
        "BlockDeviceMappings.Ebs.Encrypted",
    ),
    (
        "block-device-mapping.snapshot-id",
        "BlockDeviceMappings.Ebs.SnapshotId",
    ),
    (
        "block-device-mapping.volume-size",
        "BlockDeviceMappings.Ebs.VolumeSize",
    ),
    (
        "block-device-mapping.volume-type",
        "BlockDeviceMappings.Ebs.VolumeType",
    ),
    ("creation-date", "CreationDate"),
    ("description", "Description"),
    ("ena-support", "EnaSupport"),
    ("hypervisor", "Hypervisor"),
    ("image-id", "ImageId"),
    ("image-type", "ImageType"),
    ("is-public", "Public"),
    ("manifest-location", "ImageLocation"),
    ("name", "Name"),
    ("owner-alias", "ImageOwnerAlias"),
    ("owner-id", "OwnerId"),
    ("root-device-name", "RootDeviceName"),
    ("root-device-type", "RootDeviceType"),
    ("sriov-net-support", "SriovNetSupport"),
    ("state", "State"),
    ("virtualization-type", "VirtualizationType"),
];

const NEVER: &[&str] = &[
    "image-allowed",
    "kernel-id",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "state-reason-code",
    "state-reason-message",
];

/// DescribeImages.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), FILTERS, NEVER, true)?;
    let (ids, owners) = (call.strings("ImageIds"), call.strings("Owners"));
    if !ids.is_empty() && call.has("MaxResults") {
        return Err(combination(
            "The parameter imageIdsSet cannot be used with the parameter maxResults",
        ));
    }
    ids.iter().try_for_each(|id| IMAGE.check_id(id))?;
    let executable = call.strings("ExecutableUsers");
    let images = all(call.txn, call.region)?;
    let unknown: Vec<String> = ids
        .iter()
        .filter(|id| images.iter().all(|image| text(image, "ImageId") != **id))
        .cloned()
        .collect();
    if !unknown.is_empty() {
        return Err(absent(&unknown));
    }
    if let Some(owner) = owners.iter().find(|owner| !is_owner(owner)) {
        return Err(invalid_value(format!(
            "The following supplied owner is invalid: {owner}"
        )));
    }
    let amazon = |owner: &String| owner == OWNER || owner == "amazon";
    // Public images can be run by all, so by `self` only where no one else is asked for.
    let runnable = executable.is_empty() || executable.iter().any(|user| user == "all");
    let views = images
        .into_iter()
        .filter(|image| ids.is_empty() || ids.iter().any(|id| id == text(image, "ImageId")))
        .filter(|_| owners.is_empty() || owners.iter().any(amazon))
        .filter(|_| runnable)
        .filter(|image| filters::pass(&filters, image, "Tags"))
        .map(|image| (text(&image, "ImageId").to_owned(), image))
        .collect();
    page(call, "Images", views)
}

/// An account, or one of the aliases that stand for accounts.
fn is_owner(owner: &str) -> bool {
    let account = owner.len() == 12 && owner.bytes().all(|b| b.is_ascii_digit());
    account || ["self", "amazon", "aws-marketplace", "aws-backup-vault"].contains(&owner)
}

/// DescribeImageAttribute: of others' images only what everyone may see.
pub fn describe_attribute(call: &mut Call<'_>) -> Reply {
    let id = call.str("ImageId").unwrap_or_default().to_owned();
    let image = load(call.txn, call.region, &id)?;
    let value = |member: &str| match image.get(member) {
        Some(value) => json!({ "Value": value }),
        None => json!({}),
    };
    let mut reply = json!({ "ImageId": id });
    match call.str("Attribute").unwrap_or_default() {
        "description" => reply["Description"] = value("Description"),
        "sriovNetSupport" => reply["SriovNetSupport"] = value("SriovNetSupport"),
        "bootMode" => reply["BootMode"] = value("BootMode"),
        "imdsSupport" => reply["ImdsSupport"] = value("ImdsSupport"),
        "tpmSupport" => reply["TpmSupport"] = json!({}),
        "kernel" => reply["KernelId"] = json!({}),
        "ramdisk" => reply["RamdiskId"] = json!({}),
        "productCodes" => reply["ProductCodes"] = json!([]),
        _ => {
            return Err(error(
                "AuthFailure",
                format!("Not authorized for image:{id}"),
            ));
        }
    }
    Ok(reply)
}
