-- +goose Up
-- Whose address was proved, which notes were written before, one conversation
-- after each closed one, a queue that knows low priority, and indexes of what the
-- wallboard reads. Locks cases while its indexes are made.

-- An address proves that two customers are one only when each of them has
-- followed a link that was mailed to it.
ALTER TABLE customers ADD COLUMN email_proved_at timestamptz;
COMMENT ON COLUMN customers.email_proved_at IS 'since when it is known that the customer reads what is mailed to the address that they have now';
ALTER TABLE conversation_access ADD COLUMN proves boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN conversation_access.proves IS 'a link that was mailed to the address that the customer has still';

-- The ids under which agents' programs write notes: a note that is written again
-- is the one that is there. The notes themselves are sealed in the record.
CREATE TABLE note_ids (
    conversation_id bigint NOT NULL REFERENCES conversations,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_note_id  text NOT NULL,
    entry           int NOT NULL,
    PRIMARY KEY (conversation_id, account_id, client_note_id)
);

-- A closed conversation goes on in one conversation.
DROP INDEX conversations_continues;
CREATE UNIQUE INDEX conversations_continues ON conversations (continues) WHERE continues IS NOT NULL;

-- Low priority: two hours after the beginning of the wait, so behind normal cases
-- that come up to ninety minutes later and behind no others.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION place_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.serve_by := least(
        coalesce(NEW.ready_at, NEW.enqueued_at) + CASE
            WHEN NEW.priority > 0 THEN interval '0'
            WHEN NEW.priority = 0 THEN interval '30 minutes'
            ELSE interval '2 hours' END,
        NEW.due_at);
    IF NEW.state <> 'claimed' THEN
        NEW.paused_at := NULL;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
UPDATE cases SET priority = priority WHERE priority < 0;

CREATE INDEX cases_enqueued_at ON cases (enqueued_at);
CREATE INDEX cases_answered_at ON cases (answered_at) WHERE answered_at IS NOT NULL;
CREATE INDEX cases_resolved_at ON cases (resolved_at) WHERE resolved_at IS NOT NULL;
