-- +goose Up
-- What a list shows of an article stands with it, so that a list is read in the order of an index and
-- no version is looked up: what the live version says, else the draft, else the newest. No state: it
-- has no version.
ALTER TABLE knowledge_articles
    ADD shown_state   text,
    ADD shown_version int,
    ADD shown_title   text,
    ADD shown_lang    text,
    ADD shown_url     text,
    ADD has_draft     boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN knowledge_articles.shown_state IS 'of the version that lists show; a trigger on the versions keeps it and its neighbours';

-- +goose StatementBegin
CREATE FUNCTION keep_shown_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.article_id ELSE NEW.article_id END;
BEGIN
    UPDATE knowledge_articles a
    SET shown_state = v.state, shown_version = v.version, shown_title = v.title, shown_lang = v.lang, shown_url = v.url,
        has_draft = COALESCE(v.drafted, false)
    FROM (SELECT) one
    LEFT JOIN (
        SELECT state, version, title, lang, url, bool_or(state = 'draft') OVER () AS drafted
        FROM knowledge_versions WHERE article_id = of
        ORDER BY state = 'published' DESC, state = 'draft' DESC, version DESC LIMIT 1
    ) v ON true
    WHERE a.id = of
      AND (a.shown_state, a.shown_version, a.shown_title, a.shown_lang, a.shown_url, a.has_draft)
          IS DISTINCT FROM (v.state, v.version, v.title, v.lang, v.url, COALESCE(v.drafted, false));
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER knowledge_versions_keep_shown AFTER INSERT OR DELETE OR UPDATE OF state, version, title, lang, url ON knowledge_versions
    FOR EACH ROW EXECUTE FUNCTION keep_shown_version();

UPDATE knowledge_articles a
SET shown_state = v.state, shown_version = v.version, shown_title = v.title, shown_lang = v.lang, shown_url = v.url, has_draft = v.drafted
FROM (
    SELECT DISTINCT ON (article_id) article_id, state, version, title, lang, url, bool_or(state = 'draft') OVER (PARTITION BY article_id) AS drafted
    FROM knowledge_versions
    ORDER BY article_id, state = 'published' DESC, state = 'draft' DESC, version DESC
) v WHERE v.article_id = a.id;

CREATE INDEX knowledge_articles_shown ON knowledge_articles (shown_title, id) WHERE kind = 'article';
