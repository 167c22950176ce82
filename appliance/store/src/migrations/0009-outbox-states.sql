-- What a message is about, so that pages can say what has become of it: `scheduled:7:participant:12`. The newest message of a
-- reference tells; a message waits for the older ones of its reference.
ALTER TABLE outbox ADD COLUMN reference TEXT;
-- Whether the gateway wants it from nobody, ever: with given_up_at, the moment of its answer.
ALTER TABLE outbox ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1));
-- The gateway's last answer, word for word. It may name the address: for pages, never for the log.
ALTER TABLE outbox ADD COLUMN answer TEXT;
CREATE INDEX outbox_by_reference ON outbox (reference, id) WHERE reference IS NOT NULL;

-- What the demonstration's page shows of a mail beside its text.
ALTER TABLE demonstration_messages ADD COLUMN html TEXT;
ALTER TABLE demonstration_messages ADD COLUMN calendar TEXT;
