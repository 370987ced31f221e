-- +goose Up
-- Who an article belongs to, who may be answered from it, and what it is a translation of. The key
-- lets a first save that is sent twice make one article.
ALTER TABLE knowledge_articles
    ADD client_key text CONSTRAINT knowledge_articles_client_key_key UNIQUE,
    ADD created_by bigint REFERENCES accounts,
    ADD owner_id bigint REFERENCES accounts,
    ADD audience text NOT NULL DEFAULT 'everyone' CHECK (audience IN ('everyone', 'staff')),
    ADD translation_of bigint REFERENCES knowledge_articles ON DELETE SET NULL,
    ADD translated_version int,
    ADD CHECK (client_key <> ''),
    ADD CHECK (translation_of <> id);
COMMENT ON COLUMN knowledge_articles.translation_of IS 'the article that this one says in another language';
COMMENT ON COLUMN knowledge_articles.translated_version IS 'the version of it that was translated';
CREATE INDEX knowledge_articles_owner ON knowledge_articles (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX knowledge_articles_translation ON knowledge_articles (translation_of) WHERE translation_of IS NOT NULL;
CREATE INDEX knowledge_articles_created_by ON knowledge_articles (created_by) WHERE created_by IS NOT NULL;

ALTER TABLE knowledge_versions
    ADD asked text[] NOT NULL DEFAULT '{}',
    ADD published_by bigint REFERENCES accounts,
    ADD approved_by bigint REFERENCES accounts;
COMMENT ON COLUMN knowledge_versions.asked IS 'questions in the words of customers that the article answers';
CREATE INDEX knowledge_versions_published_by ON knowledge_versions (published_by) WHERE published_by IS NOT NULL;
CREATE INDEX knowledge_versions_approved_by ON knowledge_versions (approved_by) WHERE approved_by IS NOT NULL;

-- How far a draft is on its way to the customers. A draft that is only written has no row here.
CREATE TABLE knowledge_stages (
    article_id    bigint PRIMARY KEY REFERENCES knowledge_articles ON DELETE CASCADE,
    stage         text NOT NULL CHECK (stage IN ('in_review', 'sent_back', 'approved', 'scheduled', 'kept_back')),
    revision      bigint NOT NULL,
    asked_by      bigint REFERENCES accounts,
    asked_of      bigint REFERENCES accounts,
    asked_at      timestamptz,
    approved_by   bigint REFERENCES accounts,
    approved_at   timestamptz,
    publish_at    timestamptz,
    scheduled_by  bigint REFERENCES accounts,
    accepted      bigint[] NOT NULL DEFAULT '{}',
    reason        text NOT NULL DEFAULT '',
    note          text NOT NULL DEFAULT '',
    note_by       bigint REFERENCES accounts,
    why           text,
    claimed_until timestamptz,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (stage <> 'in_review' OR asked_by IS NOT NULL),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (stage <> 'approved' OR approved_by IS NOT NULL),
    CHECK ((stage = 'scheduled') = (publish_at IS NOT NULL)),
    CHECK (stage <> 'scheduled' OR scheduled_by IS NOT NULL),
    CHECK ((stage = 'kept_back') = (why IS NOT NULL))
);
COMMENT ON COLUMN knowledge_stages.revision IS 'of the draft that this is about; an approval is of it and of no other';
COMMENT ON COLUMN knowledge_stages.accepted IS 'golden questions that may be answered worse, for the reason given';
COMMENT ON COLUMN knowledge_stages.why IS 'what kept a scheduled draft back';
CREATE INDEX knowledge_stages_due ON knowledge_stages (publish_at) WHERE stage = 'scheduled';

-- Who has an article open just now.
CREATE TABLE knowledge_viewers (
    article_id bigint NOT NULL REFERENCES knowledge_articles ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    seen_at    timestamptz NOT NULL,
    wrote_at   timestamptz,
    PRIMARY KEY (article_id, account_id)
);

-- A chunk of the words in which customers ask stands for the chunk that answers them.
ALTER TABLE knowledge_chunks ADD stands_for bigint;
COMMENT ON COLUMN knowledge_chunks.stands_for IS 'the chunk that is shown where this one is found';

-- What is for staff only is in an index of its own: no search for a customer reads it, and no filter
-- stands between. It is searched exactly, so that nothing in it is missed.
CREATE TABLE knowledge_staff_chunks (
    id             bigint PRIMARY KEY,
    article_id     bigint NOT NULL,
    version        int NOT NULL,
    position       int NOT NULL,
    lang           text NOT NULL,
    heading        text NOT NULL,
    text           text NOT NULL,
    start_byte     int NOT NULL,
    end_byte       int NOT NULL,
    length         int NOT NULL,
    article_length int NOT NULL,
    usable_until   timestamptz NOT NULL DEFAULT 'infinity',
    bag            bytea NOT NULL,
    terms          tsvector NOT NULL,
    stands_for     bigint,
    FOREIGN KEY (article_id, version) REFERENCES knowledge_versions ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT knowledge_staff_chunks_place UNIQUE (article_id, version, position)
);
CREATE INDEX knowledge_staff_chunks_terms ON knowledge_staff_chunks USING gin (terms) WITH (fastupdate = off);

CREATE TABLE knowledge_staff_vectors (
    chunk_id  bigint NOT NULL REFERENCES knowledge_staff_chunks ON DELETE CASCADE,
    model_id  int NOT NULL REFERENCES knowledge_models,
    embedding halfvec NOT NULL,
    PRIMARY KEY (chunk_id, model_id)
);
