//! Key pairs: made here, or imported. Names are unique in a region.

use serde_json::{Value, json};

use super::describe::by_ids;
use super::errors::{error, missing};
use super::filters;
use super::key_material::{self, Made};
use super::tagging;
use super::things::{KEY_PAIR, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// CreateKeyPair: the only reply that ever has the private key.
pub fn create(call: &mut Call<'_>) -> Reply {
    let tags = tagging::sent(call, &KEY_PAIR)?;
    let name = free_name(call)?;
    if call.str("KeyFormat") == Some("ppk") {
        return Err(ApiError::not_implemented("private keys in PuTTY's format"));
    }
    let made = match call.str("KeyType") {
        Some("ed25519") => key_material::make_ed25519()?,
        _ => key_material::make_rsa()?,
    };
    let record = save(call, &name, &made, tags)?;
    Ok(json!({
        "KeyPairId": record["KeyPairId"],
        "KeyName": name,
        "KeyFingerprint": record["KeyFingerprint"],
        "KeyMaterial": made.private,
        "Tags": record["Tags"],
    }))
}

/// ImportKeyPair.
pub fn import(call: &mut Call<'_>) -> Reply {
    let tags = tagging::sent(call, &KEY_PAIR)?;
    let name = free_name(call)?;
    let given = call.str("PublicKeyMaterial").unwrap_or_default();
    let made = key_material::import(given)?;
    let record = save(call, &name, &made, tags)?;
    Ok(json!({
        "KeyPairId": record["KeyPairId"],
        "KeyName": name,
        "KeyFingerprint": record["KeyFingerprint"],
        "Tags": record["Tags"],
    }))
}

/// The call's `KeyName`, which nothing may have yet.
fn free_name(call: &mut Call<'_>) -> Result<String, ApiError> {
    let name = call.str("KeyName").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(missing("KeyName"));
    }
    if !name.is_ascii() || name.len() > 255 {
        return Err(error(
            "InvalidParameterValue",
            format!(
                "Value ({name}) for parameter KeyName is invalid. Length exceeds maximum of 255."
            ),
        ));
    }
    if by_name(call.txn, call.region, &name)?.is_some() {
        return Err(error(
            "InvalidKeyPair.Duplicate",
            "The keypair already exists",
        ));
    }
    Ok(name)
}

/// The key pair of a name.
pub fn by_name(txn: &mut Txn, region: &str, name: &str) -> Result<Option<Value>, StoreError> {
    Ok(KEY_PAIR.with(txn, region, "KeyName", name)?.pop())
}

/// The error of a name that no key pair has.
pub fn no_such_name(name: &str) -> ApiError {
    error(
        KEY_PAIR.not_found,
        format!("The key pair '{name}' does not exist"),
    )
}

fn save(call: &mut Call<'_>, name: &str, made: &Made, tags: Value) -> Result<Value, ApiError> {
    let record = json!({
        "KeyPairId": KEY_PAIR.new_id(call.txn)?,
        "KeyName": name,
        "KeyType": made.kind,
        "KeyFingerprint": made.fingerprint,
        "CreateTime": call.now,
        "PublicKey": format!("{} {name}", made.public),
        "Tags": tags,
    });
    KEY_PAIR.save(call.txn, call.region, &record)?;
    Ok(record)
}

const FILTERS: filters::Table = &[
    ("fingerprint", "KeyFingerprint"),
    ("key-name", "KeyName"),
    ("key-pair-id", "KeyPairId"),
    ("key-type", "KeyType"),
];

/// DescribeKeyPairs: no pages, all in one reply.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), FILTERS, &[], true)?;
    let (names, ids) = (call.strings("KeyNames"), call.strings("KeyPairIds"));
    let mut records = by_ids(call, &KEY_PAIR, &ids)?;
    for name in &names {
        let found = by_name(call.txn, call.region, name)?;
        records.push(found.ok_or_else(|| no_such_name(name))?);
    }
    if names.is_empty() && ids.is_empty() {
        records = KEY_PAIR.listed(call.txn, call.region)?;
    }
    records.sort_by(|a, b| text(a, "KeyName").cmp(text(b, "KeyName")));
    records.dedup_by(|a, b| a["KeyPairId"] == b["KeyPairId"]);
    let with_public = call.bool("IncludePublicKey").unwrap_or(false);
    let views: Vec<Value> = records
        .into_iter()
        .filter(|record| filters::pass(&filters, record, "Tags"))
        .map(|record| {
            let public = record["PublicKey"].clone();
            let mut view = KEY_PAIR.view(record);
            if with_public {
                view["PublicKey"] = public;
            }
            view
        })
        .collect();
    Ok(json!({ "KeyPairs": views }))
}

/// DeleteKeyPair: deleting what is not there succeeds.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let (name, id) = (call.str("KeyName"), call.str("KeyPairId"));
    if name.is_none() && id.is_none() {
        return Err(missing("KeyName"));
    }
    let (name, id) = (name.map(str::to_owned), id.map(str::to_owned));
    let record = match (id, name) {
        (Some(id), _) => KEY_PAIR.get(call.txn, call.region, &id)?,
        (None, name) => by_name(call.txn, call.region, &name.unwrap_or_default())?,
    };
    let Some(record) = record else {
        return Ok(json!({ "Return": true }));
    };
    let id = text(&record, "KeyPairId");
    KEY_PAIR.delete(call.txn, call.region, id)?;
    Ok(json!({ "Return": true, "KeyPairId": id }))
}
