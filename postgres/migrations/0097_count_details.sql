-- +goose Up
-- What stands beside the text of an article takes effect at once, so that two editors who set it must not
-- overwrite each other either: each change counts, and a writer names the count that was read. When it was
-- changed, and when something was archived, ends what the golden questions said before.
ALTER TABLE knowledge_articles
    ADD details_rev bigint NOT NULL DEFAULT 1,
    ADD details_at timestamptz;
COMMENT ON COLUMN knowledge_articles.details_rev IS 'counts the changes of owner, audience, review and end; a trigger does';
COMMENT ON COLUMN knowledge_articles.details_at IS 'when audience, review or end changed last';

-- +goose StatementBegin
CREATE FUNCTION count_details() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.details_rev := OLD.details_rev + 1;
    IF (NEW.audience, NEW.review_by, NEW.expires_at) IS DISTINCT FROM (OLD.audience, OLD.review_by, OLD.expires_at) THEN
        NEW.details_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER knowledge_articles_count_details BEFORE UPDATE OF owner_id, audience, review_by, expires_at ON knowledge_articles
    FOR EACH ROW WHEN (OLD.kind = 'article' AND (NEW.owner_id, NEW.audience, NEW.review_by, NEW.expires_at)
        IS DISTINCT FROM (OLD.owner_id, OLD.audience, OLD.review_by, OLD.expires_at)) EXECUTE FUNCTION count_details();

CREATE INDEX knowledge_articles_details ON knowledge_articles (details_at DESC) WHERE details_at IS NOT NULL;
CREATE INDEX knowledge_versions_archived ON knowledge_versions (archived_at DESC) WHERE archived_at IS NOT NULL;
