//! Unique ids (`AROA…`) and paths.

use sha2::{Digest, Sha256};

use crate::cloud::store::{StoreError, Txn};

/// The characters of IAM's unique ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Characters after the four of the prefix.
const LENGTH: usize = 17;

/// A fresh unique id: `AROA` for roles, `AIPA` for instance profiles, `ANPA` for policies.
pub fn unique(txn: &mut Txn, prefix: &str) -> Result<String, StoreError> {
    let seed = txn.hex_id(32)?;
    Ok(derived(prefix, &seed))
}

/// The id that always belongs to this text.
pub fn derived(prefix: &str, seed: &str) -> String {
    let digest = Sha256::digest(seed.as_bytes());
    let letters = digest
        .iter()
        .take(LENGTH)
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
    prefix.chars().chain(letters).collect()
}

/// The key of a named thing: names are unique whatever their case.
pub fn key(name: &str) -> String {
    name.to_lowercase()
}
