-- +goose Up
-- Letters to send: whom they concern and what about, by ids. Neither an address
-- nor a text is here: both are read when the letter is sent.
CREATE TABLE mails (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL,
    conversation_id bigint REFERENCES conversations,
    account_id      bigint REFERENCES accounts ON DELETE CASCADE,
    data            jsonb NOT NULL,
    once            text,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
    attempts        int NOT NULL DEFAULT 0,
    next_at         timestamptz NOT NULL,
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    CHECK ((state = 'waiting') = (ended_at IS NULL))
);
COMMENT ON COLUMN mails.once IS 'while a letter with this mark waits no other is queued';
COMMENT ON COLUMN mails.last_error IS 'in our own words: a server''s may name the address';
CREATE UNIQUE INDEX mails_once ON mails (once) WHERE state = 'waiting';
CREATE INDEX mails_due ON mails (next_at) WHERE state = 'waiting';
CREATE INDEX mails_conversation ON mails (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX mails_account ON mails (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;
