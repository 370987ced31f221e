-- +goose Up
-- New tables alone: nothing that exists is locked.
--
-- A source is a page or a site of the company that is read again and again. One that is deleted
-- leaves its articles.
CREATE TABLE knowledge_sources (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url        text NOT NULL CONSTRAINT knowledge_sources_url_key UNIQUE,
    kind       text NOT NULL CHECK (kind IN ('page', 'site')),
    lang       text NOT NULL DEFAULT '',
    schedule   text NOT NULL CHECK (schedule IN ('never', 'daily', 'weekly')),
    mode       text NOT NULL CHECK (mode IN ('drafts', 'publish')),
    max_pages  int NOT NULL CHECK (max_pages BETWEEN 1 AND 2000),
    owner_id   bigint REFERENCES accounts,
    next_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN knowledge_sources.next_at IS 'when the schedule reads it next; none: never';
CREATE INDEX knowledge_sources_next ON knowledge_sources (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX knowledge_sources_owner ON knowledge_sources (owner_id) WHERE owner_id IS NOT NULL;

-- An import is one reading of a source, or of files. Its counts and its items are written in the transaction that
-- writes the article, so that a process that dies leaves nothing half told. Whoever carries it out holds a lease.
CREATE TABLE knowledge_imports (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id   bigint REFERENCES knowledge_sources ON DELETE CASCADE,
    name        text NOT NULL DEFAULT '',
    author_id   bigint REFERENCES accounts,
    state       text NOT NULL CHECK (state IN ('waiting', 'running', 'held', 'done', 'failed', 'cancelled')),
    step        text NOT NULL DEFAULT 'reading' CHECK (step IN ('reading', 'checking')),
    found       int NOT NULL DEFAULT 0,
    done        int NOT NULL DEFAULT 0,
    created     int NOT NULL DEFAULT 0,
    updated     int NOT NULL DEFAULT 0,
    unchanged   int NOT NULL DEFAULT 0,
    conflicts   int NOT NULL DEFAULT 0,
    gone        int NOT NULL DEFAULT 0,
    failed      int NOT NULL DEFAULT 0,
    published   int NOT NULL DEFAULT 0,
    cancelled   boolean NOT NULL DEFAULT false,
    code        text,
    message     text,
    holder      text,
    lease_until timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
);
CREATE UNIQUE INDEX knowledge_imports_open ON knowledge_imports (source_id) WHERE ended_at IS NULL AND source_id IS NOT NULL;
CREATE INDEX knowledge_imports_source ON knowledge_imports (source_id, id DESC);
CREATE INDEX knowledge_imports_unended ON knowledge_imports (id) WHERE ended_at IS NULL;
CREATE INDEX knowledge_imports_author ON knowledge_imports (author_id) WHERE author_id IS NOT NULL;

CREATE TABLE knowledge_import_items (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id  bigint NOT NULL REFERENCES knowledge_imports ON DELETE CASCADE,
    name       text NOT NULL,
    line       int NOT NULL DEFAULT 0,
    outcome    text NOT NULL CHECK (outcome IN ('created', 'updated', 'unchanged', 'duplicate', 'conflict', 'gone', 'failed')),
    code       text NOT NULL DEFAULT '',
    message    text NOT NULL DEFAULT '',
    article_id bigint REFERENCES knowledge_articles ON DELETE SET NULL,
    revision   bigint NOT NULL DEFAULT 0,
    at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN knowledge_import_items.name IS 'address of the page or path of the file';
COMMENT ON COLUMN knowledge_import_items.revision IS 'of the draft that was written';
CREATE INDEX knowledge_import_items_import ON knowledge_import_items (import_id, id);
CREATE INDEX knowledge_import_items_article ON knowledge_import_items (article_id) WHERE article_id IS NOT NULL;

-- A page of a source as it was read last. hash is of the content that was taken over last: an article whose newest
-- text has another one was edited here since. incoming is what the page says now where an editor has to choose.
CREATE TABLE knowledge_pages (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id     bigint NOT NULL REFERENCES knowledge_sources ON DELETE CASCADE,
    url           text NOT NULL,
    state         text NOT NULL CHECK (state IN ('ok', 'changed', 'conflict', 'duplicate', 'gone', 'failed')),
    code          text NOT NULL DEFAULT '',
    message       text NOT NULL DEFAULT '',
    title         text NOT NULL DEFAULT '',
    etag          text NOT NULL DEFAULT '',
    last_modified text NOT NULL DEFAULT '',
    hash          bytea,
    text_hash     bytea,
    revision      bigint NOT NULL DEFAULT 0,
    misses        int NOT NULL DEFAULT 0,
    links         text[] NOT NULL DEFAULT '{}',
    incoming      jsonb,
    article_id    bigint REFERENCES knowledge_articles ON DELETE SET NULL,
    import_id     bigint REFERENCES knowledge_imports ON DELETE SET NULL,
    fetched_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz,
    CONSTRAINT knowledge_pages_url_key UNIQUE (source_id, url),
    CHECK ((state = 'conflict') = (incoming IS NOT NULL))
);
COMMENT ON COLUMN knowledge_pages.revision IS 'of the draft that was written last';
CREATE INDEX knowledge_pages_article ON knowledge_pages (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX knowledge_pages_import ON knowledge_pages (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX knowledge_pages_text ON knowledge_pages (source_id, text_hash);
CREATE INDEX knowledge_pages_state ON knowledge_pages (source_id, state, id);

-- What the golden questions said to all drafts of an import together.
CREATE TABLE knowledge_import_checks (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id       bigint NOT NULL REFERENCES knowledge_imports ON DELETE CASCADE,
    drafts          jsonb NOT NULL,
    results         json NOT NULL,
    worse           int NOT NULL,
    author_id       bigint REFERENCES accounts,
    created_at      timestamptz NOT NULL,
    acknowledged_by bigint REFERENCES accounts,
    acknowledged_at timestamptz,
    reason          text,
    CHECK ((acknowledged_at IS NULL) = (reason IS NULL))
);
COMMENT ON COLUMN knowledge_import_checks.drafts IS 'revision by article';
CREATE INDEX knowledge_import_checks_import ON knowledge_import_checks (import_id, id DESC);
