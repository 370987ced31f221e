-- +goose Up
-- What customers thought of it, once; what they added is sealed in the record.
CREATE TABLE ratings (
    conversation_id bigint PRIMARY KEY REFERENCES conversations,
    person          smallint CHECK (person BETWEEN 1 AND 5),
    assistant       smallint CHECK (assistant BETWEEN 1 AND 5),
    declined        boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    CHECK (declined = (person IS NULL AND assistant IS NULL))
);
CREATE INDEX ratings_created ON ratings (created_at);
