-- +goose Up
-- Golden questions: what the library must answer from which article, and what
-- must go to a person. Personal data is taken out before one is written here.
CREATE TABLE knowledge_questions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text       text NOT NULL CHECK (text <> ''),
    lang       text NOT NULL DEFAULT '',
    article_id bigint REFERENCES knowledge_articles ON DELETE CASCADE,
    author_id  bigint REFERENCES accounts,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT knowledge_questions_text_key UNIQUE (text)
);
COMMENT ON COLUMN knowledge_questions.article_id IS 'that must be cited; none: the question must go to a person';
CREATE INDEX knowledge_questions_article ON knowledge_questions (article_id) WHERE article_id IS NOT NULL;

-- What the golden questions said to a draft. A regression blocks publishing until
-- somebody says why it may go.
CREATE TABLE knowledge_checks (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id      bigint NOT NULL REFERENCES knowledge_articles ON DELETE CASCADE,
    revision        bigint NOT NULL,
    results         json NOT NULL,
    worse           int NOT NULL,
    author_id       bigint REFERENCES accounts,
    created_at      timestamptz NOT NULL,
    acknowledged_by bigint REFERENCES accounts,
    acknowledged_at timestamptz,
    reason          text,
    CHECK ((acknowledged_at IS NULL) = (reason IS NULL))
);
CREATE INDEX knowledge_checks_draft ON knowledge_checks (article_id, revision, id DESC);
CREATE INDEX knowledge_versions_published ON knowledge_versions (published_at DESC) WHERE published_at IS NOT NULL;
