//! What RunInstances asks for, apart from network and disks: checked, with AWS's defaults filled in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::errors::{combination, error, invalid_value, missing};
use super::super::things::text;
use super::super::{image, key_pair};
use super::types::{self, InstanceType};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::ssm;

/// The type of an instance that names none.
const DEFAULT_TYPE: &str = "m1.small";
/// Bytes of user data, decoded and as sent.
const USER_DATA: [usize; 2] = [16_384, 25_600];
/// How an image id may name a parameter instead.
const RESOLVE: &str = "resolve:ssm:";

/// Members of RunInstances that are modelled.
const MODELLED: [&str; 27] = [
    "BlockDeviceMappings",
    "ClientToken",
    "CreditSpecification",
    "DisableApiStop",
    "DisableApiTermination",
    "DryRun",
    "EbsOptimized",
    "IamInstanceProfile",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceType",
    "KeyName",
    "MaintenanceOptions",
    "MaxCount",
    "MetadataOptions",
    "MinCount",
    "Monitoring",
    "NetworkInterfaces",
    "Placement",
    "PrivateDnsNameOptions",
    "PrivateIpAddress",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
    "TagSpecifications",
    "UserData",
    "CapacityReservationSpecification",
];

/// Refuses with 501 every member that is sent and neither modelled nor has the value that it has
/// anyway.
pub fn not_modelled(
    what: &str,
    sent: &Value,
    modelled: &[&str],
    usual: &[(&str, Value)],
) -> Result<(), ApiError> {
    for (member, value) in sent.as_object().into_iter().flatten() {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let is_usual = usual
            .iter()
            .any(|(name, usual)| name == member && usual == value);
        if !empty && !is_usual && !modelled.contains(&member.as_str()) {
            return Err(ApiError::not_implemented(format!("{member} of {what}")));
        }
    }
    Ok(())
}

/// Refuses what RunInstances has and this cloud has not.
pub fn check_modelled(call: &Call<'_>) -> Result<(), ApiError> {
    let usual = [
        ("HibernationOptions", json!({ "Configured": false })),
        ("EnclaveOptions", json!({ "Enabled": false })),
        ("EnablePrimaryIpv6", json!(false)),
        ("Ipv6AddressCount", json!(0)),
        (
            "InstanceMarketOptions",
            json!({ "MarketType": "on-demand" }),
        ),
        (
            "NetworkPerformanceOptions",
            json!({ "BandwidthWeighting": "default" }),
        ),
    ];
    not_modelled("RunInstances", &call.input, &MODELLED, &usual)?;
    let placement = [("Tenancy", json!("default")), ("GroupName", json!(""))];
    let zone = ["AvailabilityZone", "AvailabilityZoneId"];
    not_modelled(
        "RunInstances' Placement",
        &call.input["Placement"],
        &zone,
        &placement,
    )?;
    let open = [("CapacityReservationPreference", json!("open"))];
    let asked = &call.input["CapacityReservationSpecification"];
    not_modelled(
        "RunInstances' CapacityReservationSpecification",
        asked,
        &[],
        &open,
    )
}

/// How many instances are made: as many as can be, and here all can.
pub fn count(call: &Call<'_>) -> Result<i64, ApiError> {
    let (least, most) = (
        call.int("MinCount").unwrap_or_default(),
        call.int("MaxCount").unwrap_or_default(),
    );
    for (name, value) in [("minCount", least), ("maxCount", most)] {
        if value < 1 {
            return Err(invalid_value(format!(
                "Value ({value}) for parameter {name} is invalid. Value must be greater than 0"
            )));
        }
    }
    if least > most {
        return Err(combination(format!(
            "The value {least} for parameter minCount is greater than the value {most} for parameter maxCount"
        )));
    }
    Ok(most)
}

/// The image; its id may be behind a parameter.
pub fn image(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let Some(asked) = call.str("ImageId").map(str::to_owned) else {
        return Err(missing("ImageId"));
    };
    let id = match asked.strip_prefix(RESOLVE) {
        None => asked,
        Some(parameter) => ssm::value_of(call, parameter).map_err(|problem| {
            invalid_value(format!(
                "Value ({asked}) for parameter imageId is invalid. {}",
                problem.message
            ))
        })?,
    };
    image::load(call.txn, call.region, &id)
}

/// The type, which must suit the image.
pub fn kind(call: &Call<'_>, image: &Value) -> Result<&'static InstanceType, ApiError> {
    let name = call.str("InstanceType").unwrap_or(DEFAULT_TYPE);
    if name == DEFAULT_TYPE {
        return Err(combination(
            "Non-Windows instances with a virtualization type of 'hvm' are currently not supported for this instance type.",
        ));
    }
    let kind = types::named(name)?;
    suits(kind, text(image, "Architecture"))?;
    if call.bool("EbsOptimized") == Some(true) && !kind.family.nitro {
        return Err(error(
            "Unsupported",
            "The requested configuration is currently not supported. Please check the documentation for supported configurations.",
        ));
    }
    Ok(kind)
}

/// Whether a type runs what is built for an architecture.
pub fn suits(kind: &InstanceType, architecture: &str) -> Result<(), ApiError> {
    if kind.family.architecture == architecture {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The architecture '{}' of the specified instance type does not match the architecture '{architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
        kind.family.architecture
    )))
}

/// The key pair's name, which must exist.
pub fn key(call: &mut Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(name) = call.str("KeyName").map(str::to_owned) else {
        return Ok(None);
    };
    match key_pair::by_name(call.txn, call.region, &name)? {
        Some(_) => Ok(Some(name)),
        None => Err(key_pair::no_such_name(&name)),
    }
}

/// User data as sent, base64 of 16 KB at most.
pub fn user_data(sent: &str) -> Result<String, ApiError> {
    if sent.len() > USER_DATA[1] {
        return Err(invalid_value(format!(
            "Encoded User data is limited to {} bytes",
            USER_DATA[1]
        )));
    }
    let joined: String = sent.split_whitespace().collect();
    let bytes = STANDARD.decode(&joined).map_err(|_| {
        error(
            "InvalidUserData.Malformed",
            "Invalid BASE64 encoding of user data.",
        )
    })?;
    if bytes.len() > USER_DATA[0] {
        return Err(invalid_value(format!(
            "User data is limited to {} bytes",
            USER_DATA[0]
        )));
    }
    Ok(joined)
}

/// `MetadataOptions`: what is sent over what the image asks for.
pub fn metadata(call: &Call<'_>, image: &Value) -> Result<Value, ApiError> {
    let modern = text(image, "ImdsSupport") == "v2.0";
    let mut options = json!({
        "HttpTokens": if modern { "required" } else { "optional" },
        "HttpPutResponseHopLimit": if modern { 2 } else { 1 },
        "HttpEndpoint": "enabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "disabled",
    });
    overlay_metadata(&mut options, &call.input["MetadataOptions"])?;
    Ok(options)
}

/// Lays what was sent over metadata options.
pub fn overlay_metadata(options: &mut Value, sent: &Value) -> Result<(), ApiError> {
    let hops = sent["HttpPutResponseHopLimit"].as_i64();
    if let Some(hops) = hops.filter(|hops| !(1..=64).contains(hops)) {
        return Err(invalid_value(format!(
            "Value ({hops}) for parameter HttpPutResponseHopLimit is invalid. Valid values are from 1 to 64."
        )));
    }
    let endpoint = sent["HttpEndpoint"].as_str();
    let others = [
        "HttpTokens",
        "HttpPutResponseHopLimit",
        "HttpProtocolIpv6",
        "InstanceMetadataTags",
    ];
    if endpoint == Some("disabled")
        && let Some(other) = others.iter().find(|other| !sent[**other].is_null())
    {
        return Err(combination(format!(
            "The parameter {other} may not be used where HttpEndpoint is disabled."
        )));
    }
    let members: Vec<String> = options
        .as_object()
        .into_iter()
        .flatten()
        .map(|(m, _)| m.clone())
        .collect();
    for member in members {
        if let Some(value) = sent.get(&member).filter(|value| !value.is_null()) {
            options[member] = value.clone();
        }
    }
    Ok(())
}

/// How CPU credits are spent; none for types without them.
pub fn credits(call: &Call<'_>, kind: &InstanceType) -> Result<Option<String>, ApiError> {
    let asked = call.input["CreditSpecification"]["CpuCredits"].as_str();
    match (kind.family.credits, asked) {
        (None, Some(_)) => Err(combination(format!(
            "CPU credits are not supported for the instance type {}.",
            kind.name
        ))),
        (None, None) => Ok(None),
        (Some(default), None) => Ok(Some(default.to_owned())),
        (Some(_), Some(asked)) => credit_option(asked).map(Some),
    }
}

/// `standard` or `unlimited`.
pub fn credit_option(asked: &str) -> Result<String, ApiError> {
    match asked {
        "standard" | "unlimited" => Ok(asked.to_owned()),
        other => Err(invalid_value(format!(
            "Value ({other}) for parameter cpuCredits is invalid. Valid values are: standard, unlimited."
        ))),
    }
}

/// How an image boots on a type.
pub fn boot_mode(image: &Value, kind: &InstanceType) -> &'static str {
    match kind.family.nitro && text(image, "BootMode").starts_with("uefi") {
        true => "uefi",
        false => "legacy-bios",
    }
}

/// Names that the private address resolves by.
pub fn private_names(call: &Call<'_>, subnet: &Value) -> Value {
    let mut options = subnet["PrivateDnsNameOptionsOnLaunch"].clone();
    let sent = call.input["PrivateDnsNameOptions"].as_object();
    for (member, value) in sent.into_iter().flatten() {
        options[member.as_str()] = value.clone();
    }
    options
}

/// The texts of a list.
pub fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// Members of one object that are not null.
pub fn members(value: &Value) -> Map<String, Value> {
    let members = value.as_object().cloned().unwrap_or_default();
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}
