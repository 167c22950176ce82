-- Where the audit journal begins: the last line that its retention period is over for.
CREATE TABLE audit_checkpoint (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_checkpoint_goes_forward BEFORE UPDATE ON audit_checkpoint WHEN NEW.number <= OLD.number
BEGIN SELECT RAISE(ABORT, 'the audit journal gets back no line'); END;
DROP TRIGGER audit_journal_is_append_only_2;
CREATE TRIGGER audit_journal_is_append_only_2 BEFORE DELETE ON audit_journal
WHEN OLD.number > coalesce((SELECT number FROM audit_checkpoint), 0)
BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;

-- What the last purge has deleted.
CREATE TABLE last_purge (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    at       INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    meetings INTEGER NOT NULL,
    seats    INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    names    INTEGER NOT NULL,
    journal  INTEGER NOT NULL
) STRICT;

CREATE INDEX calls_ended ON calls (ended_at);
CREATE INDEX seats_ended ON seats (changed_at) WHERE ended = 1;
CREATE INDEX outbox_ended ON outbox (coalesce(sent_at, given_up_at)) WHERE coalesce(sent_at, given_up_at) IS NOT NULL;
