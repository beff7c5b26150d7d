//! What is sent, word for word, and what the simulator makes of it.

mod fakes;
mod requests;
mod troubles;
mod writes;
