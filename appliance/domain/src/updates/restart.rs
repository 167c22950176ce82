/// Why a restart that an administrator asks for does not begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RestartRefusal {
    /// No update waits for one.
    NothingInstalled,
    /// So many are in meetings, or in front of them, or in calls: they would be cut off.
    People(usize),
}

/// Whether the box restarts at once, because an administrator asks for it. `despite_people`: they know that it cuts off who
/// is in a meeting.
///
/// # Errors
/// [`RestartRefusal`].
pub fn may_restart(installed: bool, people: usize, despite_people: bool) -> Result<(), RestartRefusal> {
    if !installed {
        return Err(RestartRefusal::NothingInstalled);
    }
    if people > 0 && !despite_people {
        return Err(RestartRefusal::People(people));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_cut_off_without_a_warning() {
        assert_eq!(may_restart(true, 0, false), Ok(()));
        assert_eq!(may_restart(true, 3, false), Err(RestartRefusal::People(3)));
        assert_eq!(may_restart(true, 3, true), Ok(()));
        assert_eq!(may_restart(false, 0, true), Err(RestartRefusal::NothingInstalled));
    }
}
