//! What the outbox promises: everything goes out, once its gateway takes it, and nothing too late.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use async_trait::async_trait;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tabellion_domain::{Clock, testing::FakeClock};
use tabellion_post::{
    DemonstrationGateway, Envelope, Mail, Mailer, OutboxWorker, SendError, Sms, SmsGateway, Unconfigured,
    texts,
};
use tabellion_store::{MessageKind, MessageState, MessageTrouble, NewMessage, OutboxKind, Store};
use time::Duration;
use tokio::sync::Notify;

/// Answers as told, then takes everything.
#[derive(Default)]
struct Gateway {
    answers: Mutex<VecDeque<SendError>>,
    taken: Mutex<Vec<(i64, String)>>,
    told: Notify,
}

impl Gateway {
    fn answering(answers: impl IntoIterator<Item = SendError>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() })
    }

    fn take(&self, text: &str, envelope: Envelope) -> Result<(), SendError> {
        if let Some(error) = self.answers.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.taken.lock().unwrap().push((envelope.id, text.to_owned()));
        self.told.notify_one();
        Ok(())
    }

    fn texts(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }
}

#[async_trait]
impl Mailer for Gateway {
    async fn send_mail(&self, mail: &Mail, envelope: Envelope) -> Result<(), SendError> {
        self.take(&mail.text, envelope)
    }
}

#[async_trait]
impl SmsGateway for Gateway {
    async fn send_sms(&self, sms: &Sms, envelope: Envelope) -> Result<(), SendError> {
        self.take(&sms.text, envelope)
    }
}

/// Never answers.
struct Silent;

#[async_trait]
impl Mailer for Silent {
    async fn send_mail(&self, _: &Mail, _: Envelope) -> Result<(), SendError> {
        std::future::pending().await
    }
}

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

    fn worker(&self, mailer: Arc<dyn Mailer>, sms: Arc<dyn SmsGateway>) -> OutboxWorker {
        OutboxWorker::new(self.store.clone(), mailer, sms, Arc::new(self.clock.clone()))
    }

    async fn queue_code(&self) {
        let now = self.clock.now();
        let not_after = Some(now + Duration::minutes(10));
        let sms = Sms { to: "+33600000012".into(), text: texts::login_code("123456"), not_after };
        self.store.enqueue(OutboxKind::Sms, sms.payload(), now).await.unwrap();
    }

    async fn queue_mail(&self, text: &str) {
        let mail = Mail::plain("claire@office.test".into(), "Invitation".into(), text.into());
        self.store.enqueue(OutboxKind::Mail, mail.payload(), self.clock.now()).await.unwrap();
    }
}

fn away() -> SendError {
    SendError::Temporary("away".into())
}

#[tokio::test]
async fn a_message_is_tried_again_until_it_is_taken_and_then_never_more() {
    let post = Post::new();
    let gateway = Gateway::answering([away(), away()]);
    let worker = post.worker(gateway.clone(), gateway.clone());
    post.queue_code().await;
    for wait in [5, 10] {
        worker.deliver_due(OutboxKind::Sms).await.unwrap();
        let next = post.store.outbox_next(OutboxKind::Sms).await.unwrap();
        assert_eq!(next, Some(post.clock.now() + Duration::seconds(wait)));
        worker.deliver_due(OutboxKind::Sms).await.unwrap();
        assert!(gateway.texts().is_empty(), "not before its time");
        post.clock.advance(Duration::seconds(wait));
    }
    worker.deliver_due(OutboxKind::Sms).await.unwrap();
    worker.deliver_due(OutboxKind::Sms).await.unwrap();
    assert_eq!(gateway.texts(), [texts::login_code("123456")]);
    assert_eq!(post.store.outbox_next(OutboxKind::Sms).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_that_has_expired_is_not_sent() {
    let post = Post::new();
    let gateway = Gateway::answering([]);
    let worker = post.worker(gateway.clone(), gateway.clone());
    post.queue_code().await;
    post.clock.advance(Duration::minutes(10));
    worker.deliver_due(OutboxKind::Sms).await.unwrap();
    assert!(gateway.texts().is_empty());
    assert_eq!(post.store.outbox_next(OutboxKind::Sms).await.unwrap(), None, "given up");
}

#[tokio::test]
async fn a_refused_message_is_given_up_and_the_next_one_goes_out() {
    let post = Post::new();
    let gateway = Gateway::answering([SendError::Permanent("no such mailbox".into())]);
    let worker = post.worker(gateway.clone(), gateway.clone());
    post.queue_mail("first").await;
    post.queue_mail("second").await;
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    assert_eq!(gateway.texts(), ["second"]);
    assert_eq!(post.store.outbox_next(OutboxKind::Mail).await.unwrap(), None);
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_once_for_all_that_wait() {
    let post = Post::new();
    let gateway = Gateway::answering([SendError::Away("no way there".into())]);
    let worker = post.worker(gateway.clone(), gateway.clone());
    post.queue_mail("first").await;
    post.queue_mail("second").await;
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    assert!(gateway.texts().is_empty(), "it would have taken the second one");
    post.clock.advance(Duration::seconds(5));
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    assert_eq!(gateway.texts(), ["first", "second"]);
}

#[tokio::test]
async fn a_mail_that_is_of_no_use_any_more_is_given_up_and_not_refused() {
    let post = Post::new();
    let gateway = Gateway::answering([]);
    let worker = post.worker(gateway.clone(), gateway.clone());
    let mut mail = Mail::plain("claire@office.test".into(), "Invitation".into(), "too late".into());
    mail.not_after = Some(post.clock.now() + Duration::hours(1));
    let reference = Some("scheduled:1:participant:2".to_owned());
    let message = NewMessage { kind: OutboxKind::Mail, payload: mail.payload(), reference };
    post.store.queue(vec![message], post.clock.now()).await.unwrap();
    post.clock.advance(Duration::hours(1));
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    assert!(gateway.texts().is_empty());
    let states = post.store.delivery_states("scheduled:1:").await.unwrap();
    assert!(matches!(states[0].state, MessageState::GivenUp { .. }), "{states:?}");
}

#[tokio::test]
async fn without_a_gateway_messages_stay() {
    let post = Post::new();
    let worker = post.worker(Arc::new(Unconfigured), Arc::new(Unconfigured));
    post.queue_mail("waits").await;
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    assert!(post.store.outbox_next(OutboxKind::Mail).await.unwrap().is_some());
}

#[tokio::test]
async fn the_demonstration_shows_what_would_be_sent_newest_first() {
    let post = Post::new();
    let gateway = Arc::new(DemonstrationGateway::new(post.store.clone()));
    let worker = post.worker(gateway.clone(), gateway);
    post.queue_mail("Bonjour").await;
    worker.deliver_due(OutboxKind::Mail).await.unwrap();
    post.queue_code().await;
    worker.deliver_due(OutboxKind::Sms).await.unwrap();
    let shown = post.store.shown_messages().await.unwrap();
    assert_eq!(
        shown.iter().map(|message| message.kind).collect::<Vec<_>>(),
        [MessageKind::Sms, MessageKind::Mail]
    );
    assert_eq!(
        (shown[0].text.as_str(), shown[0].recipient.as_str()),
        (&*texts::login_code("123456"), "+33600000012")
    );
    assert_eq!((shown[1].subject.as_deref(), shown[1].at), (Some("Invitation"), post.clock.now()));
}

#[tokio::test]
async fn a_running_worker_sends_at_once_past_a_silent_mail_server_and_what_a_former_run_left() {
    let post = Post::new();
    post.queue_mail("never answered").await;
    post.queue_code().await;
    let gateway = Gateway::answering([]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = post.worker(Arc::new(Silent), gateway.clone());
    let running = tokio::spawn(worker.run(async move {
        let _ = stopped.await;
    }));
    gateway.told.notified().await;
    post.queue_code().await;
    gateway.told.notified().await;
    assert_eq!(gateway.texts().len(), 2);
    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(post.store.outbox_next(OutboxKind::Mail).await.unwrap().is_some(), "for the next start");
}

#[test]
fn what_has_become_of_a_mail_is_said_in_french_with_what_to_do() {
    let at = time::macros::datetime!(2026-07-14 12:04 UTC);
    let silent: MessageTrouble = "the mail server took too long".into();
    let answered = MessageTrouble { detail: "550".into(), answer: Some("550 5.1.1 no such user".into()) };
    for (state, text) in [
        (MessageState::Waiting { trouble: None, next: at }, "En cours d’envoi."),
        (
            MessageState::Waiting { trouble: Some(silent.clone()), next: at },
            "En attente\u{a0}: le relais de messagerie ne répond pas, ou n’est pas réglé. Nouvel essai à 14h04.",
        ),
        (MessageState::Sent(at), "Envoyé le 14-07-2026 à 14h04."),
        (
            MessageState::Refused { at, trouble: answered },
            "Refusé\u{a0}: le relais de messagerie a répondu «\u{a0}550 5.1.1 no such user\u{a0}». Vérifiez l’adresse, puis envoyez de \
             nouveau.",
        ),
        (
            MessageState::Refused { at, trouble: silent.clone() },
            "Refusé\u{a0}: cette adresse n’est pas valable. Corrigez-la, puis envoyez de nouveau.",
        ),
        (
            MessageState::GivenUp { at, trouble: silent.clone() },
            "Abandonné le 14-07-2026 à 14h04 sans avoir pu être remis. Envoyez de nouveau.",
        ),
    ] {
        assert_eq!(texts::delivery(&state), text);
    }
}
