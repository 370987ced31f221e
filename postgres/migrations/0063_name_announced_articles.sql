-- +goose Up
-- What answers a question says best what it is about: one that would be answered
-- from these articles gets the announcement first.
ALTER TABLE knowledge_announcements ADD COLUMN articles bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN knowledge_announcements.articles IS 'whose answers it stands before';
