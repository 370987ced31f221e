-- +goose Up
-- A webhook's secret can be renewed: for a while messages carry the signatures of
-- both. A supervisor can switch a webhook off and on. A peer that asks for quiet
-- (Retry-After) is left alone until then.
ALTER TABLE webhooks
    ADD COLUMN old_secret bytea,
    ADD COLUMN old_until timestamptz,
    ADD COLUMN quiet_until timestamptz,
    ADD CONSTRAINT webhooks_old CHECK ((old_secret IS NULL) = (old_until IS NULL)),
    ADD CONSTRAINT webhooks_old_deleted CHECK (old_secret IS NULL OR secret IS NOT NULL),
    DROP CONSTRAINT webhooks_disabled_why_check,
    ADD CONSTRAINT webhooks_disabled_why_check CHECK (disabled_why IN ('gone', 'failing', 'paused', 'deleted'));
COMMENT ON COLUMN webhooks.old_secret IS 'the one before, which signs too until old_until';
COMMENT ON COLUMN webhooks.quiet_until IS 'nothing is sent before: the peer asked for it';
