-- Times are Unix microseconds, UTC.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    login           TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    civility        TEXT    NOT NULL,
    first_name      TEXT    NOT NULL,
    last_name       TEXT    NOT NULL,
    email           TEXT    NOT NULL,
    mobile          TEXT,
    administrator   INTEGER NOT NULL,
    password_hash   TEXT    NOT NULL,
    totp_secret     TEXT,
    totp_last_step  INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id_hash      BLOB    PRIMARY KEY,
    user         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    stage        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE sms_codes (
    user     INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash     BLOB    NOT NULL,
    salt     BLOB    NOT NULL,
    sent_at  INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    used     INTEGER NOT NULL
) STRICT;

CREATE TABLE login_throttles (
    subject  TEXT    PRIMARY KEY,
    failures INTEGER NOT NULL,
    last     INTEGER NOT NULL
) STRICT;

CREATE TABLE permanent_meetings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    description TEXT    NOT NULL,
    -- What lists are sorted by: the description without regard to case and accents.
    sort_key    TEXT    NOT NULL,
    number      TEXT    NOT NULL UNIQUE,
    link_token  TEXT    NOT NULL UNIQUE,
    active      INTEGER NOT NULL,
    code_active INTEGER NOT NULL,
    code        TEXT,
    created_by  INTEGER NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    CHECK (code_active = 0 OR code IS NOT NULL)
) STRICT;
CREATE INDEX permanent_meetings_sorted ON permanent_meetings (sort_key, id);

-- AUTOINCREMENT: the media engine knows seats by this number, and a number must not come back.
CREATE TABLE seats (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    identity   TEXT    NOT NULL,
    user       INTEGER,
    device     TEXT,
    token_hash BLOB UNIQUE,
    stage      TEXT    NOT NULL,
    ended      INTEGER NOT NULL,
    microphone INTEGER NOT NULL,
    camera     INTEGER NOT NULL,
    dialog     TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX seats_open ON seats (meeting) WHERE ended = 0;

CREATE TABLE devices (
    username     TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    algorithm    TEXT NOT NULL,
    ha1          TEXT NOT NULL
) STRICT;

CREATE TABLE bindings (
    device     TEXT    NOT NULL REFERENCES devices (username) ON DELETE CASCADE,
    contact    TEXT    NOT NULL,
    json       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (device, contact)
) STRICT;

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT    NOT NULL,
    payload         TEXT    NOT NULL,
    queued_at       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    sent_at         INTEGER,
    given_up_at     INTEGER,
    last_error      TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (kind, next_attempt_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

CREATE TABLE demonstration_messages (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL,
    recipient TEXT    NOT NULL,
    subject   TEXT,
    text      TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_journal (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    event  TEXT    NOT NULL,
    hash   BLOB    NOT NULL
) STRICT;
CREATE TRIGGER audit_journal_is_append_only_1 BEFORE UPDATE ON audit_journal
BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
CREATE TRIGGER audit_journal_is_append_only_2 BEFORE DELETE ON audit_journal
BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
