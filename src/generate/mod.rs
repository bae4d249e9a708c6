//! The provider generator.
