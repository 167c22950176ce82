use super::{Refusal, Server};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, PrimitiveDateTime, Time};

/// Backups that nobody has to think of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupSchedule {
    /// How often.
    pub every: BackupEvery,
    /// At which hour of the box's time zone, 0 to 23.
    pub hour: u8,
    /// How many are kept there; the oldest go first.
    pub keep: u8,
    /// Where they go.
    pub to: BackupDestination,
    /// Whom they are encrypted to: public, `age1…`. What opens them was shown once and is not kept.
    pub recipient: String,
}

/// How often a backup is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupEvery {
    /// Each day.
    Day,
    /// Each Sunday.
    Week,
}

/// Where backups go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BackupDestination {
    /// The USB stick with the label TABELLION.
    Usb,
    /// A server that speaks SFTP and knows the box's public key.
    Sftp(SftpServer),
}

/// A server that speaks SFTP.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SftpServer {
    /// Its name or address.
    pub host: Server,
    /// Its TCP port.
    pub port: u16,
    /// The account there.
    pub user: String,
    /// The folder there.
    pub folder: String,
    /// Its own key, as `ssh-ed25519 AAAA…`: confirmed by the administrator when it was set up, and no other is ever trusted.
    pub host_key: String,
}

impl BackupSchedule {
    /// # Errors
    /// What a value is not, in French, with its name.
    pub fn check(&self) -> Result<(), (&'static str, Refusal)> {
        if self.hour > 23 {
            return Err(("hour", Refusal::new("cette heure n’existe pas", "Écrivez une heure de 0 à 23")));
        }
        if !(1..=90).contains(&self.keep) {
            let todo = "Écrivez un nombre de 1 à 90";
            return Err(("keep", Refusal::new("ce nombre de sauvegardes ne peut pas être gardé", todo)));
        }
        match &self.to {
            BackupDestination::Usb => Ok(()),
            BackupDestination::Sftp(server) => server.check(),
        }
    }

    /// The last moment up to `now`, both in the box's time zone, at which a backup was to be made.
    #[must_use]
    pub fn last_due(&self, now: PrimitiveDateTime) -> PrimitiveDateTime {
        let hour = Time::from_hms(self.hour.min(23), 0, 0).unwrap_or(Time::MIDNIGHT);
        let day = |date: Date| match self.every {
            BackupEvery::Day => date,
            BackupEvery::Week => date - Duration::days(i64::from(date.weekday().number_days_from_sunday())),
        };
        let this = PrimitiveDateTime::new(day(now.date()), hour);
        if this <= now { this } else { PrimitiveDateTime::new(day(this.date() - Duration::DAY), hour) }
    }
}

impl SftpServer {
    /// What is written into sftp's commands as it is.
    fn check(&self) -> Result<(), (&'static str, Refusal)> {
        let user = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
        if !(1..=64).contains(&self.user.len()) || self.user.starts_with('-') || !self.user.chars().all(user)
        {
            let todo =
                "Écrivez le nom du compte sur le serveur : lettres sans accent, chiffres, points et tirets";
            return Err(("user", Refusal::new("ce nom de compte ne peut pas servir", todo)));
        }
        let folder = |c: char| c.is_ascii_alphanumeric() || "._-/ ".contains(c);
        if !(1..=200).contains(&self.folder.len())
            || self.folder.starts_with('-')
            || !self.folder.chars().all(folder)
        {
            let todo = "Écrivez un dossier du serveur, par exemple /sauvegardes : lettres sans accent, chiffres, points, tirets et barres";
            return Err(("folder", Refusal::new("ce dossier ne peut pas servir", todo)));
        }
        let key = |c: char| c.is_ascii_alphanumeric() || "+/= @.-".contains(c);
        let parts = self.host_key.split(' ').count();
        if parts != 2 || self.host_key.len() > 2_000 || !self.host_key.chars().all(key) {
            let todo = "Demandez de nouveau la clé du serveur et confirmez-la";
            return Err(("host_key", Refusal::new("la clé du serveur ne peut pas être lue", todo)));
        }
        if self.port == 0 {
            return Err(("port", Refusal::new("ce port n’existe pas", "Écrivez un nombre de 1 à 65535")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn schedule(every: BackupEvery, hour: u8) -> BackupSchedule {
        BackupSchedule { every, hour, keep: 7, to: BackupDestination::Usb, recipient: "age1".to_owned() }
    }

    #[test]
    fn a_backup_is_due_at_its_hour_and_not_before() {
        // 2026-11-22 is a Sunday.
        let daily = schedule(BackupEvery::Day, 2);
        assert_eq!(daily.last_due(datetime!(2026-11-23 2:00)), datetime!(2026-11-23 2:00));
        assert_eq!(daily.last_due(datetime!(2026-11-23 1:59)), datetime!(2026-11-22 2:00));
        let weekly = schedule(BackupEvery::Week, 2);
        assert_eq!(weekly.last_due(datetime!(2026-11-22 2:00)), datetime!(2026-11-22 2:00));
        assert_eq!(weekly.last_due(datetime!(2026-11-28 23:59)), datetime!(2026-11-22 2:00));
        assert_eq!(weekly.last_due(datetime!(2026-11-22 1:59)), datetime!(2026-11-15 2:00));
    }

    #[test]
    fn nothing_that_a_server_could_take_for_a_command_is_accepted() {
        let good = SftpServer {
            host: Server::new("nas.office.fr").unwrap(),
            port: 22,
            user: "tabellion".to_owned(),
            folder: "/volume1/sauvegardes box".to_owned(),
            host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI".to_owned(),
        };
        let faulty = |change: &dyn Fn(&mut SftpServer)| {
            let mut server = good.clone();
            change(&mut server);
            let to = BackupDestination::Sftp(server);
            BackupSchedule { to, ..schedule(BackupEvery::Day, 2) }.check().err().map(|(field, _)| field)
        };
        assert_eq!(faulty(&|_| ()), None);
        for user in ["", "-oProxyCommand=x", "a b", "a\nb"] {
            assert_eq!(faulty(&|server| server.user = user.to_owned()), Some("user"), "{user:?}");
        }
        for folder in ["", "-x", "a\"b", "a\nrm *", "a*"] {
            assert_eq!(faulty(&|server| server.folder = folder.to_owned()), Some("folder"), "{folder:?}");
        }
        for key in ["", "ssh-ed25519", "ssh-ed25519 AAAA\nother ssh-rsa AAAA", "a b c"] {
            assert_eq!(faulty(&|server| server.host_key = key.to_owned()), Some("host_key"), "{key:?}");
        }
        assert_eq!(schedule(BackupEvery::Day, 24).check().unwrap_err().0, "hour");
        assert_eq!(
            BackupSchedule { keep: 0, ..schedule(BackupEvery::Day, 2) }.check().unwrap_err().0,
            "keep"
        );
    }
}
