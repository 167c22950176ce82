-- The secret of an authenticator application that is being enrolled: it is the account's once a code proves that the
-- application has it.
ALTER TABLE sessions ADD COLUMN authenticator_candidate TEXT;
