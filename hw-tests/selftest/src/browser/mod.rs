//! A participant as a browser is one, made of GStreamer's webrtcbin.

mod certificate;
mod connection;
mod offer;
mod participant;

pub(crate) use connection::Connection;
pub(crate) use participant::Browser;
