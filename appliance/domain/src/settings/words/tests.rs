use super::*;

#[test]
fn names_are_understood_and_addresses_are_not_names() {
    assert_eq!(DomainName::new(" Visio.Office.FR. ").unwrap().as_str(), "visio.office.fr");
    for wrong in ["", "-a.fr", "a..fr", "étude.fr", "192.168.1.256", "a b.fr", "a_b.fr", &"a".repeat(64)] {
        assert!(DomainName::new(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Server::new("192.168.10.2").unwrap().as_str(), "192.168.10.2");
    assert_eq!(Server::new("2001:DB8::2").unwrap().as_str(), "2001:db8::2");
    assert!(Server::new("smtp.office.fr\nNTP=x").is_err());
    assert_eq!(HostLabel::new("Tabellion").unwrap().as_str(), "tabellion");
    assert!(HostLabel::new("tabellion.office.fr").is_err());
}

/// What is kept is read again at each start.
#[test]
fn a_mail_address_is_written_as_it_can_be_read_again() {
    let dotted = MailAddress::new("claire@Office.FR.").unwrap();
    assert_eq!(MailAddress::new(dotted.as_str()).as_ref(), Ok(&dotted));
    assert!(MailAddress::new("claire@office.").is_err(), "a dot behind it makes it no domain");
}

#[test]
fn zones_have_a_form() {
    for zone in ["Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "UTC"] {
        assert!(ZoneName::new(zone).is_ok(), "{zone}");
    }
    for wrong in ["", "Europe/", "../../etc/shadow", "/Europe/Paris", "Europe/Pa\nris"] {
        assert!(ZoneName::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn times_of_day_and_servers_of_updates_have_a_form() {
    assert_eq!(TimeOfDay::new(" 23:59 ").unwrap().as_str(), "23:59");
    for wrong in ["", "2:00", "24:00", "02:60", "+2:00", "02h00", "02:00:00"] {
        assert!(TimeOfDay::new(wrong).is_err(), "{wrong}");
    }
    assert!(UpdateSource::new("https://maj.test/tabellion").is_ok());
    for wrong in [
        "",
        "https://",
        "ftp://maj.test",
        "maj.test",
        "-K/etc/x",
        "https://a b",
        "https://a/?x=\"",
        "https://é",
    ] {
        assert!(UpdateSource::new(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Channel::default().as_str(), "stable");
    assert!(Channel::new("../beta").is_err());
}

#[test]
fn interfaces_are_known_by_name_or_by_hardware_address() {
    assert!(InterfaceName::new("enp1s0").is_ok() && InterfaceName::new("lo").is_err());
    assert!(InterfaceName::new("a\" accept").is_err());
    assert_eq!(MacAddress::new("52-54-00-12-34-AB").unwrap().as_str(), "52:54:00:12:34:ab");
    for wrong in ["52:54:00:12:34", "53:54:00:12:34:56", "52:54:00:12:34:5g", "+1:54:00:12:34:56"] {
        assert!(MacAddress::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn people_are_reached() {
    assert_eq!(MailAddress::new("Claire@OFFICE.fr").unwrap().as_str(), "Claire@office.fr");
    for wrong in
        ["claire", "claire@", "@office.fr", "a..b@office.fr", "claire@office", "c l@office.fr", "é@o.fr"]
    {
        assert!(MailAddress::new(wrong).is_err(), "{wrong}");
    }
    for mobile in ["06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78"] {
        assert_eq!(MobileNumber::new(mobile).unwrap().as_str(), "+33612345678", "{mobile}");
    }
    for wrong in ["612345678", "06 12 34 56 7", "+0612345678", "police", "01 23 45 67 89"] {
        assert!(MobileNumber::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_was_stored_is_checked_again() {
    assert!(serde_json::from_str::<InterfaceName>("\"eth0\\nDNS=1.2.3.4\"").is_err());
    assert_eq!(serde_json::to_string(&ZoneName::new("Europe/Paris").unwrap()).unwrap(), "\"Europe/Paris\"");
}
