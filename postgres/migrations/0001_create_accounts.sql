-- +goose Up
CREATE EXTENSION IF NOT EXISTS vector;

-- People who work here. Nothing of a customer is in these tables.
CREATE TABLE accounts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL CHECK (email = lower(email)),
    name          text NOT NULL CHECK (name <> ''),
    role          text NOT NULL CHECK (role IN ('agent', 'editor', 'supervisor')),
    password_hash text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    CONSTRAINT accounts_email_key UNIQUE (email)
);

-- Browser sessions, API tokens and one-time sign-in links; each is a random
-- secret of which only the SHA-256 is kept.
CREATE TABLE credentials (
    secret_hash bytea PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('session', 'token', 'link')),
    name        text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    used_at     timestamptz,
    CHECK (kind = 'token' OR expires_at IS NOT NULL)
);
CREATE INDEX credentials_account ON credentials (account_id);
CREATE INDEX credentials_expired ON credentials (expires_at) WHERE expires_at IS NOT NULL;

-- Failed sign-ins, to slow guessing down; shared by all gateways, deleted a day after they last delayed anybody.
CREATE TABLE sign_in_failures (
    subject  bytea PRIMARY KEY,
    failures int NOT NULL,
    until    timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_until ON sign_in_failures (until);

-- What the company says of itself: name, hours, channels, targets. The newest
-- version holds; the old ones say what was in force when.
CREATE TABLE company_versions (
    version    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settings   jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);
