-- +goose Up
-- How often the process died that carried an import out, and another went on with it.
ALTER TABLE knowledge_imports ADD interruptions int NOT NULL DEFAULT 0;
