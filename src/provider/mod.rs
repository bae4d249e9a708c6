//! The contract of a resource type, ownership, and the types of AWS.
