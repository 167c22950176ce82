//! The switchboard: browsers' encrypted RTP comes in, is decrypted, and goes out to those who watch, encrypted for
//! each. Nothing is decoded.
//!
//! [`core`] is the whole logic without I/O or a clock: datagrams, requests and times go in; datagrams, answers,
//! events and the next deadline come out. [`shell`] is the thin loop around it: sockets and `poll(2)`, one thread.

pub mod core;
pub mod shell;
