//! Calls from end to end, as a phone sees them.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{MEETING, PASSWORD, PATIENCE, Phone, SDP, TestBox, authorization, code, config, header};
use std::{net::Ipv4Addr, time::Duration};
use tabellion_sip::{DialogRecord, EndCause, IncomingCall, LegEvent};
use tokio::time::timeout;

const TYPE: &str = "Content-Type: application/sdp";

async fn event(call: &mut IncomingCall) -> Option<LegEvent> {
    timeout(PATIENCE, call.events.recv()).await.expect("an event within 10 s")
}

/// A guest's call, answered and acknowledged.
async fn talk(server: &mut TestBox, headers: &[&str]) -> (Phone, IncomingCall, rsip::Response) {
    let mut phone = Phone::new(server.address()).await;
    let mut all = vec![TYPE];
    all.extend(headers);
    let invite = phone.request("INVITE", &all, SDP);
    phone.send(&invite).await;
    let call = server.call().await;
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let answer = phone.response().await;
    assert_eq!(code(&answer), 200);
    phone.enter(&answer);
    phone.acknowledge("").await;
    (phone, call, answer)
}

#[tokio::test]
async fn a_guest_calls_a_meeting_rings_talks_and_hangs_up() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    let mut call = server.call().await;
    assert_eq!((call.number.as_str(), call.offer.as_deref()), (MEETING, Some(SDP)));
    assert_eq!((call.caller.device.as_deref(), call.caller.display_name.as_str()), (None, "Étude"));
    assert_eq!(call.caller.address, "sip:bob@phone.example");
    call.leg.ring().await.unwrap();
    assert_eq!(code(&phone.response().await), 180);
    assert!(call.leg.record().await.is_none(), "nothing to take up before the answer");
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let answer = phone.response().await;
    assert_eq!(
        (code(&answer), header(&answer.headers, "Content-Type").as_deref()),
        (200, Some("application/sdp"))
    );
    phone.enter(&answer);
    phone.acknowledge("").await;
    let digits =
        phone.ask("INFO", &["Content-Type: application/dtmf-relay"], "Signal=7\r\nDuration=160\r\n").await;
    assert_eq!(code(&digits), 200);
    assert!(matches!(event(&mut call).await, Some(LegEvent::Digit('7'))));
    let strange = ["Content-Type: application/x-cisco", "Content-Disposition: signal;handling=required"];
    assert_eq!(code(&phone.ask("INFO", &strange, "x").await), 200, "Cisco wants 200");
    let fast = ["Content-Type: application/media_control+xml"];
    assert_eq!(code(&phone.ask("INFO", &fast, "<picture_fast_update/>").await), 200);
    assert!(matches!(event(&mut call).await, Some(LegEvent::KeyFrame)));
    assert_eq!(code(&phone.ask("BYE", &[], "").await), 200);
    assert!(matches!(event(&mut call).await, Some(LegEvent::Ended { .. })));
    assert!(event(&mut call).await.is_none());
    assert_eq!(code(&phone.ask("BYE", &[], "").await), 481, "the dialog is gone");
    assert_eq!(server.service.status().calls, 0);
}

#[tokio::test]
async fn a_caller_hears_at_once_that_the_call_is_being_worked_on() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    assert_eq!(phone.any_code().await, 100);
    let call = server.call().await;
    // As a phone does that has not heard it (RFC 3261 §17.1.1.2): the last word again, and no second call.
    phone.send(&invite).await;
    assert_eq!(phone.any_code().await, 100);
    assert_eq!(server.service.status().calls, 1);
    call.leg.end(EndCause::not_found()).await;
    assert_eq!(code(&phone.response().await), 404);
}

#[tokio::test]
async fn the_answer_is_repeated_until_it_is_acknowledged() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    let call = server.call().await;
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let first = phone.response().await;
    assert_eq!(first.to_string(), phone.response().await.to_string(), "the same 200 again");
    phone.enter(&first);
    phone.acknowledge("").await;
    assert!(phone.receive_within(Duration::from_secs(3)).await.is_none(), "silence after the ACK");
}

#[tokio::test]
async fn unknown_numbers_and_foreign_hosts_are_404_before_anything_rings() {
    let mut server = TestBox::start().await;
    for (uri, expected) in [
        ("sip:1099000000@visio.test".to_owned(), 404),
        (format!("sip:{MEETING}@elsewhere.example"), 404),
        ("sip:visio.test".to_owned(), 404),
    ] {
        let mut phone = Phone::new(server.address()).await;
        phone.uri = uri;
        assert_eq!(code(&phone.ask("INVITE", &[TYPE], SDP).await), expected, "{}", phone.uri);
        phone.acknowledge("").await;
    }
    for host in ["127.0.0.1", "Box.test", "VISIO.TEST"] {
        let mut phone = Phone::new(server.address()).await;
        phone.uri = format!("sip:{MEETING}@{host}");
        let invite = phone.request("INVITE", &[TYPE], SDP);
        phone.send(&invite).await;
        server.call().await.leg.end(EndCause::busy()).await;
        assert_eq!(code(&phone.response().await), 486, "{host}");
    }
}

#[tokio::test]
async fn who_says_to_be_a_device_must_prove_it() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    phone.from = "<sip:salle@visio.test>;tag=device".to_owned();
    let uri = phone.uri.clone();
    let challenge = phone.ask("INVITE", &[TYPE], SDP).await;
    assert_eq!(code(&challenge), 401);
    phone.acknowledge("").await;
    let wrong = authorization(&challenge, "salle", "wrong", "INVITE", &uri, 1);
    assert_eq!(code(&phone.ask("INVITE", &[TYPE, &wrong], SDP).await), 403);
    let right = authorization(&challenge, "salle", PASSWORD, "INVITE", &uri, 1);
    let invite = phone.request("INVITE", &[TYPE, &right], SDP);
    phone.send(&invite).await;
    let call = server.call().await;
    assert_eq!(call.caller.device.as_deref(), Some("salle"));
    assert_eq!(call.caller.display_name, "Salle des actes");
}

#[tokio::test]
async fn a_caller_who_gives_up_is_released() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    let mut call = server.call().await;
    let cancel = invite.replacen("INVITE", "CANCEL", 1).replace("CSeq: 1 INVITE", "CSeq: 1 CANCEL");
    let cancel =
        cancel.replace(&format!("Content-Length: {}\r\n\r\n{SDP}", SDP.len()), "Content-Length: 0\r\n\r\n");
    phone.send(&cancel.replace(&format!("{TYPE}\r\n"), "")).await;
    let codes = [code(&phone.response().await), code(&phone.response().await)];
    assert!(codes.contains(&200) && codes.contains(&487), "{codes:?}");
    assert!(matches!(event(&mut call).await, Some(LegEvent::Ended { .. })));
    assert!(call.leg.answer(SDP.to_owned()).await.is_err());
}

#[tokio::test]
async fn a_late_offer_is_answered_in_the_ack() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[], "");
    phone.send(&invite).await;
    let mut call = server.call().await;
    assert_eq!(call.offer, None);
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let answer = phone.response().await;
    phone.enter(&answer);
    phone.acknowledge(SDP).await;
    let Some(LegEvent::Answered { sdp }) = event(&mut call).await else { panic!("no answer") };
    assert_eq!(sdp, SDP);
}

#[tokio::test]
async fn offers_within_the_call_are_answered_or_refused() {
    let mut server = TestBox::start().await;
    let (mut phone, mut call, _) = talk(&mut server, &[]).await;
    let hold = SDP.replace("s=-", "a=sendonly");
    let mut versions = Vec::new();
    for (method, reply, expected) in [
        ("INVITE", Ok(SDP.replace("t=0 0", "t=0 1")), 200),
        ("INVITE", Err(488), 488),
        ("UPDATE", Ok(SDP.to_owned()), 200),
    ] {
        let request = phone.request(method, &[TYPE], &hold);
        phone.send(&request).await;
        let Some(LegEvent::Offer { sdp, reply: answer }) = event(&mut call).await else { panic!("no offer") };
        assert_eq!(sdp, hold);
        answer.send(reply).unwrap();
        let response = phone.response().await;
        assert_eq!(code(&response), expected, "{method}");
        if expected == 200 {
            versions.push(String::from_utf8_lossy(&response.body).lines().nth(1).unwrap().to_owned());
        }
        if method == "INVITE" {
            phone.acknowledge("").await;
        }
    }
    assert_ne!(versions[0], versions[1], "each change has a version of its own");
    assert_eq!(code(&phone.ask("UPDATE", &[], "").await), 200, "a refresh without an offer");
    let silent = phone.ask("INVITE", &[], "").await;
    assert_eq!((code(&silent), silent.body.is_empty()), (200, false), "they want our offer");
    phone.acknowledge(SDP).await;
    assert!(matches!(event(&mut call).await, Some(LegEvent::Answered { .. })));
}

#[tokio::test]
async fn old_numbers_unknown_dialogs_and_methods_have_their_answers() {
    let mut server = TestBox::start().await;
    let (mut phone, _call, _) = talk(&mut server, &[]).await;
    let old = phone.numbered("INFO", 1, &[], "");
    phone.send(&old).await;
    assert_eq!(code(&phone.response().await), 500);
    assert_eq!(code(&phone.ask("MESSAGE", &[], "").await), 405);
    assert_eq!(code(&phone.ask("OPTIONS", &[], "").await), 200);
    let mut stranger = Phone::new(server.address()).await;
    stranger.to = format!("<sip:{MEETING}@visio.test>;tag=nobody");
    assert_eq!(code(&stranger.ask("BYE", &[], "").await), 481);
    let mut other = Phone::new(server.address()).await;
    let options = other.ask("OPTIONS", &[], "").await;
    assert_eq!(code(&options), 200);
    assert!(header(&options.headers, "Allow").unwrap().contains("INVITE"));
    assert!(header(&options.headers, "Accept").unwrap().contains("application/sdp"));
    assert_eq!(code(&other.ask("SUBSCRIBE", &[], "").await), 405);
    let required = other.ask("INVITE", &["Require: 100rel", TYPE], SDP).await;
    assert_eq!((code(&required), header(&required.headers, "Unsupported").as_deref()), (420, Some("100rel")));
    assert_eq!(code(&other.ask("INVITE", &["Content-Type: text/plain"], "x").await), 415);
}

#[tokio::test]
async fn we_hang_up_and_ask_for_key_frames() {
    let mut server = TestBox::start().await;
    let (phone, call, _) = talk(&mut server, &[]).await;
    // The ACK may still be under way.
    let asked = timeout(PATIENCE, async {
        while call.leg.info_fast_update().await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    asked.await.unwrap();
    let info = phone.incoming().await;
    assert_eq!(info.method.to_string(), "INFO");
    assert!(String::from_utf8_lossy(&info.body).contains("picture_fast_update"));
    phone.accept(&info).await;
    call.leg.end(EndCause::finished()).await;
    let bye = phone.incoming().await;
    assert_eq!(bye.method.to_string(), "BYE");
    // Their Contact comes back byte for byte, with its escapes and its cases.
    let target = &phone.contact;
    let line = bye.to_string().lines().next().unwrap().to_owned();
    assert!(line.to_lowercase().contains("bob"), "{line} {target}");
    phone.accept(&bye).await;
}

#[tokio::test]
async fn we_offer_within_the_call() {
    let mut server = TestBox::start().await;
    let (phone, call, _) = talk(&mut server, &[]).await;
    // Sent when the ACK has arrived: the record exists from the answer on, so ask until it is taken.
    let leg = call.leg.clone();
    let update = tokio::spawn(async move {
        loop {
            match leg.update(SDP.replace("t=0 0", "t=0 9")).await {
                Err(tabellion_sip::LegError::NotNow(_)) => tokio::task::yield_now().await,
                other => return other,
            }
        }
    });
    let invite = phone.incoming().await;
    assert_eq!(invite.method.to_string(), "INVITE");
    let mut answer = "SIP/2.0 200 OK\r\n".to_owned();
    for line in invite.headers.iter().map(ToString::to_string) {
        if ["Via", "From", "To", "Call-ID", "CSeq"].iter().any(|name| line.starts_with(name)) {
            answer += &format!("{line}\r\n");
        }
    }
    answer += &format!("Contact: {}\r\n{TYPE}\r\nContent-Length: {}\r\n\r\n{SDP}", phone.contact, SDP.len());
    phone.send(&answer).await;
    assert_eq!(phone.incoming().await.method.to_string(), "ACK");
    phone.send(&answer).await;
    assert_eq!(phone.incoming().await.method.to_string(), "ACK", "a lost ACK is sent again");
    assert_eq!(update.await.unwrap().unwrap(), SDP);
}

#[tokio::test]
async fn session_timers_are_agreed() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let short = phone.ask("INVITE", &[TYPE, "Supported: timer", "Session-Expires: 30"], SDP).await;
    assert_eq!((code(&short), header(&short.headers, "Min-SE").as_deref()), (422, Some("90")));
    let (_phone, _call, answer) =
        talk(&mut server, &["Supported: timer", "Session-Expires: 600;refresher=uac"]).await;
    assert_eq!(header(&answer.headers, "Session-Expires").as_deref(), Some("600;refresher=uac"));
    assert_eq!(header(&answer.headers, "Require").as_deref(), Some("timer"));
}

#[tokio::test]
async fn a_stop_answers_who_still_waits_and_ends_no_call() {
    let mut server = TestBox::start().await;
    let mut waiting = Phone::new(server.address()).await;
    let invite = waiting.request("INVITE", &[TYPE], SDP);
    waiting.send(&invite).await;
    let call = server.call().await;
    let (mut talking, mut talk, _) = talk(&mut server, &[]).await;
    let reinvite = talking.request("INVITE", &[TYPE], SDP);
    talking.send(&reinvite).await;
    let Some(LegEvent::Offer { reply: _undecided, .. }) = event(&mut talk).await else { panic!("no offer") };

    let service = server.service.clone();
    let stop = tokio::spawn(async move { service.stop().await });
    let refused = waiting.response().await;
    assert_eq!((code(&refused), header(&refused.headers, "Retry-After").as_deref()), (503, Some("30")));
    assert!(call.leg.answer(SDP.to_owned()).await.is_err(), "it was refused");
    let unchanged = talking.response().await;
    assert_eq!((code(&unchanged), header(&unchanged.headers, "Retry-After").as_deref()), (500, Some("10")));
    assert!(!stop.is_finished(), "who has not acknowledged is waited for");
    waiting.acknowledge("").await;
    talking.acknowledge("").await;
    timeout(PATIENCE, stop).await.unwrap().unwrap();
    // No BYE: the next run goes on with it.
    while let Some(more) = talking.receive_within(Duration::from_millis(200)).await {
        assert!(matches!(more, rsip::SipMessage::Response(_)), "more than a repeated answer: {more}");
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_never_acknowledges() {
    let mut server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    let _call = server.call().await;
    timeout(PATIENCE, server.service.stop()).await.expect("an end without the caller's help");
    assert_eq!(code(&phone.response().await), 503);
}

#[tokio::test]
async fn a_call_survives_a_restart_of_the_service() {
    let mut server = TestBox::start().await;
    let (mut phone, call, _) = talk(&mut server, &[]).await;
    let stored = serde_json::to_string(&call.leg.record().await.unwrap()).unwrap();
    let port = server.address().port();
    server.service.stop().await;
    let TestBox { service, .. } = server;
    drop((service, call));
    let restored: DialogRecord = serde_json::from_str(&stored).unwrap();
    let again = timeout(PATIENCE, async {
        loop {
            // The old socket closes a moment after the stop.
            if std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                let mut config = config(Ipv4Addr::LOCALHOST.into());
                config.udp_port = port;
                return TestBox::bind(config).await;
            }
            tokio::task::yield_now().await;
        }
    });
    let server = again.await.unwrap();
    // A request that arrives before the call is restored waits.
    let info = phone.request("INFO", &["Content-Type: application/dtmf"], "5");
    phone.send(&info).await;
    let (leg, mut events) = server.service.restore(restored.clone()).await.unwrap();
    assert!(server.service.restore(restored).await.is_err(), "a call runs once");
    server.service.serve().unwrap();
    assert_eq!(code(&phone.response().await), 200);
    assert!(matches!(timeout(PATIENCE, events.recv()).await.unwrap(), Some(LegEvent::Digit('5'))));
    let reinvite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&reinvite).await;
    let Some(LegEvent::Offer { reply, .. }) = timeout(PATIENCE, events.recv()).await.unwrap() else {
        panic!("no offer")
    };
    reply.send(Ok(SDP.to_owned())).unwrap();
    assert_eq!(code(&phone.response().await), 200);
    phone.acknowledge("").await;
    leg.info_fast_update().await.unwrap();
    let info = phone.incoming().await;
    assert_eq!(info.method.to_string(), "INFO");
    phone.accept(&info).await;
    leg.end(EndCause::finished()).await;
    let bye = phone.incoming().await;
    assert_eq!(bye.method.to_string(), "BYE");
    phone.accept(&bye).await;
}
