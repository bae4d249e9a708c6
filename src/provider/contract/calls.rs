//! Calls of operations, and how objects are read with them.

/// A value that is computed when a call is made.
///
/// What a path can begin with: `id` and `name` (the object's own), `live` (what was observed),
/// `each` (`each.key`, `each.value`: the item of a collection; `each.live`: the live element beside it), `items` (all items of a batch),
/// `step` (the next value of a stepped update), `tags` (in the shape of [`super::Tags::shape`]), `keys`
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
    /// When the plan changes one of these attributes, and the object has at this path a number that is
    /// not above this one: what people compare with what is declared. Nothing else is made of it.
    Differing(&'static [&'static str], &'static str, i64),
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
