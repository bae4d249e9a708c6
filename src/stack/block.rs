//! The keys of a resource that are no attributes.

use crate::schema::{Address, ResourceName, TypeSchema};

use super::document::{Block, DependsOn, Lifecycle, Replace};
use super::fields::Fields;
use super::file::{Reader, target_of};
use super::nearest::suggest;
use super::tree::{Data, Entry, Node};

const META: [&str; 6] = [
    "for_each",
    "when",
    "depends_on",
    "lifecycle",
    "adopt",
    "moved",
];

impl Reader<'_> {
    pub(super) fn block(
        &mut self,
        entry: &Entry,
        name: ResourceName,
        schema: &'static TypeSchema,
        body: Vec<Entry>,
    ) -> Block {
        let (meta, body): (Vec<Entry>, Vec<Entry>) = body
            .into_iter()
            .partition(|entry| META.contains(&entry.key.as_str()));
        let mut block = Block {
            name,
            schema,
            span: entry.key_span,
            for_each: None,
            when: None,
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            adopt: false,
            moved: None,
            body,
        };
        let fields = Fields {
            source: self.source,
        };
        for entry in meta {
            match entry.key.as_str() {
                "for_each" => block.for_each = Some(entry.value),
                "when" => block.when = Some(entry.value),
                "adopt" => block.adopt = fields.boolean(&entry, self.found).unwrap_or(false),
                "depends_on" => block.depends_on = self.depends_on(&entry),
                "lifecycle" => block.lifecycle = self.lifecycle(&entry, schema),
                _ => block.moved = self.moved(&entry, &block.name),
            }
        }
        block
    }

    fn depends_on(&mut self, entry: &Entry) -> Vec<DependsOn> {
        let Data::List(items) = &entry.value.data else {
            if entry.value.data != Data::Broken {
                let message = format!("`depends_on` takes a list, not {}", entry.value.noun());
                self.fail(entry.key_span, message, "expected a list of TYPE.NAME");
            }
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| self.dependency(item))
            .collect()
    }

    fn dependency(&mut self, item: &Node) -> Option<DependsOn> {
        let whole = match &item.data {
            Data::Scalar { text, .. } => super::parse::expression(text).ok(),
            Data::Template(template) => template.whole().cloned(),
            Data::Broken => return None,
            _ => None,
        };
        let target = whole.as_ref().and_then(target_of);
        let Some((target, key)) = target else {
            let at = self.source.first_line(item.span);
            self.fail(
                at,
                "`depends_on` takes whole resources",
                "expected TYPE.NAME or TYPE.NAME[\"KEY\"]",
            );
            return None;
        };
        Some(DependsOn {
            target,
            key,
            span: item.span,
        })
    }

    fn lifecycle(&mut self, entry: &Entry, schema: &'static TypeSchema) -> Lifecycle {
        let fields = Fields {
            source: self.source,
        };
        let keys = [
            "prevent_destroy",
            "ignore_changes",
            "create_before_destroy",
            "replace",
        ];
        let mut lifecycle = Lifecycle::default();
        for entry in fields.known_keys(entry, &keys, self.found) {
            match entry.key.as_str() {
                "prevent_destroy" => {
                    lifecycle.prevent_destroy = fields.boolean(entry, self.found).unwrap_or(false);
                }
                "create_before_destroy" => {
                    lifecycle.create_before_destroy =
                        fields.boolean(entry, self.found).unwrap_or(false);
                }
                "ignore_changes" => {
                    lifecycle.ignore_changes = self.ignored(entry, schema);
                }
                _ => lifecycle.replace = self.replace(entry),
            }
        }
        lifecycle
    }

    fn ignored(&mut self, entry: &Entry, schema: &'static TypeSchema) -> Vec<String> {
        let fields = Fields {
            source: self.source,
        };
        let ignored = fields.texts(entry, self.found);
        let items = match &entry.value.data {
            Data::List(items) => items.as_slice(),
            _ => &[],
        };
        for item in items {
            let Data::Scalar { text, .. } = &item.data else {
                continue;
            };
            // Inside a map of the user's own keys, such as tags, any key will do.
            let known = schema.attribute(text).is_some()
                || text.split_once('.').is_some_and(|(root, _)| {
                    let found = schema.attribute(root);
                    found.is_some_and(|a| matches!(a.kind, crate::schema::Kind::Map { .. }))
                });
            if !known {
                let names: Vec<&str> = schema.attributes.iter().map(|a| a.name).collect();
                let message = format!("{} has no attribute `{text}`", schema.name);
                self.fail(item.span, message, suggest(text, names, "attribute"));
            }
        }
        ignored
    }

    fn replace(&mut self, entry: &Entry) -> Option<Replace> {
        let fields = Fields {
            source: self.source,
        };
        let text = fields.text(entry, self.found)?;
        match text.as_str() {
            "allowed" => Some(Replace::Allowed),
            "never" => Some(Replace::Never),
            _ => {
                let label = suggest(&text, ["allowed", "never"], "value");
                self.fail(
                    entry.value.span,
                    format!("`replace` cannot be `{text}`"),
                    label,
                );
                None
            }
        }
    }

    fn moved(&mut self, entry: &Entry, name: &ResourceName) -> Option<Address> {
        let fields = Fields {
            source: self.source,
        };
        let keys = fields.known_keys(entry, &["from"], self.found);
        let Some(from) = keys.first() else {
            if entry.value.map().is_some_and(<[Entry]>::is_empty) || entry.value.is_null() {
                self.fail(
                    entry.key_span,
                    "`moved` needs `from`",
                    "expected { from: TYPE.NAME }",
                );
            }
            return None;
        };
        let text = fields.text(from, self.found)?;
        let address: Address = match text.parse() {
            Ok(address) => address,
            Err(_) => {
                let message = format!("`{text}` is not an address");
                self.fail(
                    from.value.span,
                    message,
                    "expected TYPE.NAME or TYPE.NAME[\"KEY\"]",
                );
                return None;
            }
        };
        if address.type_name() != &*name.type_name {
            let message = format!(
                "a {} cannot have been a {}",
                name.type_name,
                address.type_name()
            );
            let label = format!("expected {}.NAME", name.type_name);
            self.fail(from.value.span, message, label);
            return None;
        }
        Some(address)
    }
}
