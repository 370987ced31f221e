-- +goose Up
-- The list of those who are kept from writing, the next to end first. Builds an
-- index on a table of few rows; writers to it wait for a moment.
CREATE INDEX blocks_in_force ON blocks (until) WHERE lifted_at IS NULL;
