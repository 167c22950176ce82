//! The directory of notaries, as others have it: CSV files and LDAP servers. What comes out are entries of the domain, checked; where
//! they are kept, this crate does not know. The ADSN's own interface is not public: these are the two forms that a copy comes in.

pub mod csv;
pub mod ldap;
