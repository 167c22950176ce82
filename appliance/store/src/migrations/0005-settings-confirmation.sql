-- SHA-256 of what confirms a change that waits, where its author may find the box at an address that no session is for.

ALTER TABLE settings_changes ADD COLUMN confirmation BLOB;
