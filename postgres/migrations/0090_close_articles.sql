-- +goose Up
-- An article is for everyone, for customers who are signed in at the company's own site, or for staff.
-- What is not for everyone is closed: it is in an index of its own that no search for an anonymous
-- customer reads, so that no filter stands beside theirs. It is searched exactly, by audience.
ALTER TABLE knowledge_articles DROP CONSTRAINT knowledge_articles_audience_check;
ALTER TABLE knowledge_articles ADD CONSTRAINT knowledge_articles_audience_check CHECK (audience IN ('everyone', 'signed_in', 'staff'));

ALTER TABLE knowledge_staff_chunks RENAME TO knowledge_closed_chunks;
ALTER TABLE knowledge_closed_chunks RENAME CONSTRAINT knowledge_staff_chunks_pkey TO knowledge_closed_chunks_pkey;
ALTER TABLE knowledge_closed_chunks RENAME CONSTRAINT knowledge_staff_chunks_place TO knowledge_closed_chunks_place;
ALTER TABLE knowledge_closed_chunks RENAME CONSTRAINT knowledge_staff_chunks_article_id_version_fkey TO knowledge_closed_chunks_article_id_version_fkey;
ALTER INDEX knowledge_staff_chunks_terms RENAME TO knowledge_closed_chunks_terms;
ALTER TABLE knowledge_closed_chunks ADD audience text NOT NULL DEFAULT 'staff' CHECK (audience IN ('signed_in', 'staff'));
ALTER TABLE knowledge_closed_chunks ALTER audience DROP DEFAULT;

-- The vectors of all models. audience and usable_until are the chunk's, so that a scan reads nothing else;
-- PLAIN for the same reason.
CREATE TABLE knowledge_closed_vectors (
    chunk_id     bigint NOT NULL REFERENCES knowledge_closed_chunks ON DELETE CASCADE,
    model_id     int NOT NULL REFERENCES knowledge_models,
    audience     text NOT NULL CHECK (audience IN ('signed_in', 'staff')),
    usable_until timestamptz NOT NULL DEFAULT 'infinity',
    embedding    halfvec NOT NULL,
    PRIMARY KEY (chunk_id, model_id)
);
ALTER TABLE knowledge_closed_vectors ALTER COLUMN embedding SET STORAGE PLAIN;
INSERT INTO knowledge_closed_vectors (chunk_id, model_id, audience, usable_until, embedding)
SELECT v.chunk_id, v.model_id, c.audience, c.usable_until, v.embedding
FROM knowledge_staff_vectors v JOIN knowledge_closed_chunks c ON c.id = v.chunk_id;
DROP TABLE knowledge_staff_vectors;
CREATE INDEX knowledge_closed_vectors_audience ON knowledge_closed_vectors (model_id, audience);

-- The statistics are kept by audience: what is closed weighs nothing in an anonymous customer's search.
ALTER TABLE knowledge_terms ADD audience text NOT NULL DEFAULT 'everyone';
ALTER TABLE knowledge_terms ALTER audience DROP DEFAULT;
DROP INDEX knowledge_terms_term;
CREATE INDEX knowledge_terms_term ON knowledge_terms (audience, term) INCLUDE (chunks);
ALTER TABLE knowledge_totals ADD audience text NOT NULL DEFAULT 'everyone';
ALTER TABLE knowledge_totals ALTER audience DROP DEFAULT;
INSERT INTO knowledge_terms (audience, term, chunks)
SELECT audience, term, count(*) FROM knowledge_closed_chunks, unnest(tsvector_to_array(terms)) AS term GROUP BY audience, term;
INSERT INTO knowledge_totals (audience, lang, articles, chunks, length, article_length)
SELECT audience, lang, count(DISTINCT article_id), count(*), sum(length), COALESCE(sum(article_length) FILTER (WHERE position = 0), 0)
FROM knowledge_closed_chunks GROUP BY audience, lang;

-- A gateway holds the closed index in memory as it holds the other: see 0081.
CREATE TRIGGER knowledge_closed_chunks_note_added AFTER INSERT ON knowledge_closed_chunks
    REFERENCING NEW TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();
CREATE TRIGGER knowledge_closed_chunks_note_changed AFTER UPDATE ON knowledge_closed_chunks
    REFERENCING NEW TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();
CREATE TRIGGER knowledge_closed_chunks_note_removed AFTER DELETE ON knowledge_closed_chunks
    REFERENCING OLD TABLE AS affected FOR EACH STATEMENT EXECUTE FUNCTION note_changed_articles();

-- A golden question is asked by an anonymous customer or by one who is signed in.
ALTER TABLE knowledge_questions ADD signed_in boolean NOT NULL DEFAULT false;
ALTER TABLE knowledge_questions DROP CONSTRAINT knowledge_questions_text_key;
ALTER TABLE knowledge_questions ADD CONSTRAINT knowledge_questions_text_key UNIQUE (text, signed_in);
