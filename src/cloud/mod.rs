//! The embedded AWS.
//!
//! ```text
//! request -> route -> protocol parse -> validate -> faults -> handler in a transaction
//!         -> check reply -> protocol write -> response
//! ```

pub mod error;
pub mod services;
pub mod store;
