//! The one error a person sees.

use std::fmt::Display;

/// What happened, and what to do about it.
#[derive(Debug)]
pub struct CliError {
    message: String,
    hints: Vec<String>,
    /// Already in its final form (rendered diagnostics), printed as it is.
    rendered: bool,
}

impl CliError {
    /// An error with its text: what happened, where and why.
    pub fn new(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            hints: Vec::new(),
            rendered: false,
        }
    }

    /// An error that is drawn already, such as a file's diagnostics.
    pub fn rendered(text: String) -> Self {
        Self {
            message: text,
            hints: Vec::new(),
            rendered: true,
        }
    }

    /// The mistakes of a stack file.
    #[cfg(feature = "stack")]
    pub fn from_diagnostics(diagnostics: crate::stack::Diagnostics) -> Self {
        Self::rendered(super::draw(&diagnostics))
    }

    /// Why there are no configuration files.
    #[cfg(feature = "stack")]
    pub fn from_configs(error: crate::configs::ConfigsError) -> Self {
        match error {
            crate::configs::ConfigsError::Wrong(diagnostics) => Self::from_diagnostics(diagnostics),
            other => other.into(),
        }
    }

    /// Why there is no plan.
    #[cfg(feature = "aws")]
    pub fn from_survey(error: crate::apply::SurveyError) -> Self {
        match error {
            crate::apply::SurveyError::Declaration(diagnostics) => {
                Self::from_diagnostics(diagnostics)
            }
            other => other.into(),
        }
    }

    /// The same with something to do about it.
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Prints it on standard error.
    pub fn print(&self) {
        let mut text = match self.rendered {
            true => format!("{}\n", self.message.trim_end()),
            false => format!("error: {}\n", self.message),
        };
        for hint in &self.hints {
            text.push_str(&format!("hint: {hint}\n"));
        }
        super::print_stderr(&text);
    }
}

impl<E: std::error::Error> From<E> for CliError {
    /// The error and all its causes.
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = inner.source();
        }
        Self::new(message)
    }
}
