-- +goose Up
-- A keyset per customer, encrypted under the master key. This table lives in a
-- database of its own whose backups are short: destroying a row erases all
-- text that was sealed with it, in every backup of the main database too.
CREATE TABLE keys (
    id           text PRIMARY KEY,
    keyset       bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((keyset IS NULL) = (destroyed_at IS NOT NULL))
);
