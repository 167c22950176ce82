//! The demonstration's office, users and meeting: put into an empty database, and left alone after that.

use anyhow::{Context, Result};
use std::sync::Arc;
use tabellion_domain::{
    Civility, Clock, Description, Entropy, MeetingNumber, PersonName, Rights, SecurityCode, UserId,
    VisioRight, password,
    settings::{Brand, MailAddress, MobileNumber},
};
use tabellion_sip::{DigestAlgorithm, ha1};
use tabellion_store::{NewMeeting, NewUser, Office, Store, StoredDevice, UserChange};
use time::OffsetDateTime;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Tabellion-2026!";
/// The TOTP secret of those who have an authenticator, base32.
pub(crate) const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The permanent meeting's number.
pub(crate) const MEETING_NUMBER: &str = "1099053523";
/// Its code.
pub(crate) const MEETING_CODE: &str = "1234";

/// The room system's username.
pub(crate) const DEVICE: &str = "salle-1099000001";
/// Its password.
pub(crate) const DEVICE_PASSWORD: &str = "Lifesize-2026";

/// A user of the demonstration.
pub(crate) struct DemoUser {
    pub login: &'static str,
    civility: Civility,
    first_name: &'static str,
    last_name: &'static str,
    mobile: Option<&'static str>,
    administrator: bool,
    /// What the user may do with meetings.
    visio: VisioRight,
    /// Whether an authenticator with [`TOTP_SECRET`] is enrolled.
    pub authenticator: bool,
}

/// All of them.
pub(crate) const USERS: &[DemoUser] = &[
    DemoUser {
        login: "claire.moreau",
        civility: Civility::Maitre,
        first_name: "Claire",
        last_name: "Moreau",
        mobile: Some("+33 6 00 00 00 12"),
        administrator: true,
        visio: VisioRight::User,
        authenticator: true,
    },
    DemoUser {
        login: "julien.petit",
        civility: Civility::Monsieur,
        first_name: "Julien",
        last_name: "Petit",
        mobile: Some("+33 6 00 00 00 34"),
        administrator: false,
        visio: VisioRight::User,
        authenticator: true,
    },
    // As the administrator of a new box is: the first login enrols an authenticator.
    DemoUser {
        login: "sophie.bernard",
        civility: Civility::Madame,
        first_name: "Sophie",
        last_name: "Bernard",
        mobile: None,
        administrator: true,
        visio: VisioRight::User,
        authenticator: false,
    },
    // A delegate: manages the meetings of the others, and takes part in none.
    DemoUser {
        login: "amina.roux",
        civility: Civility::Madame,
        first_name: "Amina",
        last_name: "Roux",
        mobile: Some("+33 6 00 00 00 56"),
        administrator: false,
        visio: VisioRight::Delegate,
        authenticator: true,
    },
];

/// Fills an empty database.
pub(crate) async fn seed(store: &Store, clock: &dyn Clock, entropy: &Arc<dyn Entropy>) -> Result<()> {
    if store.office().await?.is_some() {
        return Ok(());
    }
    let now = clock.now();
    let mut creator = None;
    for user in USERS {
        let new = NewUser {
            login: user.login.to_owned(),
            civility: user.civility,
            first_name: user.first_name.to_owned(),
            last_name: user.last_name.to_owned(),
            email: format!("{}@visio.tabellion.test", user.login),
            mobile: user.mobile.map(str::to_owned),
            administrator: user.administrator,
            password_hash: password::hash(PASSWORD, entropy.as_ref())?,
            totp_secret: user.authenticator.then(|| TOTP_SECRET.to_owned()),
        };
        let id = store.create_user(new, now).await?;
        let creator = *creator.get_or_insert(id);
        if user.visio == VisioRight::Delegate {
            make_delegate(store, id, creator, now).await?;
        }
    }
    let meeting = NewMeeting {
        description: Description::new("Vente DUPONT")?,
        active: true,
        code_active: true,
        code: Some(SecurityCode::new(MEETING_CODE)?),
        created_by: creator.context("the demonstration has users")?,
    };
    let number = MeetingNumber::parse(MEETING_NUMBER)?;
    store.create_numbered_meeting(meeting, number, entropy.token128(), now).await?;
    let office = office();
    // MD5: offering SHA-256 as well keeps older equipment from registering.
    let algorithm = DigestAlgorithm::Md5;
    let device = StoredDevice {
        username: DEVICE.to_owned(),
        display_name: "Salle des actes".to_owned(),
        algorithm: algorithm.name().to_owned(),
        ha1: ha1(algorithm, DEVICE, &office.domain, DEVICE_PASSWORD),
    };
    store.save_device(device).await?;
    // Last: an office that is there says that everything is.
    store.set_office(office, now).await?;
    Ok(())
}

/// As an administrator does.
async fn make_delegate(store: &Store, user: UserId, by: UserId, now: OffsetDateTime) -> Result<()> {
    let before = store.user(user).await?.context("the demonstration has this user")?;
    let change = UserChange {
        version: before.version,
        civility: before.civility,
        last_name: PersonName::new(&before.last_name)?,
        first_name: PersonName::new(&before.first_name)?,
        email: MailAddress::new(&before.email)?,
        mobile: before.mobile.as_deref().map(MobileNumber::new).transpose()?,
        rights: Rights { visio: VisioRight::Delegate, ..before.rights },
        in_directory: before.in_directory,
    };
    store.change_user(user, change, by, None, now).await??;
    Ok(())
}

fn office() -> Office {
    Office {
        name: "Office Notarial de la Place".to_owned(),
        domain: "visio.tabellion.test".to_owned(),
        crpcen: "99001".to_owned(),
        number_prefix: "1099".to_owned(),
        support_name: "Support de démonstration".to_owned(),
        support_phone: "04 00 00 00 00".to_owned(),
        support_email: "support@tabellion.test".to_owned(),
        support_hours: "du lundi au vendredi, de 8\u{a0}h\u{a0}30 à 19\u{a0}h".to_owned(),
        brand: Brand {
            service: "Visioconférence de démonstration".to_owned(),
            logo: include_str!("demo_logo.svg").trim().to_owned(),
            terms: include_str!("demo_terms.txt").trim().to_owned(),
            responsibility: include_str!("demo_responsibility.txt").trim().to_owned(),
            ..Brand::default()
        },
    }
}
