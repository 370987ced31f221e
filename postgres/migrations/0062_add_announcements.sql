-- +goose Up
-- An announcement is an article of a kind of its own: it has versions that never
-- change, an answer cites it and is checked against it like any other, and it is
-- past when its expires_at is. It has no chunks: search does not find it, the turn
-- holds each question against the few that are in force.
ALTER TABLE knowledge_articles ADD COLUMN kind text NOT NULL DEFAULT 'article' CHECK (kind IN ('article', 'announcement'));
ALTER TABLE knowledge_articles ADD CHECK (kind <> 'announcement' OR expires_at IS NOT NULL);
CREATE INDEX knowledge_articles_announced ON knowledge_articles (expires_at, id) WHERE kind = 'announcement';

-- What a version of an announcement has besides its text.
CREATE TABLE knowledge_announcements (
    article_id   bigint NOT NULL,
    version      int NOT NULL,
    starts_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    everybody    boolean NOT NULL,
    about        text[] NOT NULL,
    overrides    bigint[] NOT NULL,
    translations jsonb NOT NULL,
    PRIMARY KEY (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES knowledge_versions ON UPDATE CASCADE ON DELETE CASCADE,
    CHECK (expires_at > starts_at)
);
COMMENT ON COLUMN knowledge_announcements.everybody IS 'shown to all who open the chat, not only to those who ask';
COMMENT ON COLUMN knowledge_announcements.about IS 'what customers would ask';
COMMENT ON COLUMN knowledge_announcements.overrides IS 'articles that are not used for answers meanwhile';
COMMENT ON COLUMN knowledge_announcements.translations IS '[{"lang", "title", "text"}]; its own language is the version''s';
CREATE TRIGGER knowledge_announcements_stand BEFORE UPDATE ON knowledge_announcements FOR EACH ROW EXECUTE FUNCTION refuse_change();
