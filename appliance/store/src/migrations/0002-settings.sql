-- Each change of the box's settings, whole, and what became of it. One without a decision is pending.

CREATE TABLE settings_changes (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    -- Until when it has to be confirmed; none for one that is in force at once.
    deadline INTEGER
) STRICT;

CREATE TABLE settings_decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    change INTEGER NOT NULL UNIQUE REFERENCES settings_changes (id),
    state  TEXT    NOT NULL CHECK (state IN ('in_force', 'undone')),
    at     INTEGER NOT NULL,
    author TEXT    NOT NULL
) STRICT;

CREATE TRIGGER settings_changes_are_append_only_1 BEFORE UPDATE ON settings_changes
BEGIN SELECT RAISE(ABORT, 'changes of the settings are append-only'); END;
CREATE TRIGGER settings_changes_are_append_only_2 BEFORE DELETE ON settings_changes
BEGIN SELECT RAISE(ABORT, 'changes of the settings are append-only'); END;
CREATE TRIGGER settings_decisions_are_append_only_1 BEFORE UPDATE ON settings_decisions
BEGIN SELECT RAISE(ABORT, 'decisions on the settings are append-only'); END;
CREATE TRIGGER settings_decisions_are_append_only_2 BEFORE DELETE ON settings_decisions
BEGIN SELECT RAISE(ABORT, 'decisions on the settings are append-only'); END;

-- What the first release kept of the office, name by name.
INSERT INTO settings_changes (document, at, author)
SELECT json_object(
           'version', 1,
           'office', json_object(
               'name', name.value,
               'domain', coalesce((SELECT value FROM settings WHERE name = 'office.domain'), ''),
               'crpcen', coalesce((SELECT value FROM settings WHERE name = 'office.crpcen'), ''),
               'number_prefix', coalesce((SELECT value FROM settings WHERE name = 'office.number_prefix'), '')
           ),
           'support', json_object(
               'name', coalesce((SELECT value FROM settings WHERE name = 'support.name'), ''),
               'phone', coalesce((SELECT value FROM settings WHERE name = 'support.phone'), ''),
               'email', coalesce((SELECT value FROM settings WHERE name = 'support.email'), ''),
               'hours', coalesce((SELECT value FROM settings WHERE name = 'support.hours'), '')
           )
       ),
       unixepoch() * 1000000,
       '{"author":"upgrade"}'
FROM settings AS name
WHERE name.name = 'office.name';
INSERT INTO settings_decisions (change, state, at, author)
SELECT id, 'in_force', at, author FROM settings_changes;

DROP TABLE settings;
