use crate::{
    box_api::{BoxAddress, Login, Trust},
    effort::Effort,
    rehearsal::Keys,
};
use clap::Parser;
use std::{path::PathBuf, time::Duration};

/// Most participants in browsers: each has a tone and a number in its picture of its own.
const MOST_PARTICIPANTS: u8 = 14;
/// Longest stay in seconds: a login ends after twelve hours, and it is needed once more to put the meeting away.
const LONGEST_STAY: u64 = 11 * 3_600;

/// Joins a meeting as an organizer, a guest and a room system would, each with a coded picture and a tone, and checks
/// that all see and hear each other. Exit status: 0 passed, 1 failed, 2 wrong usage.
#[derive(Parser, Clone)]
#[command(version)]
pub(crate) struct Arguments {
    /// The box: https://HOST or https://HOST:PORT.
    #[arg(long, required_unless_present = "rehearsal")]
    url: Option<BoxAddress>,
    /// The box's authority, PEM. Default: the authorities that this system trusts.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The box's own test: reads from the standard input what its control process has opened, asks little of the machine,
    /// and writes the report as JSON, and nothing else, to the standard output.
    #[arg(
        long,
        conflicts_with_all = ["url", "ca", "login", "organizer_seat", "device", "sip", "json", "participants"]
    )]
    pub rehearsal: bool,
    /// The very certificate that the box has, PEM.
    #[arg(skip)]
    certificate: Option<String>,
    /// Logs in as this user, makes a meeting for the test and deletes it afterwards.
    #[arg(long, requires_all = ["password", "totp_secret"], required_unless_present_any = ["organizer_seat", "rehearsal"])]
    login: Option<String>,
    /// The user's password.
    #[arg(long, requires = "login", allow_hyphen_values = true)]
    password: Option<String>,
    /// The secret of the user's authenticator, base32.
    #[arg(long, requires = "login", value_name = "BASE32")]
    totp_secret: Option<String>,
    /// Uses a meeting of the caller's: the secret of an organizer's seat in it.
    #[arg(
        long,
        requires = "guest_seat",
        conflicts_with = "login",
        value_name = "TOKEN",
        allow_hyphen_values = true
    )]
    organizer_seat: Option<String>,
    /// The secret of a guest's seat in the same meeting. Once for each guest.
    #[arg(long, requires = "organizer_seat", value_name = "TOKEN", allow_hyphen_values = true)]
    guest_seat: Vec<String>,
    /// The number of the caller's meeting, for the room system.
    #[arg(long, requires = "organizer_seat")]
    number: Option<String>,
    /// Its code, if it has one.
    #[arg(long, requires = "number")]
    code: Option<String>,
    /// The room system's username. Without it no room system takes part.
    #[arg(long, requires = "device_password", value_name = "USER")]
    device: Option<String>,
    /// The room system's password.
    #[arg(long, requires = "device", allow_hyphen_values = true)]
    device_password: Option<String>,
    /// Where the box's SIP is (UDP). Default: port 5060 of the box.
    #[arg(long, requires = "device", value_name = "HOST:PORT")]
    pub sip: Option<String>,
    /// Writes the report as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Limit of the run without its stay, in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(10..=3_600))]
    timeout: u64,
    /// How much is asked of the machines. A rehearsal always asks little.
    #[arg(long, value_enum, default_value_t)]
    effort: Effort,
    /// After all are perceived, everybody stays for so many seconds beyond the limit, and is perceived again each minute.
    #[arg(long, default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=LONGEST_STAY))]
    stay: u64,
    /// Participants in browsers, with the organizer. More than two are a load: each has to see the organizer.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=i64::from(MOST_PARTICIPANTS)))]
    pub participants: u8,
}

/// Where the meeting comes from.
#[derive(Clone)]
pub(crate) enum Access {
    /// A user of the box, who makes one.
    Login(Login),
    /// The caller has made one.
    Seats {
        /// An organizer's.
        organizer: String,
        /// One for each guest.
        guests: Vec<String>,
        /// What a room system dials and types.
        number: Option<(String, String)>,
    },
}

/// A room system's account.
#[derive(Clone)]
pub(crate) struct Device {
    /// Its SIP username.
    pub username: String,
    /// Its password.
    pub password: String,
}

impl Arguments {
    /// Takes what a rehearsal's keys say in place of arguments.
    ///
    /// # Errors
    /// The box's address is none.
    pub(crate) fn take(&mut self, keys: Keys) -> Result<(), String> {
        self.url = Some(keys.url.parse()?);
        self.certificate = Some(keys.certificate);
        self.sip = Some(keys.sip);
        self.organizer_seat = Some(keys.organizer_seat);
        self.guest_seat = vec![keys.guest_seat];
        (self.number, self.code) = (Some(keys.number), Some(keys.code));
        (self.device, self.device_password) = (Some(keys.device), Some(keys.password));
        Ok(())
    }

    /// The box, and whom to believe that it is the one.
    ///
    /// # Errors
    /// It is missing.
    pub(crate) fn target(&self) -> Result<(BoxAddress, Trust<'_>), String> {
        let url = self.url.clone().ok_or("--url is needed")?;
        let trusted = match (&self.certificate, &self.ca) {
            (Some(certificate), _) => Trust::Certificate(certificate),
            (None, Some(file)) => Trust::Authorities(file),
            (None, None) => Trust::System,
        };
        Ok((url, trusted))
    }

    /// How much is asked of the machines.
    pub(crate) fn effort(&self) -> Effort {
        if self.rehearsal { Effort::Small } else { self.effort }
    }

    /// Limit of the run without its stay.
    pub(crate) fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// How long everybody stays.
    pub(crate) fn stay(&self) -> Duration {
        Duration::from_secs(self.stay)
    }

    /// The room system's account, if one takes part.
    pub(crate) fn device(&self) -> Option<Device> {
        let (username, password) = self.device.clone().zip(self.device_password.clone())?;
        Some(Device { username, password })
    }

    /// Why no room system takes part, if so.
    pub(crate) fn without_room_system(&self, access: &Access) -> Option<&'static str> {
        match access {
            _ if self.device.is_none() => Some("no --device was given"),
            Access::Seats { number: None, .. } => Some("no --number was given with the seats"),
            _ => None,
        }
    }

    /// Where the meeting comes from.
    ///
    /// # Errors
    /// What is missing, for the user.
    pub(crate) fn access(&self) -> Result<Access, String> {
        let login = self.login.clone().zip(self.password.clone()).zip(self.totp_secret.clone());
        if let Some(((login, password), totp_secret)) = login {
            return Ok(Access::Login(Login { login, password, totp_secret }));
        }
        let organizer = self.organizer_seat.clone().ok_or("--login or --organizer-seat is needed")?;
        let guests = self.guest_seat.clone();
        if guests.len() + 1 != usize::from(self.participants) {
            let wanted = self.participants - 1;
            return Err(format!("{} participants need --guest-seat {wanted} times", self.participants));
        }
        let number = self.number.clone().map(|number| (number, self.code.clone().unwrap_or_default()));
        Ok(Access::Seats { organizer, guests, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(
            ["tabellion-selftest", "--url", "https://box"].into_iter().chain(words.split(' ')),
        )
    }

    #[test]
    fn a_meeting_comes_from_a_login_or_from_seats() {
        let login = read("--login a --password b --totp-secret c").unwrap();
        assert!(matches!(login.access(), Ok(Access::Login(_))));
        let seats = read("--organizer-seat a --guest-seat b --number 1 --code 2").unwrap();
        assert!(matches!(seats.access(), Ok(Access::Seats { number: Some(_), .. })));
        assert!(login.device().is_none());
        let dashes = read("--organizer-seat -a --guest-seat --b").unwrap();
        assert!(matches!(dashes.access(), Ok(Access::Seats { guests, .. }) if guests == ["--b"]));
    }

    #[test]
    fn a_rehearsal_has_everything_from_its_keys() {
        let mut arguments = Arguments::try_parse_from(["tabellion-selftest", "--rehearsal"]).unwrap();
        assert!(arguments.target().is_err() && arguments.access().is_err());
        let words = ["certificate", "organizer_seat", "guest_seat", "number", "code", "device", "password"];
        let mut keys: serde_json::Map<_, _> =
            words.map(|word| (word.to_owned(), word.into())).into_iter().collect();
        keys.insert("url".to_owned(), "https://10.0.0.1:8443".into());
        keys.insert("sip".to_owned(), "10.0.0.1:5060".into());
        arguments.take(serde_json::from_value(keys.into()).unwrap()).unwrap();
        let (url, trusted) = arguments.target().unwrap();
        assert!(url.port == 8443 && matches!(trusted, Trust::Certificate("certificate")));
        let access = arguments.access().unwrap();
        assert!(arguments.without_room_system(&access).is_none());
        assert!(matches!(access, Access::Seats { number: Some(_), guests, .. } if guests == ["guest_seat"]));
        assert_eq!(arguments.effort(), Effort::Small);
    }

    #[test]
    fn what_does_not_fit_together_is_told() {
        for wrong in [
            "--json x",
            "--login a --password b",
            "--organizer-seat a",
            "--login a --password b --totp-secret c --organizer-seat d --guest-seat e",
            "--login a --password b --totp-secret c --device d",
            "--login a --password b --totp-secret c --timeout 0",
            "--rehearsal",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let few = read("--organizer-seat a --guest-seat b --participants 3").unwrap();
        assert!(few.access().is_err());
    }
}
