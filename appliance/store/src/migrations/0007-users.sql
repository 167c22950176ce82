-- What users may do, how their accounts change and end, what was agreed to for them, and what was ordered.

ALTER TABLE users ADD COLUMN visio TEXT NOT NULL DEFAULT 'user' CHECK (visio IN ('user', 'delegate'));
ALTER TABLE users ADD COLUMN telework INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN invoices INTEGER NOT NULL DEFAULT 0;
-- Whether an entry in the ADSN directory is ordered for the user.
ALTER TABLE users ADD COLUMN in_directory INTEGER NOT NULL DEFAULT 0;
-- Counts the changes: who changes an account says which version was looked at.
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- Until when a temporary password opens anything; none: the user has chosen the password.
ALTER TABLE users ADD COLUMN temporary_until INTEGER;
-- Of an account that is gone, the name stays where meetings were made with it: «Créé par».
ALTER TABLE users ADD COLUMN deleted_at INTEGER;

CREATE TABLE user_agreements (
    user    INTEGER NOT NULL,
    text    TEXT    NOT NULL CHECK (text IN ('terms', 'liability')),
    version TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    by      INTEGER NOT NULL,
    PRIMARY KEY (user, text, version)
) STRICT, WITHOUT ROWID;

-- One that was used is gone.
CREATE TABLE password_links (
    hash       BLOB    PRIMARY KEY,
    user       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_links_by_user ON password_links (user);

-- Names are those of the order's time: users change and go, what was ordered of whom stays.
CREATE TABLE orders (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    count          INTEGER NOT NULL,
    by             INTEGER,
    by_name        TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    subject_login  TEXT    NOT NULL,
    -- The outbox's message with it, where one was sent.
    mail           INTEGER,
    handed_over_at INTEGER
) STRICT;

-- A box that has served so far keeps all its users: where they are more than the usual five, the rest is carried.
INSERT INTO orders (at, kind, count, by_name, subject, subject_login)
SELECT unixepoch() * 1000000, 'carried', found - 5, '', '', '' FROM (SELECT count(*) AS found FROM users) WHERE found > 5;
