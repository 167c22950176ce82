//! Accounts, their licences, passwords and orders, on real files.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use serde_json::{Value, json};
use std::path::Path;
use tabellion_domain::{
    AuditEvent, Civility, Description, Entropy, Licences, PersonName, Rights, Session, SessionStage, UserId,
    VisioRight,
    account::Account,
    orders::{Delivery, OrderKind},
    settings::MailAddress,
};
use tabellion_store::{
    Agreement, NewAccount, NewMeeting, NewPasswordLink, NewUser, OrderMail, OutboxKind, Store, StoreError,
    UserChange, UserRefusal,
};
use time::{Duration, OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

struct Dice;
impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(4);
    }
}

struct Office {
    store: Store,
    claire: UserId,
    folder: tempfile::TempDir,
}

async fn office() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
    let claire = store.create_user(first("claire.moreau"), NINE).await.unwrap();
    Office { store, claire, folder }
}

fn first(login: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        civility: Civility::Maitre,
        first_name: "Claire".into(),
        last_name: "Moreau".into(),
        email: "claire@office.test".into(),
        mobile: None,
        administrator: true,
        password_hash: "hash".into(),
        totp_secret: None,
    }
}

fn account(login: &str) -> NewAccount {
    NewAccount {
        account: Account {
            civility: Civility::Madame,
            last_name: PersonName::new("Durand").unwrap(),
            first_name: PersonName::new("Zoé").unwrap(),
            login: login.to_owned(),
            email: MailAddress::new("zoe@office.test").unwrap(),
            mobile: None,
        },
        rights: Rights::USER,
        in_directory: false,
        password_hash: "temporary".to_owned(),
        temporary_until: NINE + Duration::days(7),
        agreements: vec![Agreement { text: "terms", version: "2026-01".to_owned() }],
        mail: json!({ "to": "zoe@office.test" }),
    }
}

fn order_mail() -> Option<OrderMail> {
    Some(Box::new(|order| json!({ "order": order.id, "subject": order.subject })))
}

async fn mails(store: &Store) -> Vec<Value> {
    let waiting = store.outbox_due(OutboxKind::Mail, NINE).await.unwrap();
    waiting.into_iter().map(|entry| entry.payload).collect()
}

impl Office {
    async fn add(&self, new: NewAccount) -> Result<UserId, UserRefusal> {
        self.store.create_account(new, self.claire, order_mail(), NINE).await.unwrap()
    }

    async fn changed(&self, id: UserId, rights: Rights) -> Result<bool, UserRefusal> {
        let before = self.store.user(id).await.unwrap().unwrap();
        let change = UserChange {
            version: before.version,
            civility: before.civility,
            last_name: PersonName::new(&before.last_name).unwrap(),
            first_name: PersonName::new(&before.first_name).unwrap(),
            email: MailAddress::new(&before.email).unwrap(),
            mobile: None,
            rights,
            in_directory: before.in_directory,
        };
        let changed = self.store.change_user(id, change, self.claire, order_mail(), NINE).await.unwrap();
        changed.map(|(_, left)| left)
    }

    async fn session(&self, user: UserId, hash: [u8; 32]) -> Result<(), StoreError> {
        let session = Session { user, stage: SessionStage::Full, created_at: NINE, last_seen_at: NINE };
        self.store.create_session(hash, session, None).await
    }
}

#[tokio::test]
async fn an_account_comes_with_its_mail_its_agreements_and_its_order_or_not_at_all() {
    let office = office().await;
    let zoe = office.add(NewAccount { in_directory: true, ..account("zoe.durand") }).await.unwrap();
    let user = office.store.user(zoe).await.unwrap().unwrap();
    assert_eq!((user.rights, user.in_directory, user.version), (Rights::USER, true, 1));
    assert_eq!(user.temporary_until, Some(NINE + Duration::days(7)));
    let sent = mails(&office.store).await;
    assert_eq!(
        sent,
        [json!({ "to": "zoe@office.test" }), json!({ "order": 1, "subject": "Madame Zoé Durand" })]
    );
    let refused = office.add(NewAccount { in_directory: true, ..account("ZOE.Durand") }).await;
    assert_eq!(refused, Err(UserRefusal::LoginTaken));
    assert_eq!((mails(&office.store).await.len(), office.store.orders().await.unwrap().len()), (2, 1));
    office.store.delete_users(vec![zoe], office.claire, None, NINE).await.unwrap().unwrap();
    let orders = office.store.orders().await.unwrap();
    let kinds: Vec<_> = orders.iter().map(|order| (order.kind, order.subject_login.as_str())).collect();
    assert_eq!(
        kinds,
        [(OrderKind::DirectoryRemoval, "zoe.durand"), (OrderKind::DirectoryEntry, "zoe.durand")]
    );
    assert_eq!(office.store.verify_audit().await.unwrap(), Ok(()));
}

#[tokio::test]
async fn licences_bound_users_of_all_services_and_orders_add_to_them() {
    let office = office().await;
    for number in 2..=5 {
        office.add(account(&format!("user.{number}"))).await.unwrap();
    }
    let full = Licences { owned: 5, used: 5 };
    assert_eq!(office.add(account("one.more")).await, Err(UserRefusal::NoLicence(full)));
    let rights = Rights { visio: VisioRight::Delegate, ..Rights::USER };
    let delegate = office.add(NewAccount { rights, ..account("a.delegate") }).await.unwrap();
    assert_eq!(office.changed(delegate, Rights::USER).await, Err(UserRefusal::NoLicence(full)));
    office.store.order_licences(2, office.claire, None, NINE).await.unwrap().unwrap();
    assert_eq!(office.store.licences().await.unwrap(), Licences { owned: 7, used: 5 });
    assert_eq!(office.changed(delegate, Rights::USER).await, Ok(false));
    assert_eq!(office.changed(delegate, rights).await, Ok(true), "takes part no more");
    let reopened = Store::open(&office.folder.path().join("tabellion.db")).unwrap();
    assert_eq!(reopened.licences().await.unwrap(), Licences { owned: 7, used: 5 });
}

#[tokio::test]
async fn two_administrators_cannot_take_the_right_from_each_other() {
    let office = office().await;
    let sophie = office.store.create_user(first("sophie.bernard"), NINE).await.unwrap();
    assert_eq!(office.changed(sophie, Rights::USER).await, Ok(false));
    let late = office.store.delete_users(vec![office.claire], sophie, None, NINE).await.unwrap();
    assert_eq!(late, Err(UserRefusal::NotAdministrator), "asked for before the right was gone");
    assert_eq!(office.changed(office.claire, Rights::USER).await, Err(UserRefusal::LastAdministrator));
    let both =
        office.store.delete_users(vec![sophie, office.claire], office.claire, None, NINE).await.unwrap();
    assert_eq!(both, Err(UserRefusal::LastAdministrator));
    assert_eq!(office.store.users().await.unwrap().len(), 2, "all of them or none");
}

#[tokio::test]
async fn of_a_deleted_account_the_name_stays_where_it_is_needed_and_nothing_else() {
    let office = office().await;
    let zoe = office.add(account("zoe.durand")).await.unwrap();
    let meeting = NewMeeting {
        description: Description::new("Vente DUPONT").unwrap(),
        active: true,
        code_active: false,
        code: None,
        created_by: zoe,
    };
    let entropy = std::sync::Arc::new(Dice);
    let meeting =
        office.store.create_permanent_meeting(meeting, "1099".to_owned(), entropy, NINE).await.unwrap();
    office.session(zoe, [1; 32]).await.unwrap();
    office.store.delete_users(vec![zoe], office.claire, None, NINE).await.unwrap().unwrap();
    assert_eq!(office.store.session([1; 32]).await.unwrap(), None);
    let kept = office.store.user(meeting.created_by).await.unwrap().unwrap();
    assert_eq!((kept.display_name().as_str(), kept.deleted), ("Madame Zoé Durand", true));
    assert_eq!((kept.email.as_str(), kept.password_hash.as_str(), kept.mobile), ("", "", None));
    assert_eq!(office.store.user_by_login("zoe.durand".to_owned()).await.unwrap(), None);
    assert_eq!(office.store.user_by_login(kept.login).await.unwrap(), None);
    assert!(office.store.permanent_meeting(meeting.id).await.unwrap().is_some());
    let late = office.session(zoe, [2; 32]).await.unwrap_err();
    assert!(matches!(late, StoreError::AccountEnded), "{late}");
    assert_eq!(office.store.users().await.unwrap().len(), 1);
    office.add(account("zoe.durand")).await.unwrap();
    let again = office.store.delete_users(vec![zoe], office.claire, None, NINE).await.unwrap();
    assert_eq!(again, Err(UserRefusal::Unknown));
}

#[tokio::test]
async fn another_password_ends_sessions_and_links_and_a_link_is_used_once() {
    let office = office().await;
    let zoe = office.add(account("zoe.durand")).await.unwrap();
    let link = |hash: u8| NewPasswordLink {
        user: zoe,
        hash: [hash; 32],
        expires_at: NINE + Duration::minutes(30),
        mail: json!({}),
    };
    office.session(zoe, [1; 32]).await.unwrap();
    office.session(office.claire, [9; 32]).await.unwrap();
    office.store.send_password_links(vec![link(1), link(2)], NINE).await.unwrap();
    let owner = |hash: u8, at| office.store.owner_of_link([hash; 32], at);
    assert_eq!(owner(1, NINE).await.unwrap().unwrap().id, zoe);
    assert!(owner(1, NINE + Duration::minutes(30)).await.unwrap().is_none());
    assert!(owner(3, NINE).await.unwrap().is_none());
    let use_link = |hash: u8| office.store.use_password_link([hash; 32], "chosen".to_owned(), NINE);
    assert_eq!(use_link(1).await.unwrap().unwrap().id, zoe);
    assert!(use_link(1).await.unwrap().is_none() && use_link(2).await.unwrap().is_none());
    let user = office.store.user(zoe).await.unwrap().unwrap();
    assert_eq!((user.password_hash.as_str(), user.temporary_until), ("chosen", None));
    assert_eq!(office.store.session([1; 32]).await.unwrap(), None);
    assert!(office.store.session([9; 32]).await.unwrap().is_some(), "another one's");
    let own = Session { user: zoe, stage: SessionStage::Full, created_at: NINE, last_seen_at: NINE };
    let set = office.store.set_password(zoe, "own".to_owned(), "own", Some(([3; 32], own)), NINE);
    assert!(set.await.unwrap());
    assert!(office.store.session([3; 32]).await.unwrap().is_some());
    let lines = office.store.audit_journal().await.unwrap();
    let last: AuditEvent = serde_json::from_str(&lines.last().unwrap().event).unwrap();
    assert_eq!(last, AuditEvent::PasswordChanged { user: zoe, how: "own".to_owned() });
}

#[tokio::test]
async fn an_order_is_mailed_or_handed_over() {
    let office = office().await;
    office.store.order_licences(1, office.claire, None, NINE).await.unwrap().unwrap();
    office.store.order_licences(2, office.claire, order_mail(), NINE).await.unwrap().unwrap();
    office.store.order_licences(3, office.claire, order_mail(), NINE).await.unwrap().unwrap();
    let deliveries = async || {
        let orders = office.store.orders().await.unwrap();
        orders.into_iter().rev().map(|order| order.delivery).collect::<Vec<_>>()
    };
    assert_eq!(deliveries().await, [Delivery::Waiting, Delivery::Mailing, Delivery::Mailing]);
    let waiting = office.store.outbox_due(OutboxKind::Mail, NINE).await.unwrap();
    office.store.outbox_sent(waiting[0].id, NINE).await.unwrap();
    office.store.outbox_given_up(waiting[1].id, "no such address".into(), NINE).await.unwrap();
    assert_eq!(deliveries().await, [Delivery::Waiting, Delivery::Mailed(NINE), Delivery::MailFailed(NINE)]);
    let marked = office.store.hand_orders_over(3, office.claire, NINE).await.unwrap();
    assert_eq!(marked, Ok(2), "the one that no mail carries, and the one whose mail was refused");
    assert_eq!(office.store.hand_orders_over(3, office.claire, NINE).await.unwrap(), Ok(0));
    assert_eq!(deliveries().await[1], Delivery::Mailed(NINE));
}

/// A database of the release before, with as many users.
fn of_the_release_before(path: &Path, users: u32) {
    let connection = rusqlite::Connection::open(path).unwrap();
    for step in [
        include_str!("../src/migrations/0001-first.sql"),
        include_str!("../src/migrations/0002-settings.sql"),
        include_str!("../src/migrations/0003-authenticators.sql"),
        include_str!("../src/migrations/0004-recovery-codes.sql"),
        include_str!("../src/migrations/0005-settings-confirmation.sql"),
        include_str!("../src/migrations/0006-directory.sql"),
    ] {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "user_version", 6).unwrap();
    for number in 0..users {
        let sql = "INSERT INTO users (login, civility, first_name, last_name, email, administrator, password_hash, created_at) \
                   VALUES ('user.' || ?1, '', 'A', 'B', 'a@office.test', 1, 'hash', 0)";
        connection.execute(sql, [number]).unwrap();
    }
}

#[tokio::test]
async fn a_box_that_has_served_so_far_keeps_all_its_users() {
    for (users, owned) in [(0, 5), (3, 5), (8, 8)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tabellion.db");
        of_the_release_before(&path, users);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.licences().await.unwrap(), Licences { owned, used: users });
        let found = store.users().await.unwrap();
        assert!(
            found.iter().all(|user| user.rights.may_join() && user.rights.administrator && user.version == 1)
        );
        assert_eq!(store.orders().await.unwrap().len(), usize::from(users > 5));
    }
}
