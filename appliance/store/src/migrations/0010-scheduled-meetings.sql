-- Scheduled meetings: a day, an hour, those who are invited, and the personal links that were sent to them.

CREATE TABLE scheduled_meetings (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Counts the changes: who changes a meeting says which version was looked at.
    version      INTEGER NOT NULL DEFAULT 1,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'validated', 'sent', 'cancelled', 'expired')),
    -- For the espace client; the name is for everybody.
    reference    TEXT    NOT NULL,
    name         TEXT,
    message      TEXT,
    -- As clocks in Paris show them (2026-11-27, 16:00); and the moment that this was when it was stored, to sort by.
    day          TEXT    NOT NULL,
    hour         TEXT    NOT NULL,
    begins_at    INTEGER NOT NULL,
    closes_at    INTEGER NOT NULL,
    number       TEXT    NOT NULL UNIQUE,
    code         TEXT,
    uid          TEXT    NOT NULL,
    sequence     INTEGER NOT NULL DEFAULT 0,
    validated_at INTEGER,
    created_by   INTEGER NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL
) STRICT;
-- Seats and rooms know a meeting by its number alone: those of permanent meetings are below 2^40.
INSERT INTO sqlite_sequence (name, seq) VALUES ('scheduled_meetings', (1 << 40) - 1);
CREATE INDEX scheduled_meetings_by_day ON scheduled_meetings (day, begins_at, id);
CREATE INDEX scheduled_meetings_to_close ON scheduled_meetings (closes_at) WHERE state IN ('draft', 'validated', 'sent');

CREATE TABLE scheduled_participants (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting  INTEGER NOT NULL REFERENCES scheduled_meetings (id) ON DELETE CASCADE,
    civility TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    sort_key TEXT    NOT NULL,
    email    TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    -- «Envoyer ?»
    send     INTEGER NOT NULL,
    -- Whether an invitation was sent to this address.
    mailed   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX scheduled_participants_of_meeting ON scheduled_participants (meeting, sort_key, id);

-- SHA-256 of the secret; each invitation that is sent has its own, and all of a participant's are good.
CREATE TABLE scheduled_links (
    hash        BLOB    PRIMARY KEY,
    participant INTEGER NOT NULL REFERENCES scheduled_participants (id) ON DELETE CASCADE,
    made_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_links_of_participant ON scheduled_links (participant);

-- The link that a seat was taken by.
ALTER TABLE seats ADD COLUMN link BLOB;
CREATE INDEX seats_by_link ON seats (link) WHERE link IS NOT NULL AND ended = 0;
