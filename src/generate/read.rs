//! From a spec's tree to a [`Spec`], strictly.

use super::fields::{Fields, Name, entries, items, text, texts};
use super::input::Template;
use super::problem::Problems;
use super::read_attributes::{attribute_entries, outputs};
use super::read_calls::{create, list, reads, tags};
use super::read_changes::{delete, rest, updates};
use super::spec::{
    Body, Check, Condition, DefaultWithin, Discovery, ErrorRule, Lookup, Marks, Naming, OwnerText,
    Rule, Spec, Waiters, Within,
};
use super::tree::{Data, Node};

/// Reads one spec; `None` if what everything hangs on is missing.
pub(super) fn spec(node: &Node, problems: &mut Problems) -> Option<Spec> {
    let mut fields = Fields::of("a spec", node, problems);
    let type_name = fields.need_text("type", problems);
    let service = fields.need_text("service", problems);
    let registry = fields.text("registry", problems);
    let registry_names = fields
        .get("registry_names")
        .map(|node| registry_names(node, problems));
    let (id, id_of) = match fields.need("id", problems) {
        Some(node) if matches!(node.data, Data::List(_)) => {
            let id = Name {
                text: "id".to_owned(),
                place: node.place.clone(),
            };
            (Some(id), texts(node, problems))
        }
        Some(node) => (text(node, problems), Vec::new()),
        None => (None, Vec::new()),
    };
    let id_is = fields.get("id_is").and_then(|node| {
        text(node, problems)?;
        Some((Template::read(node, problems), node.place.clone()))
    });
    let name = fields.text("name", problems);
    let name_within = fields
        .get("name_within")
        .and_then(|node| within(node, problems));
    let any_case = fields.flag("any_case", problems);
    let named_by = fields
        .get("named_by")
        .and_then(|node| naming(node, problems));
    let owner = fields.get("owner").and_then(|node| owner(node, problems));
    let holds_data = fields.flag("holds_data", problems).unwrap_or(false);
    let data = fields.texts("data", problems);
    let after_complete = fields.texts("after_complete", problems);
    let deferrable = fields.texts("deferrable", problems);
    let discovery = fields
        .need("discovery", problems)
        .and_then(|node| discovery(node, problems));
    let hooks = fields.flag("hooks", problems).unwrap_or(false);
    let plural = fields.flag("plural", problems).unwrap_or(false);
    let lookup = fields.get("lookup").map(|node| lookup(node, problems));
    let lookup_order = fields.texts("lookup_order", problems);
    let checks = fields.get("checks").map(|node| {
        items(node, problems)
            .iter()
            .filter_map(|node| check(node, problems))
            .collect()
    });
    let error_codes = fields.texts("error_codes", problems);
    let attributes = fields
        .get("attributes")
        .map(|node| attribute_entries(node, problems));
    let outputs = fields.get("outputs").map(|node| outputs(node, problems));
    let compare = fields.get("compare").map(|node| {
        let rules = entries(node, problems);
        rules
            .into_iter()
            .filter_map(|(path, rule)| Some((path, text(rule, problems)?)))
            .collect()
    });
    let create = fields.get("create").and_then(|node| create(node, problems));
    let tags = fields.get("tags").and_then(|node| tags(node, problems));
    let body = fields.get("body").and_then(|node| body(node, problems));
    let marks = fields.get("marks").and_then(|node| marks(node, problems));
    let version = fields.text("version", problems);
    let reads = fields.get("read").map(|node| reads(node, problems));
    let list = fields.get("list").and_then(|node| list(node, problems));
    let updates = fields.get("updates").map(|node| updates(node, problems));
    let rest = fields.get("rest").and_then(|node| rest(node, problems));
    let made = fields.text("made", problems);
    let delete = fields.get("delete").and_then(|node| delete(node, problems));
    let waiters = fields
        .get("waiters")
        .and_then(|node| waiters(node, problems));
    let errors = fields.get("errors").map(|node| errors(node, problems));
    let notes = fields.texts("notes", problems);
    let example = fields.text("example", problems);
    fields.finish(problems);
    Some(Spec {
        type_name: type_name?,
        service: service?,
        registry,
        registry_names: registry_names.unwrap_or_default(),
        id: id?,
        id_of,
        id_is,
        name,
        name_within,
        any_case: any_case.unwrap_or(false),
        named_by,
        owner,
        holds_data,
        data,
        after_complete,
        deferrable,
        discovery: discovery?,
        hooks,
        plural,
        lookup: lookup.unwrap_or_default(),
        lookup_order,
        checks: checks.unwrap_or_default(),
        error_codes,
        attributes: attributes.unwrap_or_default(),
        outputs: outputs.unwrap_or_default(),
        compare: compare.unwrap_or_default(),
        create,
        tags,
        body,
        marks,
        version,
        reads: reads.unwrap_or_default(),
        list,
        updates: updates.unwrap_or_default(),
        rest,
        made,
        delete,
        waiters,
        errors: errors.unwrap_or_default(),
        notes,
        example,
    })
}

fn registry_names(node: &Node, problems: &mut Problems) -> Vec<(Name, Option<Name>)> {
    let entries = entries(node, problems);
    let named = entries
        .into_iter()
        .map(|(property, node)| match &node.data {
            Data::Scalar(serde_json::Value::Null) => (property, None),
            _ => (property, text(node, problems)),
        });
    named.collect()
}

fn body(node: &Node, problems: &mut Problems) -> Option<Body> {
    let mut fields = Fields::of("body", node, problems);
    let mut need = |key| fields.need_text(key, problems);
    let (text, file, template) = (need("text"), need("file"), need("template"));
    let (inputs, url, digest) = (need("inputs"), need("url"), need("digest"));
    let stand_in = need("stand_in");
    let limit = fields.integer("limit", problems);
    fields.finish(problems);
    Some(Body {
        text: text?,
        file: file?,
        template: template?,
        inputs: inputs?,
        url: url?,
        digest: digest?,
        stand_in: stand_in?,
        limit: limit.unwrap_or(i64::MAX),
    })
}

fn marks(node: &Node, problems: &mut Problems) -> Option<Marks> {
    let mut fields = Fields::of("marks", node, problems);
    let parent = fields.need_text("parent", problems);
    let attribute = fields.need_text("attribute", problems);
    let key = fields.need_text("key", problems);
    fields.finish(problems);
    Some(Marks {
        parent: parent?,
        attribute: attribute?,
        key: key?,
    })
}

fn naming(node: &Node, problems: &mut Problems) -> Option<Naming> {
    let mut fields = Fields::of("named_by", node, problems);
    let unless = fields.need_text("unless", problems);
    let of = fields.texts("of", problems);
    fields.finish(problems);
    Some(Naming {
        unless: unless?,
        of,
    })
}

fn owner(node: &Node, problems: &mut Problems) -> Option<OwnerText> {
    let mut fields = Fields::of("owner", node, problems);
    let attribute = fields.need_text("in", problems);
    let otherwise = fields.text("or", problems);
    let limit = fields.integer("limit", problems);
    fields.finish(problems);
    Some(OwnerText {
        attribute: attribute?,
        otherwise,
        limit: limit.unwrap_or(i64::MAX),
    })
}

fn within(node: &Node, problems: &mut Problems) -> Option<Within> {
    if !matches!(node.data, Data::Map(_)) {
        return text(node, problems).map(|attribute| Within {
            attribute,
            default: None,
            id_only: false,
        });
    }
    let mut fields = Fields::of("name_within", node, problems);
    let attribute = fields.need_text("attribute", problems);
    let default = fields.get("default").and_then(|node| {
        let mut fields = Fields::of("the default of name_within", node, problems);
        let type_name = fields.need_text("type", problems);
        let query = fields.need("query", problems).map(Node::value);
        let output = fields.need_text("output", problems);
        fields.finish(problems);
        Some(DefaultWithin {
            type_name: type_name?,
            query: query?,
            output: output?,
        })
    });
    let id_only = fields.flag("id_only", problems);
    fields.finish(problems);
    Some(Within {
        attribute: attribute?,
        default,
        id_only: id_only.unwrap_or(false),
    })
}

fn check(node: &Node, problems: &mut Problems) -> Option<Check> {
    let mut fields = Fields::of("a check", node, problems);
    let [when, unless] = ["when", "unless"].map(|key| {
        let node = fields.get(key);
        node.and_then(|node| condition(node, problems))
    });
    let requires = fields.text("requires", problems).map(Rule::Requires);
    let forbids = fields.text("forbids", problems).map(Rule::Forbids);
    let warns = fields.text("warns", problems).map(Rule::Warns);
    let multiple = fields.text("multiple", problems);
    let of = fields.text("of", problems);
    let multiple = multiple
        .zip(of)
        .map(|(number, of)| Rule::Multiple(number, of));
    let one_of = fields.text("one_of", problems);
    let values = fields.get("values").map(|node| items(node, problems));
    let one_of = one_of.zip(values).map(|(path, values)| {
        let values = values.iter().map(Node::value).collect();
        Rule::OneOf(path, values)
    });
    let pattern = fields.text("pattern", problems);
    let of_text = fields.text("matches", problems).zip(pattern.clone());
    let of_text = of_text.map(|(path, pattern)| Rule::Matches(path, pattern));
    let excludes = fields.text("excludes", problems).zip(pattern);
    let excludes = excludes.map(|(path, pattern)| Rule::Excludes(path, pattern));
    let some_of = fields.texts("some_of", problems);
    let some_of = (!some_of.is_empty()).then_some(Rule::SomeOf(some_of));
    let one_case = fields.text("one_case", problems).map(Rule::OneCase);
    let paired = fields.has("multiple") == fields.has("of")
        && fields.has("one_of") == fields.has("values")
        && (fields.has("matches") || fields.has("excludes")) == fields.has("pattern")
        && !(fields.has("when") && fields.has("unless"));
    let rules = [requires, forbids, warns, multiple, one_of];
    let rules = rules
        .into_iter()
        .chain([of_text, excludes, some_of, one_case]);
    let rules: Vec<Rule> = rules.flatten().collect();
    let warning = fields.flag("warning", problems).unwrap_or(false);
    let why = fields.need_text("why", problems);
    let place = fields.place().clone();
    fields.finish(problems);
    match <[Rule; 1]>::try_from(rules) {
        Ok([rule]) if paired => Some(Check {
            when,
            unless,
            rule,
            warning,
            why: why?.text,
        }),
        _ => {
            problems.add(
                place,
                "a check has exactly one of requires, forbids, warns, multiple (with of), one_of (with values), \
                 matches or excludes (with pattern), some_of, one_case; and when or unless, if at all",
            );
            None
        }
    }
}

/// `{ attribute: [values] }`.
pub(super) fn condition(node: &Node, problems: &mut Problems) -> Option<Condition> {
    match entries(node, problems).as_slice() {
        [(path, values)] => {
            let values = items(values, problems).iter().map(Node::value).collect();
            Some(Condition {
                path: path.clone(),
                values,
            })
        }
        _ => {
            problems.add(
                node.place.clone(),
                "expected one attribute and its values: `{ attribute: [values] }`",
            );
            None
        }
    }
}

fn discovery(node: &Node, problems: &mut Problems) -> Option<Discovery> {
    if let Data::Map(_) = node.data {
        let mut fields = Fields::of("discovery", node, problems);
        let found = fields
            .need_text("tagging_api", problems)
            .map(Discovery::TaggingApi);
        fields.finish(problems);
        return found;
    }
    let word = text(node, problems)?;
    match word.text.as_str() {
        "list" => Some(Discovery::List),
        "never" => Some(Discovery::Never),
        "marks" => Some(Discovery::Marks),
        other => {
            problems.unknown(
                &word.place,
                "there is no discovery",
                other,
                ["list", "never", "marks", "tagging_api"],
            );
            None
        }
    }
}

fn lookup(node: &Node, problems: &mut Problems) -> Vec<(Name, Lookup)> {
    let mut all = Vec::new();
    for (name, node) in entries(node, problems) {
        let mut fields = Fields::of("a lookup", node, problems);
        let live = fields.text("live", problems);
        let required = fields.flag("required", problems).unwrap_or(false);
        let each = fields.flag("each", problems).unwrap_or(false);
        fields.finish(problems);
        let lookup = Lookup {
            live,
            required,
            each,
        };
        all.push((name, lookup));
    }
    all
}

fn waiters(node: &Node, problems: &mut Problems) -> Option<Waiters> {
    let mut fields = Fields::of("waiters", node, problems);
    let state = fields.need_text("state", problems);
    let ready = fields.texts("ready", problems);
    let pending = fields.texts("pending", problems);
    let deleting = fields.texts("deleting", problems);
    let gone = fields.texts("gone", problems);
    let failed = fields.texts("failed", problems);
    let reason = fields.text("reason", problems);
    let mut time = |key| {
        let text = fields.need_text(key, problems)?;
        let seconds = seconds(&text.text);
        if seconds.is_none() {
            problems.add(
                text.place,
                format!("`{}` is no time such as 30s, 20m or 1h", text.text),
            );
        }
        seconds
    };
    let (every, timeout, usual) = (time("every"), time("timeout"), time("usual"));
    fields.finish(problems);
    Some(Waiters {
        state: state?,
        ready,
        pending,
        deleting,
        gone,
        failed,
        reason,
        every: every?,
        timeout: timeout?,
        usual: usual?,
    })
}

/// The seconds of `30s`, `20m` or `1h`.
fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? * factor)
}

fn errors(node: &Node, problems: &mut Problems) -> Vec<ErrorRule> {
    let mut rules = Vec::new();
    for (class, node) in entries(node, problems) {
        for item in items(node, problems) {
            rules.extend(error(&class, item, problems));
        }
    }
    rules
}

/// A code, or a map of it.
fn error(class: &Name, node: &Node, problems: &mut Problems) -> Option<ErrorRule> {
    let (code, [message, advice]) = match node.data {
        Data::Map(_) => {
            let mut fields = Fields::of("an error", node, problems);
            let code = fields.need_text("code", problems);
            let said = ["message", "advice"].map(|key| fields.text(key, problems));
            if said.iter().all(Option::is_none) {
                let why = "an error that is a map has `message`, `advice`, or both";
                problems.add(node.place.clone(), why);
            }
            fields.finish(problems);
            (
                code,
                said.map(|name| name.map_or_else(String::new, |name| name.text)),
            )
        }
        _ => (text(node, problems), Default::default()),
    };
    Some(ErrorRule {
        class: class.clone(),
        code: code?,
        message,
        advice,
    })
}
