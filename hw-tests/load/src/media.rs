use std::time::Duration;

/// A picture that a browser publishes.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Picture {
    /// Pictures a second.
    #[arg(long, default_value_t = 30, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=120))]
    pub rate: u16,
    /// Packets a picture.
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=50))]
    pub packets: u16,
    /// Bytes of a packet's payload.
    #[arg(long, default_value_t = 1_150, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(16..=1_200))]
    pub bytes: u16,
}

impl Picture {
    /// A tile among nine: 460 kb/s, the middle one of the three sizes that our pages send.
    pub(crate) const TILE: Self = Self { rate: 25, packets: 2, bytes: 1_150 };

    pub(crate) fn period(self) -> Duration {
        Duration::from_secs(1) / u32::from(self.rate)
    }
}

/// A voice that a browser publishes: Opus at 32 kb/s, a packet every 20 ms.
#[derive(Clone, Copy)]
pub(crate) struct Voice {
    /// dB of the full scale (RFC 6464).
    pub level: i8,
}

impl Voice {
    pub(crate) const BYTES: usize = 80;
    pub(crate) const PERIOD: Duration = Duration::from_millis(20);
    pub(crate) const SPEAKS: Self = Self { level: -25 };
    /// What a microphone hears of a quiet room.
    pub(crate) const LISTENS: Self = Self { level: -75 };
}

/// The lines of a browser: what it publishes, and how many pictures and voices of others it takes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lines {
    pub picture: Option<Picture>,
    pub voice: Option<Voice>,
    pub pictures: usize,
    pub voices: usize,
}

impl Lines {
    pub(crate) fn publisher(picture: Picture) -> Self {
        Self { picture: Some(picture), ..Self::default() }
    }

    pub(crate) fn watcher() -> Self {
        Self { pictures: 1, ..Self::default() }
    }

    /// Of somebody in a meeting, as our pages offer them.
    pub(crate) fn participant(picture: Picture, voice: Voice) -> Self {
        Self { picture: Some(picture), voice: Some(voice), pictures: 9, voices: 3 }
    }
}
