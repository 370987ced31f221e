-- +goose Up
-- How long people take with a case, as it follows from the record: for lists, for
-- reports, and for finding what is due. All of it can be derived again.
CREATE TABLE clocks (
    case_id     bigint NOT NULL REFERENCES cases,
    kind        text NOT NULL CHECK (kind IN ('acknowledgement', 'first_response', 'next_response', 'resolution')),
    n           int NOT NULL,
    team        text NOT NULL,
    priority    smallint NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'paused', 'met', 'warned', 'breached')),
    started_at  timestamptz NOT NULL,
    warn_at     timestamptz,
    due_at      timestamptz,
    ended_at    timestamptz,
    elapsed_s   float8 NOT NULL,
    entry       int NOT NULL,
    warned_at   timestamptz,
    breached_at timestamptz,
    PRIMARY KEY (case_id, kind, n)
);
COMMENT ON COLUMN clocks.n IS 'of its kind in the case';
COMMENT ON COLUMN clocks.entry IS 'the last entry of the record that it was derived from';
COMMENT ON COLUMN clocks.breached_at IS 'when the record says that it was found broken';
CREATE INDEX clocks_open ON clocks (case_id) WHERE ended_at IS NULL;
CREATE INDEX clocks_due ON clocks (case_id) WHERE breached_at IS NULL AND (ended_at IS NULL OR state = 'breached');
CREATE INDEX clocks_ended ON clocks (ended_at) WHERE ended_at IS NOT NULL;
