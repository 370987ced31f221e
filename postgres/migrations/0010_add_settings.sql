-- +goose Up
-- Who changed what of the settings, the staff and the holds. Written in the
-- transaction of the change; nothing here is a customer's, and nothing leaves.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    account_id bigint REFERENCES accounts,
    action     text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject    text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN audit.account_id IS 'who did it; none: the operator, at a terminal';
COMMENT ON COLUMN audit.subject IS 'what it was done to, by number: "company/7", "account/3", "conversation/K2..."';
CREATE INDEX audit_action ON audit (action, id DESC);
CREATE INDEX audit_account ON audit (account_id, id DESC);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are neither changed nor deleted', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_stands BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE company_versions ADD COLUMN account_id bigint REFERENCES accounts;
COMMENT ON COLUMN company_versions.account_id IS 'who saved it; none: the operator, at a terminal';

-- Pictures of the company's brand, named by what is in them.
CREATE TABLE brand_images (
    hash       text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg')),
    body       bytea NOT NULL CHECK (octet_length(body) <= 262144),
    created_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_role_check CHECK (role IN ('agent', 'editor', 'supervisor', 'compliance'));

-- Links by which a password is chosen, and a number by which a session or token
-- is named without its secret.
ALTER TABLE credentials DROP CONSTRAINT credentials_kind_check;
ALTER TABLE credentials ADD CONSTRAINT credentials_kind_check CHECK (kind IN ('session', 'token', 'link', 'password'));
ALTER TABLE credentials ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX credentials_id ON credentials (id);

-- What must not be erased for now. The last word on a conversation counts: a
-- hold without an end.
CREATE TABLE holds (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    reason          text NOT NULL CHECK (reason IN ('complaint', 'dispute', 'litigation', 'regulator', 'audit', 'other')),
    placed_at       timestamptz NOT NULL DEFAULT now(),
    placed_by       bigint REFERENCES accounts,
    released_at     timestamptz,
    released_by     bigint REFERENCES accounts
);
CREATE UNIQUE INDEX holds_one_open ON holds (conversation_id) WHERE released_at IS NULL;
