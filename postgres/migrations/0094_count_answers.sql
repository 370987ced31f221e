-- +goose Up
-- What became of the answers of an article, counted when it is written down: by the day (UTC) of the
-- answer and its version. Each transaction adds rows of what it changed, so that nobody waits for
-- anybody and a crash counts nothing twice; a job adds them up. What is read is the sum of both.
-- `candor check` holds it against the record.
CREATE TABLE answer_counts (
    article_id  bigint NOT NULL,
    day         date NOT NULL,
    version     int NOT NULL,
    answers     bigint NOT NULL DEFAULT 0,
    helped      bigint NOT NULL DEFAULT 0,
    not_helpful bigint NOT NULL DEFAULT 0,
    handed_off  bigint NOT NULL DEFAULT 0,
    rated       bigint NOT NULL DEFAULT 0,
    rating_sum  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (article_id, day, version)
);
COMMENT ON COLUMN answer_counts.handed_off IS 'after which a person was called for';
COMMENT ON COLUMN answer_counts.rated IS 'conversations whose last answer from the version is of this day, and whose customer rated the assistant';
CREATE TABLE answer_changes (LIKE answer_counts INCLUDING DEFAULTS);
CREATE INDEX answer_changes_article ON answer_changes (article_id, day);

-- When a customer wrote why an answer did not help, so that the last such words about an article are found.
ALTER TABLE citations ADD COLUMN commented_at timestamptz;
CREATE INDEX citations_commented ON citations (article_id, commented_at DESC) WHERE commented_at IS NOT NULL;
CREATE INDEX citations_commented_version ON citations (article_id, version, commented_at DESC) WHERE commented_at IS NOT NULL;

-- Cases and citations of one conversation are written under its lock, in either order.
-- +goose StatementBegin
CREATE FUNCTION count_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO answer_changes (article_id, day, version, answers, handed_off)
    SELECT a.article_id, (a.created_at AT TIME ZONE 'UTC')::date, a.version, 1,
        (EXISTS (SELECT FROM cases k WHERE k.conversation_id = a.conversation_id AND k.enqueued_at >= a.created_at))::int
    FROM added a
    WHERE a.first AND a.answer;
    -- A conversation that was rated before goes on: its rating moves to the day of the newest answer.
    INSERT INTO answer_changes (article_id, day, version, rated, rating_sum)
    SELECT a.article_id, (moved.at AT TIME ZONE 'UTC')::date, a.version, moved.sign, moved.sign * r.assistant
    FROM added a
    JOIN ratings r ON r.conversation_id = a.conversation_id AND r.assistant IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT 1 AS sign, a.created_at AS at
        UNION ALL
        (SELECT -1, c.created_at
        FROM citations c
        WHERE c.conversation_id = a.conversation_id AND c.seq < a.seq AND c.article_id = a.article_id AND c.version = a.version
            AND c.first AND c.answer
        ORDER BY c.seq DESC
        LIMIT 1)) moved
    WHERE a.first AND a.answer;
    RETURN NULL;
END $$;

CREATE FUNCTION count_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said feedback := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    comment timestamptz := CASE WHEN TG_OP <> 'DELETE' AND NOT said.helpful AND said.sealed IS NOT NULL THEN said.created_at END;
    yes int := 0;
    no int := 0;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        yes := -(OLD.helpful)::int;
        no := -(NOT OLD.helpful)::int;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        yes := yes + (NEW.helpful)::int;
        no := no + (NOT NEW.helpful)::int;
    END IF;
    IF yes <> 0 OR no <> 0 THEN
        INSERT INTO answer_changes (article_id, day, version, helped, not_helpful)
        SELECT article_id, (created_at AT TIME ZONE 'UTC')::date, version, yes, no
        FROM citations
        WHERE conversation_id = said.conversation_id AND seq = said.seq AND first AND answer;
    END IF;
    UPDATE citations
    SET commented_at = comment
    WHERE conversation_id = said.conversation_id AND seq = said.seq AND first AND answer AND commented_at IS DISTINCT FROM comment;
    RETURN NULL;
END $$;

-- The last call for a person counts: what was answered before it was handed off afterwards.
CREATE FUNCTION count_handed_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    others timestamptz := (SELECT max(enqueued_at) FROM cases WHERE conversation_id = NEW.conversation_id
        AND CASE WHEN TG_OP = 'INSERT' THEN id < NEW.id ELSE id <> NEW.id END);
    before timestamptz := coalesce(CASE WHEN TG_OP = 'UPDATE' THEN greatest(others, OLD.enqueued_at) ELSE others END, '-infinity');
    after timestamptz := greatest(others, NEW.enqueued_at);
BEGIN
    INSERT INTO answer_changes (article_id, day, version, handed_off)
    SELECT article_id, (created_at AT TIME ZONE 'UTC')::date, version, CASE WHEN after > before THEN 1 ELSE -1 END
    FROM citations
    WHERE conversation_id = NEW.conversation_id AND first AND answer
        AND created_at > least(before, after) AND created_at <= greatest(before, after);
    RETURN NULL;
END $$;

CREATE FUNCTION count_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO answer_changes (article_id, day, version, rated, rating_sum)
    SELECT DISTINCT ON (article_id, version) article_id, (created_at AT TIME ZONE 'UTC')::date, version, 1, NEW.assistant
    FROM citations
    WHERE conversation_id = NEW.conversation_id AND first AND answer
    ORDER BY article_id, version, seq DESC;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER citations_count AFTER INSERT ON citations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_answers();
CREATE TRIGGER feedback_count AFTER INSERT OR UPDATE OR DELETE ON feedback
    FOR EACH ROW EXECUTE FUNCTION count_feedback();
CREATE TRIGGER cases_count AFTER INSERT OR UPDATE OF enqueued_at ON cases
    FOR EACH ROW EXECUTE FUNCTION count_handed_off();
CREATE TRIGGER ratings_count AFTER INSERT ON ratings
    FOR EACH ROW WHEN (NEW.assistant IS NOT NULL) EXECUTE FUNCTION count_rating();
-- Like the record, they are kept.
CREATE TRIGGER ratings_stand BEFORE UPDATE OR DELETE ON ratings FOR EACH ROW EXECUTE FUNCTION refuse_change();

UPDATE citations c
SET commented_at = f.created_at
FROM feedback f
WHERE f.conversation_id = c.conversation_id AND f.seq = c.seq AND c.first AND c.answer AND NOT f.helpful AND f.sealed IS NOT NULL;
INSERT INTO answer_counts (article_id, day, version, answers, helped, not_helpful, handed_off, rated, rating_sum)
SELECT c.article_id, (c.created_at AT TIME ZONE 'UTC')::date, c.version, count(*),
    count(*) FILTER (WHERE f.helpful), count(*) FILTER (WHERE NOT f.helpful), count(*) FILTER (WHERE k.at >= c.created_at),
    count(r.assistant), coalesce(sum(r.assistant), 0)
FROM (
    SELECT *, seq = max(seq) OVER (PARTITION BY conversation_id, article_id, version) AS last
    FROM citations
    WHERE first AND answer) c
LEFT JOIN feedback f ON f.conversation_id = c.conversation_id AND f.seq = c.seq
LEFT JOIN (SELECT conversation_id, max(enqueued_at) AS at FROM cases GROUP BY conversation_id) k ON k.conversation_id = c.conversation_id
LEFT JOIN ratings r ON r.conversation_id = c.conversation_id AND c.last
GROUP BY 1, 2, 3;
