-- +goose Up
-- Who is at the desk. An open desk is the heartbeat: last_seen moves while it
-- is open, on this database's clock, and stands still afterwards.
CREATE TABLE presence (
    account_id  bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    status      text NOT NULL CHECK (status IN ('available', 'busy', 'away')),
    since       timestamptz NOT NULL,
    last_seen   timestamptz,
    assigned_at timestamptz
);
COMMENT ON COLUMN presence.status IS 'what the agent said last; who signs out or stays away is away';
COMMENT ON COLUMN presence.last_seen IS 'none: signed out since';
COMMENT ON COLUMN presence.assigned_at IS 'when assignment gave them a case last: of two who are free alike, the longest idle gets the next';
