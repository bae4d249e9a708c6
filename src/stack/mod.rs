//! The stack language.
