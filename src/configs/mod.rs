//! The Kafka clients' configuration files.
