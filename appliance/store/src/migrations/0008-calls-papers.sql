-- «Journal d'appel»: a user's direct calls, once they are over.
CREATE TABLE calls (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    direction   TEXT    NOT NULL CHECK (direction IN ('received', 'made')),
    number      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    media       TEXT    NOT NULL CHECK (media IN ('video', 'audio')),
    outcome     TEXT    NOT NULL,
    missed      INTEGER NOT NULL CHECK (missed IN (0, 1)),
    -- Name and number as they are searched: without case and accents.
    search      TEXT    NOT NULL,
    began_at    INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at    INTEGER NOT NULL
) STRICT;
-- A page is the next few of it, and what is counted or searched is in it: no row is read but those that are shown.
CREATE INDEX calls_of_user ON calls (user, began_at, id, direction, missed, search);
CREATE INDEX calls_by_age ON calls (began_at);

-- Papers that were given out. The documents themselves are with whoever asked for them.
CREATE TABLE papers_issued (
    number    TEXT    PRIMARY KEY,
    kind      TEXT    NOT NULL,
    crpcen    TEXT    NOT NULL,
    office    TEXT    NOT NULL,
    -- Who asked. The account may be gone meanwhile, and the paper is still the box's.
    asked_by  INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    sha256    BLOB    NOT NULL CHECK (length(sha256) = 32)
) STRICT, WITHOUT ROWID;
