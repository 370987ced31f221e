-- +goose Up
-- Addresses that are told what happens to cases. The secret is sealed with a key
-- of its own in the keystore. One that was deleted stays as a row without secret:
-- a case that is just being written may still point at it.
CREATE TABLE webhooks (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url           text NOT NULL,
    events        text[] NOT NULL CHECK (cardinality(events) > 0),
    key_id        text NOT NULL UNIQUE,
    secret        bytea,
    note          text NOT NULL DEFAULT '',
    created_by    bigint NOT NULL REFERENCES accounts,
    created_at    timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz,
    disabled_at   timestamptz,
    disabled_why  text CHECK (disabled_why IN ('gone', 'failing', 'deleted')),
    CHECK ((disabled_at IS NULL) = (disabled_why IS NULL)),
    CHECK ((secret IS NULL) = (coalesce(disabled_why, '') = 'deleted'))
);
COMMENT ON COLUMN webhooks.failing_since IS 'since when no delivery went well';
CREATE INDEX webhooks_created_by ON webhooks (created_by);

-- What is to be told, by ids. It is written in the transaction that it tells of.
CREATE TABLE webhook_deliveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id  bigint NOT NULL REFERENCES webhooks,
    event       text NOT NULL,
    case_id     bigint REFERENCES cases,
    priority    smallint,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(),
    status      int,
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK ((case_id IS NULL) = (event = 'webhook.test'))
);
COMMENT ON COLUMN webhook_deliveries.case_id IS 'none: a test';
COMMENT ON COLUMN webhook_deliveries.priority IS 'of the case at that moment';
COMMENT ON COLUMN webhook_deliveries.status IS 'what the peer answered last';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (webhook_id, id DESC);
CREATE INDEX webhook_deliveries_case ON webhook_deliveries (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION queue_webhooks(happened text, about bigint, how_urgent smallint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO webhook_deliveries (webhook_id, event, case_id, priority)
    SELECT id, happened, about, how_urgent FROM webhooks WHERE disabled_at IS NULL AND happened = ANY (events)
$$;
-- +goose StatementEnd

-- The one place that every way of opening, handing on and closing a case passes.
-- +goose StatementBegin
CREATE FUNCTION tell_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    happened text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM queue_webhooks('case.opened', NEW.id, NEW.priority::smallint);
        IF NEW.state = 'claimed' THEN
            PERFORM queue_webhooks('case.claimed', NEW.id, NEW.priority::smallint);
        END IF;
        RETURN NULL;
    END IF;
    IF NEW.state <> OLD.state THEN
        happened := CASE
            WHEN NEW.state IN ('resolved', 'withdrawn') THEN 'case.' || NEW.state
            WHEN OLD.state IN ('resolved', 'withdrawn') THEN 'case.reopened'
            WHEN NEW.state = 'claimed' THEN 'case.claimed'
            ELSE 'case.released' END;
        PERFORM queue_webhooks(happened, NEW.id, NEW.priority::smallint);
    ELSIF NEW.agent_id IS DISTINCT FROM OLD.agent_id OR NEW.team <> OLD.team THEN
        PERFORM queue_webhooks('case.transferred', NEW.id, NEW.priority::smallint);
    END IF;
    IF NEW.escalated_at IS NOT NULL AND OLD.escalated_at IS NULL THEN
        PERFORM queue_webhooks('case.escalated', NEW.id, NEW.priority::smallint);
    END IF;
    IF NEW.priority <> OLD.priority THEN
        PERFORM queue_webhooks('case.priority_changed', NEW.id, NEW.priority::smallint);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_tell AFTER INSERT OR UPDATE OF state, agent_id, team, escalated_at, priority ON cases
    FOR EACH ROW EXECUTE FUNCTION tell_of_case();

-- +goose StatementBegin
CREATE FUNCTION tell_of_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM queue_webhooks('complaint.received', k.id, k.priority::smallint) FROM cases k WHERE k.id = NEW.case_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER complaints_tell AFTER INSERT ON complaints FOR EACH ROW EXECUTE FUNCTION tell_of_complaint();

-- +goose StatementBegin
CREATE FUNCTION tell_of_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM queue_webhooks('clock.breached', k.id, k.priority::smallint) FROM cases k WHERE k.id = NEW.case_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER clocks_tell AFTER UPDATE OF breached_at ON clocks FOR EACH ROW
    WHEN (OLD.breached_at IS NULL AND NEW.breached_at IS NOT NULL) EXECUTE FUNCTION tell_of_clock();
