//! see files
