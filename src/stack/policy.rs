//! What is wrong with an IAM policy document, as far as its form goes.
//!
//! The members and their values are those of the IAM policy language: Version, Id and Statement;
//! in a statement Sid, Effect, Principal, Action, Resource, their opposites, and Condition.

use serde_json::Value;

use crate::schema::{Draft, Step};

use super::nearest::suggest;

/// One thing wrong with a policy document.
pub(crate) struct PolicyMistake {
    /// Where in the document.
    pub(crate) path: Vec<Step>,
    /// Whether it is the key at the end of the path that is wrong, not its value.
    pub(crate) of_key: bool,
    /// What.
    pub(crate) message: String,
    /// What was expected.
    pub(crate) expected: String,
}

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

/// All that is wrong; parts that are unknown are taken to be right.
pub(crate) fn policy_mistakes(document: &Draft) -> Vec<PolicyMistake> {
    let mut mistakes = Vec::new();
    let mut wrong = |path: &[Step], message: String, expected: String| {
        mistakes.push(PolicyMistake {
            path: path.to_vec(),
            of_key: matches!(path.last(), Some(Step::Key(key)) if !is_member(key)),
            message,
            expected,
        });
    };
    if document.first_unknown().is_some() && document.entries().is_none() {
        return mistakes;
    }
    let Some(entries) = document.entries() else {
        let expected = "expected a map with `Statement`".to_owned();
        wrong(&[], "a policy document is a map".to_owned(), expected);
        return mistakes;
    };
    for (key, value) in &entries {
        let path = [Step::Key(key.clone())];
        if !DOCUMENT.contains(&key.as_str()) {
            let message = format!("a policy document has no `{key}`");
            wrong(&path, message, suggest(key, DOCUMENT, "member"));
        }
        if let (true, Ok(Value::String(text))) = (key == "Version", value.resolve())
            && !VERSIONS.contains(&text.as_str())
        {
            let message = format!("there is no policy language of version {text}");
            wrong(&path, message, suggest(&text, VERSIONS, "version"));
        }
    }
    let misspelt = entries
        .iter()
        .any(|(key, _)| key.eq_ignore_ascii_case("Statement"));
    let Some(statements) = document.get("Statement") else {
        if !misspelt {
            let expected = "expected `Statement:` with a list of statements".to_owned();
            wrong(
                &[],
                "a policy document needs `Statement`".to_owned(),
                expected,
            );
        }
        return mistakes;
    };
    let root = Step::Key("Statement".to_owned());
    match (statements.items(), statements.entries()) {
        (Some(items), _) if items.is_empty() => {
            let expected = "expected one statement at least".to_owned();
            wrong(
                &[root],
                "a policy document needs a statement".to_owned(),
                expected,
            );
        }
        (Some(items), _) => {
            for (index, item) in items.iter().enumerate() {
                statement(&[root.clone(), Step::Index(index)], item, &mut wrong);
            }
        }
        (None, Some(_)) => statement(&[root], &statements, &mut wrong),
        (None, None) if statements.first_unknown().is_some() => {}
        (None, None) => {
            let expected = "expected a list of statements".to_owned();
            wrong(
                &[root],
                "`Statement` is a list of maps".to_owned(),
                expected,
            );
        }
    }
    mistakes
}

fn is_member(key: &str) -> bool {
    DOCUMENT.contains(&key) || STATEMENT.contains(&key)
}

fn statement(path: &[Step], value: &Draft, wrong: &mut dyn FnMut(&[Step], String, String)) {
    let Some(entries) = value.entries() else {
        if value.first_unknown().is_none() {
            let expected = "expected a map with `Effect` and `Action`".to_owned();
            wrong(path, "a statement is a map".to_owned(), expected);
        }
        return;
    };
    let mut misspelt = false;
    for (key, _) in &entries {
        if !STATEMENT.contains(&key.as_str()) {
            misspelt = true;
            let mut path = path.to_vec();
            path.push(Step::Key(key.clone()));
            let message = format!("a statement has no `{key}`");
            wrong(&path, message, suggest(key, STATEMENT, "member"));
        }
    }
    match value.get("Effect") {
        Some(effect) => {
            if let Ok(effect) = effect.resolve()
                && effect != "Allow"
                && effect != "Deny"
            {
                let mut path = path.to_vec();
                path.push(Step::Key("Effect".to_owned()));
                let shown = super::evaluate::plain_text(&effect);
                let expected = suggest(&shown, ["Allow", "Deny"], "effect");
                wrong(
                    &path,
                    format!("a statement's effect cannot be `{shown}`"),
                    expected,
                );
            }
        }
        None if misspelt => {}
        None => {
            let expected = "expected `Effect: Allow` or `Effect: Deny`".to_owned();
            wrong(path, "a statement needs `Effect`".to_owned(), expected);
        }
    }
    let acts = value.get("Action").is_some() || value.get("NotAction").is_some();
    if !acts && !misspelt {
        let expected = "expected `Action:` with one action or a list".to_owned();
        wrong(path, "a statement needs `Action`".to_owned(), expected);
    }
}
