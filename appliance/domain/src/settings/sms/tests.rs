use super::*;
use crate::settings::Settings;
use serde_json::{Value, json};

/// A box's settings with these of its SMS.
fn with(sms: &Value) -> Result<(SmsRelay, Vec<String>), Vec<String>> {
    let mut form = Settings::default().to_form();
    form["office"] = json!({ "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" });
    form["sms"] = sms.clone();
    let read = Settings::from_form(&form, &Settings::default());
    let read = read.map_err(|faults| faults.into_iter().map(|fault| fault.key).collect::<Vec<_>>())?;
    let settings = read.settings;
    assert_eq!(Settings::from_json(&settings.to_json()).unwrap(), settings, "it is stored as it is");
    let again = Settings::from_form(&settings.to_form(), &settings).unwrap().settings;
    assert_eq!(again, settings, "what is shown and sent back changes nothing");
    Ok((settings.sms.unwrap(), read.remarks.into_iter().map(|remark| remark.key).collect()))
}

fn service() -> Value {
    json!({
        "kind": "http", "url": "https://api.exemple.fr/v1/sms", "headers": "X-Api-Key: {secret}\nAccept: application/json",
        "body": "{\"to\": \"{number}\", \"message\": \"{text}\"}", "secret": "s3cret",
    })
}

fn but(key: &str, value: &str) -> Value {
    let mut service = service();
    service[key] = value.into();
    service
}

#[test]
fn a_service_is_described_and_a_modem_is_named() {
    let (relay, remarks) = with(&service()).unwrap();
    let SmsRelay::Http(request) = relay else { panic!("{relay:?}") };
    assert_eq!((request.method, request.format, remarks.len()), (SmsMethod::Post, SmsFormat::Json, 0));
    assert_eq!(request.headers[0], ("X-Api-Key".to_owned(), "{secret}".to_owned()));
    assert_eq!(with(&json!({ "kind": "modem" })).unwrap().0, SmsRelay::Modem);
    let by_url = json!({
        "kind": "http", "method": "get", "url": "http://192.168.10.9:8080/send?to={digits}&text={text}",
    });
    let (_, remarks) = with(&by_url).unwrap();
    assert_eq!(remarks, ["sms.url"], "the codes are to be seen on the office's network");
}

#[test]
fn each_fault_is_told_beside_its_field() {
    for (faulty, key) in [
        (json!({}), "sms.kind"),
        (json!({ "kind": "pigeon" }), "sms.kind"),
        (json!({ "kind": "http" }), "sms.url"),
        (but("url", "api.exemple.fr"), "sms.url"),
        (but("url", "http://api.exemple.fr/sms"), "sms.url"),
        (but("url", "http://8.8.8.8/sms"), "sms.url"),
        (but("url", "https://{secret}.exemple.fr/sms"), "sms.url"),
        (but("url", "https://user:word@exemple.fr/sms"), "sms.url"),
        (but("url", "https://api.exemple.fr/a b"), "sms.url"),
        (but("url", "https://api.exemple.fr:0/sms"), "sms.url"),
        (but("method", "put"), "sms.method"),
        (but("format", "xml"), "sms.format"),
        (but("headers", "X-Api-Key {secret}"), "sms.headers"),
        (but("headers", "Host: autre.fr\nX-Api-Key: {secret}"), "sms.headers"),
        (but("headers", "X-Api-Key: {secret}\nX-Text: {text}"), "sms.headers"),
        (but("body", "{\"to\": \"{number}\"}"), "sms.body"),
        (but("body", "{\"message\": \"{text}\"}"), "sms.body"),
        (but("body", "{\"to\": {number}, \"message\": {text}}"), "sms.body"),
        (but("body", &"x".repeat(2_001)), "sms.body"),
        (but("secret", ""), "sms.secret"),
        (but("headers", ""), "sms.secret"),
        (but("secret", "clé"), "sms.secret"),
        (but("method", "get"), "sms.body"),
    ] {
        let faults = with(&faulty).unwrap_err();
        assert!(faults.iter().any(|fault| fault == key), "{faulty}: {faults:?}");
    }
}

#[test]
fn the_secret_is_kept_where_its_field_is_empty_and_only_for_the_same_service() {
    let mut form = Settings::default().to_form();
    form["office"] = json!({ "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" });
    form["sms"] = service();
    let before = Settings::from_form(&form, &Settings::default()).unwrap().settings;
    let shown = before.to_form();
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
    assert!(!before.without_secrets().to_json().contains("s3cret"));
    assert!(before.secrets().contains(&"sms.secret"));
    form["sms"] = but("url", "https://voleur.exemple.fr/");
    form["sms"]["secret"] = "".into();
    let faults = Settings::from_form(&form, &before).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.key.as_str()).collect::<Vec<_>>(), ["sms.secret"]);
}

#[test]
fn words_bring_in_no_signs_that_mean_something_there() {
    let words = SmsWords { number: "+33612345678", text: "a\"b\\c\né&={secret}", secret: "k&y" };
    assert_eq!(
        words.fill("https://x/?to={number}&d={digits}&t={text}&k={secret}", SmsPart::Encoded),
        "https://x/?to=%2B33612345678&d=33612345678&t=a%22b%5Cc%0A%C3%A9%26%3D%7Bsecret%7D&k=k%26y"
    );
    let json =
        words.fill("{\"a\": {\"to\": \"{number}\", \"t\": \"{text}\", \"{other}\": 1}}", SmsPart::Json);
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read, json!({ "a": { "to": "+33612345678", "t": "a\"b\\c\né&={secret}", "{other}": 1 } }));
    assert_eq!(words.fill("Bearer {secret}", SmsPart::Header), "Bearer k&y");
}
