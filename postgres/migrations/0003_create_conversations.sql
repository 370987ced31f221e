-- +goose Up
CREATE TABLE customers (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_id             text NOT NULL UNIQUE,
    email_index        bytea,
    profile            bytea NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    erase_requested_at timestamptz,
    erase_requested_by bigint REFERENCES accounts,
    erased_at          timestamptz,
    CHECK (erased_at IS NULL OR erase_requested_at IS NOT NULL)
);
COMMENT ON COLUMN customers.key_id IS 'name of the customer''s key in the keystore';
COMMENT ON COLUMN customers.email_index IS 'keyed blind index of the normalised address';
COMMENT ON COLUMN customers.profile IS 'sealed: name and address';
COMMENT ON COLUMN customers.erase_requested_at IS 'once it is set, a gateway erases the customer within a minute; erased_at says that it is done';
CREATE INDEX customers_to_erase ON customers (erase_requested_at) WHERE erase_requested_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX customers_email ON customers (email_index) WHERE email_index IS NOT NULL;

CREATE TABLE conversations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE,
    token_hash   bytea NOT NULL,
    customer_id  bigint NOT NULL REFERENCES customers,
    locale       text NOT NULL,
    state        text NOT NULL DEFAULT 'bot'
        CHECK (state IN ('bot', 'queued', 'awaiting_hours', 'human', 'waiting_customer', 'resolved', 'closed')),
    owner        text NOT NULL DEFAULT 'bot' CHECK (owner IN ('bot', 'queue', 'agent')),
    agent_id     bigint REFERENCES accounts,
    epoch        int NOT NULL DEFAULT 1,
    last_seq     int NOT NULL DEFAULT 0,
    settled_seq  int NOT NULL DEFAULT 0,
    last_entry   int NOT NULL DEFAULT 0,
    head         bytea NOT NULL,
    sealed_entry int NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    CHECK ((owner = 'agent') = (agent_id IS NOT NULL)),
    CHECK (CASE
        WHEN state = 'bot' THEN owner = 'bot'
        WHEN state IN ('queued', 'awaiting_hours') THEN owner = 'queue'
        WHEN state IN ('human', 'waiting_customer') THEN owner = 'agent'
        ELSE true END)
);
COMMENT ON COLUMN conversations.settled_seq IS 'up to here no message waits for an answer of the bot';
CREATE INDEX conversations_customer ON conversations (customer_id);
CREATE INDEX conversations_agent ON conversations (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX conversations_unsealed ON conversations (id) WHERE last_entry > sealed_entry;
CREATE INDEX conversations_live ON conversations (updated_at DESC) WHERE state = 'bot';

-- The long notice as it was shown. A message of the bot points at the one that
-- stood above it; without one the row below is refused.
CREATE TABLE disclosures (
    conversation_id bigint NOT NULL REFERENCES conversations,
    id              text NOT NULL,
    epoch           int NOT NULL,
    label           text NOT NULL CHECK (label <> ''),
    text            text NOT NULL CHECK (text <> ''),
    locale          text NOT NULL,
    before_seq      int NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, id)
);

CREATE TABLE turns (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    from_seq        int NOT NULL,
    to_seq          int NOT NULL,
    epoch           int NOT NULL,
    disclosure_id   text NOT NULL,
    holder          text NOT NULL,
    lease_until     timestamptz NOT NULL,
    attempt         int NOT NULL DEFAULT 1,
    sentences       bytea[] NOT NULL DEFAULT '{}',
    started_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    outcome         text CHECK (outcome IN ('answer', 'clarify', 'decline', 'handoff', 'superseded')),
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    FOREIGN KEY (conversation_id, disclosure_id) REFERENCES disclosures
);
-- At most one open turn per conversation.
CREATE UNIQUE INDEX turns_one_open ON turns (conversation_id) WHERE ended_at IS NULL;
CREATE INDEX turns_lease ON turns (lease_until) WHERE ended_at IS NULL;
CREATE INDEX turns_conversation ON turns (conversation_id, id);

CREATE TABLE messages (
    conversation_id   bigint NOT NULL REFERENCES conversations,
    seq               int NOT NULL,
    author            text NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    agent_id          bigint REFERENCES accounts,
    agent_name        text,
    automated         boolean NOT NULL,
    disclosure_id     text,
    event             text,
    partial           boolean NOT NULL DEFAULT false,
    needs_turn        boolean NOT NULL DEFAULT false,
    turn_id           bigint REFERENCES turns,
    client_message_id text,
    sealed            bytea,
    commitment        bytea NOT NULL,
    created_at        timestamptz NOT NULL,
    redacted_at       timestamptz,
    PRIMARY KEY (conversation_id, seq),
    FOREIGN KEY (conversation_id, disclosure_id) REFERENCES disclosures,
    CONSTRAINT bot_is_disclosed CHECK (author <> 'bot' OR disclosure_id IS NOT NULL),
    CONSTRAINT automated_says_so CHECK (automated = (author IN ('bot', 'system'))),
    CONSTRAINT agent_is_named CHECK ((author = 'agent') = (agent_id IS NOT NULL) AND (author <> 'agent' OR agent_name <> '')),
    CONSTRAINT redacted_is_empty CHECK ((sealed IS NULL) = (redacted_at IS NOT NULL))
);
CREATE UNIQUE INDEX messages_client_id ON messages (conversation_id, client_message_id) WHERE client_message_id IS NOT NULL;

-- Which version of which article a message rests on; ids only, so that "who
-- was told this" is one indexed query.
CREATE TABLE citations (
    conversation_id bigint NOT NULL,
    seq             int NOT NULL,
    ordinal         smallint NOT NULL,
    article_id      bigint NOT NULL,
    version         int NOT NULL,
    PRIMARY KEY (conversation_id, seq, ordinal),
    FOREIGN KEY (conversation_id, seq) REFERENCES messages
);
CREATE INDEX citations_article ON citations (article_id, version);

CREATE TABLE consents (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    purpose         text NOT NULL,
    epoch           int NOT NULL,
    given           boolean NOT NULL,
    text_shown      text NOT NULL CHECK (text_shown <> ''),
    locale          text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX consents_conversation ON consents (conversation_id, purpose, id);

CREATE TABLE feedback (
    conversation_id bigint NOT NULL,
    seq             int NOT NULL,
    helpful         boolean NOT NULL,
    sealed          bytea,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    FOREIGN KEY (conversation_id, seq) REFERENCES messages
);

-- The record: every message and decision, one hash chain per conversation.
-- body holds nothing personal; what is personal is sealed and enters the chain
-- by its salted commitment alone, so the chain verifies after an erasure.
CREATE TABLE log (
    conversation_id bigint NOT NULL REFERENCES conversations,
    n               int NOT NULL,
    kind            text NOT NULL,
    body            json NOT NULL,
    sealed          bytea,
    commitment      bytea NOT NULL,
    hash            bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, n)
);

-- Heads of all chains that moved, sealed together; each seal names the one
-- before it, and its MAC key is not in this database. The heads have no foreign
-- key to their conversations: it would hold those while a seal is written, and a
-- head is there to tell that its conversation is not.
CREATE TABLE seals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    previous   bytea NOT NULL,
    digest     bytea NOT NULL,
    mac        bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE seal_heads (
    seal_id         bigint NOT NULL REFERENCES seals,
    conversation_id bigint NOT NULL,
    n               int NOT NULL,
    head            bytea NOT NULL,
    PRIMARY KEY (seal_id, conversation_id)
);
CREATE INDEX seal_heads_conversation ON seal_heads (conversation_id, seal_id DESC);

-- Append-only means the database says no. The one change allowed is redaction:
-- sealed text becomes NULL, everything else stays.
-- +goose StatementBegin
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.sealed IS NULL
        AND to_jsonb(NEW) - 'sealed' - 'redacted_at' = to_jsonb(OLD) - 'sealed' - 'redacted_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER messages_append_only BEFORE UPDATE OR DELETE ON messages FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
