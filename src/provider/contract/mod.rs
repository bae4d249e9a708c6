//! The data that a resource type consists of.
//!
//! The generator computes it from AWS's facts and the type's `spec.yaml`; the engine interprets it.
//! Everything here can be held in constants and printed. [`ResourceType`] holds all of it: how objects
//! are read (`calls`), how they are made, changed and destroyed (`work`), and what the answers mean.
//!
//! Names of operations are AWS's own (`CreateStream`); members of their inputs and outputs are the
//! SDK crate's snake_case names (`stream_name`), which are also the attributes' names.

mod calls;
mod work;

pub use super::aws::Service;
use crate::schema::TypeSchema;
pub use calls::{Call, Input, List, Pages, Piece, Read, ReadWhen, Reshape};
pub use work::{
    Blockers, Create, Delete, Elements, Empty, Holders, Items, LetsGo, Rest, Room, Trial, Until,
    Update, UpdateAction, When,
};

/// A resource type.
#[derive(Debug)]
pub struct ResourceType {
    /// What the language knows of it.
    pub schema: TypeSchema,
    /// The service whose operations it uses.
    pub service: Service,
    /// The live member that identifies the object to its operations: `cluster_arn`, `group_id`,
    /// or the unique name again.
    pub id: &'static str,
    /// The attributes that the id is made of, joined by `/`, which only the last may have itself;
    /// empty if it is one of the object's members.
    pub id_of: &'static [&'static str],
    /// The id, where it follows from the unique name (an ARN): computed of the declared attributes,
    /// so that one object can be read by its name.
    pub id_is: Option<Input>,
    /// What else makes the unique name unique.
    pub within: Option<Within>,
    /// Whether unique names that differ in letter case only are one name.
    pub any_case: bool,
    /// Where its ownership tags are.
    pub tags: Option<Tags>,
    /// Where it says who owns it, if it cannot carry tags.
    pub owner: Option<OwnerText>,
    /// How its parent is marked with it.
    pub marks: Option<Marks>,
    /// The live member that is another one after every change (an ETag): what was planned is not
    /// carried out on anything else. Empty if there is none.
    pub version: &'static str,
    /// How it is made; `None` for what can only be looked up.
    pub create: Option<Create>,
    /// How one object is read, consistently, given its id or its unique name. The first says
    /// whether there is one; all are sent at once.
    pub reads: &'static [Read],
    /// How all objects are read in bulk.
    pub list: Option<List>,
    /// The updates, in the order in which they are carried out, one at a time.
    pub updates: &'static [Update],
    /// How it is brought to rest and started again, for updates that need that.
    pub rest: Option<Rest>,
    /// How it is destroyed.
    pub delete: Option<Delete>,
    /// What its states mean; `None` if it has none.
    pub states: Option<States>,
    /// Errors that mean something here, beside what [`crate::provider`] knows of every service.
    pub errors: &'static [ErrorRule],
    /// How objects that left the stack file are found.
    pub discovery: Discovery,
    /// Types whose referred-to resources must be complete, not only made, before this one is made, or
    /// is complete itself where only that refers to them.
    pub after_complete: &'static [&'static str],
    /// Attributes that stack files have in another form than AWS.
    pub forms: &'static [(&'static str, Form)],
    /// Attributes whose text may name a parameter that holds it.
    pub parameters: &'static [Parameter],
    /// The live member that says when it was made, a timestamp; empty if there is none. What is minutes
    /// old may not be seen everywhere yet. Of several objects that stand for one address, the oldest
    /// counts.
    pub made: &'static str,
    /// What a declaration must further be, beside what its schema says.
    pub checks: &'static [Check],
    /// How it is looked up under `existing:`; by the unique name alone it is a strong read.
    pub lookup: Option<Lookup>,
    /// Where the schema says that it holds data: it does if one of these live attributes, read when
    /// they are asked for, is not empty. Without any it always does.
    pub data: &'static [&'static str],
    /// Outputs that no reply has: (output, what it is), of the live object.
    pub computed: &'static [(&'static str, Input)],
    /// Hand-written parts.
    pub hooks: &'static dyn crate::provider::hooks::Hooks,
}

/// How an attribute's form in stack files differs from AWS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text here, base64 there: decoded when read (unless it is no text), encoded when sent.
    Base64,
    /// A name or an ARN here, an ARN there: the name at its end stands for both.
    ArnName,
    /// True or false here, one of several words there: these mean true.
    TrueIf(&'static [&'static str]),
    /// One more word here, which says what leaving it out says: whatever is live stays.
    LeftAlone(&'static str),
}

/// An attribute whose text may be `resolve:ssm:NAME`: the value of an SSM parameter when the object
/// is made. What the parameter holds later changes nothing, and a note says so, unless the
/// declaration follows it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The attribute.
    pub attribute: &'static str,
    /// The attribute that is true where a live object follows the parameter.
    pub follow: &'static str,
}

/// What the text of an attribute begins with that takes its value from an SSM parameter: EC2's own
/// notation. The parameter's name follows, and perhaps `:` and a version or a label.
pub const PARAMETER: &str = "resolve:ssm:";

/// What makes a unique name unique, beside itself.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// The attribute: `vpc_id` for a security group's name.
    pub attribute: &'static str,
    /// What it is where it is not declared, as AWS has it: what a lookup gives.
    pub default: Option<DefaultWithin>,
    /// Whether it is only a part of the id: no two objects have one name, wherever they are.
    pub id_only: bool,
}

/// A lookup that gives an attribute that is not declared: the default VPC's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DefaultWithin {
    /// The type that is looked up.
    pub type_name: &'static str,
    /// What is asked for, as JSON text.
    pub query: &'static str,
    /// Its output that is the value.
    pub output: &'static str,
}

/// How a type is looked up: all objects of its list that match.
#[derive(Clone, Copy, Debug)]
pub struct Lookup {
    /// What the live object must have: (member of the query, attribute path). A list in the query
    /// means any of its elements; a map means these entries among others.
    pub matches: &'static [(&'static str, &'static str)],
    /// Members of the query whose list means all of its elements: what is found has each of them.
    pub each: &'static [&'static str],
    /// The attributes that several are sorted by.
    pub order: &'static [&'static str],
}

/// Something that a declaration must be, beside what its schema says.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// When it counts: an attribute, defaults included, and the values for which it does, as JSON
    /// text; `None` for always. An attribute of a list's elements makes it count for each element.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// When it does not count, in the same way.
    pub unless: Option<(&'static str, &'static [&'static str])>,
    /// What is asked.
    pub rule: Rule,
    /// Whether what is not as asked can be lived with: then `why` alone is told.
    pub warning: bool,
    /// Why, for people.
    pub why: &'static str,
}

/// What a [`Check`] asks; paths are dotted. A path into a list's elements makes it count for each.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// The attribute must be declared.
    Requires(&'static str),
    /// The attribute must not be declared.
    Forbids(&'static str),
    /// Nothing: it is a warning at the attribute.
    Warns(&'static str),
    /// The first attribute must be a multiple of the number of elements of the second.
    Multiple(&'static str, &'static str),
    /// The attribute, where it is declared, must have one of these values, as JSON text.
    OneOf(&'static str, &'static [&'static str]),
    /// The whole text, or every key of the map, must match the regular expression.
    Matches(&'static str, &'static str),
    /// The whole text, and every key of the map, must not match the regular expression.
    Excludes(&'static str, &'static str),
    /// One of the attributes at least must be declared.
    SomeOf(&'static [&'static str]),
    /// No two keys of the map may differ in letter case only.
    OneCase(&'static str),
}

/// Where an object's tags are and how they change.
#[derive(Clone, Copy, Debug)]
pub struct Tags {
    /// The member of the creation's input that takes them, dotted where nested
    /// (`create_bucket_configuration.tags`).
    pub create_member: &'static str,
    /// Their shape there and in the live object.
    pub shape: TagShape,
    /// What characters keys and values may have, beside letters and digits.
    pub alphabet: &'static str,
    /// How many there can be.
    pub limit: usize,
    /// How they change.
    pub change: TagChange,
}

/// A text of an object without tags at whose end stands who owns it: see
/// [`crate::provider::ownership::with_mark`].
#[derive(Clone, Copy, Debug)]
pub struct OwnerText {
    /// The attribute; what is declared and compared is the text without the mark.
    pub attribute: &'static str,
    /// A live member that may have the mark where the attribute has none; empty if there is none.
    pub otherwise: &'static str,
    /// How many characters the text has at most, with the mark.
    pub limit: usize,
}

impl ResourceType {
    /// Whether an object says itself who owns it.
    pub fn says_owner(&self) -> bool {
        self.tags.is_some() || self.owner.is_some()
    }

    /// How what still uses it is found.
    pub fn blockers(&self) -> &'static [Blockers] {
        self.delete.as_ref().map_or(&[], |delete| delete.blockers)
    }

    /// What must go before it does: see [`Delete::before`].
    pub fn before_deletion(&self) -> &'static [(&'static str, Call)] {
        self.delete.as_ref().map_or(&[], |delete| delete.before)
    }

    /// How its creation is tried without effect, if it can be.
    pub fn trial(&self) -> Option<&Trial> {
        self.create.as_ref()?.trial.as_ref()
    }
}

/// The shape of tags in an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagShape {
    /// `{ team: data }`.
    Map,
    /// `[{ key: team, value: data }]`.
    List,
    /// `[{ resource_type, tags: [{ key, value }] }]`: EC2's creations.
    Specifications(&'static str),
    /// `team=data&more=x`, percent-encoded: a creation's header; a list elsewhere.
    Query,
}

/// How an object is marked on its parent: by a tag that is there before the object is made and goes
/// after it is gone, so that objects that left the file are found without listing all there are.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// The parent's type.
    pub parent: &'static str,
    /// The attribute that is the parent's id.
    pub attribute: &'static str,
    /// The attribute that is the mark's value: with the parent's id it makes the object's own.
    pub key: &'static str,
}

/// How tags change.
#[derive(Clone, Copy, Debug)]
pub enum TagChange {
    /// Some are set, some are removed.
    Some {
        /// Sets `${tags}`.
        set: Call,
        /// Removes `${keys}`.
        remove: Call,
    },
    /// The whole set is replaced by `${tags}`.
    All(Call),
}

/// What an object's states mean.
#[derive(Clone, Copy, Debug)]
pub struct States {
    /// The live member that holds the state.
    pub path: &'static str,
    /// It works.
    pub ready: &'static [&'static str],
    /// It works on itself: waited for.
    pub pending: &'static [&'static str],
    /// It is going: matches no identity, and its name is waited for.
    pub deleting: &'static [&'static str],
    /// It is gone but still shown.
    pub gone: &'static [&'static str],
    /// Making it failed: it holds no data and is made anew.
    pub failed: &'static [&'static str],
    /// The live member with the service's own reason; empty if there is none.
    pub reason: &'static str,
    /// How long between two looks, in seconds.
    pub every: u64,
    /// After how long waiting is given up, in seconds.
    pub timeout: u64,
    /// How long creation usually takes, in seconds: shown to people.
    pub usual: u64,
}

/// What an error code of a service means.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRule {
    /// The code; `*` for any.
    pub code: &'static str,
    /// A fragment of the message that must be there too; empty for any.
    pub message: &'static str,
    /// What it means.
    pub class: ErrorClass,
    /// What a person can do about it; empty if there is nothing to say.
    pub advice: &'static str,
}

/// What an error means for what is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Too many calls: wait and try again.
    Throttle,
    /// A passing fault: try again.
    Transient,
    /// Something else is under way on the object: wait and try again.
    Conflict,
    /// There is no such object.
    Absent,
    /// There is already such an object.
    Exists,
    /// What it refers to was made minutes ago at most and is not seen there yet: try again. For
    /// anything older the same error means plainly wrong.
    Eventual,
    /// Credentials are missing, expired or not good enough.
    Denied,
    /// Anything else: it will not get better.
    Fatal,
}

/// How objects that left the stack file are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// The bulk read has the tags.
    List,
    /// The Resource Groups Tagging API (for a global service, that of the partition's first region),
    /// under this resource type (`kinesis:stream`); the name is
    /// what follows the last `/` or `:` of the ARN. Each hit is confirmed by the type's reads.
    TaggingApi(&'static str),
    /// Its parent's marks name it; see [`Marks`].
    Marks,
    /// It is never owned: only looked up.
    Never,
}
