-- +goose Up
-- Ways back into a conversation: links sent by mail, which open it once, and the
-- tokens they are exchanged for. Of each secret only the SHA-256 is kept.
CREATE TABLE conversation_access (
    secret_hash     bytea PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    kind            text NOT NULL CHECK (kind IN ('link', 'token')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz
);
CREATE INDEX conversation_access_conversation ON conversation_access (conversation_id);
CREATE INDEX conversation_access_expired ON conversation_access (expires_at);

-- How a case came in; an agent opens one for somebody who phoned, wrote or came by.
ALTER TABLE cases ADD COLUMN channel text NOT NULL DEFAULT 'chat'
    CHECK (channel IN ('chat', 'phone', 'email', 'letter', 'visit'));
