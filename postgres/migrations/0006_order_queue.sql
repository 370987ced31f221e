-- +goose Up
-- The order of the queue, what its waits are reckoned from, and dated promises.
-- Adds columns to cases and writes them once: locks it for that long.
ALTER TABLE cases
    ADD COLUMN ready_at          timestamptz,
    ADD COLUMN serve_by          timestamptz,
    ADD COLUMN paused_at         timestamptz,
    ADD COLUMN reply_by_email_at timestamptz;
COMMENT ON COLUMN cases.ready_at IS 'from when on somebody is there to serve it: the opening, of what came out of hours; none: since it was enqueued';
COMMENT ON COLUMN cases.serve_by IS 'its rank in the queue, kept by place_case';
COMMENT ON COLUMN cases.paused_at IS 'since when its agent waits for the customer';
COMMENT ON COLUMN cases.reply_by_email_at IS 'since when the customer wants the answer by e-mail';

-- Urgent cases go first. All others are served by a date that never moves while
-- they wait: the beginning of the wait, half an hour later for those of normal
-- priority, and a promised date at the latest. So a case of high priority goes
-- ahead of normal ones that came up to half an hour before it, and nobody is
-- overtaken for ever. Whoever changes a case need not know of this.
-- +goose StatementBegin
CREATE FUNCTION place_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.serve_by := least(
        coalesce(NEW.ready_at, NEW.enqueued_at) + CASE WHEN NEW.priority > 0 THEN interval '0' ELSE interval '30 minutes' END,
        NEW.due_at);
    IF NEW.state <> 'claimed' THEN
        NEW.paused_at := NULL;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_place BEFORE INSERT OR UPDATE OF state, priority, enqueued_at, ready_at, due_at ON cases
    FOR EACH ROW EXECUTE FUNCTION place_case();
UPDATE cases SET priority = priority;
ALTER TABLE cases ALTER COLUMN serve_by SET NOT NULL;

-- One team's queue in its order: a place in it is a count along this index.
DROP INDEX cases_queue;
CREATE INDEX cases_queue ON cases (team, (priority < 2), serve_by, enqueued_at, id) WHERE state = 'waiting';

-- What agents' time goes into: one row for each stretch in which a case took
-- up one of them, from the claim to resolving, releasing, passing on, or waiting
-- for the customer.
CREATE TABLE work_spells (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id    bigint NOT NULL REFERENCES cases,
    agent_id   bigint NOT NULL REFERENCES accounts,
    team       text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE UNIQUE INDEX work_spells_open ON work_spells (case_id) WHERE ended_at IS NULL;
CREATE INDEX work_spells_case ON work_spells (case_id);
CREATE INDEX work_spells_agent ON work_spells (agent_id, started_at);
CREATE INDEX work_spells_ended ON work_spells (team, ended_at) WHERE ended_at IS NOT NULL;

-- What each customer was told of their wait, and what it was.
CREATE TABLE told_waits (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id  bigint NOT NULL REFERENCES cases,
    team     text NOT NULL,
    told_at  timestamptz NOT NULL,
    position int NOT NULL,
    agents   int NOT NULL,
    raw_low  float8,
    raw_high float8,
    low      float8,
    high     float8,
    ended_at timestamptz,
    served   boolean,
    CHECK ((ended_at IS NULL) = (served IS NULL)),
    CHECK ((low IS NULL) = (high IS NULL) AND (raw_low IS NULL) = (raw_high IS NULL) AND (low IS NULL) = (raw_low IS NULL))
);
COMMENT ON COLUMN told_waits.low IS 'seconds, the range that was shown; none: that nothing is known';
COMMENT ON COLUMN told_waits.raw_low IS 'seconds, the range as simulated, before it was corrected by how far earlier ones were off';
COMMENT ON COLUMN told_waits.served IS 'a person came; else the customer left, or the team closed, first';
CREATE INDEX told_waits_case ON told_waits (case_id);
CREATE INDEX told_waits_ended ON told_waits (team, ended_at) WHERE served AND low IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION measure_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was boolean := false;
    works boolean := NEW.state = 'claimed' AND NEW.paused_at IS NULL;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := OLD.state = 'claimed' AND OLD.paused_at IS NULL;
        IF was AND (NOT works OR OLD.agent_id <> NEW.agent_id) THEN
            UPDATE work_spells SET ended_at = now() WHERE case_id = NEW.id AND ended_at IS NULL;
            was := false;
        END IF;
        IF OLD.state = 'waiting' AND NEW.state <> 'waiting' THEN
            UPDATE told_waits SET ended_at = now(), served = NEW.state = 'claimed' WHERE case_id = NEW.id AND ended_at IS NULL;
        END IF;
    END IF;
    IF works AND NOT was THEN
        INSERT INTO work_spells (case_id, agent_id, team, started_at) VALUES (NEW.id, NEW.agent_id, NEW.team, now());
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_measure AFTER INSERT OR UPDATE OF state, agent_id, paused_at ON cases
    FOR EACH ROW EXECUTE FUNCTION measure_case();

-- A person was promised by a date. Kept by a person's first word, broken when the
-- date passes without one; dropped when the customer no longer waits for it.
CREATE TABLE promises (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL REFERENCES cases,
    promised_at timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    told_seq    int NOT NULL,
    kept_at     timestamptz,
    broken_at   timestamptz,
    dropped_at  timestamptz,
    CHECK (num_nonnulls(kept_at, broken_at, dropped_at) <= 1)
);
COMMENT ON COLUMN promises.told_seq IS 'the message that promised it: its words stand there, sealed';
CREATE UNIQUE INDEX promises_open ON promises (case_id) WHERE kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL;
CREATE INDEX promises_case ON promises (case_id);
CREATE INDEX promises_due ON promises (due_at) WHERE kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL;

-- A closed conversation goes on in a new one.
ALTER TABLE conversations ADD COLUMN continues bigint REFERENCES conversations;
CREATE INDEX conversations_continues ON conversations (continues) WHERE continues IS NOT NULL;
CREATE INDEX conversations_resolved ON conversations (updated_at) WHERE state = 'resolved';
