-- The directory of notaries. It is kept in two places of the same form: a new copy is put into the one that nobody reads, piece by
-- piece, so that nobody waits for it; then one statement says that it is the other one that is read.

CREATE TABLE directory (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    -- The place that is read; none before the first copy.
    place      INTEGER CHECK (place IN (0, 1)),
    -- Counts the copies that were begun: whoever still fills a place when another has begun is overtaken.
    begun      INTEGER NOT NULL DEFAULT 0,
    -- Of the copy that is read.
    origin     TEXT,
    copied_at  INTEGER,
    entries    INTEGER NOT NULL DEFAULT 0,
    -- What its source goes on from when it is asked again.
    mark       TEXT,
    -- Why the last look at the source gave nothing; none where it did.
    trouble    TEXT,
    trouble_at INTEGER
) STRICT;
INSERT INTO directory (id) VALUES (1);

CREATE TABLE directory_entities_0 (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE directory_entities_1 (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

-- Entries are numbered in the order of the table: a page is the next few matches, not the first few of all, sorted.
CREATE TABLE directory_entries_0 (
    id          INTEGER PRIMARY KEY,
    entity      INTEGER NOT NULL,
    crpcen      TEXT    NOT NULL,
    office      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    postal_code TEXT    NOT NULL,
    town        TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    key         TEXT    NOT NULL
) STRICT;
CREATE INDEX directory_entries_0_by_entity ON directory_entries_0 (entity);
CREATE TABLE directory_entries_1 (
    id          INTEGER PRIMARY KEY,
    entity      INTEGER NOT NULL,
    crpcen      TEXT    NOT NULL,
    office      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    postal_code TEXT    NOT NULL,
    town        TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    key         TEXT    NOT NULL
) STRICT;
CREATE INDEX directory_entries_1_by_entity ON directory_entries_1 (entity);

-- `entity` holds one word for each entity, so that the index narrows by it, too.
CREATE VIRTUAL TABLE directory_index_0 USING fts5 (
    entity, crpcen, office, name,
    content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE directory_index_1 USING fts5 (
    entity, crpcen, office, name,
    content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
