//! Values, attribute schemas and their canonical comparison.
