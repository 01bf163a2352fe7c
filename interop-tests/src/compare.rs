//! Differential testing.
