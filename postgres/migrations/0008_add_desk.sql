-- +goose Up
-- What agents do with a case beside answering it. What they write about a
-- customer is sealed in the conversation's record; these rows hold who and when.

-- A matter that several customers have at once. The title is the agents' own and
-- names no customer.
CREATE TABLE causes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text NOT NULL CHECK (title <> ''),
    created_by bigint NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz
);

ALTER TABLE cases
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN cause_id bigint REFERENCES causes,
    ADD COLUMN merged_into bigint REFERENCES cases;
COMMENT ON COLUMN cases.snoozed_until IS 'the agent looks again then, or when the customer writes';
COMMENT ON COLUMN cases.merged_into IS 'the case of the same customer that goes on with this matter';
CREATE INDEX cases_snoozed ON cases (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX cases_cause ON cases (cause_id) WHERE cause_id IS NOT NULL;
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into IS NOT NULL;

-- Who is named in a note; the note is entry n of the conversation's record.
CREATE TABLE mentions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    by_id           bigint NOT NULL REFERENCES accounts,
    case_id         bigint NOT NULL REFERENCES cases,
    conversation_id bigint NOT NULL REFERENCES conversations,
    entry           int NOT NULL,
    created_at      timestamptz NOT NULL,
    seen_at         timestamptz,
    UNIQUE (conversation_id, entry, account_id)
);
CREATE INDEX mentions_account ON mentions (account_id, id DESC);
CREATE INDEX mentions_unseen ON mentions (account_id) WHERE seen_at IS NULL;

-- How the case stood before its last step, so that a slip can be taken back
-- while nothing has happened since.
CREATE TABLE undos (
    case_id    bigint PRIMARY KEY REFERENCES cases,
    action     text NOT NULL CHECK (action IN ('released', 'resolved', 'transferred', 'returned')),
    agent_id   bigint NOT NULL REFERENCES accounts,
    epoch      int NOT NULL,
    last_seq   int NOT NULL,
    state      text NOT NULL,
    before     json NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN undos.agent_id IS 'who took the step, and may take it back';
COMMENT ON COLUMN undos.state IS 'of the conversation after the step; epoch and last_seq too';

-- An agent proposes that the bot goes on; the customer answers.
CREATE TABLE return_proposals (
    conversation_id bigint PRIMARY KEY REFERENCES conversations,
    case_id         bigint NOT NULL REFERENCES cases,
    agent_id        bigint NOT NULL REFERENCES accounts,
    epoch           int NOT NULL,
    seq             int NOT NULL,
    asked_at        timestamptz NOT NULL,
    agreed          boolean,
    answered_at     timestamptz
);
COMMENT ON COLUMN return_proposals.epoch IS 'it holds in this epoch: with another owner it is void';

-- Which agents look at a case now, and who of them types. Rows of a few seconds'
-- worth, so nothing is lost with them.
CREATE UNLOGGED TABLE viewers (
    case_id      bigint NOT NULL,
    account_id   bigint NOT NULL,
    seen_at      timestamptz NOT NULL,
    typing_until timestamptz,
    PRIMARY KEY (case_id, account_id)
);
CREATE INDEX viewers_seen ON viewers (seen_at);

-- When a customer who has a case was last seen at an open page.
CREATE TABLE customer_presence (
    conversation_id bigint PRIMARY KEY REFERENCES conversations,
    seen_at         timestamptz NOT NULL,
    left_at         timestamptz
);

-- Texts that agents write again and again, and what is done with them.
CREATE TABLE replies (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id   bigint REFERENCES accounts ON DELETE CASCADE,
    title      text NOT NULL CHECK (title <> ''),
    texts      jsonb NOT NULL,
    actions    jsonb NOT NULL,
    rev        int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_by bigint NOT NULL REFERENCES accounts,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN replies.owner_id IS 'NULL: of everybody';
COMMENT ON COLUMN replies.texts IS 'by language';
CREATE INDEX replies_owner ON replies (owner_id);

-- A customer who harasses agents is kept from writing for a time. Why is said
-- in the conversation's record.
CREATE TABLE blocks (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id     bigint NOT NULL REFERENCES customers,
    conversation_id bigint NOT NULL REFERENCES conversations,
    category        text NOT NULL CHECK (category IN ('harassment', 'threats', 'spam')),
    by_id           bigint NOT NULL REFERENCES accounts,
    created_at      timestamptz NOT NULL,
    until           timestamptz NOT NULL,
    lifted_at       timestamptz,
    lifted_by       bigint REFERENCES accounts,
    CHECK (until > created_at)
);
CREATE INDEX blocks_customer ON blocks (customer_id) WHERE lifted_at IS NULL;
