-- +goose Up
-- When an answer rested on a version, so that what became of an article's answers
-- is read from one index. first: the version's first citation in its message.
ALTER TABLE citations
    ADD COLUMN created_at timestamptz,
    ADD COLUMN answer boolean,
    ADD COLUMN first boolean;
UPDATE citations c
SET created_at = m.created_at, answer = m.author = 'bot',
    first = NOT EXISTS (
        SELECT FROM citations e
        WHERE e.conversation_id = c.conversation_id AND e.seq = c.seq AND e.ordinal < c.ordinal
            AND e.article_id = c.article_id AND e.version = c.version)
FROM messages m
WHERE m.conversation_id = c.conversation_id AND m.seq = c.seq;
ALTER TABLE citations
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN answer SET NOT NULL,
    ALTER COLUMN first SET NOT NULL;
COMMENT ON COLUMN citations.answer IS 'of the bot; otherwise a correction';
DROP INDEX citations_article;
CREATE INDEX citations_version ON citations (article_id, version, created_at, conversation_id, seq) INCLUDE (answer) WHERE first;
CREATE INDEX citations_told ON citations (article_id, created_at, conversation_id, seq) INCLUDE (version, answer) WHERE first;

-- What was marked wrong is never live again.
ALTER TABLE knowledge_versions
    ADD COLUMN wrong_at timestamptz,
    ADD CONSTRAINT wrong_is_not_live CHECK (wrong_at IS NULL OR state <> 'published');

-- A version that was wrong, and what everybody is told who was told of it. The
-- texts are the company's own words; nothing of a customer is here.
CREATE TABLE corrections (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id  bigint NOT NULL,
    version     int NOT NULL,
    title       text NOT NULL CHECK (title <> ''),
    reason      text NOT NULL CHECK (reason <> ''),
    texts       jsonb NOT NULL,
    fallback    text NOT NULL,
    cites       int,
    quote       text NOT NULL DEFAULT '',
    url         text NOT NULL DEFAULT '',
    was_live    boolean NOT NULL,
    created_by  bigint NOT NULL REFERENCES accounts,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT corrections_once UNIQUE (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES knowledge_versions
);
COMMENT ON COLUMN corrections.texts IS 'by language, Markdown';
COMMENT ON COLUMN corrections.fallback IS 'the language of whom there is no text for';
COMMENT ON COLUMN corrections.cites IS 'the version that was live instead; none: the correction cites nothing';
CREATE INDEX corrections_open ON corrections (id) WHERE finished_at IS NULL;

-- Each conversation gets one: the row is changed in the transaction of its message.
CREATE TABLE corrected (
    correction_id   bigint NOT NULL REFERENCES corrections,
    conversation_id bigint NOT NULL REFERENCES conversations,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'failed', 'erased')),
    attempts        int NOT NULL DEFAULT 0,
    next_at         timestamptz NOT NULL DEFAULT now(),
    seq             int,
    posted_at       timestamptz,
    shown_at        timestamptz,
    mail            text NOT NULL DEFAULT 'none' CHECK (mail IN ('none', 'waiting', 'sent', 'failed')),
    PRIMARY KEY (correction_id, conversation_id),
    CHECK ((state = 'posted') = (seq IS NOT NULL))
);
COMMENT ON COLUMN corrected.shown_at IS 'when it was sent to a page of the customer';
CREATE INDEX corrected_waiting ON corrected (correction_id, next_at) WHERE state = 'waiting';
CREATE INDEX corrected_conversation ON corrected (conversation_id, seq) WHERE state = 'posted';
