-- +goose Up
-- Logos of the company's brand, drawn anew as PNG and named by what is in them.
-- The settings name one; their versions may name others.
CREATE TABLE logos (
    hash       text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    width      int NOT NULL CHECK (width > 0),
    height     int NOT NULL CHECK (height > 0),
    body       bytea NOT NULL CHECK (octet_length(body) <= 524288),
    created_by bigint NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX logos_created_by ON logos (created_by);

-- A customer for whom the company's own shop vouches (identity_token): by which
-- name there, as a keyed blind index, and since when the address is known to be
-- theirs.
ALTER TABLE customers ADD COLUMN subject_index bytea;
ALTER TABLE customers ADD COLUMN IF NOT EXISTS email_proved_at timestamptz;
COMMENT ON COLUMN customers.subject_index IS 'keyed blind index of the name under which the company''s shop knows the customer, where it vouched for them';
COMMENT ON COLUMN customers.email_proved_at IS 'since when it is known that the customer reads what is mailed to the address that they have now';
CREATE INDEX customers_subject ON customers (subject_index) WHERE subject_index IS NOT NULL;
