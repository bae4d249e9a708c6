//! How objects are made, changed and destroyed.

use super::calls::{Call, Pages};

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
    /// How it is tried before what stands in its place is destroyed, if the API can.
    pub trial: Option<Trial>,
}

/// How a creation is tried without effect.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The member of the call's input that makes it a trial if it is true.
    pub with: &'static str,
    /// Error codes of a trial against which nothing speaks: it would have worked, or will once the old
    /// object is gone.
    pub ok: &'static [&'static str],
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
    /// Where the reply of a call that did not do it says so, as it does not fail as a whole; empty if
    /// there is no such place.
    pub failures: &'static str,
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
    /// Any, of an object that has a value at this path.
    Live(&'static str),
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
    /// A call for each element that differs of a list whose others stay as they are.
    Elements(Elements),
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

/// How single elements of a list are changed.
#[derive(Clone, Copy, Debug)]
pub struct Elements {
    /// The list; its elements compare by a key.
    pub of: &'static str,
    /// Changes one: `each.key` is its key, `each.value` the element as it is to be, `each.live` as it
    /// is. What other updates keep or bring is in both as it is live.
    pub change: Call,
    /// How it is seen that a change is done, where that takes time.
    pub until: Option<Until>,
}

/// How it is seen that what a call began is done.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// The call that tells; its `already` are the codes of an element that nothing was begun on.
    pub call: Call,
    /// Where its reply has the state; any that is neither ready nor failed is waited out.
    pub state: &'static str,
    /// It is done.
    pub ready: &'static [&'static str],
    /// It failed: the element is as it was.
    pub failed: &'static [&'static str],
    /// Where the reply has the service's own reason; empty if nowhere.
    pub reason: &'static str,
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

/// How an object comes to rest and is started again. An object that is at rest while it is updated
/// carries the tag [`crate::provider::ownership::RESTART`] from before until it is started again.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// The states it is at rest in: [`super::States::ready`] has them too.
    pub states: &'static [&'static str],
    /// Brings it to rest.
    pub stop: Call,
    /// Starts it.
    pub start: Call,
    /// Where it stays at rest after an update: what is wanted has at this path one of these values,
    /// as JSON text.
    pub unless: Option<(&'static str, &'static [&'static str])>,
}

/// How an object is destroyed.
#[derive(Clone, Copy, Debug)]
pub struct Delete {
    /// What must go first, each for every element of an attribute's live value (`each.key`,
    /// `each.value`): (attribute, call). What an element of an object that goes too names is let go of
    /// by the same call, before that is destroyed.
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
    /// How what still uses it is found, to be named to people; what never lets go makes the plan refuse
    /// the deletion, and the deletion fail.
    pub blockers: &'static [Blockers],
}

/// How what still uses an object is found.
#[derive(Clone, Copy, Debug)]
pub struct Blockers {
    /// The call.
    pub call: Call,
    /// How its pages are read.
    pub pages: Option<Pages>,
    /// What its reply has.
    pub holders: &'static [Holders],
    /// What a person can do about those that never let go by themselves; empty if there are none.
    pub help: &'static str,
}

/// What uses an object, of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Holders {
    /// Where the reply has them.
    pub at: &'static str,
    /// What one is called; empty if its id says it.
    pub noun: &'static str,
    /// The member that identifies one.
    pub id: &'static str,
    /// The member that says more of it; empty if there is none.
    pub about: &'static str,
    /// The member that is the object's id where it is used; empty if the reply has no others.
    pub uses: &'static str,
    /// When it lets go.
    pub lets_go: LetsGo,
}

/// When what uses an object lets go of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LetsGo {
    /// By itself, in time.
    Always,
    /// In the same run, where it is an object of this type and of the same stack; else never.
    Own(&'static str),
    /// Not before somebody sees to it.
    Never,
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
