//! Carrying a plan out.
