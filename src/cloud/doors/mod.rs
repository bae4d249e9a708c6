//! The ways into the embedded cloud: a server for any AWS client, and the SDK's own HTTP client
//! without a socket in between.

pub mod http;
#[cfg(feature = "aws")]
pub mod sdk;
