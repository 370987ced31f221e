-- +goose Up
-- An article is the lasting thing; what it says stands in its versions. review_by and expires_at may
-- change without a new version: past either, the article is not used for answers.
CREATE TABLE knowledge_articles (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id  text CONSTRAINT knowledge_articles_external_id_key UNIQUE,
    revision     bigint NOT NULL DEFAULT 0,
    review_by    timestamptz,
    expires_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (external_id <> '')
);
COMMENT ON COLUMN knowledge_articles.revision IS 'counts the saves of drafts; never goes back';

CREATE TABLE knowledge_versions (
    article_id   bigint NOT NULL REFERENCES knowledge_articles ON DELETE CASCADE,
    version      int NOT NULL CHECK (version > 0),
    state        text NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    revision     bigint NOT NULL,
    title        text NOT NULL CHECK (title <> ''),
    lang         text NOT NULL,
    url          text NOT NULL DEFAULT '',
    source       text NOT NULL,
    hash         bytea NOT NULL,
    chunks       int NOT NULL DEFAULT 0,
    author_id    bigint REFERENCES accounts,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    archived_at  timestamptz,
    PRIMARY KEY (article_id, version),
    CHECK ((state = 'draft') = (published_at IS NULL))
);
COMMENT ON COLUMN knowledge_versions.source IS 'verbatim, front matter included';
COMMENT ON COLUMN knowledge_versions.hash IS 'SHA-256 over title, language, address and source';
CREATE UNIQUE INDEX knowledge_versions_live ON knowledge_versions (article_id) WHERE state = 'published';
CREATE UNIQUE INDEX knowledge_versions_draft ON knowledge_versions (article_id) WHERE state = 'draft';
CREATE INDEX knowledge_versions_author ON knowledge_versions (author_id) WHERE author_id IS NOT NULL;

-- The live index: chunks of published versions and nothing else, so that no filter stands beside the
-- vector search. usable_until repeats the earlier of review_by and expires_at.
CREATE TABLE knowledge_chunks (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    FOREIGN KEY (article_id, version) REFERENCES knowledge_versions ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT knowledge_chunks_place UNIQUE (article_id, version, position)
);
COMMENT ON COLUMN knowledge_chunks.bag IS 'hash and weighted count of each term, for BM25';
COMMENT ON COLUMN knowledge_chunks.terms IS 'the same terms without counts, to find candidates';
-- Without the pending list each search costs the same, also right after an import.
CREATE INDEX knowledge_chunks_terms ON knowledge_chunks USING gin (terms) WITH (fastupdate = off);

-- In how many chunks each term stands, as sums: a publication only inserts rows, so that two never
-- wait for each other, and a background job adds the rows of a term up into one.
CREATE TABLE knowledge_terms (
    term   text COLLATE "C" NOT NULL,
    chunks int NOT NULL
);
CREATE INDEX knowledge_terms_term ON knowledge_terms (term) INCLUDE (chunks);

-- The size of the live index by language, kept in the same way.
CREATE TABLE knowledge_totals (
    lang           text NOT NULL,
    articles       int NOT NULL,
    chunks         int NOT NULL,
    length         bigint NOT NULL,
    article_length bigint NOT NULL
);

-- Embedding models. Each has a table of vectors of its own, knowledge_vectors_<id>, since vectors of
-- two models never mix. The built-in one is always ready. A gateway searches with its provider's model
-- once that is ready; active is the one that was completed last. seen_at is when a gateway last had it.
-- A small index is scanned, which is exact; indexed tells that the HNSW graph of a large one has been built.
CREATE TABLE knowledge_models (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    dimensions int NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    state      text NOT NULL CHECK (state IN ('building', 'ready', 'retired')),
    active     boolean NOT NULL DEFAULT false,
    builtin    boolean NOT NULL DEFAULT false,
    indexed    boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    ready_at   timestamptz,
    retired_at timestamptz,
    CONSTRAINT knowledge_models_name_key UNIQUE (name, dimensions),
    CHECK (NOT active OR state = 'ready')
);
CREATE UNIQUE INDEX knowledge_models_active ON knowledge_models ((true)) WHERE active;

INSERT INTO knowledge_models (name, dimensions, state, active, builtin, ready_at)
VALUES ('candor-lexical-1', 1024, 'ready', true, true, now());

-- PLAIN keeps a vector of 2 kB in its row; from TOAST an exact scan takes nine times as long.
CREATE TABLE knowledge_vectors_1 (
    chunk_id     bigint PRIMARY KEY REFERENCES knowledge_chunks ON DELETE CASCADE,
    usable_until timestamptz NOT NULL DEFAULT 'infinity',
    embedding    halfvec(1024) NOT NULL
);
ALTER TABLE knowledge_vectors_1 ALTER COLUMN embedding SET STORAGE PLAIN;
