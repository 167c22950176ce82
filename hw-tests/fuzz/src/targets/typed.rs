//! What people type, dial, or follow a link with: each form is read once more as what it was read as.

use crate::Target;
use tabellion_backup::BackupKey;
use tabellion_domain::{
    Description, MeetingNumber, PersonName, SecurityCode, SetupCode, Totp, recovery,
    settings::{
        Channel, DomainName, HostLabel, InterfaceAddress, InterfaceName, MacAddress, MailAddress,
        MobileNumber, Server, TimeOfDay, UpdateSource, ZoneName,
    },
    testing::FakeEntropy,
    updates::is_update_file,
};
use time::macros::datetime;

pub(crate) const TARGET: Target = Target { name: "typed", run, seeds, words: WORDS, costs: 300 };

/// Of each form that has a text: it may be written and read again without a change.
macro_rules! steady {
    ($text:expr, $($form:ty = $read:path),+ $(,)?) => {$(
        if let Ok(read) = $read($text) {
            let again = $read(&String::from(read.clone()));
            assert_eq!(Some(read), again.ok(), stringify!($form));
        }
    )+};
}

fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    steady!(
        text,
        MeetingNumber = MeetingNumber::parse,
        PersonName = PersonName::new,
        Channel = Channel::new,
        DomainName = DomainName::new,
        HostLabel = HostLabel::new,
        InterfaceAddress = InterfaceAddress::new,
        InterfaceName = InterfaceName::new,
        MacAddress = MacAddress::new,
        MailAddress = MailAddress::new,
        MobileNumber = MobileNumber::new,
        Server = Server::new,
        TimeOfDay = TimeOfDay::new,
        UpdateSource = UpdateSource::new,
        ZoneName = ZoneName::new,
    );
    if let Ok(description) = Description::new(text) {
        assert!(!description.sort_key().is_empty());
    }
    if let Ok(code) = SecurityCode::new(text) {
        assert!(code.as_str().bytes().all(|digit| digit.is_ascii_digit()));
    }
    if let Ok(secret) = Totp::from_base32(text) {
        let now = datetime!(2026-11-23 12:00 UTC);
        assert_eq!(secret.code(now).len(), 6);
        assert!(secret.check(text, now, None).is_err() || text.len() == 6);
        assert!(Totp::from_base32(&secret.to_base32()).is_ok());
        assert!(!secret.uri(text, text).contains(' '), "a QR code's link has no spaces");
    }
    if let Some(key) = BackupKey::typed(text) {
        assert_eq!(BackupKey::typed(&key.shown()), Some(key));
    }
    let entropy = FakeEntropy::default();
    let _ = SetupCode::new(&entropy).check(text, datetime!(2026-11-23 12:00 UTC), &entropy);
    let _ = (recovery::hash(text), is_update_file(text));
}

fn seeds() -> Vec<Vec<u8>> {
    WORDS.iter().map(|word| word.as_bytes().to_vec()).collect()
}

const WORDS: &[&str] = &[
    "1099 05.35-23",
    "sip:1099053523@box;user=phone",
    "Anne-Laure d’Ormesson",
    "123456",
    "visio.office.fr",
    "192.168.10.5/24",
    "fe80::1/64",
    "2001:db8::5/127",
    "eth0",
    "52-54-00-12-34-56",
    "claire@office.fr",
    "06 12 34 56 78",
    "+33 6 12 34 56 78",
    "0033612345678",
    "23:59",
    "https://updates.office.fr/stable",
    "Indian/Reunion",
    "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23",
    "K7QF-2MXP",
    "tabellion_0.2.0.efi",
    "Office Notarial <visio@office.fr>",
    "stable",
    "\u{a0}",
    "\u{202e}",
    "\u{feff}",
    "\u{130}",
    "xn--",
];
