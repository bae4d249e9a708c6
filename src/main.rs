//! The `pinfra` binary.
fn main() {}
