//! The data that a resource type consists of.
//!
//! The generator computes it from AWS's facts and the type's `spec.yaml`; the engine interprets it.
//! Everything here can be held in constants and printed.
//!
//! Names of operations are AWS's own (`CreateStream`); members of their inputs and outputs are the
//! SDK crate's snake_case names (`stream_name`), which are also the attributes' names.

pub use super::aws::Service;
use crate::schema::TypeSchema;

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
    /// The live member that says when it was made, a timestamp; empty if there is none. Of several
    /// objects that stand for one address, the oldest counts.
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

/// How an object comes to rest and is started again. An object that is at rest while it is updated
/// carries the tag [`crate::provider::ownership::RESTART`] from before until it is started again.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// The states it is at rest in: [`States::ready`] has them too.
    pub states: &'static [&'static str],
    /// Brings it to rest.
    pub stop: Call,
    /// Starts it.
    pub start: Call,
    /// Where it stays at rest after an update: what is wanted has at this path one of these values,
    /// as JSON text.
    pub unless: Option<(&'static str, &'static [&'static str])>,
}

/// What makes a unique name unique, beside itself.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// The attribute: `vpc_id` for a security group's name.
    pub attribute: &'static str,
    /// What it is where it is not declared, as AWS has it: what a lookup gives.
    pub default: Option<DefaultWithin>,
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
    /// The attributes that several are sorted by.
    pub order: &'static [&'static str],
}

/// Something that a declaration must be, beside what its schema says.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// When it counts: an attribute, defaults included, and the values for which it does, as JSON
    /// text; `None` for always. An attribute of a list's elements makes it count for each element.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// What is asked.
    pub rule: Rule,
    /// Why, for people.
    pub why: &'static str,
}

/// What a [`Check`] asks; paths are dotted.
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
}

/// A value that is computed when a call is made.
///
/// What a path can begin with: `id` and `name` (the object's own), `live` (what was observed),
/// `each` (`each.key`, `each.value`: the item of a collection), `items` (all items of a batch),
/// `step` (the next value of a stepped update), `tags` (in the shape of [`Tags::shape`]), `keys`
/// (tag keys), `key_objects` (`[{ key }]` of them), `aws` (`aws.account_id`, `aws.region`,
/// `aws.partition`, and `aws.location_constraint`: the region but for us-east-1), `token` (a client token);
/// `body` (`body.content`, what is sent as a stream, and `body.sha256`, its SHA-256 in base64);
/// anything else is an attribute: as declared, else its default, else (where it is left alone, also
/// inside a declared object) as it is live. A path that leads nowhere gives null; nulls are left out
/// of objects and lists.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// A literal, as JSON text.
    Json(&'static str),
    /// What a path leads to, with its type.
    Path(&'static str),
    /// Text with paths in it.
    Text(&'static [Piece]),
    /// The JSON text of a value: policy documents.
    JsonText(&'static Input),
    /// A text in base64.
    Base64(&'static Input),
    /// A list.
    List(&'static [Input]),
    /// A map.
    Object(&'static [(&'static str, Input)]),
}

/// A piece of an [`Input::Text`].
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// As it is.
    Literal(&'static str),
    /// What a path leads to, as text.
    Path(&'static str),
}

/// One call of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// AWS's name of it.
    pub operation: &'static str,
    /// Its input: always an [`Input::Object`].
    pub input: Input,
    /// Error codes that mean that what is wanted is already so.
    pub already: &'static [&'static str],
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

/// How an object is made.
#[derive(Clone, Copy, Debug)]
pub struct Create {
    /// The call; its input holds every attribute creation takes.
    pub call: Call,
    /// Where the reply has the object's id; empty if the id is the unique name.
    pub reply_id: &'static str,
    /// Whether sending it twice is harmless (a unique name, a client token): only then may the
    /// SDK retry it by itself.
    pub repeatable: bool,
    /// Whether to read immediately before, because creating what exists is not an error there
    /// (S3 in us-east-1).
    pub read_before: bool,
}

/// One operation that reads a part of an object, or all of it.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    /// The call.
    pub call: Call,
    /// Where the reply has what is read; empty for the reply itself. A path as in [`Reshape::map`].
    pub at: &'static str,
    /// The attribute under which it is put; empty for the object itself.
    pub into: &'static str,
    /// How the reply becomes attributes.
    pub shape: Reshape,
    /// Error codes that mean that there is no such object.
    pub absent: &'static [&'static str],
    /// Error codes that mean that the object has no such part.
    pub none: &'static [&'static str],
    /// When it is sent.
    pub when: ReadWhen,
    /// How its pages are read.
    pub pages: Option<Pages>,
}

/// When a [`Read`] is sent.
#[derive(Clone, Copy, Debug)]
pub enum ReadWhen {
    /// Always.
    Always,
    /// When the declaration has one of these attributes, or when they are referred to. The first
    /// read is sent by every strong read; after a complete list only such reads are.
    Needed(&'static [&'static str]),
    /// The same, but not where the object has at this path a number that is not above this one.
    NeededAbove(&'static [&'static str], &'static str, i64),
    /// Right before one of these attributes is updated: what only the update needs.
    Changing(&'static [&'static str]),
    /// Once for each element of what an earlier read put at this attribute (`each.value`): the
    /// answers become a map by element; where it is one text or number, the answer is what is read.
    /// After a complete list, only where what it is put into is needed and the list did not give it.
    Each(&'static str),
}

/// How a reply's members become attributes.
#[derive(Clone, Copy, Debug)]
pub struct Reshape {
    /// Members whose own members count as the object's (`provisioned`), in order of preference.
    pub bases: &'static [&'static str],
    /// Attributes that stand elsewhere: (attribute path, path in the reply). In a reply's path `a[0].b`
    /// leads through the first element, `a[*].b` gives the list of all elements' `b`, and `a[k].b`
    /// makes a map of a list: from each element's `k` to its `b`. Other members stay as they are.
    pub map: &'static [(&'static str, &'static str)],
}

/// How all objects are read in bulk.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// The call, without ids: pages of all objects there are.
    pub call: Call,
    /// Where the reply has the objects.
    pub at: &'static str,
    /// How each becomes attributes.
    pub shape: Reshape,
    /// How its pages are read.
    pub pages: Option<Pages>,
    /// Whether each has its tags and every attribute but those that [`ReadWhen::Needed`] reads add.
    pub complete: bool,
    /// How often the list is read before its answer is believed: it lags behind writes.
    pub settles_after: u32,
}

/// How pages are read: paths in the input and the output.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    /// The input member that takes the token.
    pub input: &'static str,
    /// The output member that gives it.
    pub output: &'static str,
}

/// An update of some attributes.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The attributes it covers, as dotted paths without indices; a path covers all inside it.
    pub covers: &'static [&'static str],
    /// Further attributes that its call brings if they changed too: later updates of theirs are then
    /// left out.
    pub also: &'static [&'static str],
    /// Error codes that mean that somebody else changed the object since it was read.
    pub moved: &'static [&'static str],
    /// Which of their changes it is for.
    pub when: When,
    /// What is done.
    pub action: UpdateAction,
    /// Whether the object then works on it by itself, and is waited for.
    pub settles: bool,
    /// Whether it must be at rest for it: see [`Rest`].
    pub at_rest: bool,
    /// Outputs that are others afterwards, or are there only then; of updates at rest, what starting
    /// the object again gives.
    pub renews: &'static [&'static str],
    /// What has to make room first.
    pub room: Option<Room>,
}

/// Which changes an [`Update`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Any.
    Changes,
    /// The number grows.
    Grows,
    /// The number shrinks.
    Shrinks,
    /// There is a value after it; an empty collection is none.
    Set,
    /// There is none after it.
    Removed,
    /// There is a value after it and none before.
    Added,
    /// There is a value after it and another one before.
    Exchanged,
    /// What is wanted, defaults included, has at this path one of these values, as JSON text.
    Wanted(&'static str, &'static [&'static str]),
}

/// What an [`Update`] does.
#[derive(Clone, Copy, Debug)]
pub enum UpdateAction {
    /// One call.
    Call(Call),
    /// Calls for what differs between two collections (a set, or a map by `each.key`).
    Items(Items),
    /// The call again and again with `${step}`, at most doubling or halving the number each time,
    /// and waiting for the object in between.
    Steps {
        /// The call.
        call: Call,
        /// More calls than this cannot be made at once: it is refused.
        at_most: usize,
        /// Why, for people.
        why: &'static str,
    },
    /// It cannot be done, and is refused: why, for people.
    Impossible(&'static str),
    /// It takes a new object.
    Replace,
    /// What is live stays as it is, and a note says why: values that AWS only lets grow, or grows by
    /// itself (expanded storage).
    Keep(&'static str),
}

/// How a collection is brought to what is declared.
#[derive(Clone, Copy, Debug)]
pub struct Items {
    /// The members of an element that say which one it is; empty if all of it does. For a map the
    /// key does.
    pub identity: &'static [&'static str],
    /// Adds an element, or all new ones as `${items}`.
    pub add: Call,
    /// Changes an element whose identity stays; without it, `add` is used for maps, and sets
    /// remove and add.
    pub change: Option<Call>,
    /// Removes an element, or all surplus ones as `${items}`.
    pub remove: Call,
    /// Whether one call takes all elements.
    pub batch: bool,
}

/// How an object is destroyed.
#[derive(Clone, Copy, Debug)]
pub struct Delete {
    /// What must go first, each for every element of an attribute's live value (`each.key`,
    /// `each.value`): (attribute, call).
    pub before: &'static [(&'static str, Call)],
    /// What it holds that must go even before that: it is emptied in batches until nothing is left.
    pub empty: &'static [Empty],
    /// The call; `already` are the codes of an object that is gone.
    pub call: Call,
    /// Error codes of what still uses it, and will let go by itself or by this run: tried again.
    pub blocked: &'static [&'static str],
    /// The live attribute that is true where AWS refuses the call; empty if there is none. It is read
    /// before anything is planned to go.
    pub protected: &'static str,
    /// How what still uses it is found, to be named to people while it is waited for.
    pub blockers: Option<Blockers>,
}

/// How what still uses an object is found.
#[derive(Clone, Copy, Debug)]
pub struct Blockers {
    /// The call.
    pub call: Call,
    /// Where the reply has them.
    pub at: &'static str,
    /// The member that identifies one.
    pub id: &'static str,
    /// The member that says what it is.
    pub about: &'static str,
}

/// What an update's call adds to, and AWS keeps only so many of (a policy's versions).
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// How many may be there before the call, those that are excepted not counted.
    pub most: usize,
    /// The member that says how old one is: the oldest are removed.
    pub oldest: &'static str,
    /// How they are listed and removed, one after the other.
    pub of: Empty,
}

/// Contents that are removed in batches before their container is.
#[derive(Clone, Copy, Debug)]
pub struct Empty {
    /// Reads a batch of them: its first page, again and again.
    pub list: Call,
    /// Where the reply has them: the elements at all of these paths.
    pub at: &'static [&'static str],
    /// Removes a batch as `${items}`, or one after the other as `${each.value}`.
    pub remove: Call,
    /// Whether `remove` takes a whole batch.
    pub batch: bool,
    /// The member that is true of elements that stay (a policy's default version); empty if all go.
    pub except: &'static str,
    /// The members of an element that `${items}` keeps.
    pub keep: &'static [&'static str],
    /// Where the reply of `remove` lists what it could not remove; empty if nowhere.
    pub failures: &'static str,
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
