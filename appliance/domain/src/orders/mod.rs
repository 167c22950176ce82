//! What an administrator orders of whoever bills: licences (LIC-01), entries in the ADSN directory (USER-04).

mod csv;
mod order;

pub use csv::orders_csv;
pub use order::{Delivery, Order, OrderKind};
