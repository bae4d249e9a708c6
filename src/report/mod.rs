//! Plans and runs, drawn.
