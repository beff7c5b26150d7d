/// Syncs of certain days.
mod days;
/// The guide "How to leverage connected customers", sentence by sentence.
mod guide;
/// Asking the platform itself.
mod pass_through;
/// Tokens and the links that they open.
mod tokens;
