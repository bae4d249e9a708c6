//! A spec, as it was read: `docs/specs.md` says what each key means.

use serde_json::Value;

use super::fields::Name;
use super::input::Template;
use super::problem::Place;

/// One resource type's spec.
#[derive(Debug)]
pub(super) struct Spec {
    pub type_name: Name,
    pub service: Name,
    pub registry: Option<Name>,
    /// Registry path to attribute path; `None` where there is no attribute.
    pub registry_names: Vec<(Name, Option<Name>)>,
    pub id: Name,
    pub id_of: Vec<Name>,
    /// With its place.
    pub id_is: Option<(Template, Place)>,
    pub name: Option<Name>,
    pub name_within: Option<Within>,
    pub any_case: bool,
    pub named_by: Option<Naming>,
    pub owner: Option<OwnerText>,
    pub holds_data: bool,
    pub data: Vec<Name>,
    pub after_complete: Vec<Name>,
    pub deferrable: Vec<Name>,
    pub discovery: Discovery,
    pub hooks: bool,
    pub plural: bool,
    pub lookup: Vec<(Name, Lookup)>,
    pub lookup_order: Vec<Name>,
    pub checks: Vec<Check>,
    pub error_codes: Vec<Name>,
    pub attributes: Vec<(Name, Entry)>,
    pub outputs: Vec<(Name, Entry)>,
    pub compare: Vec<(Name, Name)>,
    pub create: Option<Create>,
    pub tags: Option<Tags>,
    pub body: Option<Body>,
    pub marks: Option<Marks>,
    pub version: Option<Name>,
    pub reads: Vec<Read>,
    pub list: Option<List>,
    pub updates: Vec<Update>,
    pub rest: Option<Rest>,
    pub made: Option<Name>,
    pub delete: Option<Delete>,
    pub waiters: Option<Waiters>,
    pub errors: Vec<ErrorRule>,
    /// Sentences for the type's page.
    pub notes: Vec<Name>,
    /// Sections of a stack file, as text.
    pub example: Option<Name>,
}

#[derive(Debug)]
pub(super) enum Discovery {
    List,
    Never,
    TaggingApi(Name),
    Marks,
}

/// The attributes that give contents; see `schema::Body`.
#[derive(Debug)]
pub(super) struct Body {
    pub text: Name,
    pub file: Name,
    pub template: Name,
    pub inputs: Name,
    pub url: Name,
    pub digest: Name,
    pub stand_in: Name,
    pub limit: i64,
}

impl Body {
    /// The attributes that say what the contents are: AWS gives none of them back.
    pub fn sources(&self) -> [&Name; 5] {
        [
            &self.text,
            &self.file,
            &self.template,
            &self.inputs,
            &self.url,
        ]
    }
}

/// How the name in AWS is made of the declared one; see `schema::Naming`.
#[derive(Debug)]
pub(super) struct Naming {
    pub unless: Name,
    pub of: Vec<Name>,
}

/// Where an object without tags says who owns it.
#[derive(Debug)]
pub(super) struct OwnerText {
    pub attribute: Name,
    pub otherwise: Option<Name>,
    pub limit: i64,
}

/// How an object is marked on its parent.
#[derive(Debug)]
pub(super) struct Marks {
    pub parent: Name,
    pub attribute: Name,
    pub key: Name,
}

/// What makes the unique name unique.
#[derive(Debug)]
pub(super) struct Within {
    pub attribute: Name,
    pub default: Option<DefaultWithin>,
    pub id_only: bool,
}

#[derive(Debug)]
pub(super) struct DefaultWithin {
    pub type_name: Name,
    pub query: Value,
    pub output: Name,
}

/// What a declaration must be beside what its schema says.
#[derive(Debug)]
pub(super) struct Check {
    pub when: Option<Condition>,
    pub unless: Option<Condition>,
    pub rule: Rule,
    /// Whether what it finds can be lived with.
    pub warning: bool,
    pub why: String,
}

/// An attribute has one of these values.
#[derive(Debug)]
pub(super) struct Condition {
    pub path: Name,
    pub values: Vec<Value>,
}

#[derive(Debug)]
pub(super) enum Rule {
    Requires(Name),
    Forbids(Name),
    Warns(Name),
    Multiple(Name, Name),
    OneOf(Name, Vec<Value>),
    /// A path and a pattern.
    Matches(Name, Name),
    /// A path and a pattern.
    Excludes(Name, Name),
    SomeOf(Vec<Name>),
    OneCase(Name),
}

#[derive(Debug)]
pub(super) struct Lookup {
    pub live: Option<Name>,
    pub required: bool,
    pub each: bool,
}

/// What a spec says of one attribute.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub from: Option<Name>,
    pub kind: Option<Name>,
    pub members: Vec<(Name, Entry)>,
    pub values: Vec<Name>,
    pub pattern: Option<Name>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub required: Option<bool>,
    pub default: Option<Value>,
    pub on_change: Option<Name>,
    pub write_only: Option<bool>,
    pub sensitive: Option<bool>,
    pub exact: Option<bool>,
    pub value: Option<Template>,
    pub unit: Option<Name>,
    pub live: Option<Name>,
    pub form: Option<Form>,
    /// Its text may name a parameter; this attribute says whether that is followed.
    pub parameter: Option<Name>,
    pub why: Option<Name>,
}

/// How an attribute's form in stack files differs from AWS's.
#[derive(Debug)]
pub(super) enum Form {
    Base64,
    ArnName,
    TrueIf(Vec<Name>),
    LeftAlone(Name),
}

/// How an object comes to rest and is started again.
#[derive(Debug)]
pub(super) struct Rest {
    pub states: Vec<Name>,
    pub stop: Call,
    pub start: Call,
    pub unless: Option<Condition>,
}

#[derive(Debug)]
pub(super) struct Call {
    pub operation: Name,
    pub input: Template,
    pub already: Vec<Name>,
}

#[derive(Debug)]
pub(super) struct Create {
    pub call: Call,
    pub omit: Vec<Name>,
    pub reply_id: Option<Name>,
    pub repeatable: Option<bool>,
    pub read_before: bool,
    pub trial: Option<Trial>,
}

/// How a creation is tried without effect.
#[derive(Debug)]
pub(super) struct Trial {
    pub with: Name,
    pub ok: Vec<Name>,
}

#[derive(Debug)]
pub(super) struct Tags {
    pub within: Name,
    pub shape: Name,
    pub alphabet: String,
    pub limit: i64,
    pub change: TagChange,
}

#[derive(Debug)]
pub(super) enum TagChange {
    Some { set: Call, remove: Call },
    All(Call),
}

/// Where a reply has what is read.
#[derive(Debug)]
pub(super) struct Reshape {
    pub at: Option<Name>,
    pub bases: Vec<Name>,
    pub map: Vec<(Name, Name)>,
}

#[derive(Debug)]
pub(super) enum Pages {
    /// As the model says.
    Model,
    None,
    Own {
        input: Name,
        output: Name,
    },
}

#[derive(Debug)]
pub(super) struct Read {
    pub call: Call,
    pub shape: Reshape,
    pub into: Option<Name>,
    pub absent: Vec<Name>,
    pub none: Vec<Name>,
    pub when: ReadWhen,
    pub pages: Pages,
}

#[derive(Debug)]
pub(super) enum ReadWhen {
    Always,
    Needed(Vec<Name>),
    /// Attributes, and a number that must be above another.
    NeededAbove(Vec<Name>, Name, i64),
    Changing(Vec<Name>),
    /// Attributes, and a number that must not be above another.
    Differing(Vec<Name>, Name, i64),
    Each(Name),
}

#[derive(Debug)]
pub(super) struct List {
    pub call: Call,
    pub shape: Reshape,
    pub pages: Pages,
    pub complete: bool,
    pub settles_after: i64,
}

#[derive(Debug)]
pub(super) struct Update {
    pub covers: Vec<Name>,
    pub also: Vec<Name>,
    pub moved: Vec<Name>,
    pub when: When,
    pub action: Action,
    pub settles: bool,
    pub at_rest: bool,
    pub renews: Vec<Name>,
    pub room: Option<Room>,
    pub failures: Option<Name>,
}

#[derive(Debug)]
pub(super) enum When {
    Word(Option<Name>),
    Wanted(Condition),
    /// Where the live object has a value.
    Live(Name),
}

#[derive(Debug)]
pub(super) enum Action {
    Call(Call),
    Steps {
        call: Call,
        at_most: i64,
        why: String,
    },
    Items(Box<Items>),
    Elements(Box<Elements>),
    Impossible(String),
    Replace,
    Keep(String),
}

#[derive(Debug)]
pub(super) struct Items {
    pub identity: Vec<Name>,
    pub add: Call,
    pub change: Option<Call>,
    pub remove: Call,
    pub batch: bool,
}

#[derive(Debug)]
pub(super) struct Elements {
    pub of: Name,
    pub change: Call,
    pub until: Option<Until>,
}

#[derive(Debug)]
pub(super) struct Until {
    pub call: Call,
    pub state: Name,
    pub ready: Vec<Name>,
    pub pending: Vec<Name>,
    pub failed: Vec<Name>,
    pub reason: Option<Name>,
}

#[derive(Debug)]
pub(super) struct Delete {
    pub before: Vec<(Name, Call)>,
    pub empty: Vec<Empty>,
    pub call: Call,
    pub blocked: Vec<Name>,
    pub protected: Option<Name>,
    pub blockers: Vec<Blockers>,
}

#[derive(Debug)]
pub(super) struct Blockers {
    pub call: Call,
    pub pages: Pages,
    pub holders: Vec<Holders>,
    pub help: Option<Name>,
}

#[derive(Debug)]
pub(super) struct Holders {
    pub at: Name,
    pub noun: Option<Name>,
    pub id: Name,
    pub about: Option<Name>,
    pub uses: Option<Name>,
    /// `always`, `never`, or a type.
    pub lets_go: Option<Name>,
}

#[derive(Debug)]
pub(super) struct Room {
    pub most: i64,
    pub oldest: Name,
    pub of: Empty,
}

#[derive(Debug)]
pub(super) struct Empty {
    pub list: Call,
    pub at: Vec<Name>,
    pub remove: Call,
    pub batch: bool,
    pub except: Option<Name>,
    pub keep: Vec<Name>,
    pub failures: Option<Name>,
}

#[derive(Debug)]
pub(super) struct Waiters {
    pub state: Name,
    pub ready: Vec<Name>,
    pub pending: Vec<Name>,
    pub deleting: Vec<Name>,
    pub gone: Vec<Name>,
    pub failed: Vec<Name>,
    pub reason: Option<Name>,
    /// Seconds.
    pub every: u64,
    pub timeout: u64,
    pub usual: u64,
}

#[derive(Debug)]
pub(super) struct ErrorRule {
    pub class: Name,
    pub code: Name,
    pub message: String,
    pub advice: String,
}
