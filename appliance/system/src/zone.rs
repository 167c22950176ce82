use crate::render::ZONES;
use std::{fs, io, path::Path};
use tabellion_domain::settings::ZoneName;
use time::{OffsetDateTime, UtcOffset};

/// A time zone's rules (tzfile(5)).
#[derive(Clone, Debug)]
pub struct Zone(tz::TimeZone);

/// Why a zone's rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// There is no such zone on this system.
    #[error("the time zone {0} cannot be read: {1}")]
    Unknown(ZoneName, io::Error),
    /// Its file is no such.
    #[error("the rules of the time zone {0} cannot be understood: {1}")]
    Damaged(ZoneName, String),
}

impl Zone {
    /// The system's rules for a zone.
    ///
    /// # Errors
    /// [`ZoneError`].
    pub fn load(name: &ZoneName) -> Result<Self, ZoneError> {
        let bytes = fs::read(Path::new(ZONES).join(name.as_str()));
        let bytes = bytes.map_err(|error| ZoneError::Unknown(name.clone(), error))?;
        let zone = tz::TimeZone::from_tz_data(&bytes);
        zone.map(Self).map_err(|error| ZoneError::Damaged(name.clone(), error.to_string()))
    }

    /// What is added to UTC at an instant; UTC itself where the rules do not reach.
    #[must_use]
    pub fn offset_at(&self, at: OffsetDateTime) -> UtcOffset {
        let seconds =
            self.0.find_local_time_type(at.unix_timestamp()).map_or(0, tz::LocalTimeType::ut_offset);
        UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    fn zone(name: &str) -> Result<Zone, ZoneError> {
        Zone::load(&ZoneName::new(name).unwrap())
    }

    #[test]
    fn the_clocks_change_when_they_do_also_in_years_without_a_table() {
        let paris = zone("Europe/Paris").unwrap();
        for (at, offset) in [
            (datetime!(2026-10-25 00:59:59 UTC), offset!(+2)),
            (datetime!(2026-10-25 01:00 UTC), offset!(+1)),
            (datetime!(2027-03-28 00:59:59 UTC), offset!(+1)),
            (datetime!(2027-03-28 01:00 UTC), offset!(+2)),
            (datetime!(2060-07-14 12:00 UTC), offset!(+2)),
        ] {
            assert_eq!(paris.offset_at(at), offset, "{at}");
        }
        let reunion = zone("Indian/Reunion").unwrap();
        assert_eq!(reunion.offset_at(datetime!(2026-07-14 12:00 UTC)), offset!(+4));
    }

    #[test]
    fn a_zone_that_is_none_is_told() {
        assert!(matches!(zone("Europe/Lutece"), Err(ZoneError::Unknown(..))));
        assert!(matches!(zone("Europe"), Err(ZoneError::Unknown(..))), "a part of the world");
    }
}
