//! From the outbox to a mail server over TLS and back: nothing is lost, nothing arrives twice that need not, and whoever asks learns what
//! has become of each mail.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Received, Relay};
use mail_parser::{Message, MessageParser};
use std::sync::Arc;
use tabellion_domain::{Clock, testing::FakeClock};
use tabellion_post::{Mail, Mailer, OutboxWorker, SmtpSecurity, Unconfigured};
use tabellion_store::{MessageState, NewMessage, OutboxKind, Store, Topic};
use time::Duration;

struct Post {
    _folder: tempfile::TempDir,
    store: Store,
    clock: FakeClock,
}

impl Post {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        Self { _folder: folder, store, clock: FakeClock::default() }
    }

    async fn invite(&self, to: &str) {
        let mail = Mail::plain(to.to_owned(), "Réunion".to_owned(), "Bonjour,\n.\nà demain".to_owned());
        let reference = Some(format!("scheduled:1:{to}"));
        let message = NewMessage { kind: OutboxKind::Mail, payload: mail.payload(), reference };
        self.store.queue(vec![message], self.clock.now()).await.unwrap();
    }

    /// What is due is sent, as the worker does it.
    async fn deliver(&self, mailer: impl Mailer + 'static) {
        let worker = OutboxWorker::new(
            self.store.clone(),
            Arc::new(mailer),
            Arc::new(Unconfigured),
            Arc::new(self.clock.clone()),
        );
        worker.deliver_due(OutboxKind::Mail).await.unwrap();
    }

    async fn state(&self, to: &str) -> MessageState {
        let states = self.store.delivery_states("scheduled:1:").await.unwrap();
        states.into_iter().find(|one| one.reference.ends_with(&format!(":{to}"))).unwrap().state
    }

    async fn answer(&self, to: &str) -> Option<String> {
        match self.state(to).await {
            MessageState::Waiting { trouble, .. } => trouble.unwrap().answer,
            MessageState::Refused { trouble, .. } => trouble.answer,
            other => panic!("{other:?}"),
        }
    }

    fn later(&self) {
        self.clock.advance(Duration::minutes(1));
    }
}

fn opened(received: &Received) -> Message<'_> {
    MessageParser::default().parse(received.data.as_bytes()).unwrap()
}

fn is_sent(state: &MessageState) -> bool {
    matches!(state, MessageState::Sent(_))
}

#[tokio::test]
async fn a_mail_goes_out_over_tls_and_is_read_as_it_was_written() {
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let (post, mut relay) = (Post::new(), Relay::start(security).await);
        post.invite("bob@example.test").await;
        assert_eq!(
            post.state("bob@example.test").await,
            MessageState::Waiting { trouble: None, next: post.clock.now() }
        );
        post.deliver(relay.mailer()).await;
        assert_eq!(post.state("bob@example.test").await, MessageState::Sent(post.clock.now()));
        let received = relay.next().await;
        assert!(
            received.tls && received.hello == "visio.tabellion.test" && received.from == "visio@office.test"
        );
        assert_eq!(received.to, ["bob@example.test"]);
        let mail = opened(&received);
        assert_eq!(mail.subject(), Some("Réunion"));
        assert_eq!(mail.body_text(0).unwrap().trim_end(), "Bonjour,\r\n.\r\nà demain");
        relay.has_no_more().await;
    }
}

#[tokio::test]
async fn one_refused_address_keeps_no_other_back() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    for to in ["refused@example.test", "rejected@example.test", "busy@example.test", "bob@example.test"] {
        post.invite(to).await;
    }
    post.deliver(relay.mailer()).await;
    assert_eq!(relay.next().await.to, ["bob@example.test"]);
    assert!(is_sent(&post.state("bob@example.test").await));
    for (to, answer, is_final) in [
        ("refused@example.test", "550 5.1.1 <refused@example.test>: no such user", true),
        ("rejected@example.test", "554 5.7.1 not this text", true),
        ("busy@example.test", "450 4.2.1 again later", false),
    ] {
        let state = post.state(to).await;
        assert_eq!(matches!(state, MessageState::Refused { .. }), is_final, "{to}: {state:?}");
        assert!(!format!("{state:?}").contains(to), "a log names nobody: {state:?}");
        assert_eq!(post.answer(to).await.as_deref(), Some(answer));
    }
    post.later();
    post.deliver(relay.mailer()).await;
    assert_eq!(relay.next().await.to, ["busy@example.test"]);
    assert!(is_sent(&post.state("busy@example.test").await));
    relay.has_no_more().await;
}

#[tokio::test]
async fn a_line_that_breaks_in_the_mail_loses_nothing() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    post.invite("cut@example.test").await;
    post.invite("bob@example.test").await;
    post.deliver(relay.mailer()).await;
    assert_eq!(relay.next().await.to, ["bob@example.test"], "the next one has a connection of its own");
    assert_eq!(post.answer("cut@example.test").await, None);
    post.later();
    post.deliver(relay.mailer()).await;
    assert_eq!(relay.next().await.to, ["cut@example.test"]);
    assert!(is_sent(&post.state("cut@example.test").await));
    relay.has_no_more().await;
}

#[tokio::test]
async fn a_mail_whose_fate_nobody_knows_is_sent_again_as_the_same_one() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    post.invite("lost@example.test").await;
    post.deliver(relay.mailer()).await;
    let first = relay.next().await;
    assert!(matches!(post.state("lost@example.test").await, MessageState::Waiting { trouble: Some(_), .. }));
    post.later();
    post.deliver(relay.mailer()).await;
    let second = relay.next().await;
    assert!(is_sent(&post.state("lost@example.test").await));
    assert!(opened(&first).message_id().is_some());
    assert_eq!(first.data, second.data, "mailboxes that look at the identifier show it once");
    relay.has_no_more().await;
}

#[tokio::test]
async fn a_slow_server_is_waited_for_as_it_may_have_the_mail_already() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    post.invite("slow@example.test").await;
    post.deliver(relay.mailer()).await;
    assert_eq!(relay.next().await.to, ["slow@example.test"]);
    assert!(is_sent(&post.state("slow@example.test").await));
    relay.has_no_more().await;
}

#[tokio::test]
async fn a_server_that_is_too_slow_does_not_keep_the_others_for_ever() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    post.invite("slow@example.test").await;
    post.invite("bob@example.test").await;
    post.deliver(relay.impatient_mailer()).await;
    assert_eq!(relay.next().await.to, ["bob@example.test"]);
    let state = post.state("slow@example.test").await;
    let MessageState::Waiting { trouble: Some(trouble), .. } = state else { panic!("{state:?}") };
    assert_eq!(trouble.detail, "the mail server took too long to take the mail");
}

#[tokio::test]
async fn while_the_server_is_away_all_wait_and_then_go_out_once_in_their_order() {
    let (post, mut relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    relay.stop().await;
    let mut topics = post.store.topics();
    for to in ["bob@example.test", "carole@example.test"] {
        post.invite(to).await;
    }
    post.invite("bob@example.test").await;
    post.deliver(relay.mailer()).await;
    for to in ["bob@example.test", "carole@example.test"] {
        assert!(matches!(post.state(to).await, MessageState::Waiting { .. }), "{to}");
    }
    // Three are queued, two are tried: the second one of a reference waits for the first.
    for _ in 0..5 {
        assert_eq!(topics.try_recv().unwrap(), Topic::Deliveries);
    }
    assert!(topics.try_recv().is_err());
    relay.resume().await;
    post.later();
    post.deliver(relay.mailer()).await;
    post.deliver(relay.mailer()).await;
    let mut came = Vec::new();
    for _ in 0..3 {
        came.push(relay.next().await.to.remove(0));
    }
    assert_eq!(came, ["bob@example.test", "carole@example.test", "bob@example.test"]);
    post.deliver(relay.mailer()).await;
    relay.has_no_more().await;
}

#[tokio::test]
async fn without_a_password_that_it_takes_or_a_certificate_that_is_vouched_for_all_wait() {
    let (post, relay) = (Post::new(), Relay::start(SmtpSecurity::StartTls).await);
    post.invite("bob@example.test").await;
    let mut wrong = relay.config();
    wrong.credentials.as_mut().unwrap().password = "other".into();
    let mailer = tabellion_post::SmtpMailer::new(wrong).unwrap();
    post.deliver(mailer).await;
    let answer = post.answer("bob@example.test").await.unwrap();
    assert!(answer.starts_with("535 "), "{answer}");
    post.later();
    let unknown = tabellion_post::SmtpConfig { authority_pem: None, ..relay.config() };
    post.deliver(tabellion_post::SmtpMailer::new(unknown).unwrap()).await;
    assert_eq!(post.answer("bob@example.test").await, None);
    relay.has_no_more().await;
}
