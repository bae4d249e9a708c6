//! Symbols and colours on terminals, words elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use anstyle::{AnsiColor, Effects};

use crate::plan::Action;

/// How text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// With symbols and colours.
    Terminal,
    /// With symbols, where the person asked for no colours (`NO_COLOR`).
    Colourless,
    /// In words and ASCII.
    Plain,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Something new, or good.
    Good,
    /// Something changed.
    Changed,
    /// Something that goes, or is wrong.
    Bad,
    /// Something aside.
    Aside,
    /// Something to see first.
    Strong,
}

impl Style {
    /// The style for a stream.
    pub fn of(stream: &impl IsTerminal) -> Self {
        match stream.is_terminal() {
            false => Self::Plain,
            true if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) => Self::Colourless,
            true => Self::Terminal,
        }
    }

    /// The text in its colour, where there are colours.
    pub fn paint(self, paint: Paint, text: &str) -> String {
        if self != Self::Terminal || text.is_empty() {
            return text.to_owned();
        }
        let style = match paint {
            Paint::Good => AnsiColor::Green.on_default(),
            Paint::Changed => AnsiColor::Yellow.on_default(),
            Paint::Bad => AnsiColor::Red.on_default(),
            Paint::Aside => anstyle::Style::new().effects(Effects::DIMMED),
            Paint::Strong => anstyle::Style::new().effects(Effects::BOLD),
        };
        format!("{style}{text}{style:#}")
    }

    /// What stands before a resource: a symbol, or the word padded to a column.
    pub fn mark(self, action: Action) -> String {
        let (symbol, paint) = match action {
            Action::Create => ("+", Paint::Good),
            Action::Update => ("~", Paint::Changed),
            Action::Replace => ("±", Paint::Bad),
            Action::Delete => ("-", Paint::Bad),
            Action::Adopt => (">", Paint::Changed),
            Action::None => (" ", Paint::Aside),
            Action::Refuse => ("!", Paint::Bad),
        };
        match self {
            Self::Plain => format!("{:<7}", action.word()),
            _ => self.paint(paint, symbol),
        }
    }

    /// What stands between two values.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Plain => "->",
            _ => "→",
        }
    }

    /// What stands between two remarks.
    pub fn dot(self) -> &'static str {
        match self {
            Self::Plain => " - ",
            _ => " · ",
        }
    }
}

/// A duration as people say it: `0.4 s`, `12 m 10 s`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
    }
}
