//! Names that say what is in an object whose contents cannot change: a hash of them is part of it.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// How many hexadecimal digits of the hash a name has.
const DIGITS: usize = 8;

/// How a declared name becomes the one in AWS.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The attribute that is true where the declared name is the one in AWS.
    pub unless: &'static str,
    /// The attributes that the hash is of: all of what another object is needed for.
    pub of: &'static [&'static str],
}

impl Naming {
    /// The name in AWS: the declared one, `-`, and the first eight hexadecimal digits of the SHA-256
    /// of the JSON list of these values, each in canonical form, null where it is not declared.
    pub fn name(declared: &str, values: &[Value]) -> String {
        let text = Value::from(values.to_vec()).to_string();
        let digest = hex::encode(Sha256::digest(text));
        format!("{declared}-{}", &digest[..DIGITS])
    }
}

/// Whether two names in AWS can be of one declared name: what is declared has changed then, and not
/// what it is called.
pub fn same_but_for_hash(one: &str, other: &str) -> bool {
    let (short, long) = (stem(one), stem(other));
    one == other || short == Some(other) || long == Some(one) || short.is_some() && short == long
}

/// A name without its hash, if it ends like one.
fn stem(name: &str) -> Option<&str> {
    let (stem, end) = name.rsplit_once('-')?;
    let is_hash = end.len() == DIGITS && end.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    is_hash.then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_content_is_another_name_of_the_same_stem() {
        let name = |text: &str| Naming::name("main", &[json!(text), Value::Null]);
        assert_eq!(name("a=1"), name("a=1"));
        assert_ne!(name("a=1"), name("a=2"));
        assert!(same_but_for_hash(&name("a=1"), &name("a=2")));
        assert!(same_but_for_hash("main", &name("a=1")) && same_but_for_hash(&name("a=1"), "main"));
        assert!(!same_but_for_hash("other", &name("a=1")));
        assert!(!same_but_for_hash("main", "main-other"));
    }
}
