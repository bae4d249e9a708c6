//! Attributes that stack files have in another form than AWS: see [`Form`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::contract::{Form, ResourceType};
use super::path;

/// Brings what AWS answers into the form that stack files have.
pub(super) fn live(ty: &ResourceType, attributes: &mut Value) {
    for (attribute, form) in ty.forms {
        if let Some(value) = path::get(attributes, attribute) {
            let shown = shown(*form, value);
            path::set(attributes, attribute, shown);
        }
    }
}

fn shown(form: Form, value: &Value) -> Value {
    let Value::String(text) = value else {
        return value.clone();
    };
    match form {
        Form::Base64 => decoded(text).unwrap_or_else(|| text.clone()).into(),
        Form::ArnName => name_of(text).into(),
        Form::TrueIf(words) => words.contains(&text.as_str()).into(),
        Form::LeftAlone(_) => value.clone(),
    }
}

/// The text in base64; `None` where it is none.
fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// The name at the end of an ARN; a name stays as it is.
fn name_of(text: &str) -> &str {
    match text.starts_with("arn:") {
        true => super::bulk::name_in(text),
        false => text,
    }
}

/// Brings what a stack file declares of an attribute into the one form that is compared and sent:
/// null where it says no more than leaving it out does.
pub fn desired(ty: &ResourceType, attribute: &str, value: Value) -> Value {
    let forms = ty.forms.iter().filter(|(name, _)| *name == attribute);
    forms.fold(value, |value, (_, form)| match (form, &value) {
        (Form::ArnName, Value::String(text)) => name_of(text).into(),
        (Form::LeftAlone(word), Value::String(text)) if text == word => Value::Null,
        _ => value,
    })
}

/// A text in base64.
pub(super) fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_form_is_brought_into_what_stack_files_have() {
        let arn = "arn:aws:iam::123456789012:instance-profile/team/reader";
        let cases = [
            (
                Form::Base64,
                json!("I2Nsb3VkLWNvbmZpZw=="),
                json!("#cloud-config"),
            ),
            // A compressed script is no text: it stays as AWS has it.
            (Form::Base64, json!("H4sIAAAA/w=="), json!("H4sIAAAA/w==")),
            (Form::ArnName, json!(arn), json!("reader")),
            (Form::ArnName, json!("reader"), json!("reader")),
            (
                Form::TrueIf(&["enabled", "pending"]),
                json!("pending"),
                json!(true),
            ),
            (
                Form::TrueIf(&["enabled", "pending"]),
                json!("disabled"),
                json!(false),
            ),
            (
                Form::LeftAlone("ignore"),
                json!("running"),
                json!("running"),
            ),
        ];
        for (form, aws, file) in cases {
            assert_eq!(shown(form, &aws), file, "{form:?} {aws}");
        }
    }
}
