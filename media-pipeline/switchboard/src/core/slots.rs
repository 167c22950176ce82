//! Which track a receiver's slot carries.

use tabellion_media_protocol::TrackId;

/// Puts the wanted tracks, most important first, into a receiver's slots. A track that is in a slot stays there:
/// each change costs the receiver a key frame. Tracks beyond the number of slots are left out.
#[must_use]
pub fn assign(current: &[Option<TrackId>], wanted: &[TrackId]) -> Vec<Option<TrackId>> {
    let wanted = &wanted[..wanted.len().min(current.len())];
    let mut slots: Vec<_> = current.iter().map(|slot| slot.filter(|track| wanted.contains(track))).collect();
    let mut missing = wanted.iter().copied().filter(|track| !current.contains(&Some(*track)));
    for slot in slots.iter_mut().filter(|slot| slot.is_none()) {
        *slot = missing.next();
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(numbers: &[u32]) -> Vec<TrackId> {
        numbers.iter().copied().map(TrackId).collect()
    }

    fn slots(numbers: &[u32]) -> Vec<Option<TrackId>> {
        numbers.iter().map(|number| Some(TrackId(*number)).filter(|_| *number > 0)).collect()
    }

    #[test]
    fn tracks_fill_free_slots_in_order_and_stay_where_they_are() {
        assert_eq!(assign(&slots(&[0, 0, 0]), &tracks(&[7, 8])), slots(&[7, 8, 0]));
        assert_eq!(assign(&slots(&[7, 8, 0]), &tracks(&[8, 9])), slots(&[9, 8, 0]));
        assert_eq!(assign(&slots(&[7, 8]), &tracks(&[])), slots(&[0, 0]));
    }

    #[test]
    fn what_does_not_fit_is_left_out_least_important_first() {
        assert_eq!(assign(&slots(&[3, 4]), &tracks(&[1, 2, 3, 4])), slots(&[1, 2]));
        assert_eq!(assign(&[], &tracks(&[1])), slots(&[]));
    }
}
