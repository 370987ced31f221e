-- +goose Up
-- A conversation that a person was promised: one reference each.
CREATE TABLE cases (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference       text NOT NULL UNIQUE,
    conversation_id bigint NOT NULL REFERENCES conversations,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'resolved', 'withdrawn')),
    reason          text NOT NULL CHECK (reason IN ('customer_request', 'low_confidence', 'no_knowledge', 'complaint',
        'sensitive_topic', 'safety', 'loop', 'guardrail', 'provider_error', 'turn_limit', 'rule', 'agent_takeover')),
    evidence        json NOT NULL,
    priority        smallint NOT NULL DEFAULT 0,
    language        text NOT NULL,
    enqueued_at     timestamptz NOT NULL,
    agent_id        bigint REFERENCES accounts,
    claimed_at      timestamptz,
    answered_at     timestamptz,
    resolved_at     timestamptz,
    outcome         text,
    due_at          timestamptz,
    typing_until    timestamptz,
    updated_at      timestamptz NOT NULL,
    CHECK ((state = 'claimed') <= (agent_id IS NOT NULL))
);
-- A conversation has at most one case that somebody still owes something.
CREATE UNIQUE INDEX cases_one_open ON cases (conversation_id) WHERE state IN ('waiting', 'claimed');
CREATE INDEX cases_conversation ON cases (conversation_id, id DESC);
-- The queue: what SKIP LOCKED walks, and what a place in it counts.
CREATE INDEX cases_queue ON cases (priority DESC, enqueued_at, id) WHERE state = 'waiting';
CREATE INDEX cases_agent ON cases (agent_id) WHERE state = 'claimed';
CREATE INDEX cases_claimed_at ON cases (claimed_at DESC) WHERE claimed_at IS NOT NULL;

CREATE TABLE complaints (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id         bigint NOT NULL UNIQUE REFERENCES cases,
    state           text NOT NULL CHECK (state IN ('received', 'acknowledged', 'triaged', 'investigating', 'decided',
        'remedy_offered', 'accepted', 'not_accepted', 'closed', 'external')),
    message_seq     int NOT NULL,
    received_at     timestamptz NOT NULL,
    acknowledged_at timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
COMMENT ON COLUMN complaints.message_seq IS 'the message that complains: its words are the issue, kept verbatim and sealed there';
