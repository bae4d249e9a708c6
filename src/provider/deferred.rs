//! What an object is made with where a part of its declaration can only be known once it is made.

use serde_json::{Value, json};

use crate::schema::{Draft, canonical_policy};

/// A role's trust as far as it is known: statements with an unknown part are left out until the role
/// is completed. A role that nobody is known to be trusted by yet trusts nobody: IAM takes no empty
/// trust, so everyone is denied.
pub fn known_trust(document: &Draft) -> Value {
    if let Ok(known) = document.resolve() {
        return known;
    }
    let statements = document.get("Statement");
    let list = statements.as_ref().and_then(Draft::items);
    let list = list.unwrap_or_else(|| statements.into_iter().collect());
    let mut kept: Vec<Value> = list.iter().filter_map(|one| one.resolve().ok()).collect();
    if kept.is_empty() {
        kept.push(json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" }));
    }
    let version = document
        .get("Version")
        .and_then(|version| version.resolve().ok());
    let version = version.unwrap_or_else(|| "2012-10-17".into());
    canonical_policy(&json!({ "Version": version, "Statement": kept }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use indexmap::IndexMap;

    use super::*;

    fn trust(statements: Vec<Draft>) -> Draft {
        let mut document = IndexMap::new();
        document.insert("Version".to_owned(), Draft::Known("2012-10-17".into()));
        document.insert("Statement".to_owned(), Draft::list(statements));
        Draft::map(document)
    }

    fn own() -> Draft {
        let mut statement = IndexMap::new();
        statement.insert("Effect".to_owned(), Draft::Known("Allow".into()));
        statement.insert("Principal".to_owned(), Draft::after_apply("iam_role.a.arn"));
        Draft::map(statement)
    }

    #[test]
    fn statements_that_wait_for_the_role_itself_are_left_out() {
        let service = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}});
        let known = known_trust(&trust(vec![own(), Draft::Known(service.clone())]));
        assert_eq!(
            known["Statement"],
            json!([canonical_policy(&json!({"Statement": service}))["Statement"][0]])
        );
        let nobody = known_trust(&trust(vec![own()]));
        assert_eq!(nobody["Statement"][0]["Effect"], "Deny");
        assert_eq!(nobody["Statement"][0]["Principal"], "*");
    }
}
