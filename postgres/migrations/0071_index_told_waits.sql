-- +goose Up
-- How the waits that were told compare with those that were, over all teams.
CREATE INDEX told_waits_over ON told_waits (ended_at) WHERE ended_at IS NOT NULL;
