//! What a type finds about a declaration.

/// Something about a declaration that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The attribute, as the stack file spells it: `ingress[0].source`.
    pub path: String,
    /// What it is, for people.
    pub message: String,
    /// What is written under the place: `expected …`.
    pub expected: String,
    /// Whether the path's last key is at fault, and not its value.
    pub of_key: bool,
    /// Whether it can be lived with.
    pub warning: bool,
}

impl Finding {
    /// Something that is wrong.
    pub fn error(
        path: impl Into<String>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            expected: expected.into(),
            of_key: false,
            warning: false,
        }
    }

    /// The same about the path's last key.
    #[must_use]
    pub fn of_key(mut self) -> Self {
        self.of_key = true;
        self
    }
}
