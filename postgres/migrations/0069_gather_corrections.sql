-- +goose Up
-- Who is to be told of a correction is written down by its workers: with very many
-- that takes longer than a request may.
ALTER TABLE corrections
    ADD COLUMN concerned int NOT NULL DEFAULT 0,
    ADD COLUMN gathered_at timestamptz;
COMMENT ON COLUMN corrections.concerned IS 'conversations that were told of the version when it was marked';
COMMENT ON COLUMN corrections.gathered_at IS 'from then on those who are to be told are known, but for latecomers';
UPDATE corrections SET gathered_at = created_at;
