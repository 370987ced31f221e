-- +goose Up
-- A translation may be imported before what it translates, or without it: its file names the other article by the
-- id that it has in every library. The name waits here until there is such an article.
ALTER TABLE knowledge_articles
    ADD awaits_source text,
    ADD CHECK (awaits_source IS NULL OR awaits_source <> '' AND translation_of IS NULL);
COMMENT ON COLUMN knowledge_articles.awaits_source IS 'id in its own words of the article that this one says in another language, as long as that one is not here';
CREATE INDEX knowledge_articles_awaits ON knowledge_articles (awaits_source) WHERE awaits_source IS NOT NULL;
