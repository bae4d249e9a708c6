//! GetRandomPassword.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::secret::fail;
use crate::cloud::services::call::{Call, Reply};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Numbers that follow from the store's seed and counter: tests can repeat them.
struct Noise {
    seed: String,
    drawn: u64,
}

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.drawn += 1;
        let hash: [u8; 32] = Sha256::digest(format!("{}/{}", self.seed, self.drawn)).into();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        usize::try_from(u64::from_be_bytes(first) % bound.max(1) as u64).unwrap_or(0)
    }
}

/// GetRandomPassword.
pub fn get_random_password(call: &mut Call<'_>) -> Reply {
    let excluded = call.str("ExcludeCharacters").unwrap_or_default().to_owned();
    let on = |member: &str| call.bool(member) == Some(true);
    let types = [
        (!on("ExcludeLowercase"), LOWER),
        (!on("ExcludeUppercase"), UPPER),
        (!on("ExcludeNumbers"), DIGITS),
        (!on("ExcludePunctuation"), PUNCTUATION),
        (on("IncludeSpace"), " "),
    ];
    let pools: Vec<Vec<char>> = types
        .iter()
        .filter(|(included, _)| *included)
        .map(|(_, all)| all.chars().filter(|c| !excluded.contains(*c)).collect())
        .filter(|pool: &Vec<char>| !pool.is_empty())
        .collect();
    if pools.is_empty() {
        return Err(fail(
            "InvalidParameterException",
            "The password would have no characters to be made of.",
        ));
    }
    let each = call.bool("RequireEachIncludedType") != Some(false);
    let length = usize::try_from(call.int("PasswordLength").unwrap_or(32)).unwrap_or(32);
    if each && length < pools.len() {
        return Err(fail(
            "InvalidParameterException",
            "The password length is too short for the required character types.",
        ));
    }
    let mut noise = Noise {
        seed: call.txn.hex_id(32)?,
        drawn: 0,
    };
    let all: Vec<char> = pools.iter().flatten().copied().collect();
    let mut password: Vec<char> = if each {
        pools
            .iter()
            .map(|pool| pool[noise.below(pool.len())])
            .collect()
    } else {
        Vec::new()
    };
    while password.len() < length {
        password.push(all[noise.below(all.len())]);
    }
    // The required ones must not stand in front.
    for at in (1..password.len()).rev() {
        password.swap(at, noise.below(at + 1));
    }
    Ok(json!({ "RandomPassword": password.into_iter().collect::<String>() }))
}
