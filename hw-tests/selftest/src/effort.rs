use std::time::Duration;

/// How much a run asks of the machines that take part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum Effort {
    /// As participants do.
    #[default]
    Usual,
    /// As little as still proves that pictures and sound pass, by software alone, and with all the time of the run: on a
    /// machine that does other things, or is slow.
    Small,
}

impl Effort {
    /// By how much a coded picture is smaller than at its full size, in each direction.
    pub(crate) const fn smaller(self) -> usize {
        match self {
            Self::Usual => 1,
            Self::Small => 2,
        }
    }

    /// Pictures a second.
    pub(crate) const fn rate(self) -> u32 {
        match self {
            Self::Usual => 25,
            Self::Small => 8,
        }
    }

    /// Slots that a browser offers for sound and for pictures, made once: assigning one needs no signalling. As many as the
    /// pages offer, or as two others need.
    pub(crate) const fn slots(self) -> (usize, usize) {
        match self {
            Self::Usual => (3, 9),
            Self::Small => (2, 2),
        }
    }

    /// `profile-level-id` that the room system offers (RFC 6184 §8.1). Level 2.1 makes the studio's mix 512×288, in which
    /// two pictures side by side can still be read.
    pub(crate) const fn room_level(self) -> &'static str {
        match self {
            Self::Usual => "42e01f",
            Self::Small => "42e015",
        }
    }

    /// How long to wait for what takes no longer than this, usually.
    pub(crate) fn patience(self, usual: Duration) -> Duration {
        match self {
            Self::Usual => usual,
            Self::Small => usual * 6,
        }
    }

    /// Whether codecs in hardware are tried. The studio does so, too: a driver's fault is for its own checks to find.
    pub(crate) const fn tries_hardware(self) -> bool {
        matches!(self, Self::Usual)
    }
}
