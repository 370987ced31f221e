-- +goose Up
-- Files of a conversation, each part of one message. The name is sealed with the
-- message, the bytes here, in pieces, with the customer's key.
CREATE TABLE attachments (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       text NOT NULL UNIQUE,
    conversation_id bigint NOT NULL,
    seq             int NOT NULL,
    media_type      text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png', 'image/gif', 'application/pdf')),
    size            int NOT NULL CHECK (size BETWEEN 1 AND 10485760),
    created_at      timestamptz NOT NULL,
    FOREIGN KEY (conversation_id, seq) REFERENCES messages
);
CREATE INDEX attachments_message ON attachments (conversation_id, seq);

CREATE TABLE attachment_chunks (
    attachment_id bigint NOT NULL REFERENCES attachments,
    n             int NOT NULL,
    sealed        bytea NOT NULL,
    PRIMARY KEY (attachment_id, n)
);
-- Sealed bytes do not compress.
ALTER TABLE attachment_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL;
