-- A meeting's record is made of its lines in the audit journal.
CREATE INDEX audit_of_meetings ON audit_journal (json_extract(event, '$.meeting'))
WHERE json_extract(event, '$.event') = 'meeting';
CREATE INDEX seats_of_meeting ON seats (meeting, id);
