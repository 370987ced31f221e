-- +goose Up
-- Which transaction last changed what the live index has of an article, so that a gateway that holds the
-- index reads that article again and no other. Rows of articles that are gone stay: their chunks are to
-- be forgotten. tx is of this server; after a restore it may ask for a look too many, never too few,
-- since a gateway starts by reading everything.
CREATE TABLE knowledge_changed (
    article_id bigint PRIMARY KEY,
    tx         xid8 NOT NULL
);
CREATE INDEX knowledge_changed_tx ON knowledge_changed (tx);

-- +goose StatementBegin
CREATE FUNCTION note_changed_articles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO knowledge_changed AS c (article_id, tx)
    SELECT DISTINCT article_id, pg_current_xact_id() FROM affected
    ON CONFLICT (article_id) DO UPDATE SET tx = EXCLUDED.tx WHERE c.tx <> EXCLUDED.tx;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER knowledge_chunks_note_added AFTER INSERT ON knowledge_chunks
    REFERENCING NEW TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();
CREATE TRIGGER knowledge_chunks_note_changed AFTER UPDATE ON knowledge_chunks
    REFERENCING NEW TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();
CREATE TRIGGER knowledge_chunks_note_removed AFTER DELETE ON knowledge_chunks
    REFERENCING OLD TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();
