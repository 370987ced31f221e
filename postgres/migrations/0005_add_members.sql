-- +goose Up
-- What assignment asks of an agent. The teams themselves are part of the
-- company's settings; a team that is gone there has no members.
CREATE TABLE members (
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    team       text NOT NULL DEFAULT '',
    skills     text[] NOT NULL DEFAULT '{}',
    languages  text[] NOT NULL DEFAULT '{}',
    capacity   int NOT NULL DEFAULT 4 CHECK (capacity BETWEEN 0 AND 50),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN members.languages IS 'base languages like "en"; none: any';
COMMENT ON COLUMN members.capacity IS 'cases at a time; 0: takes none by assignment';

ALTER TABLE cases ADD COLUMN team text NOT NULL DEFAULT '';
COMMENT ON COLUMN cases.team IS 'id of the team in the settings; "" is the first one';
